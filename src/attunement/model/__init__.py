"""The model stage: planned specifications, prepared and estimated, one tidy table of estimates."""

from attunement.model.analyses import analyse
from attunement.model.estimate import estimate, fit, supported
from attunement.model.prepare import prepare
from attunement.model.remembered import remembering
from attunement.model.result import Model, Result
from attunement.model.stage import model, run
from attunement.model.working import working

__all__ = [
    "Model",
    "Result",
    "analyse",
    "estimate",
    "fit",
    "model",
    "prepare",
    "remembering",
    "run",
    "supported",
    "working",
]
