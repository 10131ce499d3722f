"""How treatments end: true endings by competing risks, and what the records say of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.simulate.course import Course
from attunement.simulate.delivery import Delivered
from attunement.simulate.people import People
from attunement.simulate.recording import Appointment
from attunement.simulate.streams import Streams
from attunement.simulate.world import World

ONGOING, DROPPED_OUT, PLANNED, REFERRED = 0, 1, 2, 3
APPOINTMENTS = ("attended", "missed", "cancelled", "unknown")


@dataclass(frozen=True)
class Endings:
    """True and recorded endings, by client; days by client and session 0..S.

    `last` is the last session attended; `hazard_logit` (clients x sessions 0..S-1) is the true
    logit of dropping out between a session and the next.
    """

    kind: np.ndarray
    last: np.ndarray
    day: np.ndarray
    missed: np.ndarray
    planned: np.ndarray
    hazard_logit: np.ndarray
    therapist_effect: np.ndarray
    judged: np.ndarray
    judgement_known: np.ndarray
    recorded: np.ndarray
    appointment: np.ndarray


def accommodation_so_far(world: World, delivered: Delivered) -> np.ndarray:
    """Return mean accommodation so far, after each of the sessions 0..S, in SDs (0 at intake)."""
    so_far = delivered.accommodation.cumsum(axis=1)
    so_far = so_far / np.arange(1, so_far.shape[1] + 1)
    z = (so_far - world.derived.accommodation_mean) / world.derived.accommodation_sd
    return np.column_stack([np.zeros(len(z)), z])


def _hazard(
    world: World, people: People, delivered: Delivered, course: Course, effect: np.ndarray
) -> np.ndarray:
    part = world.leaving
    sessions = np.arange(world.sizes.sessions_high)
    baseline = part.hazard + part.early * np.exp(-sessions / part.early_sessions)
    improved = course.wellbeing[:, :-1] - course.wellbeing[:, :1]
    return (
        baseline
        + np.log(part.accommodation_or) * accommodation_so_far(world, delivered)[:, :-1]
        + part.leaving_improvement * improved
        + part.leaving_alliance * course.bond[:, None]
        + effect[people.therapist][:, None]
    )


def _days(world: World, people: People, streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """Return the day of each session and the appointments missed before it."""
    when = world.calendar
    size = world.sizes.sessions_high
    intake = streams.uniform("intake day", people.caseload)
    intake = when.first_day + np.floor(intake * when.recruitment_days)
    chance = streams.uniform("appointments", people.caseload, size, 2)
    missed = (chance[:, :, 0] < when.missed_share).astype(int)
    missed += chance[:, :, 0] < when.missed_share**2
    share = when.moved_share
    moved = np.select([chance[:, :, 1] < share / 2, chance[:, :, 1] < share], [-1, 2], 0)
    holiday = chance[:, :, 1] >= 1 - when.holiday_share
    gaps = when.days_between * (1 + missed + holiday) + moved
    days = np.column_stack([intake, intake[:, None] + gaps.cumsum(axis=1)]).astype(int)
    return days, np.column_stack([np.zeros(len(days), int), missed])


def _compete(
    world: World, course: Course, hazard: np.ndarray, planned: np.ndarray, u: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return kind and last session of each ending; the last possible session completes."""
    part = world.leaving
    clients, size = hazard.shape
    kind = np.full(clients, PLANNED)
    last = np.full(clients, size)
    treated = np.ones(clients, dtype=bool)
    for session in range(size):
        leaves = u[:, session, 0] < 1 / (1 + np.exp(-hazard[:, session]))
        well = course.wellbeing[:, session] > part.good_enough
        well &= course.wellbeing[:, session] > course.wellbeing[:, 0] + part.good_enough_gain
        chance = np.where(session >= planned, part.ends_as_planned, 0.0)
        if session >= part.good_enough_session:
            chance = np.maximum(chance, part.ends_good_enough * well)
        ends = u[:, session, 1] < chance
        referred = u[:, session, 2] < part.referred
        for what, who in ((DROPPED_OUT, leaves), (PLANNED, ends), (REFERRED, referred)):
            now = treated & who
            kind[now], last[now] = what, session
            treated &= ~now
    return kind, last


def _record(
    world: World, kind: np.ndarray, early: np.ndarray, improved: np.ndarray, u: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what the records say: judgements that depend on improvement, appointments, gaps."""
    part = world.records
    called = 1 / (1 + np.exp(-(part.judged_dropout + part.judged_improvement * improved)))
    mistaken = (kind == PLANNED) & early & (improved < part.judged_wrongly_gain)
    mistaken &= u[:, 0] < part.judged_wrongly
    judged = ((kind == DROPPED_OUT) & (u[:, 0] < called)) | mistaken
    recorded = np.select(
        [kind == ONGOING, kind == REFERRED, judged],
        ["ongoing", np.where(u[:, 1] < part.referral_share, "referred", "other"), "dropped_out"],
        "completed",
    )
    unknown = (kind != ONGOING) & (u[:, 2] < part.ending_unknown)
    appointment = np.where(
        kind == DROPPED_OUT,
        _appointment(part.dropout_appointment, u[:, 3]),
        _appointment(part.planned_appointment, u[:, 3]),
    )
    return {
        "judged": judged,
        "judgement_known": (kind != ONGOING) & (u[:, 4] >= part.judgement_missing),
        "recorded": np.where(unknown, "unknown", recorded),
        "appointment": appointment,
    }


def _appointment(shares: Appointment, u: np.ndarray) -> np.ndarray:
    bounds = np.cumsum([getattr(shares, name) for name in APPOINTMENTS])[:-1]
    return np.array(APPOINTMENTS)[np.searchsorted(bounds, u, side="right")]


def leave(
    world: World, people: People, delivered: Delivered, course: Course, streams: Streams
) -> Endings:
    """Return how every treatment ends, in truth and on record.

    Dropping out (front-loaded; less often when wishes were met so far, after improvement and with
    a good bond) competes with a planned ending (at the number agreed, or once well enough) and
    with referral; who is in treatment on the closing day is ongoing.
    """
    part = world.leaving
    clients = people.therapist.size
    effect = part.leaving_therapist_sd * streams.per_therapist("leaving")
    hazard = _hazard(world, people, delivered, course, effect)
    u = streams.uniform("endings", people.caseload, world.sizes.sessions_high, 3)
    chance = streams.uniform("records", people.caseload, 6)
    bounds = np.cumsum(part.planned_shares)[:-1]
    planned = np.array(part.planned_sessions)[np.searchsorted(bounds, chance[:, 5], side="right")]
    kind, last = _compete(world, course, hazard, planned, u)

    day, missed = _days(world, people, streams)
    open_until = (day <= world.calendar.closing_day).sum(axis=1) - 1
    kind = np.where(open_until < last, ONGOING, kind)
    last = np.minimum(last, open_until)
    rows = np.arange(clients)
    improved = course.wellbeing[rows, last] - course.wellbeing[:, 0]
    record = _record(world, kind, last < planned, improved, chance)
    return Endings(kind, last, day, missed, planned, hazard, effect, **record)
