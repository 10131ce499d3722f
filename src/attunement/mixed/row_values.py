"""Numbers that go with rows: weights, trials, offsets."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed.errors import InvalidSpecification, InvalidValues
from attunement.mixed.kernel import Array


def row_values(data: pd.DataFrame, values: str | ArrayLike | None, name: str) -> Array | None:
    """One number a row from a column name or an array; None stays None.

    Raises
    ------
    InvalidSpecification, InvalidValues
        If the column is absent, the length differs, or a value is infinite or no number.
    """
    if values is None:
        return None
    if not isinstance(data, pd.DataFrame):
        raise InvalidSpecification(f"data must be a pandas DataFrame, not {type(data).__name__}")
    if isinstance(values, str):
        if values not in data.columns:
            raise InvalidSpecification(f"{name}: no column {values!r} in the data")
        values = data[values]
    try:
        column = pd.Series(values).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise InvalidValues(f"{name} must be numbers") from None
    if column.shape != (len(data),):
        raise InvalidSpecification(f"{name} has {len(column)} values for {len(data)} rows")
    if np.isinf(column).any():
        raise InvalidValues(f"{name} holds infinite values")
    return np.asarray(column, dtype=float)
