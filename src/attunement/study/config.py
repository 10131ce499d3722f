"""`config.yaml`: which datasets are analysed, by which planned models, under which rules."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from attunement.study.once import Words
from attunement.study.specification import Analysis, Level, Link, Rows
from attunement.study.strict import Strict, load


class Selector(Strict):
    """Which specifications of a planned model were declared confirmatory before any result."""

    outcome: str | None = None
    scoring: str | None = None
    dropout_definition: str | None = None
    informant: str | None = None


class PlannedModel(Strict):
    """A planned model; it becomes one specification per outcome, scoring, definition and informant.

    In `formula` and `therapist_terms` these names in braces are filled in: {preference},
    {preference_within}, {preference_between}, {preference_therapist}, {delivery_within},
    {delivery_between},
    {delivery_therapist}, {delivery_past} (one column per dimension), {covariates} (those the
    dataset names), {therapist_covariates} (those declared on its therapists; in `levels`, a
    coefficient of each), {by_arm} (' * arm' where the dataset has arms), {by_arm_only} (' + arm')
    and
    {third_group} ('+ no_strong_preference' where the scoring knows such clients). `dimensions` is
    [all] (one model over all), [each] (one for each dimension of the inventory, whose main effects
    alone stand in it as {dimension}) or names of dimensions. `residual` is the structure of the
    residuals of a linear model: independent, ar1:session, by:arm (docs/mixed.md); `reml: false`
    fits it by maximum likelihood. `analysis` and `settings` ask for more than one fit (see
    `attunement.model.analyses`). `over` lists values of a setting, each of which makes a
    specification of its own and fills in {its name}; process, moderators, groups and further stand
    for what the dataset declares under these names. A formula may also name any other score of the
    same occasion, as instrument_scale, with _within, _between or _therapist for its parts.
    """

    question: str
    estimand: str
    rows: Rows
    analysis: Analysis = "model"
    settings: dict[str, str | int | float | bool] = {}
    over: dict[str, Words] = {}
    outcomes: Words = []
    scorings: Words = []
    dropout_definitions: Words = []
    informants: Words = []
    dimensions: list[str] = ["all"]
    formula: str
    therapist_terms: str = ""
    random: dict[str, str] = {}
    link: Link = "identity"
    df: Literal["satterthwaite", "kenward-roger", "residual", "normal"] = "satterthwaite"
    residual: str = "independent"
    reml: bool = True
    outcome_scale: Literal["raw", "sd"] = "sd"
    centring: str = ""
    landmark: int | None = None
    levels: dict[str, Level] = {}
    family: str
    confirmatory: bool | Selector = False


class Release(Strict):
    """The disclosure rules. Smallest cell that may be shown, and what counts are rounded to."""

    smallest_cell: int = Field(10, ge=1)
    rounding: int = Field(5, ge=1)
    therapists_to_show: int = Field(10, ge=1)
    clients_per_therapist_to_show: int = Field(10, ge=1)


class Limits(Strict):
    """What an estimate needs before it is tried."""

    therapists_for_therapist_terms: int = Field(30, ge=2)
    clients_for_a_group: int = Field(10, ge=2)
    events_for_a_predictor: float = Field(2, ge=1)


class Bounds(Strict):
    """The smallest differences that mean something: smaller ones are no meaningful effect.

    `d` is one between two groups; it also bounds what goes with one standard deviation of an
    exposure between clients or therapists. It says nothing of an effect within clients, nor of the
    odds of leaving at one session: these have bounds only where they are declared in their own
    metric, `within` in standard deviations of the first score for one of the exposure, and
    `hazard_odds_ratio` as a ratio above 1 (its inverse is the other bound).
    """

    d: float = Field(0.14, gt=0)
    source: str = "Bennett et al. 2025: pooled d of the clinical outcome in 46 trials"
    within: float | None = Field(None, gt=0)
    hazard_odds_ratio: float | None = Field(None, gt=1)


class Config(Strict):
    """The whole configuration of a run."""

    datasets: Words = Field(min_length=1)
    seed: int
    accept_unverified: list[str] = Field(
        [], description="instrument facts to use although unverified, as 'phq9.reliable_change'"
    )
    multiplicity: Literal["holm", "benjamini-hochberg"] = "holm"
    bounds: Bounds = Bounds()
    limits: Limits = Limits()
    release: Release = Release()
    plan: dict[str, PlannedModel] = Field(min_length=1)


def load_config(path: Path) -> Config:
    """Read `config.yaml`."""
    return load(path, Config)
