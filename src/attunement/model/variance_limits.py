"""Limits of variances and intraclass correlations by profile likelihood."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.mixed import FitError

LIMITS = ["ci_low", "ci_high"]
WITHOUT = "no limits of this share: {}"


def set_limits(
    variance: pd.DataFrame, level: str, term: str, low: float, high: float
) -> pd.DataFrame:
    """Return rows of variances with the limits of one standard deviation, and of its square.

    Parameters
    ----------
    variance : DataFrame
        level, term_1, term_2, metric, ci_low, ci_high.
    level, term : str
        Whose: a level and its random column.
    low, high : float
        Limits of the standard deviation.
    """
    found = variance.copy()
    held = (found["level"] == level) & (found["term_1"] == term) & (found["term_2"] == term)
    for metric, power in (("sd", 1), ("variance", 2)):
        found.loc[held & (found["metric"] == metric), LIMITS] = [low**power, high**power]
    return found


def icc_rows(fitted: Any) -> pd.DataFrame:
    """Return intraclass correlations of a model with random intercepts (shares of all variance).

    Returns
    -------
    DataFrame
        level, term_1, term_2, metric, estimate, ci_low, ci_high and, where a limit is missing,
        `note`. Limits are those of the profile likelihood: limits from the curvature at the
        estimate reach from nothing to everything where a variance is near zero. What has no profile
        has no limits, and the note says why.
    """
    try:
        shares = fitted.profile_icc()
        notes = shares["status"].mask(shares["share_ci_high"].notna(), "")
    except FitError as problem:
        shares = fitted.icc().assign(share_ci_low=float("nan"), share_ci_high=float("nan"))
        notes = pd.Series(str(problem), index=shares.index)
    return pd.DataFrame(
        {
            "level": shares.index,
            "term_1": "Intercept",
            "term_2": "Intercept",
            "metric": "icc",
            "estimate": shares["share"],
            "ci_low": shares["share_ci_low"],
            "ci_high": shares["share_ci_high"],
            "note": notes.map(lambda note: WITHOUT.format(note) if note else None),
        }
    ).reset_index(drop=True)


def with_intercepts_profiled(variance: pd.DataFrame, fitted: Any) -> pd.DataFrame:
    """Return rows of a model with random intercepts only, each with the limits of its profile.

    Beside a share with profile limits, a standard deviation with others would contradict it. Where
    the share has none (structured residuals, which a profile holds as they are), none are set.
    """
    found = variance
    shares = found[found["metric"] == "icc"]
    for level in shares.loc[shares["ci_low"].notna(), "level"]:
        try:
            row = fitted.profile([f"{level}: Intercept, Intercept"]).iloc[0]
        except FitError:
            continue
        found = set_limits(found, level, "Intercept", float(row["ci_low"]), float(row["ci_high"]))
    return found
