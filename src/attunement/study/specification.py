"""The specification: one model of one dataset, with all choices that an analyst makes."""

from __future__ import annotations

import re
from typing import Literal

from attunement.study.strict import Strict

Rows = Literal["occasions", "next_session", "clients", "person_periods", "landmark"]
Level = Literal["within", "between", "therapist", "-"]
Link = Literal["identity", "logit", "cloglog"]
# What is done with the frame: the formula fitted, or a question that takes more than one fit.
Analysis = Literal[
    "model",
    "surface",
    "standardised",
    "cumulative_incidence",
    "responsiveness",
    "best_teacher",
    "therapist_variance",
    "therapist_covariates",
    "caseload",
    "mediation",
    "moderation",
    "equity",
    "dichotomies",
    "type_matched",
    "process",
    "further_outcome",
]


def without_categories(term: str) -> str:
    """Return the name of a coefficient without those of categories: `x[T.a]:time` is `x:time`."""
    return re.sub(r"\[[^\]]*\]", "", term)


def names_of(term: str) -> tuple[str, str, str]:
    """Return what a plan may call a coefficient: whole, without categories, without its coding.

    `C(arm, contr.treatment('b'))[T.a]:time` is `C(arm, contr.treatment('b')):time` and `arm:time`.
    """
    whole = without_categories(term)
    return term, whole, re.sub(r"\bC\((\w+)(?:,[^:]*)?\)", r"\1", whole)


class Specification(Strict):
    """One model, frozen: sample, outcome, exposure, time, formula, random part, estimand, role.

    `rows` names what one row of the analysed frame is: an `occasions` row is one score of one
    client; `next_session` pairs a session's accommodation with the outcome at the next one;
    with link logit its outcome is 0 or 1 as recorded and stands in the formula as `event`;
    `clients` holds one row per client with the last score; `person_periods` one row per client and
    session at risk of leaving; `landmark` one row per client still in treatment after the landmark.
    `analysis` names the function of `attunement.model.analyses` that answers, `settings` what only
    that one needs (a mediator, a number of permutations).
    """

    dataset: str
    name: str
    question: str
    estimand: str
    rows: Rows
    analysis: Analysis = "model"
    settings: tuple[tuple[str, str], ...] = ()
    outcome: str
    outcome_scale: Literal["raw", "sd"] = "sd"
    improvement: Literal[-1, 0, 1] = 0
    outcome_informant: str = ""
    dropout_definition: str | None = None
    scoring: str | None = None
    dimension: str = "all"
    dimensions: tuple[str, ...] = ()
    commensurable: bool = False
    informant: str = ""
    centring: str = ""
    landmark: int | None = None
    time_shape: Literal["linear", "log", "square_root"] = "linear"
    time_per: float = 1.0
    time_unit: Literal["session", "day", "week", "month", "year", "occasion"] = "session"
    attrition_times: tuple[float, ...] = ()
    arm: str | None = None
    covariates: tuple[str, ...] = ()
    therapist_covariates: tuple[str, ...] = ()
    frequency: str | None = None
    formula: str
    therapist_terms: str = ""
    minimum_therapists: int = 30
    smallest_group: int = 10
    events_for_a_predictor: float = 2
    seed: int = 0
    random: tuple[tuple[str, str], ...] = ()
    link: Link = "identity"
    df: Literal["satterthwaite", "kenward-roger", "residual", "normal"] = "satterthwaite"
    residual: str = "independent"
    reml: bool = True
    levels: tuple[tuple[str, Level], ...] = ()
    family: str = ""
    role: Literal["confirmatory", "exploratory"] = "exploratory"

    @property
    def metric(self) -> str:
        """The metric of a coefficient: b, OR, hOR (odds of leaving) or HR."""
        if self.link == "identity":
            return "b"
        if self.link == "cloglog":
            return "HR"
        return "hOR" if self.rows == "person_periods" else "OR"

    @property
    def focal(self) -> dict[str, Level]:
        """The coefficients that the question is about, with their level."""
        return dict(self.levels)

    def named_as(self, term: str) -> str | None:
        """The name under `levels` that a coefficient answers; None where the plan has none.

        A category has a coefficient per level: `therapist_training[T.integrative]`.
        """
        return next((one for one in names_of(term) if one in self.focal), None)

    def setting(self, name: str, default: str = "") -> str:
        """Return what the plan says of a setting of this analysis, else a default."""
        return dict(self.settings).get(name, default)

    def level_of(self, term: str) -> Level:
        """The level of a coefficient that the question is about; '-' for every other one.

        In a trial the question is about the arm: its effect over time where there is time (a
        difference at the start is chance, not a hypothesis), else its effect.
        """
        if (named := self.named_as(term)) is not None:
            return self.focal[named]
        parts = term.split(":")
        names_arm = self.arm is not None and any(p.split("[")[0] == self.arm for p in parts)
        over_time = len(parts) > 1 or self.rows != "occasions"
        asked = self.family != "description"
        return "between" if names_arm and over_time and asked else "-"

    @property
    def of_recorded_events(self) -> bool:
        """The event is an outcome recorded as 0 or 1, and not that somebody left."""
        own = self.analysis == "model" and self.rows in ("clients", "next_session")
        return self.link != "identity" and (self.rows == "occasions" or own)

    @property
    def needs_accommodation(self) -> bool:
        """The model holds accommodation, and so needs preferences and delivery."""
        return self.scoring is not None
