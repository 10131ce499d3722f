"""From one side of a formula and a data frame to columns of numbers."""

from __future__ import annotations

import warnings
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attunement.mixed.basis import mean_sizes
from attunement.mixed.errors import InvalidSpecification, InvalidValues
from attunement.mixed.kernel import Array

_ROWS_AT_ONCE = 16_384
# of values whose squares, and the products of these, stay within range
_LARGEST = 1e70
# pandas' names of what objects are when all of them are numbers
_NUMBERS = ("boolean", "integer", "floating", "mixed-integer-float", "decimal")


def plain(column: pd.Series) -> pd.Series:
    """A column in a plain dtype: floats for numbers of any kind, unused categories removed.

    Raises
    ------
    InvalidValues
        If it holds dates, or numbers and text.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories()
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype(float)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(float)
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if "date" in kind or kind in ("time", "period", "timedelta"):
        raise InvalidValues(f"column {column.name!r} holds dates; turn them into numbers first")
    if kind in _NUMBERS:
        return column.astype(object).where(column.notna(), np.nan).astype(float)
    if kind not in ("string", "empty"):
        texts = column.map(lambda value: isinstance(value, str)).to_numpy()
        numbers = column.map(lambda value: isinstance(value, Number)).to_numpy()
        if texts.any() and numbers.any():
            first = np.flatnonzero(texts)[0]
            raise InvalidValues(
                f"column {column.name!r} mixes numbers with text in {int(texts.sum())} rows (first:"
                f" {column.iloc[first]!r}); make the text missing, or all of the column text"
            )
    return column.astype(object).where(column.notna(), None)


def require_finite(columns: Array, names: list[str], what: str, rows: NDArray[np.intp]) -> None:
    """Refuse columns (n, k) with an infinite value, one that is no number, or values whose squares
    a computer cannot hold.

    Raises
    ------
    InvalidValues
    """
    with np.errstate(invalid="ignore", over="ignore"):
        sizes = mean_sizes(columns)
    extreme = (sizes > _LARGEST) | ((sizes > 0.0) & (sizes < 1.0 / _LARGEST))
    if np.isfinite(sizes).all() and not extreme.any():
        return
    bad = np.asarray(~np.isfinite(columns))
    where = np.flatnonzero(bad.any(axis=1))
    if not len(where):
        index = int(np.flatnonzero(extreme | ~np.isfinite(sizes))[0])
        value = float(np.abs(columns[:, index]).max())
        raise InvalidValues(
            f"{what} {names[index]}: values up to {value:.3g} cannot be squared on a computer;"
            " give it in another unit"
        )
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
        if "xor" in detail:
            detail = "powers are written with **, as in I(x ** 2)"
        raise InvalidSpecification(f"cannot build the columns of {what}: {detail}") from None
    spec = matrix.model_spec
    if plain_terms:
        return _products(_factors(spec.terms), frame), spec
    made = np.asarray(matrix, dtype=float).reshape(len(frame), len(spec.column_names))
    return np.ascontiguousarray(made), spec
