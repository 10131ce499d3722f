"""Standardised risks after a landmark: low against high accommodation, over the clients analysed.

A hazard has no answer to "how many leave at low and at high accommodation": accommodation is itself
a course that ends where the client leaves. Up to a landmark it is fixed, and leaving after it can
be predicted for each client at both values and averaged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from attunement.mixed import FitError
from attunement.model.estimate import fit, supported
from attunement.model.prepare import prepare
from attunement.model.result import Model, Result
from attunement.model.risk_set import with_left_before
from attunement.model.rows import derived_rows, direction, not_estimable, variance_rows
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

EXPOSURE, THIRD_GROUP = "accommodation_past", "no_strong_preference"
Z95 = float(norm.ppf(0.975))
LOW, HIGH, CONTRAST = "risk_at_low_accommodation", "risk_at_high_accommodation", "high_vs_low"


def _row(
    term: str, metric: str, estimate: float, se: float, fewer: str, method: str = "delta"
) -> dict[str, Any]:
    """One row; ratios and odds are given with limits and test on the logarithm."""
    ratio = metric in ("RR", "OR")
    if metric == "probability":  # limits on the logit scale keep inside 0..1
        centre, spread = np.log(estimate / (1 - estimate)), se / (estimate * (1 - estimate))
        low, high = (1 / (1 + np.exp(-centre - side * Z95 * spread)) for side in (-1, 1))
        statistic = np.nan
    else:
        centre = np.log(estimate) if ratio else estimate
        low, high = centre - Z95 * se, centre + Z95 * se
        low, high = (np.exp(low), np.exp(high)) if ratio else (low, high)
        statistic = centre / se
    meaning = f"below {1 if ratio else 0}: {fewer}"
    return {
        "term": term,
        "level": "-",
        "metric": metric,
        "scale": "ratio" if ratio else "raw",
        "direction": "a share" if metric == "probability" else meaning,
        "estimate": estimate,
        "se": se,
        "df_method": method,
        "statistic": statistic,
        "p": 2 * norm.sf(abs(statistic)) if np.isfinite(statistic) else np.nan,
        "ci_low": low,
        "ci_high": high,
    }


def standardised_rows(
    fitted: Any, frame: pd.DataFrame, fewer: str = "less dropout"
) -> pd.DataFrame:
    """Return risks at low and high accommodation, and what compares them.

    Parameters
    ----------
    fitted : LogisticFit
        A landmark model that holds `accommodation_past`.
    frame : DataFrame
        The rows analysed. Those without a strong preference have no accommodation to be low or
        high, and are not among the clients over whom the risks are averaged.
    fewer : what a smaller risk means, in words.

    Returns
    -------
    DataFrame
        The risk at one standard deviation (of this exposure among these rows) below and above its
        mean (metric `probability`), and high against low as RD, RR and OR: the last is marginal,
        of the averaged risks, and may stand beside the odds ratios of meta-analyses (which compare
        groups of clients). `high_vs_low_conditional` is the OR of the model for the same contrast,
        for one client (of one therapist): further from 1 whenever clients or therapists differ.

    Notes
    -----
    Standardisation (the g-formula of one time point; Robins 1986, Math Model 7:1393-1512) with the
    delta method for coefficients and the standard deviation between therapists together. Covariates
    are those of the clients analysed, taken as given: another sample of clients would vary too.
    Neither bootstrap nor simulation is needed, and the same data give the same limits; that these
    hold what they should is tested on simulated studies.
    """
    held = frame[frame[THIRD_GROUP] == 0] if THIRD_GROUP in frame else frame
    if EXPOSURE not in fitted.fixed.index or not np.isfinite(fitted.fixed.loc[EXPOSURE, "se"]):
        raise NotEstimable("the model has no estimate of accommodation up to the landmark")
    sd, mean = float(held[EXPOSURE].std(ddof=1)), float(held[EXPOSURE].mean())
    values = (mean - sd, mean + sd)
    found = fitted.averages([held.assign(**{EXPOSURE: value}) for value in values])
    (low, high), spread = found.estimates, found.covariance
    if not (min(low, high) > 0 and max(low, high) < 1):
        raise NotEstimable("a standardised risk of 0 or 1 has no odds")

    def error(slopes: list[float]) -> float:
        return float(np.sqrt(np.array(slopes) @ spread @ np.array(slopes)))

    odds = [p / (1 - p) for p in (low, high)]
    slope = fitted.fixed.loc[EXPOSURE]
    return pd.DataFrame(
        [
            _row(LOW, "probability", low, error([1, 0]), fewer),
            _row(HIGH, "probability", high, error([0, 1]), fewer),
            _row(CONTRAST, "RD", high - low, error([-1, 1]), fewer),
            _row(CONTRAST, "RR", high / low, error([-1 / low, 1 / high]), fewer),
            _row(
                CONTRAST,
                "OR",
                odds[1] / odds[0],
                error([-1 / (low * (1 - low)), 1 / (high * (1 - high))]),
                fewer,
            ),
            _row(
                f"{CONTRAST}_conditional",
                "OR",
                float(np.exp(2 * sd * slope["estimate"])),
                float(2 * sd * slope["se"]),
                fewer,
                "normal",
            ),
        ]
    )


def standardised(tables: Tables, specification: Specification) -> Result:
    """Fit the landmark model of a specification and return its standardised risks.

    Returns
    -------
    Result
        `estimates` as `standardised_rows` makes them, with the clients who dropped out before the
        landmark counted beside; `variance` that of the fit.
    """
    if specification.rows != "landmark":
        raise ValueError("standardised risks need a landmark")
    frame = prepare(tables, specification)
    try:
        model: Model = supported(frame, specification)
        fitted = fit(model, specification)
    except FitError as problem:
        return not_estimable(specification, str(problem))
    fewer = direction(specification).partition(": ")[2]
    found = standardised_rows(fitted, model.frame, fewer)
    rows = derived_rows(found, fitted, model, specification)
    result = Result(rows, variance_rows(fitted, model, specification))
    return with_left_before(result, tables, frame, specification)
