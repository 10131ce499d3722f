"""What a formula asks of a frame."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd


@lru_cache(maxsize=256)
def _variables(formula: str) -> tuple[str, ...]:
    """The columns of a formula; a plan asks for the same few many times."""
    from formulaic import Formula

    return tuple(sorted(str(name) for name in Formula(formula).required_variables))


def columns_of(formula: str) -> list[str]:
    """Return the columns that a formula names, outcome included, in alphabetical order."""
    return list(_variables(formula))


def n_coefficients(formula: str, frame: pd.DataFrame) -> int:
    """Return how many coefficients a formula has on a frame, the intercept included."""
    from formulaic import model_matrix

    return int(model_matrix(formula, frame).rhs.shape[1])
