"""Likelihood-ratio tests of a variance, whose null value lies on the boundary of its range."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtrc

_SIMULATE = "compare by parametric_bootstrap(n, seed, null=...) of the larger fit"


def boundary_p(small: Any, large: Any, statistic: float, df: int) -> tuple[float, str]:
    """P value of a likelihood ratio where the larger fit adds one random column; a note.

    Under the smaller model one added variance is estimated as zero half the time, so that the
    statistic is an equal mixture of chi-squared with ``df - 1`` and with `df` degrees of freedom,
    0 degrees being a point at zero (Self and Liang 1987, J. Am. Stat. Assoc. 82; Stram and Lee
    1994, Biometrics 50).

    Returns
    -------
    The p value, NaN where this mixture does not hold, and which p value holds instead.
    """
    added = _added_columns(small, large)
    if _residual(small) != _residual(large):
        return float("nan"), (
            "the residual structures differ: p holds where no variance or range of zero is tested"
        )
    if added is None:
        return float("nan"), "the random parts are not nested: chi-squared does not hold"
    if added == 0:
        return float("nan"), "no variance is added: p holds"
    if not same_fixed_part(small, large):
        return float("nan"), f"fixed and random parts differ; {_SIMULATE}"
    if added > 1:
        return float("nan"), f"{added} variances are added; {_SIMULATE}"
    if small.singular:
        return float("nan"), f"the smaller fit is singular itself; {_SIMULATE}"
    value = max(statistic, 0.0)
    lower = float(chdtrc(df - 1, value)) if df > 1 else float(value <= 0.0)
    mixture = 0.5 * lower + 0.5 * float(chdtrc(df, value))
    return mixture, f"one variance is added: p_boundary, half chi2({df - 1}) and half chi2({df})"


def _added_columns(small: Any, large: Any) -> int | None:
    """Number of random columns that only the larger fit has; None if they are not nested."""
    ours = {term.level: term for term in small.design.terms}
    theirs = {term.level: term for term in large.design.terms}
    added = 0
    for level, term in theirs.items():
        columns = set(large.design.random_names[level])
        known = set(small.design.random_names[level]) if level in ours else set()
        covariances_lost = term.independent and len(known) > 1 and not ours[level].independent
        if covariances_lost or not known <= columns:
            return None
        added += len(columns) - len(known)
    return None if set(ours) - set(theirs) else added


def _residual(fit: Any) -> Any:
    structured = getattr(fit, "_structured", None)
    return None if structured is None else structured.residual.term


def same_fixed_part(small: Any, large: Any) -> bool:
    """Whether two fits have the same fixed columns."""
    return small.design.names == large.design.names and bool(
        np.array_equal(small.design.fixed, large.design.fixed)
    )
