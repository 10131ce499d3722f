"""What is given to a fit beside its formula: options, and one number a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed.errors import InvalidSpecification, InvalidValues
from attunement.mixed.kernel import Array

DF_METHODS = ("kenward-roger", "satterthwaite", "residual", "normal")
ENGINES = ("attunement", "glmm", "statsmodels")


def require_one_of(value: object, known: tuple[str, ...], name: str) -> None:
    """Refuse an option that is not among those known.

    Raises
    ------
    InvalidSpecification
    """
    if value not in known:
        raise InvalidSpecification(f"{name}={value!r}; one of {', '.join(known)}")


def require_draws(n: Any, seed: Any) -> None:
    """Refuse numbers of draws and seeds that are none.

    Raises
    ------
    InvalidSpecification
    """
    for name, value, least in (("n", n, 1), ("seed", seed, 0)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise InvalidSpecification(f"{name}={value!r}: a whole number of at least {least}")


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
    elif (
        isinstance(values, pd.Series)
        and not values.index.equals(data.index)
        and not values.index.equals(pd.RangeIndex(len(values)))
    ):
        raise InvalidSpecification(
            f"{name} is a Series with another index than the data; give a column name, or the"
            " bare values in the order of the rows (.to_numpy())"
        )
    try:
        column = pd.Series(values).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise InvalidValues(f"{name} must be numbers") from None
    if column.shape != (len(data),):
        raise InvalidSpecification(f"{name} has {len(column)} values for {len(data)} rows")
    if np.isinf(column).any():
        raise InvalidValues(f"{name} holds infinite values")
    return np.asarray(column, dtype=float)


def row_weights(
    data: pd.DataFrame, frequency: str | ArrayLike | None, precision: str | ArrayLike | None
) -> dict[str, Array]:
    """Those of `frequency` and `precision` that are given, one number a row.

    Raises
    ------
    InvalidSpecification, InvalidValues
        As `row_values`; if a frequency is no whole number of at least 1, a precision not above 0.
    """
    found = {}
    for name, values in (("frequency", frequency), ("precision", precision)):
        numbers = row_values(data, values, name)
        if numbers is None:
            continue
        present = numbers[~np.isnan(numbers)]
        bad = present <= 0.0
        rule = "above 0"
        if name == "frequency":
            bad, rule = (present < 1.0) | (present != np.round(present)), "whole and at least 1"
        if name == "precision" and len(present) and not bad.any():
            middle = float(np.exp(np.log(present).mean()))
            if not 1e-6 < middle < 1e6:
                raise InvalidValues(
                    f"precision is around {middle:.3g}: divide it by its mean. Only its ratios"
                    " matter, and the residual variance shown is that of a row with precision 1"
                )
        if bad.any():
            raise InvalidValues(f"{name} must be {rule}; {int(bad.sum())} rows are not")
        found[name] = numbers
    return found
