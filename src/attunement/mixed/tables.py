"""The two tables of every fit: coefficients and variances."""

from __future__ import annotations

from collections.abc import Set
from numbers import Real

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.kernel import Array

CONFIDENCE = 0.95


def require_confidence(confidence: object) -> None:
    """Refuse a coverage that is none.

    Raises
    ------
    InvalidSpecification
    """
    number = isinstance(confidence, Real) and not isinstance(confidence, bool)
    if not number or not 0.0 < float(confidence) < 1.0:  # type: ignore[arg-type]
        raise InvalidSpecification(
            f"confidence={confidence!r}: a number between 0 and 1, such as 0.95"
        )


def fixed_table(
    names: list[str], estimates: Array, errors: Array, df: Array, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Coefficients by term: estimate, se, df, t, p, ci_low, ci_high.

    Parameters
    ----------
    names, estimates, errors, df : (p,) each; a NaN estimate (a column that cannot be estimated)
        gives a NaN row, an infinite df the normal distribution.
    confidence : coverage of the interval.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimates / errors
    require_confidence(confidence)
    width = stdtrit(df, 0.5 + confidence / 2.0) * errors
    return pd.DataFrame(
        {
            "estimate": estimates,
            "se": errors,
            "df": df,
            "t": statistic,
            "p": 2.0 * stdtr(df, -np.abs(statistic)),
            "ci_low": estimates - width,
            "ci_high": estimates + width,
        },
        index=pd.Index(names, name="term"),
    )


def variance_table(
    covariances: dict[str, Array],
    names: dict[str, list[str]],
    residual: float | None,
    independent: Set[str] = frozenset(),
) -> pd.DataFrame:
    """Variances and covariances by level: level, term_1, term_2, covariance, sd_or_correlation,
    ci_low, ci_high.

    Parameters
    ----------
    covariances : (q, q) per level, outermost first.
    names : random columns per level.
    residual : residual variance, or None for a model without one.
    independent : levels whose random columns are independent: no covariances are shown.
    """
    rows: list[tuple[str, str, str, float, float]] = []
    for level, matrix in covariances.items():
        spread = np.sqrt(np.maximum(np.diag(matrix), 0.0))
        for second, term_2 in enumerate(names[level]):
            for first, term_1 in enumerate(names[level][: second + 1]):
                value = float(matrix[first, second])
                if first != second and level in independent:
                    continue
                if first == second:
                    shown = float(spread[first])
                else:
                    product = float(spread[first] * spread[second])
                    shown = value / product if product > 0.0 else float("nan")
                rows.append((level, term_1, term_2, value, shown))
    if residual is not None:
        rows.append(("residual", "", "", residual, float(np.sqrt(residual))))
    parts = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    return pd.DataFrame(
        {
            "level": list(parts[0]),
            "term_1": list(parts[1]),
            "term_2": list(parts[2]),
            "covariance": np.array(parts[3], dtype=float),
            "sd_or_correlation": np.array(parts[4], dtype=float),
            "ci_low": np.nan,
            "ci_high": np.nan,
        }
    )
