"""Ingest: declared sources to canonical tables, with every conflict and the participant flow."""

from attunement.ingest.readers.obtain import obtain
from attunement.ingest.stage import ingest, run

__all__ = ["ingest", "obtain", "run"]
