"""Parquet files, column by column, in the types that a table from memory may have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from attunement.ingest.readers.headers import demand_names_once, no_rows
from attunement.ingest.readers.raw import Raw
from attunement.study.problems import StudyError
from attunement.study.sources import Source


def _column(values: Any, kind: Any, types: Any) -> pd.Series | None:
    """One column as pandas has it, or None for a type that holds no plain value."""
    if types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if types.is_boolean(kind):
        return values.to_pandas().astype("boolean")
    if types.is_integer(kind):
        return values.to_pandas(integer_object_nulls=True).astype(
            "UInt64" if types.is_unsigned_integer(kind) else "Int64"
        )
    if types.is_floating(kind) or types.is_decimal(kind):
        return values.to_pandas().astype("float64")
    if types.is_timestamp(kind) or types.is_date(kind):
        dates = values.to_pandas(date_as_object=False)
        # What the clock of the place showed, not what it was elsewhere.
        return dates.dt.tz_localize(None) if dates.dt.tz is not None else dates
    if types.is_null(kind) or types.is_string(kind) or types.is_large_string(kind):
        return values.to_pandas().astype("str")
    if types.is_time(kind):
        return values.to_pandas().astype("str")
    return None


def read_parquet(path: Path, source: Source) -> Raw:
    """Read a Parquet file (see `formats.read_file`); the first record is row 1."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except Exception as error:  # whatever the library stumbles over
        raise StudyError(
            f"The Parquet file cannot be read ({type(error).__name__})",
            file=path,
            advice="It may be cut off or damaged: write it anew.",
        ) from None
    demand_names_once(table.column_names, path)
    if not table.num_rows:
        raise no_rows(path)
    columns: dict[str, pd.Series] = {}
    for name, values in zip(table.column_names, table.columns, strict=True):
        if name.startswith("__index_level_"):  # the row labels of pandas
            continue
        try:
            column = _column(values, values.type, pa.types)
        except Exception:  # a date beyond what can be held, for example
            column = None
        if column is None:
            raise StudyError(
                f"A column of the type {values.type} cannot be read",
                file=path,
                column=name,
                advice="Write one plain value (number, text, date) into each cell.",
            )
        columns[name.strip()] = column
    index = pd.RangeIndex(1, table.num_rows + 1, name="row")
    frame = pd.DataFrame({name: column.array for name, column in columns.items()}, index=index)
    return Raw(path.name, frame)
