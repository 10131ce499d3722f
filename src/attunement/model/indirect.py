"""The indirect effect: the product of two paths, its Monte Carlo interval, the share mediated."""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

DRAWS = 20_000
TAILS = (2.5, 97.5, 5.0, 95.0)
Array = NDArray[np.float64]


class Interval(NamedTuple):
    """A number with its Monte Carlo error, 95% limits, two-sided p and 90% limits."""

    estimate: float
    se: float
    low: float
    high: float
    p: float
    low90: float
    high90: float


class Indirect(NamedTuple):
    """The indirect effect and the share of the total effect that goes this way, with its limits."""

    product: Interval
    share: Interval


def generator(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one specification: it does not depend on the order of the plan."""
    return np.random.default_rng([seed, crc32(name.encode("utf-8"))])


def _interval(estimate: float, draws: Array) -> Interval:
    low, high, low90, high90 = (float(limit) for limit in np.percentile(draws, TAILS))
    side = min(int((draws <= 0).sum()), int((draws >= 0).sum()))
    p = min(1.0, 2.0 * (side + 1) / (len(draws) + 1))
    return Interval(estimate, float(draws.std(ddof=1)), low, high, p, low90, high90)


def indirect(
    path_a: float,
    se_a: float,
    path_b: float,
    direct: float,
    vcov: Array,
    random: np.random.Generator,
    draws: int = DRAWS,
) -> Indirect:
    """Return the indirect effect ``a b`` and its share ``a b / (a b + c')``.

    Parameters
    ----------
    path_a, se_a : float
        Exposure to mediator, from one model.
    path_b, direct : float
        Mediator to outcome and exposure to outcome (c'), from another model, the mediator held.
    vcov : array (2, 2)
        Covariance matrix of (path_b, direct).
    random : Generator
        Source of the draws.
    draws : int
        How many draws.

    Returns
    -------
    Indirect
        Percentile limits of draws from the normal distribution of the estimates (MacKinnon,
        Lockwood & Williams 2004, doi:10.1207/s15327906mbr3901_4; Preacher & Selig 2012,
        doi:10.1080/19312458.2012.679848). The errors of a and b are taken as independent: b is
        estimated at equal exposure, and each model draws on its own residuals.
    """
    a = random.normal(path_a, se_a, draws)
    b, held = random.multivariate_normal([path_b, direct], vcov, draws, method="eigh").T
    product = a * b
    total = path_a * path_b + direct
    share = path_a * path_b / total if total else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = product / (product + held)
    return Indirect(_interval(path_a * path_b, product), _interval(share, shares))
