"""Stage 3, `accommodate`: how far each session gave each client what was wanted."""

from attunement.accommodate.stage import accommodate, run

__all__ = ["accommodate", "run"]
