"""How a simulated study is written down: endings, measures, and what is missing or mistyped."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from attunement.simulate.parameters import Positive, Share
from attunement.study.strict import Strict


class Appointment(Strict):
    """What became of the last appointment, as shares that sum to one."""

    attended: Share
    missed: Share
    cancelled: Share
    unknown: Share


class Rated(Strict):
    """A single rating: its mean and what one SD of each latent quantity adds to it (points)."""

    mean: float
    accommodation: float
    alliance: float
    improvement: float
    noise: Positive


class Records(Strict):
    """How an ending is recorded."""

    judged_dropout: float
    judged_improvement: float
    judged_wrongly: Share
    judged_wrongly_gain: float
    judgement_missing: Share
    ending_unknown: Share
    referral_share: Share
    planned_missing: Share
    dropout_appointment: Appointment
    planned_appointment: Appointment


class Measures(Strict):
    """How the latent quantities are measured, by whom and when."""

    cnip_noise: Positive
    ors_mean: float
    ors_sd: Positive
    ors_noise: Positive
    srs_mean: float
    srs_sd: Positive
    srs_noise: Positive
    phq_loading: float
    phq_noise: Positive
    phq_thresholds: list[float]
    phq_difficulty: Annotated[list[float], Field(min_length=9, max_length=9)]
    phq_every: Annotated[int, Field(ge=1)]
    rated_accommodation: Rated
    empathy: Rated
    cultural_humility: Rated
    goal_attainment: Rated
    satisfaction: Rated
    satisfaction_answered: Share
    satisfaction_dropouts: Share
    style_noise: Positive
    observer_noise: Positive
    style_rated: Share
    observed_therapists: Share
    observed_sessions: Share
    process_every: Annotated[int, Field(ge=1)]
    cnip_intake: Share
    cnip_again: Share
    cnip_again_session: Annotated[int, Field(ge=1)]
    no_preference: Share
    type_received: Share
    homework: Share
    video: Share


class Gaps(Strict):
    """What is missing or mistyped in the files."""

    item: Share
    form: Share
    severe: float
    codes: Share
    typing_errors: Share
    text_cells: Share
    unknown_codes: Share
    double_rows: Share
