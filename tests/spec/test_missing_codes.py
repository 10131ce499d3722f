"""When a declared missing code counts as missing, and what becomes of a number out of range."""

import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.ranges import Range
from attunement.ingest.sheet import Sheet
from attunement.ingest.values import numbers
from attunement.study.dataset import ColumnSource


def _limit(cell: object) -> float | None:
    return None if cell in (None, "", "-", "unknown") else float(cell)


# One line per answer in a file. The dataset declares the codes: -9, 9, 99 and NA.
TABLE = """
    what is read             | lowest  | highest | in file | is read as | listed as
    -------------------------+---------+---------+---------+------------+------------------------
    PHQ-9, an item           | 0       | 3       | 0       | 0          | nothing
    PHQ-9, an item           | 0       | 3       | 3       | 3          | nothing
    PHQ-9, an item           | 0       | 3       | 9       | missing    | nothing
    PHQ-9, an item           | 0       | 3       | -9      | missing    | nothing
    PHQ-9, an item           | 0       | 3       | NA      | missing    | nothing
    PHQ-9, an item           | 0       | 3       | (blank) | missing    | nothing
    PHQ-9, an item           | 0       | 3       | 4       | missing    | out of range
    PHQ-9, an item           | 0       | 3       | -1      | missing    | out of range
    PHQ-9, an item           | 0       | 3       | 1.5     | 1.5        | not a whole number
    PHQ-9, an item           | 0       | 3       | often   | missing    | text in a number column
    PHQ-9, an item           | 0       | 3       | n/a     | missing    | text in a number column
    PHQ-9, the total         | 0       | 27      | 9       | 9          | nothing
    PHQ-9, the total         | 0       | 27      | 99      | missing    | nothing
    PHQ-9, the total         | 0       | 27      | -0.25   | missing    | out of range
    ORS, an item             | 0       | 10      | 9       | 9          | nothing
    ORS, an item             | 0       | 10      | 99      | missing    | nothing
    ORS, an item             | 0       | 10      | 10.1    | missing    | out of range
    C-NIP, an item           | -3      | 3       | -3      | -3         | nothing
    C-NIP, an item           | -3      | 3       | -1      | -1         | nothing
    C-NIP, an item           | -3      | 3       | -9      | missing    | nothing
    C-NIP, an item           | -3      | 3       | 9       | missing    | nothing
    C-NIP, an item           | -3      | 3       | -4      | missing    | out of range
    C-NIP, a sum of 5 items  | -15     | 15      | -9      | -9         | nothing
    number of the session    | 0       | unknown | 9       | 9          | nothing
    number of the session    | 0       | unknown | 99      | 99         | nothing
    number of the session    | 0       | unknown | -9      | missing    | nothing
    a rating without a range | unknown | unknown | 9       | missing    | nothing
    a rating without a range | unknown | unknown | 40      | 40         | nothing
"""


def rows() -> list[dict[str, str]]:
    lines = [line.strip() for line in TABLE.strip().splitlines()]
    names = [cell.strip() for cell in lines[0].split("|")]
    cells = ([cell.strip() for cell in line.split("|")] for line in lines[2:])
    return [dict(zip(names, row, strict=True)) for row in cells]


def read(row: dict[str, str], frame: pd.DataFrame) -> tuple[str, str]:
    """What becomes of an answer: as read, and as listed."""
    low, high = _limit(row["lowest"]), _limit(row["highest"])
    whole = not row["what is read"].startswith("ORS")
    conflicts = Conflicts()
    sheet = Sheet("answers.csv", frame, codes=("-9", "9", "99", "NA"))
    values, _ = numbers(sheet, ColumnSource(column="x"), Range(low, high, whole), conflicts)
    listed = conflicts.table()["kind"].tolist()
    shown = "missing" if pd.isna(values[0]) else f"{values[0]:g}"
    return shown, listed[0] if listed else "nothing"


def test_the_table_read_from_a_file():
    for row in rows():
        cell = "" if row["in file"] == "(blank)" else row["in file"]
        # Another answer beside it: a column without one number stops the run.
        low = _limit(row["lowest"])
        sound = "1" if low is None else f"{low:g}"
        found = read(row, pd.DataFrame({"x": [cell, sound]}, dtype="str"))
        assert found == (row["is read as"], row["listed as"]), row


def test_the_table_read_from_numbers_in_memory():
    for row in rows():
        cell = pd.to_numeric(row["in file"], errors="coerce")
        if pd.notna(cell):
            found = read(row, pd.DataFrame({"x": [float(cell)]}))
            assert found == (row["is read as"], row["listed as"]), row
