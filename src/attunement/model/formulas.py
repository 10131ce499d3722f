"""What a formula asks of a frame."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from formulaic import Formula


@lru_cache(maxsize=256)
def _parsed(formula: str) -> Formula:
    """A formula as terms; a plan asks for the same few hundreds of times."""
    from formulaic import Formula

    return Formula(formula)


def columns_of(formula: str) -> list[str]:
    """Return the columns that a formula names, outcome included, in alphabetical order."""
    return sorted(str(name) for name in _parsed(formula).required_variables)


def n_coefficients(formula: str, frame: pd.DataFrame) -> int:
    """Return how many coefficients a formula has on a frame, the intercept included.

    Columns that depend on others have none.
    """
    from formulaic import model_matrix

    columns = np.asarray(model_matrix(_parsed(formula), frame).rhs, dtype=float)
    lengths = np.linalg.norm(columns, axis=0)
    return int(np.linalg.matrix_rank(columns / np.where(lengths > 0, lengths, 1.0)))
