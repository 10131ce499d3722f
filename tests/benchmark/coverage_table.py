"""From the rows of single studies to the share of intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
from coverage_fits import METHODS, TERMS, half_width, intervals
from numpy.typing import NDArray

from attunement.simulate.sessions import STUDY

LEVEL = 0.95


def _line(
    rows: pd.DataFrame, error: NDArray[np.float64], half: NDArray[np.float64]
) -> dict[str, float]:
    """Coverage and what it is made of, over the studies of one coefficient.

    An interval that has no width (df that are none) holds nothing, and is counted as `without`.
    """
    away = rows["estimate"].to_numpy() - STUDY.coefficients[rows["term"].iloc[0]]
    held = np.abs(away) <= half
    share = float(held.mean())
    return {
        "studies": len(rows),
        "coverage": share,
        "monte_carlo_error": float(np.sqrt(LEVEL * (1.0 - LEVEL) / len(rows))),
        "without": int(np.isnan(half).sum()),
        "mean_error": float(away.mean()),
        "sd_of_error": float(away.std(ddof=1)) if len(away) > 1 else np.nan,
        "mean_se": float(error.mean()),
        "mean_half_width": float(np.nanmean(half)),
    }


def coverage_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Coverage by number of therapists, coefficient and method."""
    lines = []
    for (therapists, term), part in rows.groupby(["therapists", "term"], sort=False):
        for method in METHODS:
            error = part["se_kenward_roger" if method == "kenward-roger" else "se"].to_numpy()
            line = _line(part, error, intervals(part, method))
            key = {"therapists": therapists, "term": term, "varies": TERMS[str(term)]}
            lines.append(key | {"method": method} | line)
    return pd.DataFrame(lines)


def pbkrtest_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The same for pbkrtest's rows."""
    lines = []
    for (therapists, term), part in rows.groupby(["therapists", "term"], sort=False):
        error = part["se"].to_numpy()
        key = {"therapists": therapists, "term": term, "varies": TERMS[str(term)]}
        line = _line(part, error, half_width(error, part["df"].to_numpy()))
        lines.append(key | {"method": "pbkrtest"} | line)
    return pd.DataFrame(lines)


def fits_table(rows: pd.DataFrame) -> pd.DataFrame:
    """How the fits ended, by number of therapists; the index is that number.

    `false_converged` counts fits that say they converged though another start ended lower.
    """
    fits = rows.drop_duplicates(["therapists", "study"])
    false = fits["converged"] & fits["lower_elsewhere"]
    by = fits.assign(false=false, lost=~fits["converged"]).groupby("therapists")
    return pd.DataFrame(
        {
            "studies": by.size(),
            "singular": by["singular"].mean(),
            "not_converged": by["lost"].sum(),
            "false_converged": by["false"].sum(),
        }
    )
