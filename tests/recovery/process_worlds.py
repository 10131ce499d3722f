"""Worlds with known truth for mediation and moderation: frames as `prepare` would return them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.model.centring import parts
from attunement.study.specification import Specification


def specification(rows: str, **changes: object) -> Specification:
    """Return a specification of the total effect at one level."""
    within = rows == "next_session"
    formula = "outcome ~ time + accommodation_within + accommodation_between"
    choices: dict[str, object] = {
        "dataset": "world",
        "name": f"world.{rows}",
        "question": "?",
        "estimand": "e",
        "rows": rows,
        "analysis": "mediation",
        "outcome": "ors.total",
        "improvement": 1,
        "scoring": "distance",
        "formula": formula if within else "outcome ~ outcome_first + accommodation_between",
        "random": (("therapist", "1"), ("client", "1 + accommodation_within"))
        if within
        else (("therapist", "1"),),
        "levels": (("indirect", "within" if within else "between"),),
        "seed": 5,
    }
    return Specification.model_validate(choices | changes)


def sessions_world(
    seed: int,
    a: float,
    b: float,
    direct: float = 0.0,
    clients: int = 80,
    sessions: int = 8,
    slope_sd: float = 0.1,
    slope_correlation: float = 0.0,
) -> pd.DataFrame:
    """Return sessions of clients of ten therapists: accommodation, alliance, next outcome.

    The clients' own paths vary around `a` and `b` with standard deviation `slope_sd`; between
    clients everything goes with everything, which no within effect may pick up.
    """
    random = np.random.default_rng(seed)
    client = np.repeat(np.arange(clients), sessions)
    therapist = client % 10
    covariance = slope_sd**2 * np.array([[1, slope_correlation], [slope_correlation, 1]])
    own_a, own_b = random.multivariate_normal([a, b], covariance, clients).T
    level = random.normal(0, 1, clients)
    exposure = level[client] + random.normal(0, 1, len(client))
    alliance = (
        0.8 * level[client]
        + own_a[client] * (exposure - level[client])
        + random.normal(0, 0.4, 10)[therapist]
        + random.normal(0, 0.6, clients)[client]
        + random.normal(0, 1, len(client))
    )
    own_mean = pd.Series(alliance).groupby(client).transform("mean").to_numpy()
    outcome = (
        0.7 * level[client]
        + own_b[client] * (alliance - own_mean)
        + direct * (exposure - level[client])
        + random.normal(0, 0.3, 10)[therapist]
        + random.normal(0, 0.8, clients)[client]
        + random.normal(0, 1, len(client))
    )
    rows = pd.DataFrame(
        {
            "client": client,
            "therapist": therapist,
            "time": np.tile(np.arange(sessions) / sessions, clients),
            "accommodation": exposure,
            "srs_total": alliance,
            "outcome": outcome,
        }
    )
    split = parts(rows, ["accommodation", "srs_total"])
    return rows.drop(columns=["accommodation", "srs_total"]).join(split)


def clients_world(
    seed: int, a: float, b: float, direct: float = 0.0, clients: int = 240
) -> pd.DataFrame:
    """Return clients of twenty therapists, one row each; therapists differ in all three."""
    random = np.random.default_rng(seed)
    therapist = np.arange(clients) % 20
    style = random.normal(0, 1, 20)[therapist]
    first = random.normal(0, 1, clients)
    exposure = random.normal(0, 1, clients)
    alliance = 0.5 * style + a * exposure + 0.3 * first + random.normal(0, 1, clients)
    outcome = (
        0.5 * first + b * alliance + direct * exposure + 0.6 * style + random.normal(0, 1, clients)
    )
    rows = pd.DataFrame(
        {
            "client": np.arange(clients),
            "therapist": therapist,
            "outcome_first": first,
            "outcome": outcome,
            "accommodation": exposure + 0.5 * style,
            "srs_total": alliance,
        }
    )
    split = parts(rows, ["accommodation", "srs_total"])
    return rows.drop(columns=["accommodation", "srs_total"]).join(split)


def moderated_world(seed: int, difference: float, clients: int = 200) -> pd.DataFrame:
    """Return clients of whom men have another slope of accommodation than women."""
    random = np.random.default_rng(seed)
    man = (np.arange(clients) % 3 == 0).astype(float)
    exposure = random.normal(0, 1, clients)
    therapist = np.arange(clients) % 20
    outcome = (
        0.3 * exposure
        + 0.4 * man
        + difference * man * exposure
        + random.normal(0, 0.4, 20)[therapist]
        + random.normal(0, 1, clients)
    )
    return pd.DataFrame(
        {
            "client": [f"c{i}" for i in range(clients)],
            "therapist": therapist,
            "outcome": outcome,
            "accommodation_between": exposure,
            "gender": pd.Categorical(
                np.where(man > 0, "man", "woman"), categories=["woman", "man"]
            ),
        }
    )
