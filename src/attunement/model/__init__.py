"""The model stage: planned specifications, prepared and estimated, one tidy table of estimates."""

from attunement.model.analyses import analyse
from attunement.model.estimate import estimate, fit, supported
from attunement.model.prepare import prepare
from attunement.model.result import Model, Result
from attunement.model.stage import model, run

__all__ = [
    "Model",
    "Result",
    "analyse",
    "estimate",
    "fit",
    "model",
    "prepare",
    "run",
    "supported",
]
