"""Therapists and clients: who they are, how therapists work, what clients want."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.simulate.streams import Streams
from attunement.simulate.world import World

TRAININGS = ("cognitive_behavioural", "integrative", "person_centred", "psychodynamic")
GENDERS = ("woman", "man", "non_binary")
ETHNICITIES = ("majority", "black", "asian", "mixed", "other")
ORIENTATIONS = ("heterosexual", "gay_or_lesbian", "bisexual", "other")
HEALTH = ("good", "fair", "poor")
Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class People:
    """Therapists (rows: therapists) and clients (rows: clients, sorted by therapist)."""

    therapist_number: np.ndarray
    client_number: np.ndarray
    caseload: np.ndarray
    therapist: np.ndarray  # row of the client's therapist in this chunk
    therapists: Columns
    clients: Columns


def _choose(uniform: np.ndarray, shares: list[float]) -> np.ndarray:
    """Return categories 0, 1, ... by their shares; the last takes what is left."""
    return np.searchsorted(np.cumsum(shares), uniform, side="right").clip(0, len(shares))


def _therapists(world: World, streams: Streams) -> Columns:
    who = world.therapists
    z = streams.per_therapist("therapists", 4)
    chance = streams.per_therapist("therapist categories", 2, normal=False)
    centre = world.preference.preference_mean.array
    centre = centre + world.preference.style_shift.array * world.preference.preference_sd
    style = centre + who.style_sd * streams.per_therapist("style", 4)
    responsiveness = who.responsiveness_mean + who.responsiveness_sd * streams.per_therapist(
        "responsiveness"
    )
    experience = who.experience_mean * np.exp(
        who.experience_log_sd * z[:, 0] - who.experience_log_sd**2 / 2
    )
    return {
        "gender": np.array(["woman", "man"])[(chance[:, 0] >= who.therapist_women).astype(int)],
        "experience_years": np.round(experience.clip(0.1, 40), 1),
        "practice_hours": np.round((who.practice_mean + who.practice_sd * z[:, 1]).clip(0, 12), 1),
        "practice_z": z[:, 1],
        "training": np.array(TRAININGS)[_choose(chance[:, 1], who.training_shares[:-1])],
        "wellbeing": np.round((who.wellbeing_mean + who.wellbeing_sd * z[:, 2]).clip(0, 10), 1),
        "style": style.clip(-1, 1),
        "responsiveness": responsiveness.clip(0, 0.95),
        "observed": streams.per_therapist("observed", normal=False)
        < world.measures.observed_therapists,
    }


def _clients(world: World, streams: Streams, caseload: np.ndarray) -> Columns:
    who = world.clients
    z = streams.normal("clients", caseload, 3)
    chance = streams.uniform("client categories", caseload, 6)
    few = who.minority_ethnicity / 4
    rest = who.minority_orientation / 3
    gender = _choose(chance[:, 0], [who.women, 1 - who.women - who.non_binary])
    health = _choose(chance[:, 3], [1 - who.health_fair - who.health_poor, who.health_fair])
    return {
        "gender": np.array(GENDERS)[gender],
        "age": np.round((who.age_mean + who.age_sd * z[:, 0]).clip(who.age_low, who.age_high)),
        "ethnicity": np.array(ETHNICITIES)[
            _choose(chance[:, 1], [1 - who.minority_ethnicity, few, few, few])
        ],
        "orientation": np.array(ORIENTATIONS)[
            _choose(chance[:, 2], [1 - who.minority_orientation, rest, rest])
        ],
        "physical_health": np.array(HEALTH)[health],
        "health_step": health.astype(float),
        "trauma": chance[:, 4] < who.trauma,
        "support_z": z[:, 1],
        "social_support": np.round(who.support_mean + who.support_sd * z[:, 1]).clip(0, 10),
        "severity_z": z[:, 2],
        "severity": np.round(who.severity_mean + who.severity_sd * z[:, 2]).clip(1, 7),
        "preference_z": _preference_z(world, streams, caseload, gender == 0),
    }


def _preference_z(
    world: World, streams: Streams, caseload: np.ndarray, woman: np.ndarray
) -> np.ndarray:
    """Return what clients want in client SDs about the mean; women want more warm support."""
    part = world.preference
    common = np.sqrt(part.preference_correlation)
    z = streams.normal("preference", caseload, 5)
    wanted = common * z[:, :1] + np.sqrt(1 - common**2) * z[:, 1:]
    wanted[:, 3] += part.women_warm_support * (woman - world.clients.women)
    return wanted


def people(world: World, seed: int, therapists: int, first_therapist: int = 0) -> People:
    """Return therapists and their clients.

    Parameters
    ----------
    world : World
        The generating parameters.
    seed : int
        Seed of the study.
    therapists, first_therapist : int
        How many therapists, counted from which.
    """
    streams = Streams(seed, first_therapist, therapists)
    sizes = world.sizes
    spread = sizes.caseload_log_sd
    every = np.round(
        sizes.caseload_mean * np.exp(spread * streams.caseloads("caseload") - spread**2 / 2)
    )
    counts = every.clip(sizes.caseload_low, sizes.caseload_high).astype(int)
    caseload = counts[first_therapist:]
    before = int(counts[:first_therapist].sum())
    return People(
        therapist_number=np.arange(first_therapist, first_therapist + therapists) + 1,
        client_number=np.arange(before, before + int(caseload.sum())) + 1,
        caseload=caseload,
        therapist=np.repeat(np.arange(therapists), caseload),
        therapists=_therapists(world, streams),
        clients=_clients(world, streams, caseload),
    )
