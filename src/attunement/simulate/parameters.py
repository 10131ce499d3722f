"""The generating parameters of a simulated world, by part; world.yaml tells their units."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from attunement.study.strict import Strict

DIMENSIONS = ("td_cd", "ei_er", "po_pr", "ws_fc")
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(ge=0)]
Correlation = Annotated[float, Field(gt=-1, lt=1)]


class PerDimension(Strict):
    """One number per dimension of preference."""

    td_cd: float
    ei_er: float
    po_pr: float
    ws_fc: float

    @property
    def array(self) -> np.ndarray:
        """The four numbers in the order of `DIMENSIONS`."""
        return np.array([self.td_cd, self.ei_er, self.po_pr, self.ws_fc])


class Sizes(Strict):
    """How many therapists, clients, sessions."""

    therapists: Annotated[int, Field(ge=1)]
    caseload_mean: Positive
    caseload_log_sd: Positive
    caseload_low: Annotated[int, Field(ge=1)]
    caseload_high: Annotated[int, Field(ge=1)]
    sessions_high: Annotated[int, Field(ge=11)]


class Calendar(Strict):
    """When clients come, how often, and when observation closes (days)."""

    first_day: int
    recruitment_days: int
    closing_day: int
    days_between: int
    moved_share: Share
    holiday_share: Share
    missed_share: Share


class Clients(Strict):
    """Who the clients are."""

    women: Share
    non_binary: Share
    age_mean: float
    age_sd: Positive
    age_low: int
    age_high: int
    minority_ethnicity: Share
    minority_orientation: Share
    health_fair: Share
    health_poor: Share
    trauma: Share
    support_mean: float
    support_sd: Positive
    severity_mean: float
    severity_sd: Positive


class Therapists(Strict):
    """Who the therapists are, and how they work."""

    therapist_women: Share
    training_shares: list[Share]
    experience_mean: Positive
    experience_log_sd: Positive
    practice_mean: Positive
    practice_sd: Positive
    wellbeing_mean: float
    wellbeing_sd: Positive
    style_sd: Positive
    responsiveness_mean: float
    responsiveness_sd: Positive


class Preference(Strict):
    """What clients want, and how therapists' styles lie to it."""

    preference_mean: PerDimension
    preference_sd: Annotated[float, Field(gt=0)]
    preference_correlation: Annotated[float, Field(ge=0, lt=1)]
    women_warm_support: float
    style_shift: PerDimension
    change_session: Annotated[int, Field(ge=1)]
    change_sd: Positive
    style_matched: Share = 0.0  # share of what is special in the own therapist's style


class Delivery(Strict):
    """How delivery varies beside style and responsiveness."""

    client_sd: Positive
    session_sd: Positive
    session_autocorrelation: Correlation
    convergence: Share = 0.0  # gain in responsiveness, first to reference session


class Outcome(Strict):
    """How wellbeing starts, grows and responds."""

    accommodation_d: float
    reference_session: Annotated[int, Field(ge=1)]
    growth: float
    challenge: float
    within_total: float
    within_mediated: Share
    alliance_effect: Annotated[float, Field(gt=0)]
    therapist_icc: Annotated[float, Field(ge=0, lt=0.5)]
    therapist_intercept_variance: Positive
    practice_share: Share
    severity: float
    support: float
    trauma_effect: float
    health_effect: float
    client_slope_variance: Positive
    client_correlation: Correlation
    residual_variance: Positive
    residual_autocorrelation: Correlation
    alliance_growth: float = 0.0  # gain per SD of the client's level of alliance
    mismatch_direction: float = 0.0  # gain per unit of warm support more than wanted, less if less
    learning: float = 0.0  # gain (SD at intake) after only failures, see `learning.learn`


class Alliance(Strict):
    """How the alliance varies and what it goes with."""

    alliance_d: float
    alliance_therapist_variance: Positive
    alliance_client_variance: Positive
    alliance_session_variance: Positive
    alliance_autocorrelation: Correlation
    alliance_outcome: Correlation


class Leaving(Strict):
    """How treatments end."""

    accommodation_or: Annotated[float, Field(gt=0)]
    hazard: float
    early: float
    early_sessions: Annotated[float, Field(gt=0)]
    leaving_therapist_sd: Positive
    leaving_improvement: float
    leaving_alliance: float
    planned_sessions: list[int]
    planned_shares: list[Share]
    ends_as_planned: Share
    good_enough: float
    good_enough_gain: float
    ends_good_enough: Share
    referred: Share
    good_enough_session: int


class Derived(Strict):
    """Constants of the world that follow from the other parameters, computed once."""

    accommodation_mean: float
    accommodation_sd: Annotated[float, Field(gt=0)]
    accommodation_within_sd: Annotated[float, Field(gt=0)]
