"""Whether what sessions gave goes with what was wanted, or against it: a check of the poles.

Sessions need not follow wishes, but that clients get the less of a pole the more they want of it is
what a form looks like that is read the wrong way round. The data cannot tell which of the two it
is, so this is a question to the researcher and never a refusal.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd

from attunement.accommodate.preferences import preference_in_force
from attunement.score.coefficients import FEWEST_CLIENTS
from attunement.study.contracts import conform

TOPIC = "poles"
QUESTION = (
    "are the poles the same way round on both forms? See coding and flip under preference and "
    "delivery in dataset.yaml"
)


class Direction(NamedTuple):
    """The correlation of wish and delivery over clients; of one dimension, or of all pooled."""

    dimension: str
    correlation: float
    low: float
    high: float
    n_clients: int

    @property
    def against(self) -> bool:
        """The two go against each other: the interval lies below 0."""
        return self.high < 0


def _direction(name: str, both: pd.DataFrame, n_looks: int) -> Direction | None:
    n = both["client"].nunique()
    square, other = (both[["wanted", "given"]] ** 2).sum()
    if n < FEWEST_CLIENTS or min(square, other) <= 1e-12 * len(both):
        return None
    r = float(np.clip((both["wanted"] * both["given"]).sum() / np.sqrt(square * other), -1, 1))
    # Dimensions of one client are no clients: the interval counts clients, which is wide enough.
    half = NormalDist().inv_cdf(1 - 0.025 / n_looks) / np.sqrt(n - 3)
    middle = np.arctanh(np.clip(r, -1 + 1e-9, 1 - 1e-9))
    return Direction(name, r, float(np.tanh(middle - half)), float(np.tanh(middle + half)), n)


def directions(stated: pd.DataFrame, delivery: pd.DataFrame) -> list[Direction]:
    """Return how wish and delivery go together over clients: first of all dimensions, then of each.

    Parameters
    ----------
    stated, delivery : the tables `preferences` and `delivery`, on a common scale.

    Returns
    -------
    list of Direction
        Of client means over sessions that have both, about the mean of their dimension. Intervals
        are Fisher's with the number of clients (95%; of single dimensions 95% for all of them
        together). What has fewer clients than correlations need, or does not vary, is left out.
    """
    wishes = preference_in_force(stated, delivery)
    both = delivery.merge(wishes, on=["client", "session", "dimension"])
    both = both.dropna(subset="preference").astype({"dimension": str, "client": str})
    means = both.groupby(["dimension", "client"], sort=True)[["preference", "delivery"]].mean()
    centred = means - means.groupby(level="dimension").transform("mean")
    table = centred.set_axis(["wanted", "given"], axis=1).reset_index()
    parts = dict(iter(table.groupby("dimension", sort=True)))
    found = [_direction("all", table, 1)]
    found += [_direction(str(name), part, len(parts)) for name, part in parts.items()]
    return [one for one in found if one is not None]


def against(found: list[Direction]) -> list[Direction]:
    """Return what goes against each other: all dimensions pooled, or else the single ones."""
    turned = [one for one in found if one.against]
    return [one for one in turned if one.dimension == "all"] or turned


def noted(availability: pd.DataFrame, turned: list[Direction]) -> pd.DataFrame:
    """Return the table `availability` with the question, where anything goes against each other.

    No count and no correlation is in it: it is released as it stands.
    """
    if not turned:
        return availability
    where = ", ".join(one.dimension for one in turned if one.dimension != "all")
    on = f" on {where}" if where else ""
    reason = f"over clients, wishes and what sessions gave go against each other{on}: {QUESTION}"
    row = pd.DataFrame([{"topic": TOPIC, "available": True, "reason": reason}])
    both = pd.concat([availability, conform(row, "availability")], ignore_index=True)
    return conform(both, "availability")
