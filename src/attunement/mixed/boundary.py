"""Likelihood-ratio tests of a variance, whose null value lies on the boundary of its range."""

from __future__ import annotations

from typing import Any

from scipy.special import chdtrc

from attunement.mixed.nested import residual_structure, same_fixed_part

_SIMULATE = "compare by parametric_bootstrap(n, seed, null=...) of the larger fit"


def boundary_p(small: Any, large: Any, statistic: float, df: int) -> tuple[float, str]:
    """P value of a likelihood ratio where the larger of two nested fits adds one random column.

    Under the smaller model one added variance is estimated as zero half the time, so that the
    statistic is an equal mixture of chi-squared with ``df - 1`` and with `df` degrees of freedom,
    0 degrees being a point at zero (Self and Liang 1987, J. Am. Stat. Assoc. 82; Stram and Lee
    1994, Biometrics 50).

    Returns
    -------
    The p value, NaN where this mixture does not hold, and which p value holds instead.
    """
    added = _added_columns(small, large)
    if residual_structure(small) != residual_structure(large):
        return float("nan"), (
            "the residual structures differ: p holds where no variance or range of zero is tested"
        )
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


def _added_columns(small: Any, large: Any) -> int:
    """Number of random columns that only the larger of two nested fits has."""
    return _random_columns(large) - _random_columns(small)


def _random_columns(fit: Any) -> int:
    return sum(fit.design.random[term.level].shape[1] for term in fit.design.terms)
