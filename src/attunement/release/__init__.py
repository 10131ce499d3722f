"""The release stage: candidates aggregated, one gate over all of them, and a record of it."""

from attunement.release.candidates import candidates
from attunement.release.gate import gate
from attunement.release.stage import run

__all__ = ["candidates", "gate", "run"]
