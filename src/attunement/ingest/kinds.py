"""Columns that are to follow one another, brought to one kind: numbers, truth, dates or text."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from attunement.ingest.sheet import as_text, is_number_column


def _kind(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values.dtype):
        return "boolean"
    if is_number_column(values):
        return "float64"
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "datetime64[us]"
    return "str"


def _nothing(values: pd.Series) -> bool:
    if _kind(values) != "str":
        return bool(values.isna().all())
    return bool((values.isna() | (values.astype("str").str.strip() == "")).all())


def of_one_kind(columns: Sequence[pd.Series], decimal: str) -> list[pd.Series]:
    """The same columns in one type; a column that holds nothing takes the type of the others.

    Parameters
    ----------
    columns : sequence of Series
        Parts of what will be one column.
    decimal : str
        The decimal mark with which numbers are written where others are text.
    """
    kinds = {_kind(values) for values in columns}
    if len(kinds) == 1:
        return list(columns)
    told = {_kind(values) for values in columns if not _nothing(values)} or {"str"}
    if len(told) == 1 and told != {"str"}:
        kind = told.pop()
        return [
            pd.Series([None] * len(values), index=values.index, dtype=kind)
            if _kind(values) != kind
            else values.astype(kind)  # type: ignore[call-overload]
            for values in columns
        ]
    return [_as_written(values, decimal) for values in columns]


def _as_written(values: pd.Series, decimal: str) -> pd.Series:
    if _kind(values) == "str":
        return values.astype("str")
    text = as_text(values).set_axis(values.index)
    if _kind(values) == "float64" and decimal != ".":
        text = text.str.replace(".", decimal, regex=False)
    return text
