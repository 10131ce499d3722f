"""The course each client would take with nobody leaving: true alliance and wellbeing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.simulate.delivery import Delivered, autoregressive
from attunement.simulate.people import People
from attunement.simulate.streams import Streams
from attunement.simulate.world import World


@dataclass(frozen=True)
class Course:
    """True wellbeing (at the start of sessions 0..S) and alliance (at the end of 1..S), by client.

    Wellbeing is in SDs at intake, alliance in SDs. `bond` is the client's disposition to the
    alliance apart from accommodation; `alliance_deviation` is the session's part of the alliance.
    """

    wellbeing: np.ndarray
    alliance: np.ndarray
    alliance_deviation: np.ndarray
    bond: np.ndarray
    therapist_intercept: np.ndarray
    therapist_slope: np.ndarray


def _client_effects(
    world: World, people: People, streams: Streams
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return intercept, slope and bond by client; the bond goes with the slope."""
    outcome, alliance = world.outcome, world.alliance
    z = streams.normal("client effects", people.caseload, 3)
    rho = outcome.client_correlation
    slope_z = rho * z[:, 0] + np.sqrt(1 - rho**2) * z[:, 1]
    tie = alliance.alliance_outcome
    bond_z = tie * slope_z + np.sqrt(1 - tie**2) * z[:, 2]
    return (
        np.sqrt(world.client_intercept_variance) * z[:, 0],
        np.sqrt(outcome.client_slope_variance) * slope_z,
        np.sqrt(alliance.alliance_client_variance) * bond_z,
    )


def _alliance(
    world: World, people: People, delivered: Delivered, bond: np.ndarray, streams: Streams
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return alliance at sessions 1..S, its deviation within client, and the client's level."""
    part = world.alliance
    sessions = delivered.deviation.shape[1]
    noise = autoregressive(
        streams.normal("alliance", people.caseload, sessions), part.alliance_autocorrelation
    )
    deviation = world.deviation_to_alliance * delivered.deviation
    deviation = deviation + np.sqrt(part.alliance_session_variance) * noise
    of_therapist = np.sqrt(part.alliance_therapist_variance) * streams.per_therapist(
        "alliance of therapist"
    )
    met = part.alliance_d / np.sqrt(part.alliance_d**2 + 4) * delivered.z
    level = of_therapist[people.therapist] + bond + met
    return level[:, None] + deviation, deviation, bond + met


def take_course(
    world: World,
    people: People,
    delivered: Delivered,
    streams: Streams,
    learned: np.ndarray | None = None,
) -> Course:
    """Return the potential course of every client, sessions 0 (intake) to the last possible.

    Growth follows log(1 + session), one unit at the reference session. The effect of a client's
    latent accommodation grows alike; a session's deviation acts on the next session's wellbeing,
    partly by itself and partly through the alliance at its end.
    """
    outcome, clients = world.outcome, people.clients
    sessions = np.arange(world.sizes.sessions_high + 1)
    shape = np.asarray(world.shape(sessions))
    intercept, slope, bond = _client_effects(world, people, streams)

    practice = np.sqrt(outcome.practice_share) * people.therapists["practice_z"]
    rest = np.sqrt(1 - outcome.practice_share) * streams.per_therapist("therapist growth")
    therapist_slope = np.sqrt(world.therapist_slope_variance) * (practice + rest)
    therapist_intercept = np.sqrt(outcome.therapist_intercept_variance) * streams.per_therapist(
        "therapist intercept"
    )

    fair, poor = world.clients.health_fair, world.clients.health_poor
    start = (
        outcome.severity * clients["severity_z"]
        + outcome.support * clients["support_z"]
        + outcome.trauma_effect * (clients["trauma"] - world.clients.trauma)
        + outcome.health_effect * (clients["health_step"] - fair - 2 * poor)
        + intercept
        + therapist_intercept[people.therapist]
    )
    growth = (
        outcome.growth
        + outcome.challenge * clients["preference_z"][:, 3]
        + world.accommodation_effect * delivered.z
        + slope
        + therapist_slope[people.therapist]
    )
    if learned is not None:
        growth = growth + learned
    alliance, deviation, level = _alliance(world, people, delivered, bond, streams)
    if outcome.alliance_growth:
        growth = growth + outcome.alliance_growth * level
    if outcome.mismatch_direction:
        more_than_wanted = (delivered.delivery - delivered.preference)[:, :, 3].mean(axis=1)
        growth = growth + outcome.mismatch_direction * more_than_wanted
    noise = autoregressive(
        streams.normal("wellbeing", people.caseload, sessions.size),
        outcome.residual_autocorrelation,
    )
    wellbeing = start[:, None] + growth[:, None] * shape
    wellbeing += np.sqrt(outcome.residual_variance) * noise
    before = world.within_direct * delivered.deviation + outcome.alliance_effect * deviation
    wellbeing[:, 2:] += before[:, :-1]
    return Course(wellbeing, alliance, deviation, bond, therapist_intercept, therapist_slope)
