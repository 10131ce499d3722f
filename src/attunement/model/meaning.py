"""What a focal coefficient comes to: an effect, no meaningful effect, or neither is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from attunement.study.config import Bounds
from attunement.study.effects import RATIO_METRICS, log_odds_from_d
from attunement.study.specification import Specification

ODDS = ("OR", "hOR")
EFFECT, SMALL, NONE, OPEN = (
    "associated",
    "associated, less than meaningful",
    "no meaningful effect",
    "inconclusive",
)


def bound_of(metric: str, scale: str, contrast: bool, d: float) -> float:
    """Return the bound on a coefficient (on the logarithm of a ratio) that stands for a bound on d.

    A contrast of two groups is d itself: d on the `sd` scale and d pi / sqrt(3) as a log odds ratio
    (Hasselblad & Hedges 1995; Chinn 2000). One standard deviation of a continuous exposure stands
    for r = d / sqrt(d^2 + 4), in units of the residual for d / 2: half of both. Raw scores and
    hazard or risk ratios have no such unit: NaN.
    """
    share = d if contrast else d / 2
    if metric in ODDS:
        return log_odds_from_d(share)
    return share if metric in ("b", "d") and scale == "sd" else np.nan


def _is_contrast(term: str, specification: Specification | None) -> bool:
    arm = specification.arm if specification is not None else None
    return arm is not None and any(part.split("[")[0] == arm for part in term.split(":"))


def judged(
    estimates: pd.DataFrame, specifications: list[Specification], bounds: Bounds
) -> pd.DataFrame:
    """Fill `ci90_low`, `ci90_high`, `bound` and `verdict` of the focal coefficients.

    The verdict reads p (adjusted where the family is) against 5%, and the 90% interval against the
    bounds declared in advance: two one-sided tests at 5% (Schuirmann 1987; Lakens 2017,
    doi:10.1177/1948550617697177). Where an effect is neither shown nor shown to be small, the
    estimate is inconclusive: a wide interval is no evidence of a null.

    Parameters
    ----------
    estimates : DataFrame
        Contract `estimates`.
    specifications : list of Specification
        The plan: which coefficients are focal, and which of them contrast two arms.
    bounds : Bounds
        `d`, the smallest difference that means something, and where that comes from.
    """
    planned = {one.name: one for one in specifications}
    found = estimates.copy()
    plan = [planned.get(str(name)) for name in found["specification"]]
    terms = found["term"].astype(str)
    focal = np.array(
        [
            one is not None and (term in one.focal or one.level_of(term) != "-")
            for one, term in zip(plan, terms, strict=True)
        ],
        dtype=bool,
    )
    known = focal & found[["estimate", "se"]].notna().all(axis=1).to_numpy()
    ratio = found["metric"].isin(RATIO_METRICS).to_numpy()
    estimate = found["estimate"].to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(ratio, np.log(estimate), estimate)
    df = found["df"].to_numpy(dtype=float, na_value=np.nan)
    quantile = stats.t.ppf(0.95, np.where(np.isnan(df), np.inf, df))
    half = quantile * found["se"].to_numpy(dtype=float, na_value=np.nan)
    low, high = centre - half, centre + half
    bound = np.array(
        [
            bound_of(str(metric), str(scale), _is_contrast(term, one), bounds.d)
            for metric, scale, term, one in zip(
                found["metric"], found["scale"], terms, plan, strict=True
            )
        ],
        dtype=float,
    )
    told = found["p_adjusted"].fillna(found["p"]).to_numpy(dtype=float, na_value=np.nan)
    apart = told < 0.05
    inside = (low > -bound) & (high < bound)
    verdict = np.select([apart & inside, apart, inside], [SMALL, EFFECT, NONE], OPEN)
    found["ci90_low"] = np.where(known, np.where(ratio, np.exp(low), low), np.nan)
    found["ci90_high"] = np.where(known, np.where(ratio, np.exp(high), high), np.nan)
    found["bound"] = np.where(known, np.where(ratio, np.exp(bound), bound), np.nan)
    found["verdict"] = pd.Series(verdict, index=found.index).where(known)
    return found
