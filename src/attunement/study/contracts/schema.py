"""A table's contract: its columns with meaning, unit and range, and the check that it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Kind = Literal["id", "text", "category", "integer", "number", "flag"]


@dataclass(frozen=True)
class Column:
    """One column: name, kind, meaning, unit, range (inclusive) and whether it may be missing."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its key, its columns; an open table carries further columns."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    open: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]


class ContractError(Exception):
    """A stage made a table that breaks its contract: a fault of the program, not of the data."""


def _number(values: pd.Series, where: str) -> pd.Series:
    if pd.api.types.is_float_dtype(values.dtype) or pd.api.types.is_integer_dtype(values.dtype):
        return values
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = numbers.isna() & values.notna()
    if wrong.any():
        raise ContractError(f"{where}: text in a number column ({values[wrong].iloc[0]!r})")
    return numbers


def _cast(values: pd.Series, column: Column, where: str) -> pd.Series:
    if column.kind in ("id", "text", "category"):
        return values.astype("str")
    if column.kind == "flag":
        if values.dtype == object or pd.api.types.is_string_dtype(values):
            values = values.map(
                lambda value: {"true": True, "false": False}.get(str(value).lower(), value),
                na_action="ignore",
            )
        return values.astype("boolean")
    numbers = _number(values, where)
    if column.kind == "number":
        return numbers.astype("float64")
    if not pd.api.types.is_integer_dtype(numbers.dtype):
        plain = numbers.to_numpy(dtype="float64", na_value=np.nan)
        if (plain[~np.isnan(plain)] % 1 != 0).any():
            raise ContractError(f"{where}: not whole numbers")
    return numbers.astype("Int64")


def _absent(column: Column, index: pd.Index) -> pd.Series:
    """A column of nothing but gaps."""
    kind = {"integer": "Int64", "number": "float64", "flag": "boolean"}.get(column.kind, "str")
    return pd.Series(None, index=index, dtype=kind)


def _check(values: pd.Series, column: Column, where: str) -> None:
    if column.required and values.isna().any():
        raise ContractError(f"{where}: {int(values.isna().sum())} missing, none allowed")
    present = values.dropna()
    if column.categories and not present.isin(column.categories).all():
        strange = sorted(set(present) - set(column.categories))[:3]
        raise ContractError(f"{where}: unknown values {strange}")
    if column.kind in ("integer", "number") and len(present):
        numbers = present.astype("float64")
        low = -np.inf if column.low is None else column.low
        high = np.inf if column.high is None else column.high
        if numbers.min() < low - 1e-9 or numbers.max() > high + 1e-9:
            raise ContractError(f"{where}: values outside {low} to {high}")


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return a frame as its contract orders and types it; absent optional columns come as missing.

    Raises
    ------
    ContractError
        A required column is absent or has gaps, a value lies outside its range or its categories,
        the key is not unique, or a closed table has a column that its contract does not name.
    """
    columns: dict[str, pd.Series] = {}
    for column in table.columns:
        where = f"table {table.name}, column {column.name}"
        if column.name not in frame.columns:
            if column.required and len(frame):
                raise ContractError(f"{where}: absent")
            columns[column.name] = _absent(column, frame.index)
            continue
        columns[column.name] = _cast(frame[column.name], column, where)
        _check(columns[column.name], column, where)
    extra = [name for name in frame.columns if name not in columns]
    if extra and not table.open:
        raise ContractError(f"table {table.name}: columns without a contract: {extra}")
    whole = pd.DataFrame(columns | {name: frame[name] for name in extra}, copy=False)
    if table.key and whole.duplicated(list(table.key)).any():
        twice = whole.loc[whole.duplicated(list(table.key)), list(table.key)].iloc[0].to_dict()
        raise ContractError(f"table {table.name}: the key {table.key} is not unique ({twice})")
    return whole.reset_index(drop=True)


def empty(table: Table) -> pd.DataFrame:
    """Return the table without rows, typed."""
    return conform(pd.DataFrame(columns=table.names), table)
