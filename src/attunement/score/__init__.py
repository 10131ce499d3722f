"""Stage 2, `score`: scale scores, change, dropout and reliability from the canonical tables."""

from attunement.score.stage import run, score

__all__ = ["run", "score"]
