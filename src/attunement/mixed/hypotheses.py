"""Linear hypotheses about coefficients, Wald tests of them, and comparisons of two fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc

from attunement.mixed.boundary import boundary_p, same_fixed_part
from attunement.mixed.errors import InvalidSpecification, NotComparable
from attunement.mixed.kernel import Array

_NUMBER = r"(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)"
_PIECE = re.compile(rf"([+-]?)(?:({_NUMBER})\*?)?(?:@(\d+)@)?")


def parse_hypotheses(text: str, names: list[str]) -> tuple[Array, Array]:
    """Read ``"arm = 0, time:arm = 0"`` as a matrix (r, p) and right sides (r,).

    Parameters
    ----------
    text : equations separated by commas; each side a sum of terms and numbers, a term with a
        factor before it if wanted (``2*arm - time = 1``). Without ``=`` it is tested against 0.
    names : terms of the fit.

    Raises
    ------
    InvalidSpecification
        If a piece is neither a term nor a number.
    """
    coded = text
    for index in sorted(range(len(names)), key=lambda i: -len(names[i])):
        pattern = rf"(?<![\w@.:\]]){re.escape(names[index])}(?![\w@.:\[(])"
        coded = re.sub(pattern, f"@{index}@", coded)
    rows, values = [], []
    for equation in coded.split(","):
        sides = equation.split("=")
        if len(sides) > 2 or not equation.strip():
            raise InvalidSpecification(f"cannot read the hypothesis {text!r}")
        row, value = np.zeros(len(names)), 0.0
        for sign, side in zip((1.0, -1.0), sides, strict=False):
            rest = re.sub(r"\s+", "", side)
            while rest:
                match = _PIECE.match(rest)
                if match is None or not (match[2] or match[3]):
                    raise InvalidSpecification(
                        f"hypothesis {text!r}: {rest!r} is no term; terms: {', '.join(names)}"
                    )
                amount = sign * (-1.0 if match[1] == "-" else 1.0) * float(match[2] or 1.0)
                if match[3]:
                    row[int(match[3])] += amount
                else:
                    value -= amount
                rest = rest[match.end() :]
        rows.append(row)
        values.append(value)
    return np.array(rows), np.array(values)


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
    eigenvalues, vectors = np.linalg.eigh(spread)
    if eigenvalues[0] <= 1e-12 * eigenvalues[-1]:
        raise InvalidSpecification("the equations of the hypothesis depend on each other")
    directions = vectors.T @ hypothesis
    difference = vectors.T @ (hypothesis @ estimates - values)
    count = len(eigenvalues)
    statistic = float((difference**2 / eigenvalues).sum() / count)
    each = np.array([df_of(direction) for direction in directions])
    if count == 1 or np.ptp(each) < 1e-8 * each[0]:
        denominator = float(each[0])
    elif np.isinf(each).all():
        denominator = float("inf")
    elif (each <= 2.0).any():
        denominator = 2.0
    else:
        total = float(np.where(np.isinf(each), 1.0, each / (each - 2.0)).sum())
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
    of them holds.

    Raises
    ------
    NotComparable
        If outcomes differ, one is REML and the other not, both are REML with different fixed
        effects, or the kinds of model differ.
    """
    if type(first) is not type(second):
        raise NotComparable("the two fits are of different kinds")
    if first.reml != second.reml:
        raise NotComparable("one fit is by REML, the other by ML; refit both with reml=False")
    same_rows = first.n_obs == second.n_obs and np.array_equal(
        first.design.outcome, second.design.outcome
    )
    if not same_rows:
        raise NotComparable(
            f"the fits use different outcome rows ({first.n_obs} and {second.n_obs})"
        )
    if first.reml and not same_fixed_part(first, second):
        raise NotComparable(
            "REML likelihoods with different fixed effects are not comparable; refit both with"
            " reml=False"
        )
    small, large = sorted((first, second), key=lambda fit: fit.n_parameters)
    statistic = small.deviance - large.deviance
    df = large.n_parameters - small.n_parameters
    p_value = float(chdtrc(df, max(statistic, 0.0))) if df else float("nan")
    at_boundary, note = boundary_p(small, large, statistic, df)
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
