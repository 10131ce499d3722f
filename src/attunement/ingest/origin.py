"""The day from which the days of a dataset count, and whether its days are dates at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd

from attunement.ingest.cells import read_cells, split_codes
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.dates import EPOCH, read_dates
from attunement.ingest.layouts import laid_out
from attunement.ingest.sheet import Sheet
from attunement.ingest.templates import MARKS
from attunement.ingest.typed import TIMES
from attunement.study.dataset import ColumnSource, Dataset
from attunement.study.problems import StudyError


def date_columns(dataset: Dataset) -> Iterator[tuple[str, ColumnSource, bool]]:
    """Source, column, and whether it is a day (not a covariate), of what may hold dates."""
    for name in ("clients", "therapists", "sessions", "endings", "type_preferences"):
        table = getattr(dataset, name)
        if table is None:
            continue
        for key, column in table.columns.items():
            if key in TIMES and column.order_from is None:
                yield table.source, column, True
        for covariate in table.covariates.values():
            if covariate.kind in ("number", "integer") and covariate.order_from is None:
                yield table.source, covariate, False
    for response in dataset.responses:
        told = [response.day, response.time, *(response.wide or {}).values()]
        for column in told:
            if isinstance(column, ColumnSource) and column.order_from is None:
                # A time may be a number where the days are dates.
                yield response.source, column, column is response.day


def _holds_numbers(sheet: Sheet, column: ColumnSource) -> bool:
    """A number stands there that is no missing code."""
    text = read_cells(sheet, column, Conflicts()).text
    found = pd.to_numeric(text, errors="coerce").dropna()
    return not found.isin(split_codes(sheet.codes)[1]).all()


def earliest(dataset: Dataset, sheets: dict[str, Sheet]) -> tuple[dt.date | None, bool]:
    """The earliest date of a dataset (None: it has none), and whether its days are dates.

    Raises
    ------
    StudyError
        Some days are dates and others are numbers: they do not count from the same day.
    """
    days: list[float] = []
    dated: list[tuple[str, str]] = []
    counted: list[tuple[str, str]] = []
    for source, column, is_day in date_columns(dataset):
        if column.column in MARKS:
            continue
        sheet = sheets[source]
        whole = laid_out(sheet, [column.column], Conflicts())
        found = read_dates(whole, column, Conflicts(), serials=is_day)
        if found is not None and not np.isnan(found.days).all():
            days.append(np.nanmin(found.days))
        if is_day and found is not None:
            dated.append((sheet.label, column.column))
        elif is_day and _holds_numbers(whole, column):
            counted.append((sheet.label, column.column))
    if dated and counted:
        raise StudyError(
            f"Days are dates in '{dated[0][1]}' of {dated[0][0]} and numbers in "
            f"'{counted[0][1]}': they do not count from the same day",
            file=counted[0][0],
            column=counted[0][1],
            advice="Give dates everywhere, or days everywhere; numbers of a spreadsheet's days "
            "need `dates: excel_1900`.",
        )
    return (EPOCH + dt.timedelta(days=int(min(days))) if days else None), bool(dated)
