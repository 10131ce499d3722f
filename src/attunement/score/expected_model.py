"""The trajectory expected of a new client, given the first score: a model of the study's own data.

The vendor's coefficients are not used. The model describes clients while in treatment: whoever left
earlier, and perhaps fared worse or better, is not in later scores, so that a percentile at a late
session is one among those who came that far, never among all who began.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.mixed import FitError, LinearFit, fit_linear
from attunement.study.time_shape import shaped

FEWEST_CLIENTS = 30
FEWEST_THERAPISTS = 5  # fewer do not show how therapists differ
FORMULA = "value ~ intake * time"


@dataclass(frozen=True)
class Refusal:
    """Why no trajectory is estimated."""

    reason: str


@dataclass(frozen=True)
class Trajectory:
    """An estimated trajectory: all that the distribution of a new client's score needs.

    `coefficients` and their `covariance` are of 1, first score (minus `centre`), shaped time and
    their product; `client` is the covariance of a client's intercept and slope on shaped time,
    `therapist` and `residual` are variances.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    client: np.ndarray
    therapist: float
    residual: float
    centre: float
    shape: str
    per: float
    words: str

    def expected(self, intake: np.ndarray, elapsed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of one score of a new client of a new therapist.

        Parameters
        ----------
        intake : first scores. elapsed : time since, in the dataset's unit; of the same shape.

        Notes
        -----
        Mean x'b; variance x'Vx (b is estimated) + z'Gz (clients) + variance of therapists + of
        residuals, with x = (1, intake, time, intake * time) and z = (1, time).
        """
        time = shaped(np.asarray(elapsed, dtype=float), self.shape, self.per)
        score = np.asarray(intake, dtype=float) - self.centre
        x = np.stack([np.ones_like(time), score, time, score * time], axis=-1)
        z = x[..., [0, 2]]
        variance = np.einsum("...i,ij,...j->...", x, self.covariance, x)
        variance += np.einsum("...i,ij,...j->...", z, self.client, z)
        return x @ self.coefficients, np.sqrt(variance + self.therapist + self.residual)


def _random_parts(rows: pd.DataFrame) -> Iterator[tuple[dict[str, str], str]]:
    """Return random parts that the rows may show, the fullest first, with their words."""
    per_client = rows.groupby("client").size()
    therapists = int(rows["therapist"].nunique())
    outer: list[tuple[dict[str, str], str]] = [({}, "")]
    if FEWEST_THERAPISTS <= therapists < len(per_client):
        outer.insert(0, ({"therapist": "1"}, ", intercepts of therapists"))
    for random, said in outer:
        # A slope beside intercept and residual needs three scores of some clients.
        if (per_client >= 3).sum() >= FEWEST_CLIENTS // 3 and rows["time"].nunique() >= 3:
            yield random | {"client": "1 + time"}, f"intercepts and slopes of clients{said}"
        if (per_client >= 2).sum() >= FEWEST_CLIENTS // 3:
            yield random | {"client": "1"}, f"intercepts of clients{said}"
    yield {}, "no random part: clients have one later score each"


def _from(fit: LinearFit, centre: float, shape: str, per: float, words: str) -> Trajectory:
    client = np.zeros((2, 2))
    found = fit.level_covariances.get("client", client)
    client[: len(found), : len(found)] = found
    therapist = fit.level_covariances.get("therapist", np.zeros((1, 1)))
    singular = "; a variance is estimated as zero" if fit.singular else ""
    order = ["Intercept", "intake", "time", "intake:time"]
    return Trajectory(
        fit.fixed.loc[order, "estimate"].to_numpy(dtype=float),
        fit.vcov.loc[order, order].to_numpy(dtype=float),
        client,
        float(therapist[0, 0]),
        float(fit.residual_variance),
        centre,
        shape,
        per,
        words + singular,
    )


def estimate(
    rows: pd.DataFrame, shape: str, per: float, fewest: int = FEWEST_CLIENTS
) -> Trajectory | Refusal:
    """Estimate the trajectory by a linear mixed model (REML).

    Parameters
    ----------
    rows : scores later than the first: `place` (the client), `therapist` (may be missing),
        `intake`, `elapsed`, `value`.
    shape, per : the dataset's shape and reference span of time.
    fewest : clients below whom nothing is estimated.

    Returns
    -------
    Trajectory, or why there is none. A random part that the data do not show gives way to a
    smaller one, which `words` names.
    """
    n = int(rows["place"].nunique())
    if n < fewest:
        return Refusal(f"{n} clients have a score after their first while in treatment")
    if rows["elapsed"].nunique() < 2:
        return Refusal("all scores after the first are at one time: no trajectory")
    first = rows.drop_duplicates("place")["intake"]
    if not float(first.std(ddof=1)) > 0 or not float(rows["value"].std(ddof=1)) > 0:
        return Refusal("first or later scores do not vary")
    centre = float(first.mean())
    held = pd.DataFrame(
        {
            "value": rows["value"].to_numpy(dtype=float),
            "intake": rows["intake"].to_numpy(dtype=float) - centre,
            "time": shaped(rows["elapsed"].to_numpy(dtype=float), shape, per),
            "client": rows["place"].to_numpy(),
            "therapist": rows["therapist"].to_numpy(),
        }
    )
    why = "the model did not converge"
    for random, words in _random_parts(held):
        try:
            fit = fit_linear(FORMULA, held, random=random or None, df="normal")
        except FitError as error:
            why = str(error)
            continue
        if fit.converged and fit.fixed["estimate"].notna().all():
            return _from(fit, centre, shape, per, words)
    return Refusal(f"the expected trajectory could not be estimated: {why}")
