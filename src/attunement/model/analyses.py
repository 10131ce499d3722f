"""The analyses by name: from tables and a specification to rows of results."""

from __future__ import annotations

from collections.abc import Callable

from attunement.model.best_teacher import best_teacher
from attunement.model.caseload import caseload
from attunement.model.dichotomies import dichotomies
from attunement.model.equity import equity
from attunement.model.estimate import analyse as one_model
from attunement.model.further_outcome import further_outcome
from attunement.model.incidence import incidence_by_accommodation
from attunement.model.mediation import mediation
from attunement.model.moderation import moderation
from attunement.model.process import process
from attunement.model.responsiveness import responsiveness
from attunement.model.result import Result
from attunement.model.rows import not_estimable
from attunement.model.standardised import standardised
from attunement.model.surface import surface
from attunement.model.therapist_covariates import therapist_covariates
from attunement.model.therapist_variance import therapist_variance
from attunement.model.type_matched import type_matched
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

# A question that takes more than the one fit of its formula has a module of its own.
ANALYSES: dict[str, Callable[[Tables, Specification], Result]] = {
    "model": one_model,
    "surface": surface,
    "standardised": standardised,
    "cumulative_incidence": incidence_by_accommodation,
    "responsiveness": responsiveness,
    "best_teacher": best_teacher,
    "therapist_variance": therapist_variance,
    "therapist_covariates": therapist_covariates,
    "caseload": caseload,
    "mediation": mediation,
    "moderation": moderation,
    "equity": equity,
    "dichotomies": dichotomies,
    "type_matched": type_matched,
    "process": process,
    "further_outcome": further_outcome,
}


def analyse(tables: Tables, specification: Specification) -> Result:
    """Answer one specification; what the tables do not hold becomes its reason."""
    try:
        return ANALYSES[specification.analysis](tables, specification)
    except NotEstimable as problem:
        return not_estimable(specification, str(problem))
