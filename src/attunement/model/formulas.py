"""What a formula asks of a frame."""

from __future__ import annotations

import numpy as np
import pandas as pd


def columns_of(formula: str) -> list[str]:
    """Return the columns that a formula names, outcome included, in alphabetical order."""
    from formulaic import Formula

    return sorted(str(name) for name in Formula(formula).required_variables)


def n_coefficients(formula: str, frame: pd.DataFrame) -> int:
    """Return how many coefficients a formula has on a frame, the intercept included.

    Columns that depend on others have none.
    """
    from formulaic import model_matrix

    columns = np.asarray(model_matrix(formula, frame).rhs, dtype=float)
    lengths = np.linalg.norm(columns, axis=0)
    return int(np.linalg.matrix_rank(columns / np.where(lengths > 0, lengths, 1.0)))
