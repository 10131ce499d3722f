"""Which day a written date is, under each order that a source may declare, and what is listed."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.dates import read_dates
from attunement.ingest.sheet import Sheet
from attunement.study.dataset import ColumnSource
from attunement.study.problems import StudyError

# One line per cell of a column of days; beside it stands a date that is sound: 2021-12-31.
TABLE = """
    written              | dates       | is read as | listed as
    ---------------------+-------------+------------+----------------
    2021-04-03           | iso         | 2021-04-03 | nothing
    2021-4-3             | iso         | 2021-04-03 | nothing
    2021-04-03 23:59:59  | iso         | 2021-04-03 | nothing
    3 Apr 2021           | iso         | 2021-04-03 | nothing
    April 3, 2021        | iso         | 2021-04-03 | nothing
    03/04/2021           | iso         | refused    | nothing
    13/04/2021           | iso         | refused    | nothing
    03/04/2021           | day_first   | 2021-04-03 | nothing
    3.4.2021             | day_first   | 2021-04-03 | nothing
    03/04/2021           | month_first | 2021-03-04 | nothing
    13/04/2021           | day_first   | 2021-04-13 | nothing
    13/04/2021           | month_first | refused    | nothing
    2021-04-03           | month_first | 2021-04-03 | nothing
    31/04/2021           | day_first   | missing    | impossible date
    2021-02-29           | iso         | missing    | impossible date
    2020-02-29           | iso         | 2020-02-29 | nothing
    03/04/21             | day_first   | missing    | impossible date
    1021-04-03           | iso         | missing    | impossible date
    last week            | iso         | missing    | impossible date
    17                   | iso         | missing    | impossible date
    44289                | excel_1900  | 2021-04-03 | nothing
    42827                | excel_1904  | 2021-04-03 | nothing
    -9                   | iso         | missing    | nothing
    NA                   | iso         | missing    | nothing
    (blank)              | iso         | missing    | nothing
"""


def rows(table: str) -> list[dict[str, str]]:
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]


@pytest.mark.parametrize("row", rows(TABLE), ids=lambda row: f"{row['written']} {row['dates']}")
def test_the_table(row):
    cell = "" if row["written"] == "(blank)" else row["written"]
    frame = pd.DataFrame({"on": pd.Series([cell, "2021-12-31"], dtype="str")})
    sheet, conflicts = Sheet("a.csv", frame, codes=("-9", "NA"), dates=row["dates"]), Conflicts()
    try:
        found = read_dates(sheet, ColumnSource(column="on"), conflicts)
    except StudyError:
        assert row["is read as"] == "refused"
        return
    assert found is not None
    days = [dt.date(1970, 1, 1) + dt.timedelta(days=int(d)) for d in found.days if not np.isnan(d)]
    assert days[-1] == dt.date(2021, 12, 31)
    assert (days[0].isoformat() if len(days) == 2 else "missing") == row["is read as"]
    listed = conflicts.table()["kind"].tolist()
    assert (listed[0] if listed else "nothing") == row["listed as"]
