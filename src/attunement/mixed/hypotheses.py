"""Wald tests of linear hypotheses about coefficients, and comparisons of two fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc

from attunement.mixed.boundary import boundary_p
from attunement.mixed.design import Design
from attunement.mixed.errors import InvalidSpecification, NotComparable
from attunement.mixed.kernel import Array
from attunement.mixed.nested import require_same_data, same_fixed_part, why_not_nested

# a larger fit may have a higher deviance by what a search leaves, not by more
_LEFT_BY_SEARCH = 1e-3


def columns_of_terms(design: Design, kept: NDArray[np.bool_]) -> dict[str, list[int]]:
    """Places of the estimable columns of each term of the formula, the intercept left out."""
    return {
        str(term): [index for index in range(place.start, place.stop) if kept[index]]
        for term, place in design.fixed_spec.term_slices.items()
        if str(term) != "1"
    }


def require_matrix(hypothesis: Any, n_columns: int) -> Array:
    """A hypothesis given as numbers, as a matrix (r, p).

    Raises
    ------
    InvalidSpecification
        If it has another shape, no row, a row of zeros, or a value that is no finite number.
    """
    try:
        matrix = np.atleast_2d(np.asarray(hypothesis, dtype=float))
    except (TypeError, ValueError):
        raise InvalidSpecification(
            f"the hypothesis is {hypothesis!r}: give one text, its equations separated by commas,"
            " or a matrix of numbers"
        ) from None
    if matrix.ndim != 2 or matrix.shape[1] != n_columns or not len(matrix):
        raise InvalidSpecification(
            f"the hypothesis has shape {np.shape(hypothesis)}: it needs a row for each equation,"
            f" at least one, and {n_columns} columns, one for each coefficient"
        )
    if not np.isfinite(matrix).all():
        raise InvalidSpecification("the hypothesis holds a value that is no finite number")
    if not matrix.any(axis=1).all():
        raise InvalidSpecification("the hypothesis has a row of zeros, which says nothing")
    return matrix


def wald_test(
    hypothesis: Array,
    values: Array,
    estimates: Array,
    covariance: Array,
    df_of: Callable[[Array], float],
) -> pd.DataFrame:
    """Wald F test of ``hypothesis @ b = values``: one row with F, df_num, df_den, p.

    Parameters
    ----------
    hypothesis, values : (r, p) and (r,).
    estimates, covariance : (p,) and (p, p).
    df_of : denominator degrees of freedom of one linear combination; several are combined as in
        Fai and Cornelius (1996, J. Stat. Comput. Simul. 54).

    Raises
    ------
    InvalidSpecification
        If the equations depend on each other.
    """
    spread = hypothesis @ covariance @ hypothesis.T
    # correlations: whether equations depend on each other is no matter of their units
    errors = np.sqrt(np.diag(spread))
    related = spread / np.outer(errors, errors)
    if np.linalg.eigvalsh(related)[0] <= 1e-12 * len(related):
        raise InvalidSpecification("the equations of the hypothesis depend on each other")
    count = len(related)
    standardised = (hypothesis @ estimates - values) / errors
    statistic = float(standardised @ np.linalg.solve(related, standardised)) / count
    directions = np.linalg.eigh(spread)[1].T @ hypothesis
    each = np.array([df_of(direction) for direction in directions])
    finite = each[np.isfinite(each)]
    if not len(finite):
        denominator = float("inf")
    elif len(finite) == count and np.ptp(finite) < 1e-8 * finite[0]:
        denominator = float(finite[0])
    elif (finite <= 2.0).any():
        denominator = 2.0
    else:
        total = float((finite / (finite - 2.0)).sum()) + count - len(finite)
        denominator = 2.0 * total / (total - count) if total > count else float("inf")
    if np.isinf(denominator):
        p_value = float(chdtrc(count, statistic * count))
    else:
        p_value = float(fdtrc(count, denominator, statistic))
    return pd.DataFrame(
        {"F": [statistic], "df_num": [count], "df_den": [denominator], "p": [p_value]}
    )


def compare_fits(first: Any, second: Any) -> pd.DataFrame:
    """Likelihood-ratio comparison of two nested fits: one row each, the smaller one first.

    `p` is that of chi-squared, `p_boundary` that of `boundary.boundary_p`, and `note` says which
    of them holds; where the fits are not nested, chi2, df and p are NaN and `note` says why.

    Raises
    ------
    NotComparable
        If outcomes or weights differ, one is REML and the other not, both are REML with different
        fixed effects, or the kinds of model differ.
    """
    if type(first) is not type(second):
        raise NotComparable("the two fits are of different kinds")
    if first.reml != second.reml:
        raise NotComparable("one fit is by REML, the other by ML; refit both with reml=False")
    require_same_data(first, second)
    if first.reml and not same_fixed_part(first, second):
        raise NotComparable(
            "REML likelihoods with different fixed effects are not comparable; refit both with"
            " reml=False"
        )
    small, large = sorted((first, second), key=lambda fit: fit.n_parameters)
    statistic, df, p_value, at_boundary, note = _likelihood_ratio(small, large)
    return pd.DataFrame(
        {
            "formula": [small.formula, large.formula],
            "n_parameters": [small.n_parameters, large.n_parameters],
            "deviance": [small.deviance, large.deviance],
            "aic": [small.aic, large.aic],
            "bic": [small.bic, large.bic],
            "chi2": [np.nan, statistic],
            "df": [np.nan, df],
            "p": [np.nan, p_value],
            "p_boundary": [np.nan, at_boundary],
            "note": ["", note],
        }
    )


def _likelihood_ratio(small: Any, large: Any) -> tuple[float, float, float, float, str]:
    """Statistic, degrees of freedom, p, p on the boundary, and a note."""
    none = float("nan")
    df = large.n_parameters - small.n_parameters
    reason = why_not_nested(small, large)
    if not reason and df == 0:
        return none, none, none, none, "the same model: nothing to test"
    if reason:
        return none, none, none, none, f"not nested ({reason}): no test; compare AIC or BIC"
    statistic = small.deviance - large.deviance
    if statistic < -_LEFT_BY_SEARCH:
        note = "the larger fit is the less likely one: a search did not settle, p does not hold"
        return statistic, df, none, none, note
    at_boundary, note = boundary_p(small, large, statistic, df)
    return statistic, df, float(chdtrc(df, max(statistic, 0.0))), at_boundary, note
