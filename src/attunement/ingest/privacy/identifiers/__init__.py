"""Direct identifiers, found by names of columns, by cells and by words for codes."""

from attunement.ingest.privacy.identifiers.by_name import Role
from attunement.ingest.privacy.identifiers.findings import OF_ONE, Finding, look
from attunement.ingest.privacy.identifiers.labels import look_at_labels, look_at_titles

__all__ = ["OF_ONE", "Finding", "Role", "look", "look_at_labels", "look_at_titles"]
