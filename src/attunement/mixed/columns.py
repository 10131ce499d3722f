"""From one side of a formula and a data frame to columns of numbers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attunement.mixed.basis import means
from attunement.mixed.errors import InvalidSpecification, InvalidValues
from attunement.mixed.kernel import Array

_ROWS_AT_ONCE = 16_384


def plain(column: pd.Series) -> pd.Series:
    """A column in a plain dtype: floats for nullable numbers, unused categories removed."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories()
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype(float)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(float)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise InvalidValues(f"column {column.name!r} holds dates; turn them into numbers first")
    present = column.dropna()
    if present.map(lambda value: isinstance(value, bool | np.bool_)).all() and len(present):
        return column.astype(float)
    return column.astype(object).where(column.notna(), None)


def require_finite(columns: Array, names: list[str], what: str, rows: NDArray[np.intp]) -> None:
    """Refuse columns (n, k) with an infinite value or one that is no number.

    Raises
    ------
    InvalidValues
    """
    with np.errstate(invalid="ignore", over="ignore"):
        if np.isfinite(means(columns)).all():
            return
    bad = np.asarray(~np.isfinite(columns))
    where = np.flatnonzero(bad.any(axis=1))
    if not len(where):
        raise InvalidValues(f"{what}: values too large to be added")
    named = ", ".join(names[index] for index in np.flatnonzero(bad.any(axis=0)))
    raise InvalidValues(
        f"{what} {named}: {len(where)} rows are infinite or not a number"
        f" (first: row {rows[where[0]]} of the data, counting from 0)"
    )


def _factors(terms: Any) -> list[list[str]]:
    return [[factor.expr for factor in term.factors if factor.expr != "1"] for term in terms]


def _products(factors: list[list[str]], frame: pd.DataFrame) -> Array:
    """Columns (n, k) that are products of columns of numbers; none gives a constant."""
    values = {name: frame[name].to_numpy() for each in factors for name in each}
    result = np.empty((len(frame), len(factors)))
    for start in range(0, len(frame), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        result[part] = 1.0
        for index, names in enumerate(factors):
            for name in names:
                result[part, index] *= values[name][part]
    return result


def columns_of(formula: Any, frame: pd.DataFrame, what: str) -> tuple[Array, Any]:
    """Columns (n, k) of one side of a formula, and what makes them for other rows.

    Products of plain numbers need no state: they are multiplied here, since formulaic's copies of
    every column matter at a million rows.
    """
    numbers = {name for name in frame.columns if frame[name].dtype == np.float64}
    plain_terms = all(name in numbers for names in _factors(formula) for name in names)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            matrix = formula.get_model_matrix(
                frame.iloc[:1] if plain_terms else frame, na_action="ignore", output="numpy"
            )
    except Exception as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidSpecification(f"cannot build the columns of {what}: {detail}") from None
    spec = matrix.model_spec
    if plain_terms:
        return _products(_factors(spec.terms), frame), spec
    made = np.asarray(matrix, dtype=float).reshape(len(frame), len(spec.column_names))
    return np.ascontiguousarray(made), spec
