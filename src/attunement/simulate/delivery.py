"""What is wanted and given, session by session, and how far they meet: true values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.simulate.people import People
from attunement.simulate.streams import Streams
from attunement.simulate.world import World


@dataclass(frozen=True)
class Delivered:
    """True preference and delivery over the whole course that each client could have.

    Arrays run over clients x sessions 1..S (x 4 dimensions), on the scale -1 to 1;
    accommodation is 1 - mean|D - P| / 2. `level` is a client's mean over the whole course, whether
    or not the client stays for it; `z` is that mean and `deviation` a session's distance from it,
    both in the world's standard deviations between clients.
    """

    preference_first: np.ndarray
    preference_later: np.ndarray
    preference: np.ndarray
    delivery: np.ndarray
    accommodation: np.ndarray
    level: np.ndarray
    z: np.ndarray
    deviation: np.ndarray


def autoregressive(noise: np.ndarray, correlation: float) -> np.ndarray:
    """Return a stationary AR(1) series of variance one along axis 1, in place of white noise."""
    spread = np.sqrt(1 - correlation**2)
    for step in range(1, noise.shape[1]):
        noise[:, step] = correlation * noise[:, step - 1] + spread * noise[:, step]
    return noise


def deliver(world: World, people: People, streams: Streams) -> Delivered:
    """Return what each client wants and gets at every session of the whole course.

    A therapist gives a mixture of own style and what the client wants, by responsiveness; from
    `change_session` on the client may want something slightly different.
    """
    wants, gives = world.preference, world.delivery
    sessions = world.sizes.sessions_high
    first = wants.preference_mean.array + wants.preference_sd * people.clients["preference_z"]
    if wants.style_matched:
        usual = wants.preference_mean.array + wants.style_shift.array * wants.preference_sd
        special = people.therapists["style"] - usual
        first = first + wants.style_matched * special[people.therapist]
    first = first.clip(-1, 1)
    change = wants.change_sd * streams.normal("change of preference", people.caseload, 4)
    later = (first + change).clip(-1, 1)

    changed = np.arange(1, sessions + 1) >= wants.change_session
    preference = np.where(changed[None, :, None], later[:, None, :], first[:, None, :])
    style = people.therapists["style"][people.therapist][:, None, :]
    responsive = people.therapists["responsiveness"][people.therapist][:, None, None]
    if gives.convergence:
        since_first = np.asarray(world.shape(np.arange(1, sessions + 1))) - world.shape(1)
        gained = gives.convergence * since_first / (1 - world.shape(1))
        responsive = (responsive + gained[None, :, None]).clip(0, 1)
    own = gives.client_sd * streams.normal("delivery by client", people.caseload, 1, 4)
    noise = streams.normal("delivery by session", people.caseload, sessions, 4)
    noise = gives.session_sd * autoregressive(noise, gives.session_autocorrelation)
    delivery = style + responsive * (preference - style) + own + noise
    delivery = delivery.clip(-1, 1)

    accommodation = 1 - np.abs(delivery - preference).mean(axis=2) / 2
    level = accommodation.mean(axis=1)
    scale = world.derived.accommodation_sd
    return Delivered(
        preference_first=first,
        preference_later=later,
        preference=preference,
        delivery=delivery,
        accommodation=accommodation,
        level=level,
        z=(level - world.derived.accommodation_mean) / scale,
        deviation=(accommodation - level[:, None]) / scale,
    )
