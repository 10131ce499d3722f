"""Sessions in clients in therapists from a linear mixed model: data of any size, truth known.

`sessions` makes the large data sets on which engines are timed, `small_study` the studies by which
the coverage of intervals is judged. Both draw from exactly the model that is then fitted, unlike
`simulate.study`, whose people choose, answer and leave for reasons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

MOST_SESSIONS = 40


@dataclass(frozen=True)
class Spread:
    """Standard deviations of a level's random intercept and slope of time, their correlation."""

    intercept: float
    slope: float
    correlation: float

    @property
    def covariance(self) -> Numbers:
        """Covariance matrix (2, 2) of intercept and slope."""
        joint = self.correlation * self.intercept * self.slope
        return np.array([[self.intercept**2, joint], [joint, self.slope**2]])

    def draw(self, generator: np.random.Generator, count: int) -> Numbers:
        """Intercepts and slopes (count, 2)."""
        return generator.standard_normal((count, 2)) @ np.linalg.cholesky(self.covariance).T


@dataclass(frozen=True)
class Truth:
    """Coefficients by term, random effects of both levels, residual standard deviation."""

    coefficients: dict[str, float]
    client: Spread
    therapist: Spread
    residual: float

    def outcome(
        self,
        frame: pd.DataFrame,
        client: Places,
        therapist: Places,
        generator: np.random.Generator,
    ) -> Numbers:
        """An outcome for every row; `client` and `therapist` count from 0 without a gap."""
        time = frame["time"].to_numpy()
        mean = np.zeros(len(frame))
        for term, value in self.coefficients.items():
            column = np.ones(len(frame))
            for name in term.split(":") if term != "Intercept" else ():
                column = column * frame[name].to_numpy(dtype=float)
            mean += value * column
        of_client = self.client.draw(generator, int(client.max()) + 1)[client]
        of_therapist = self.therapist.draw(generator, int(therapist.max()) + 1)[therapist]
        effects = of_client + of_therapist
        noise = self.residual * generator.standard_normal(len(frame))
        return mean + effects[:, 0] + effects[:, 1] * time + noise


# Clients and therapists; each client has about twelve sessions.
SIZES = {
    "S1": (200, 20),
    "S2": (2_000, 100),
    "S3": (10_000, 300),
    "S4": (100_000, 1_000),
}

# A symptom score that falls; time in units of ten weeks.
GROWTH = Truth(
    {
        "Intercept": 15.0,
        "time": -3.0,
        "base": 2.5,
        "age": 0.3,
        "female": -0.4,
        "arm": -0.5,
        "experience": -0.3,
        "alliance": -0.8,
        "time:base": -0.6,
        "time:arm": -0.7,
    },
    client=Spread(3.0, 1.5, -0.3),
    therapist=Spread(1.0, 0.5, 0.2),
    residual=2.5,
)
# Log odds of dropping out after a session.
DROPOUT = {
    "Intercept": -2.6,
    "log_session": 0.15,
    "base": 0.2,
    "age": -0.1,
    "female": 0.05,
    "arm": -0.15,
    "experience": -0.1,
    "alliance": -0.3,
}
DROPOUT_OF_THERAPIST = 0.5  # standard deviation of the therapists' log odds

# Standardised outcome; time runs from 0 to 1 over eight sessions.
STUDY = Truth(
    {
        "Intercept": 0.0,
        "alliance": 0.2,
        "time": 0.6,
        "severity": 0.3,
        "arm": 0.1,
        "time:arm": 0.2,
        "experience": 0.1,
        "training": 0.2,
    },
    client=Spread(0.7, 0.5, -0.2),
    therapist=Spread(0.3, 0.25, 0.1),
    residual=0.6,
)


def caseloads(generator: np.random.Generator, clients: int, therapists: int, least: int) -> Places:
    """The therapist of each client, in order: unequal caseloads of at least `least` clients."""
    share = generator.dirichlet(np.full(therapists, 4.0))
    drawn = generator.choice(therapists, clients - least * therapists, p=share)
    everyone = np.concatenate([np.repeat(np.arange(therapists), least), drawn])
    return np.sort(everyone).astype(np.int64)


def sessions(clients: int, therapists: int, seed: int) -> pd.DataFrame:
    """Simulate a data set with one row for each session attended.

    Parameters
    ----------
    clients, therapists : int
        How many; every therapist has at least one client.
    seed : int
        Seed of the whole data set.

    Returns
    -------
    DataFrame
        therapist, client (numbers), session (1, 2, ...), time (ten weeks since the first session),
        log_session, base, age, female, arm (by client), experience (by therapist), alliance (by
        session), outcome, and dropout (1 in a last session before session 40, else 0), in
        the order of therapists, clients and sessions. The outcome follows `GROWTH`, dropping out
        `DROPOUT` with a normal effect by therapist. Nothing is missing.
    """
    generator = np.random.default_rng(seed)
    of_client = caseloads(generator, clients, therapists, least=1)
    by_client = {
        "base": generator.standard_normal(clients),
        "age": generator.standard_normal(clients),
        "female": (generator.random(clients) < 0.65).astype(float),
        "arm": (generator.random(clients) < 0.5).astype(float),
        "experience": generator.standard_normal(therapists)[of_client],
    }
    inclined = DROPOUT_OF_THERAPIST * generator.standard_normal(therapists)[of_client]
    alliance = generator.standard_normal((clients, MOST_SESSIONS))
    gaps = generator.choice([1.0, 1.0, 1.0, 2.0, 3.0], (clients, MOST_SESSIONS - 1))
    weeks = np.concatenate([np.zeros((clients, 1)), gaps.cumsum(axis=1)], axis=1)
    session = np.arange(1, MOST_SESSIONS + 1)

    log_odds = DROPOUT["Intercept"] + inclined
    for name, column in by_client.items():
        log_odds = log_odds + DROPOUT[name] * column
    by_session = DROPOUT["log_session"] * np.log(session) + DROPOUT["alliance"] * alliance
    leaves = generator.random(alliance.shape) < 1.0 / (
        1.0 + np.exp(-(log_odds[:, None] + by_session))
    )
    ever = np.asarray(leaves.any(axis=1))
    last = np.where(ever, leaves.argmax(axis=1), MOST_SESSIONS - 1)
    attended = np.arange(MOST_SESSIONS) <= last[:, None]

    client, place = np.nonzero(attended)
    frame = pd.DataFrame(
        {
            "therapist": of_client[client],
            "client": client,
            "session": place + 1,
            "time": weeks[attended] / 10.0,
            "log_session": np.log(session)[place],
            **{name: column[client] for name, column in by_client.items()},
            "alliance": alliance[attended],
        }
    )
    frame["outcome"] = GROWTH.outcome(frame, client, of_client[client], generator)
    frame["dropout"] = (ever[client] & (place == last[client])).astype(np.int64)
    return frame


def small_study(therapists: int, study: int, entropy: int = 20_261) -> pd.DataFrame:
    """Simulate one study of 12 clients per therapist and about 8 sessions per client.

    Parameters
    ----------
    therapists : int
        How many; caseloads are unequal, with at least three clients.
    study : int
        Number of the study; its seed is ``[entropy, therapists, study]``.
    entropy : int
        Common part of all seeds.

    Returns
    -------
    DataFrame
        therapist, client, time (0 at the first of 4 to 12 sessions, 1 at the eighth), alliance (by
        session), severity and arm (by client), experience and training (by therapist; half of the
        therapists are trained) and outcome, which follows `STUDY`.
    """
    generator = np.random.default_rng([entropy, therapists, study])
    clients = 12 * therapists
    of_client = caseloads(generator, clients, therapists, least=3)
    trained = generator.permutation(np.arange(therapists) % 2).astype(float)
    experience = generator.standard_normal(therapists)
    severity = generator.standard_normal(clients)
    arm = generator.integers(0, 2, clients).astype(float)
    attended = 4 + generator.binomial(8, 0.5, clients)

    client = np.repeat(np.arange(clients), attended)
    before = np.repeat(attended.cumsum() - attended, attended)
    therapist = of_client[client]
    frame = pd.DataFrame(
        {
            "therapist": therapist,
            "client": client,
            "time": (np.arange(client.size) - before) / 7.0,
            "alliance": generator.standard_normal(client.size),
            "severity": severity[client],
            "arm": arm[client],
            "experience": experience[therapist],
            "training": trained[therapist],
        }
    )
    frame["outcome"] = STUDY.outcome(frame, client, therapist, generator)
    return frame
