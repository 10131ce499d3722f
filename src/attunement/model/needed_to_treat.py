"""Number needed to treat from a difference of risks, with limits that may pass through infinity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

PLACES, WEIGHTS = np.polynomial.hermite.hermgauss(15)
Array = NDArray[np.float64]


class Risk(NamedTuple):
    """A difference of risks (more good outcomes: above 0), its limits (95%, 90%), two-sided p."""

    difference: float
    se: float
    low: float
    high: float
    p: float = np.nan
    low90: float = np.nan
    high90: float = np.nan


class Side(NamedTuple):
    """One side of a number needed to treat: estimate (NaN on the other side), limits, words."""

    metric: str
    estimate: float
    low: float
    high: float
    words: str


def averaged(predictor: Array, sd: float) -> Array:
    """Return probabilities averaged over a normal random intercept, by Gauss-Hermite quadrature.

    Parameters
    ----------
    predictor : array, any shape
        Linear predictor (logit) without the random intercept.
    sd : float
        Standard deviation of the random intercept.
    """
    if not sd > 0:
        return np.asarray(expit(predictor))
    found = np.zeros_like(predictor)
    # 1 / (1 + exp(-x - c)) with exp(-x) exp(-c): the slow exponential once, not at every place.
    with np.errstate(over="ignore"):  # of a probability that is 0
        opposite = np.exp(-predictor)
        for shift, weight in zip(np.exp(-np.sqrt(2.0) * sd * PLACES), WEIGHTS, strict=True):
            found += weight / (1.0 + opposite * shift)
    return found / np.sqrt(np.pi)


def risk_difference(
    matrix: pd.DataFrame,
    estimates: pd.Series,
    vcov: pd.DataFrame,
    low: pd.DataFrame,
    high: pd.DataFrame,
    sd: float,
    random: np.random.Generator,
    draws: int = 2000,
) -> Risk:
    """Return the difference of standardised risks between two settings of an exposure.

    Parameters
    ----------
    matrix : DataFrame (n, p)
        Fixed columns of the clients analysed (its columns name the coefficients).
    estimates, vcov : Series (p,), DataFrame (p, p)
        Coefficients on the logit scale; those that are missing are left out.
    low, high : DataFrame (n, p)
        `matrix` with the exposure set low and high for every client.
    sd : float
        Standard deviation between therapists; its own error is not part of the limits.
    random : Generator
        Source of the draws.
    draws : int
        Draws of the coefficients from their normal distribution.

    Returns
    -------
    Risk
        Mean over clients of the probability at `high` minus that at `low`, averaged over
        therapists; percentile limits of the draws.
    """
    kept = estimates.dropna().index
    drawn = random.multivariate_normal(
        estimates[kept], vcov.loc[kept, kept], draws, method="eigh", check_valid="ignore"
    )
    weights = np.vstack([estimates[kept].to_numpy(), drawn])
    found = np.empty(len(weights))
    low_rows, high_rows = low[kept].to_numpy(), high[kept].to_numpy()
    for place, weight in enumerate(weights):
        found[place] = float(
            (averaged(high_rows @ weight, sd) - averaged(low_rows @ weight, sd)).mean()
        )
    limits = [float(limit) for limit in np.percentile(found[1:], (2.5, 97.5, 5.0, 95.0))]
    side = min(int((found[1:] <= 0).sum()), int((found[1:] >= 0).sum()))
    p = min(1.0, 2.0 * (side + 1) / (draws + 1))
    spread = float(found[1:].std(ddof=1))
    return Risk(found[0], spread, limits[0], limits[1], p, limits[2], limits[3])


def _whole(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def number_needed(risk: Risk) -> tuple[Side, Side]:
    """Return the number needed to treat for one to benefit (NNTB) and for one to be harmed (NNTH).

    1 / difference of risks. Where the limits of the difference lie on both sides of zero, those of
    the number pass through infinity: the interval runs from a NNTB over infinity to a NNTH, and
    each side has one finite limit (Altman 1998, doi:10.1136/bmj.317.7168.1309). The infinite limit
    is missing; the words tell it.
    """
    low, high, value = risk.low, risk.high, risk.difference
    if low > 0 or high < 0:
        metric, other = ("NNTB", "NNTH") if low > 0 else ("NNTH", "NNTB")
        limits = sorted((1 / abs(low), 1 / abs(high)))
        one = Side(metric, 1 / abs(value), limits[0], limits[1], "")
        none = Side(other, np.nan, np.nan, np.nan, f"the whole interval is one of {metric}")
        return (one, none) if metric == "NNTB" else (none, one)
    harm = f"NNTH {_whole(1 / -low)} to infinity" if low < 0 else "infinity"
    benefit = f"NNTB {_whole(1 / high)}" if high > 0 else "infinity"
    ends = f"{harm} to {benefit}".replace("infinity to infinity", "infinity")
    words = f"the interval passes through infinity: {ends}"
    return (
        Side("NNTB", 1 / value if value > 0 else np.nan, _inverse(high), np.nan, words),
        Side("NNTH", -1 / value if value < 0 else np.nan, _inverse(-low), np.nan, words),
    )


def _inverse(value: float) -> float:
    return 1 / value if value > 0 else np.nan
