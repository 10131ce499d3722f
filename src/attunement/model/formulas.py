"""What a formula asks of a frame."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attunement.study.specification import without_categories

if TYPE_CHECKING:
    from formulaic import Formula

# The intercept, the baseline hazard of `prepare`, and functions of the period alone.
COURSE = re.compile(r"Intercept$|baseline|(?:[\w.]+\()?period\b")


@lru_cache(maxsize=256)
def _parsed(formula: str) -> Formula:
    """A formula as terms; a plan asks for the same few hundreds of times."""
    from formulaic import Formula

    return Formula(formula)


def columns_of(formula: str) -> list[str]:
    """Return the columns that a formula names, outcome included, in alphabetical order."""
    return sorted(str(name) for name in _parsed(formula).required_variables)


def categories_of(formula: str) -> list[str]:
    """Return the columns that a formula makes categories, as C(period) does."""
    return sorted(set(re.findall(r"\bC\(\s*(\w+)\s*[,)]", formula)))


def n_predictors(formula: str, frame: pd.DataFrame) -> int:
    """Return how many coefficients a formula has beside the intercept and the baseline hazard.

    Functions of `period`, as C(period), are a baseline of one's own. Columns that depend on others
    have none.
    """
    from formulaic import model_matrix

    matrix = model_matrix(_parsed(formula), frame).rhs
    names, columns = list(matrix.columns), np.asarray(matrix, dtype=float)
    lengths = np.linalg.norm(columns, axis=0)
    columns = columns / np.where(lengths > 0, lengths, 1.0)
    course = [bool(COURSE.match(name)) and ":" not in without_categories(name) for name in names]
    return int(np.linalg.matrix_rank(columns) - np.linalg.matrix_rank(columns[:, course]))
