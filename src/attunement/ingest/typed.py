"""The declared columns of a table, typed by its contract and by the kinds of covariates."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.dates import read_days, read_order
from attunement.ingest.ranges import Range
from attunement.ingest.sheet import Sheet, nearest
from attunement.ingest.values import flags, numbers, texts
from attunement.study.contracts import TABLES, Column
from attunement.study.dataset import ColumnSource, Covariate, TableSource
from attunement.study.problems import StudyError

TIMES = ("day", "time", "last_day")
COUNTS: dict[str, Literal["", "day", "session", "case"]] = {
    **dict.fromkeys(TIMES, "day"),
    **dict.fromkeys(("session", "occasion", "last_session", "sessions_planned"), "session"),
    **dict.fromkeys(("case_order", "open_cases_at_intake"), "case"),
}
# A table of type preferences that does not say otherwise is what clients said at intake.
DEFAULTS: dict[tuple[str, str], str | float] = {
    ("type_preferences", "occasion"): 0.0,
    ("type_preferences", "rater"): "client",
}


def _canonical(
    sheet: Sheet, source: ColumnSource, column: Column, group: np.ndarray, conflicts: Conflicts
) -> pd.Series:
    if column.kind in ("id", "text", "category"):
        return texts(sheet, source, conflicts, column.categories, identifier=column.kind == "id")
    if column.kind == "flag":
        return flags(sheet, source, conflicts)
    if source.order_from is not None:
        return pd.Series(read_order(sheet, source, group, conflicts))
    whole = column.kind == "integer"
    allowed = Range(column.low, column.high, whole, COUNTS.get(column.name, ""))
    if column.name in TIMES:
        return pd.Series(read_days(sheet, source, allowed, conflicts)[0])
    return pd.Series(numbers(sheet, source, allowed, conflicts, exact=True)[0])


def _covariate(
    sheet: Sheet, source: Covariate, group: np.ndarray, conflicts: Conflicts
) -> pd.Series:
    if source.kind == "category":
        return texts(sheet, source, conflicts, tuple(source.levels or ()))
    if source.kind == "flag":
        return flags(sheet, source, conflicts)
    if source.order_from is not None:
        return pd.Series(read_order(sheet, source, group, conflicts))
    allowed = Range(source.low, source.high, source.kind == "integer")
    return pd.Series(read_days(sheet, source, allowed, conflicts, serials=False)[0])


def finish(values: pd.Series, source: Covariate) -> pd.Series:
    """A covariate in the type that the canonical table holds.

    A number is float64, an integer Int64, a flag boolean, a category text; with declared `levels`
    it is categorical in their order (the first is the reference), which Parquet keeps.
    """
    if source.kind == "number":
        return values.astype("float64")
    if source.kind == "integer":
        return values.astype("Int64")
    if source.kind == "flag":
        return values.astype("boolean")
    if source.levels:
        return values.astype(pd.CategoricalDtype(source.levels))
    return values.astype("str")


def check_names(name: str, source: TableSource, dataset_file: object) -> None:
    """Demand that the declared columns are of the contract, and the covariates are not.

    Raises
    ------
    StudyError
        A canonical column that the table does not have, a covariate with the name of a canonical
        column, a required column that is not declared, `take: max` of a category, levels of what
        is no category.
    """
    contract = TABLES[name]

    def fault(what: str, advice: str) -> StudyError:
        return StudyError(what, file=dataset_file, advice=advice)

    for column_name in source.columns:
        if column_name not in contract.names:
            near = nearest(column_name, contract.names)
            raise fault(
                f"{name}.columns names '{column_name}', which the table does not have; "
                f"the nearest is '{near}'",
                "Put further columns under `covariates`.",
            )
    for column in contract.columns:
        given = column.name in source.columns or (name, column.name) in DEFAULTS
        if column.required and not given:
            raise fault(
                f"{name}.columns does not say where '{column.name}' stands",
                "Name the column of the source.",
            )
    if source.covariates and not contract.open:
        raise fault(
            f"The table {name} takes no covariates", "Put them under `clients` or `sessions`."
        )
    for covariate, declared in source.covariates.items():
        where = f"{name}.covariates.{covariate}"
        if covariate in contract.names:
            raise fault(
                f"{where} has the name of a canonical column",
                "Put it under `columns`, or rename it.",
            )
        if declared.kind == "category" and declared.take == "max":
            raise fault(f"{where}: a category has no maximum", "Use `take: same` or `take: first`.")
        if declared.kind != "category" and declared.levels:
            raise fault(
                f"{where}: only a category has levels",
                "Take `levels` out, or say `kind: category`.",
            )


def names_of(source: TableSource) -> list[str]:
    """The columns of the source that a table takes."""
    return [told.column for told in [*source.columns.values(), *source.covariates.values()]]


def read_columns(
    name: str, source: TableSource, sheet: Sheet, conflicts: Conflicts
) -> pd.DataFrame:
    """The declared columns of a table, one row per row of the source, indexed by its row number."""
    contract = TABLES[name]
    columns: dict[str, pd.Series] = {}
    group = np.zeros(len(sheet.frame), dtype="int64")
    for column in contract.columns:
        if column.name in source.columns:
            told = source.columns[column.name]
            columns[column.name] = _canonical(sheet, told, column, group, conflicts)
            if column.name == contract.key[0]:  # it stands first: what has an order, has it in it
                group = pd.factorize(columns[column.name])[0]
    for covariate, declared in source.covariates.items():
        columns[covariate] = _covariate(sheet, declared, group, conflicts)
    frame = pd.DataFrame({key: values.array for key, values in columns.items()})
    for (table, column_name), value in DEFAULTS.items():
        if table == name and column_name not in frame:
            frame[column_name] = value
    return frame.set_axis(pd.Index(sheet.rows, name="row"))
