"""The analyses by name: from tables and a specification to rows of results."""

from __future__ import annotations

from collections.abc import Callable

from attunement.model.best_teacher import best_teacher
from attunement.model.caseload import caseload
from attunement.model.estimate import analyse as one_model
from attunement.model.responsiveness import responsiveness
from attunement.model.result import Result
from attunement.model.rows import not_estimable
from attunement.model.therapist_covariates import therapist_covariates
from attunement.model.therapist_variance import therapist_variance
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

# A question that takes more than the one fit of its formula has a module of its own.
ANALYSES: dict[str, Callable[[Tables, Specification], Result]] = {
    "model": one_model,
    "responsiveness": responsiveness,
    "best_teacher": best_teacher,
    "therapist_variance": therapist_variance,
    "therapist_covariates": therapist_covariates,
    "caseload": caseload,
}


def analyse(tables: Tables, specification: Specification) -> Result:
    """Answer one specification; what the tables do not hold becomes its reason."""
    try:
        return ANALYSES[specification.analysis](tables, specification)
    except NotEstimable as problem:
        return not_estimable(specification, str(problem))
