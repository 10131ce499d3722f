"""What a focal coefficient comes to: an effect, no meaningful effect, or neither is known."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from attunement.model.focal import focal_rows
from attunement.study.config import Bounds
from attunement.study.effects import RATIO_METRICS, log_odds_from_d, r_from_d
from attunement.study.specification import Specification

# Predictors that count in standard deviations, whatever the analysis; `measure` and covariates of
# therapists do so where an analysis of their own scaled them.
SCALED = ("accommodation", "too_much", "too_little")
BETWEEN_PARTS = re.compile(r":(?![^\[]*\])")  # of an interaction, not inside the name of a category
EFFECT, SMALL, NONE, OPEN, UNBOUND = (
    "associated",
    "associated, less than meaningful",
    "no meaningful effect",
    "inconclusive",
    "no bound declared",
)


def _is_contrast(part: str, specification: Specification) -> bool:
    """Whether a predictor compares two groups: a category with its reference, an arm."""
    return "[T." in part or part.split("[")[0] == specification.arm


def _is_scaled(part: str, specification: Specification) -> bool:
    """Whether a predictor counts in standard deviations."""
    stem = part.rpartition("_")[0]
    if specification.analysis == "process" and stem == "measure":
        return True
    if specification.analysis == "therapist_covariates":
        return part in specification.therapist_covariates
    return stem in SCALED


def _level(part: str, term: str, specification: Specification) -> str:
    """The level of a coefficient; the name of a predictor within clients is believed before all."""
    return "within" if part.endswith("_within") else specification.level_of(term)


def bound_of(
    term: str, metric: str, scale: str, specification: Specification, bounds: Bounds
) -> float:
    """Return what means something in the unit of a coefficient (of ratios: on their logarithm).

    A contrast of two groups is d itself: d on the `sd` scale and d pi / sqrt(3) as a log odds ratio
    (Hasselblad & Hedges 1995; Chinn 2000). One standard deviation of a continuous exposure between
    clients or therapists stands for r = d / sqrt(d^2 + 4), and in units of the logistic residual
    for half of it. These are the bounds of an odds ratio over a whole course (last score,
    landmark), as published ones are; a hazard of one session is none, and what a session differs
    from the client's own mean has no relation to a difference between groups: both have the bounds
    that the configuration declares in their own metric, else none. Without a unit there is no
    bound: raw scores, risks, curvatures, products of other predictors, change over time: NaN.

    Parameters
    ----------
    term, metric, scale : as in contract `estimates`.
    specification : Specification
        Whose rows, analysis and arm tell what a predictor counts in.
    bounds : Bounds
        What the configuration declares.
    """
    parts = [part for part in BETWEEN_PARTS.split(term) if part != "time"]
    if len(parts) != 1 or specification.analysis == "surface":
        return np.nan
    part = parts[0]
    contrast = _is_contrast(part, specification)
    if not (contrast or _is_scaled(part, specification)):
        return np.nan
    if metric == "hOR":
        declared = bounds.hazard_odds_ratio
        return np.nan if declared is None else float(np.log(declared))
    linear = metric in ("b", "d") and scale == "sd"
    if _level(part, term, specification) == "within":
        usable = linear and not contrast and bounds.within is not None
        return float(bounds.within or 0.0) if usable else np.nan
    if linear:
        return bounds.d if contrast else r_from_d(bounds.d)
    if metric == "OR" and specification.rows in ("clients", "landmark"):
        return log_odds_from_d(bounds.d if contrast else bounds.d / 2)
    return np.nan


def _bounds(
    found: pd.DataFrame, specifications: list[Specification], bounds: Bounds
) -> NDArray[np.float64]:
    planned = {one.name: one for one in specifications}
    columns = ("specification", "term", "metric", "scale")
    rows = zip(*(found[name].astype(str) for name in columns), strict=True)
    return np.array(
        [
            bound_of(term, metric, scale, planned[name], bounds) if name in planned else np.nan
            for name, term, metric, scale in rows
        ],
        dtype=float,
    )


def _narrow(
    found: pd.DataFrame, ratio: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The 90% limits, of ratios on their logarithm.

    Where the analysis told them they stand: an interval of draws is not symmetric, and one made of
    the standard error might contradict the 95% interval beside it. Draws that told none have none.
    """

    def numbers(name: str) -> NDArray[np.float64]:
        return np.asarray(found[name].to_numpy(dtype=float, na_value=np.nan))

    df = numbers("df")
    half = stats.t.ppf(0.95, np.where(np.isnan(df), np.inf, df)) * numbers("se")
    drawn = found["df_method"].eq("Monte Carlo").fillna(False).to_numpy(dtype=bool)
    half = np.where(drawn, np.nan, half)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre, low, high = (
            np.where(ratio, np.log(values), values)
            for values in (numbers("estimate"), numbers("ci90_low"), numbers("ci90_high"))
        )
    told = ~np.isnan(low) & ~np.isnan(high)
    return np.where(told, low, centre - half), np.where(told, high, centre + half)


def judged(
    estimates: pd.DataFrame, specifications: list[Specification], bounds: Bounds
) -> pd.DataFrame:
    """Fill `ci90_low`, `ci90_high`, `bound` and `verdict` of the focal coefficients.

    The verdict reads p (adjusted where the family is) against 5%, and the 90% interval against the
    bounds declared in advance: two one-sided tests at 5% (Schuirmann 1987; Lakens 2017,
    doi:10.1177/1948550617697177). Where an effect is neither shown nor shown to be small, the
    estimate is inconclusive: a wide interval is no evidence of a null. Where there is no bound to
    hold it against, that is said in place of it.

    Parameters
    ----------
    estimates : DataFrame
        Contract `estimates`.
    specifications : list of Specification
        The plan: which coefficients are focal, and what their predictors count in.
    bounds : Bounds
        The smallest differences that mean something, and where they come from.
    """
    found = estimates.copy()
    told = found[["estimate", "se", "p"]].notna().all(axis=1).to_numpy()
    known = focal_rows(found, specifications) & told
    ratio = found["metric"].isin(RATIO_METRICS).to_numpy()
    low, high = _narrow(found, ratio)
    bound = _bounds(found, specifications, bounds)
    p = found["p_adjusted"].fillna(found["p"]).to_numpy(dtype=float, na_value=np.nan)
    apart = p < 0.05
    inside = (low > -bound) & (high < bound)
    open_to = np.where(np.isnan(bound), UNBOUND, OPEN)
    verdict = np.select([apart & inside, apart, inside], [SMALL, EFFECT, NONE], open_to)
    for name, values in (("ci90_low", low), ("ci90_high", high), ("bound", bound)):
        shown = np.where(ratio, np.exp(np.where(ratio, values, np.nan)), values)
        found[name] = np.where(known, shown, np.nan)
    found["verdict"] = pd.Series(verdict, index=found.index).where(known)
    return found
