"""From a formula and a data frame to plain arrays: columns, ids, dropped and dependent ones."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula
from numpy.typing import NDArray

from attunement.mixed.errors import (
    EmptyData,
    InvalidSpecification,
    InvalidValues,
)
from attunement.mixed.formula import RandomTerm, parse, read_formula
from attunement.mixed.kernel import Array


@dataclass
class Design:
    """Arrays of one model.

    `outcome` (n,), `fixed` (n, p) with `names`, `random[level]` (n, q) with `random_names[level]`,
    `codes[level]` (n,) integers with -1 for a missing id and `labels[level]` the ids; `rows` are
    the positions of the kept rows in the data given. `frame` holds the used columns of those rows.
    """

    formula: str
    outcome: Array
    outcome_name: str
    fixed: Array
    names: list[str]
    terms: list[RandomTerm]
    random: dict[str, Array]
    random_names: dict[str, list[str]]
    codes: dict[str, NDArray[np.intp]]
    labels: dict[str, pd.Index]
    frame: pd.DataFrame
    rows: NDArray[np.intp]
    n_dropped: int
    fixed_spec: Any
    random_specs: dict[str, Any]
    messages: list[str] = field(default_factory=list)


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


def _columns(formula: Formula, frame: pd.DataFrame, what: str) -> tuple[Any, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            matrix = formula.get_model_matrix(frame, na_action="ignore", output="numpy")
    except Exception as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidSpecification(f"cannot build the columns of {what}: {detail}") from None
    return matrix, matrix.model_spec


def _require_finite(array: Array, names: list[str], what: str) -> None:
    bad = np.atleast_1d(~np.isfinite(array).all(axis=0))
    if bad.any():
        named = ", ".join(name for name, flag in zip(names, bad, strict=True) if flag)
        count = int((~np.isfinite(array)).any(axis=1).sum())
        raise InvalidValues(f"{what} {named}: {count} rows are infinite or not a number")


def build_design(
    formula: str,
    data: pd.DataFrame,
    terms: list[RandomTerm],
    extra: Mapping[str, Array] | None = None,
    drop_missing_innermost: bool = True,
) -> tuple[Design, dict[str, Array]]:
    """Build the arrays of a model.

    Parameters
    ----------
    formula : fixed part with its outcome, in formulaic's grammar.
    data : one row per observation; any index, any order.
    terms : random part, outermost first.
    extra : further columns of one value a row (weights, offsets); a row missing one is dropped.
    drop_missing_innermost : whether a missing id at the innermost level drops the row; otherwise
        the row has no effect at that level, as always at outer levels.

    Returns
    -------
    The design and the extra columns of the rows kept.

    Notes
    -----
    Rows with a missing value in any column used by the fixed or random part are dropped and
    counted. A row without an outer id has zeros as its random columns at that level.

    Raises
    ------
    InvalidSpecification, InvalidValues, EmptyData
    """
    if not isinstance(data, pd.DataFrame):
        raise InvalidSpecification(f"data must be a pandas DataFrame, not {type(data).__name__}")
    parsed = read_formula(formula)
    random_formulas = {}
    used: list[str] = []
    for term in terms:
        try:
            random_formulas[term.level] = parse(term.formula)
        except Exception as error:
            raise InvalidSpecification(f"random[{term.level!r}]: {error}") from None
    for part in (parsed, *random_formulas.values()):
        used += [str(name) for name in part.required_variables]
    used = list(dict.fromkeys(used))
    missing_columns = [n for n in [*used, *(t.level for t in terms)] if n not in data.columns]
    if missing_columns:
        raise InvalidSpecification(
            f"not in the data: {', '.join(dict.fromkeys(missing_columns))}"
            f" (columns: {', '.join(map(str, data.columns[:30]))})"
        )
    repeated = [n for n in [*used, *(t.level for t in terms)] if isinstance(data[n], pd.DataFrame)]
    if repeated:
        raise InvalidSpecification(f"column {repeated[0]!r} occurs more than once in the data")
    keep = np.ones(len(data), dtype=bool)
    for name in used:
        keep &= data[name].notna().to_numpy()
    if terms and drop_missing_innermost:
        keep &= data[terms[-1].level].notna().to_numpy()
    extras = dict(extra or {})
    for values in extras.values():
        keep &= ~np.isnan(values)
    rows = np.flatnonzero(keep).astype(np.intp)
    n_dropped = int(len(data) - len(rows))
    if not len(rows):
        raise EmptyData(
            f"no rows to fit {formula!r}: {len(data)} given, {n_dropped} dropped for missing values"
        )
    frame = pd.DataFrame(
        {name: plain(data[name].iloc[rows].reset_index(drop=True)) for name in used},
        index=pd.RangeIndex(len(rows)),
    )
    matrix, spec = _columns(parsed, frame, repr(formula))
    left, right = matrix.lhs, matrix.rhs
    if left.shape[1] != 1:
        raise InvalidSpecification(
            f"the outcome of {formula!r} gives {left.shape[1]} columns; it must be one number"
        )
    names = [str(name) for name in right.model_spec.column_names]
    outcome = np.asarray(left, dtype=float)[:, 0]
    fixed = np.asarray(right, dtype=float).reshape(len(rows), len(names))
    _require_finite(outcome[:, None], [str(left.model_spec.column_names[0])], "outcome")
    _require_finite(fixed, names, "predictor")
    messages = []
    if n_dropped:
        messages.append(f"{n_dropped} of {len(data)} rows dropped for missing values")
    design = Design(
        formula=formula,
        outcome=outcome,
        outcome_name=str(left.model_spec.column_names[0]),
        fixed=fixed,
        names=names,
        terms=terms,
        random={},
        random_names={},
        codes={},
        labels={},
        frame=frame,
        rows=rows,
        n_dropped=n_dropped,
        fixed_spec=spec.rhs,
        random_specs={},
        messages=messages,
    )
    for term in terms:
        _add_level(design, data, term, random_formulas[term.level])
    return design, {name: values[rows] for name, values in extras.items()}


def _add_level(design: Design, data: pd.DataFrame, term: RandomTerm, formula: Formula) -> None:
    matrix, spec = _columns(formula, design.frame, f"random[{term.level!r}]")
    names = [str(name) for name in matrix.model_spec.column_names]
    columns = np.asarray(matrix, dtype=float).reshape(len(design.rows), len(names))
    if not names:
        raise InvalidSpecification(f"random[{term.level!r}] = {term.source!r} has no column")
    _require_finite(columns, names, f"random column of {term.level!r}:")
    ids = data[term.level].iloc[design.rows]
    codes, labels = pd.factorize(ids)
    present = codes >= 0
    if not present.all():
        design.messages.append(
            f"{int((~present).sum())} rows without {term.level!r} have no effect at that level"
        )
    design.random[term.level] = columns * present[:, None]
    design.random_names[term.level] = names
    design.codes[term.level] = codes.astype(np.intp)
    design.labels[term.level] = pd.Index(labels, name=term.level)
    design.random_specs[term.level] = spec
