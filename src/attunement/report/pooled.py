"""Random-effects meta-analysis of a few independent estimates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """What k estimates say together, on the scale on which they were given."""

    k: int
    estimate: float
    se: float
    df: int
    low: float
    high: float
    p: float
    tau2: float
    q: float
    q_p: float
    i2: float
    common: float
    common_low: float
    common_high: float
    prediction_low: float
    prediction_high: float


def between_variance(effects: Array, spread: Array) -> float:
    """Return the variance between studies of Paule & Mandel: where the weighted Q equals k - 1.

    `statsmodels.stats.meta_analysis.combine_effects` solves the same equation, but sets the
    variance to 0 where rounding carries its last step below the root, and does not say that its
    search ended early; here the root is bracketed.
    """
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        weights = 1.0 / (spread**2 + tau2)
        mean = float(np.average(effects, weights=weights))
        return float((weights * (effects - mean) ** 2).sum()) - (len(effects) - 1)

    if excess(0.0) <= 0.0:
        return 0.0
    # Weights are at most 1 / tau2, so that Q is at most the sum of squares over it.
    above = float(((effects - effects.mean()) ** 2).sum())
    return float(brentq(excess, 0.0, above, xtol=1e-14 * above, rtol=1e-12))


def pool(estimates: ArrayLike, errors: ArrayLike) -> Pooled:
    """Combine independent estimates of one quantity by a random-effects model.

    Parameters
    ----------
    estimates, errors : array of shape (k,)
        Estimates (logarithms, for ratios) and their standard errors, k >= 2.

    Returns
    -------
    Pooled
        The variance between studies is that of Paule & Mandel (1982, J Res Natl Bur Stand 87:377).
        The interval is that of Hartung & Knapp (2001, Stat Med 20:3875) on k - 1 degrees of
        freedom, its factor not below 1 (Knapp & Hartung 2003, Stat Med 22:2693): few studies that
        are alike by chance would else look certain. I2 = (Q - df) / Q, not below 0 (Higgins &
        Thompson 2002, Stat Med 21:1539). The prediction interval, from three studies on, has k - 2
        degrees of freedom (Higgins, Thompson & Spiegelhalter 2009, J R Stat Soc A 172:137).
        `common` assumes one effect in all studies.

    Raises
    ------
    ValueError
        Fewer than two estimates, a missing one, or an error that is not above 0.
    """
    from scipy import stats

    effects, spread = np.asarray(estimates, float), np.asarray(errors, float)
    if len(effects) < 2 or effects.shape != spread.shape:
        raise ValueError("two estimates or more, each with its standard error")
    if not (np.isfinite(effects).all() and np.isfinite(spread).all() and (spread > 0).all()):
        raise ValueError("an estimate or a standard error is missing, or an error not above 0")
    k = len(effects)
    fixed = spread**-2.0
    common = float(np.average(effects, weights=fixed))
    q = float((fixed * (effects - common) ** 2).sum())
    tau2 = between_variance(effects, spread)
    weights = 1.0 / (spread**2 + tau2)
    mean = float(np.average(effects, weights=weights))
    factor = float((weights * (effects - mean) ** 2).sum()) / (k - 1)
    se = math.sqrt(max(1.0, factor) / float(weights.sum()))
    half = float(stats.t.ppf(0.975, k - 1)) * se
    narrow = float(stats.norm.ppf(0.975)) / math.sqrt(float(fixed.sum()))
    wide = float(stats.t.ppf(0.975, k - 2)) * math.sqrt(tau2 + se**2) if k > 2 else math.nan
    return Pooled(
        k=k,
        estimate=mean,
        se=se,
        df=k - 1,
        low=mean - half,
        high=mean + half,
        p=float(2 * stats.t.sf(abs(mean / se), k - 1)),
        tau2=tau2,
        q=q,
        q_p=float(stats.chi2.sf(q, k - 1)),
        i2=max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0,
        common=common,
        common_low=common - narrow,
        common_high=common + narrow,
        prediction_low=mean - wide,
        prediction_high=mean + wide,
    )
