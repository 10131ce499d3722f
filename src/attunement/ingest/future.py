"""Dates that lie after a given day: most are a year mistyped.

A run does not ask what day it is, or it would not give the same again; `attunement check` does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.dates import EPOCH, read_dates
from attunement.ingest.layouts import laid_out
from attunement.ingest.origin import date_columns
from attunement.ingest.readers.arranged import arranged
from attunement.ingest.readers.raw import Raw
from attunement.ingest.stage import sheets_of
from attunement.ingest.templates import MARKS
from attunement.study.dataset import Dataset


class Later(NamedTuple):
    """How many dates of a column of a file lie later, and the rows."""

    source: str
    column: str
    rows: list[int]


def dates_after(
    dataset: Dataset, sources: Mapping[str, Raw | pd.DataFrame], day: dt.date
) -> list[Later]:
    """Return the dates after a day, by file and column, in the order of the declaration.

    Parameters
    ----------
    dataset, sources : as for `ingest`, which has accepted them.
    day : date
        The last day that is not listed.
    """
    sheets = sheets_of(dataset, arranged(dataset, sources))
    parts = []
    for source, column, is_day in date_columns(dataset):
        if column.column in MARKS:
            continue
        whole = laid_out(sheets[source], [column.column], Conflicts())
        found = read_dates(whole, column, Conflicts(), serials=is_day)
        if found is None:
            continue
        with np.errstate(invalid="ignore"):
            late = found.days > (day - EPOCH).days
        parts.append(whole.where.locate(column.column, whole.rows[late]))
    if not parts:
        return []
    # A column may tell the day of sessions and of several questionnaires: its cells count once.
    cells = pd.concat(parts).drop_duplicates()
    groups = cells.groupby(["source", "column"], sort=False)["row"]
    return [Later(str(key[0]), str(key[1]), sorted(map(int, rows))) for key, rows in groups]
