"""Columns of days, sessions and cases whose numbers cannot be counts: the run stops.

A single number beyond what can be counted is a listed conflict. Where half of a column lies beyond,
it holds something else: dates written as digits, or the seconds of a clock.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.ingest.cells import read_cells, split_codes
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.sheet import Sheet
from attunement.study.counts import CLOCK, DATE, FURTHEST, seems, written_date
from attunement.study.dataset import ColumnSource

WHAT = {"day": "days", "session": "the number of a session", "case": "the number of a case"}
DECLARE = (
    "Where they are dates, declare for this source how they are written, `dates: yyyymmdd` (or "
    "ddmmyyyy, mmddyyyy). Days are written as numbers of few digits."
)
LENGTHEN = "Write years with four digits (20210403), or days as numbers of few digits."


def demand_marks(sheet: Sheet, column: ColumnSource) -> None:
    """Demand that the numbers of a column are not all dates written as 20210403 or 03042021.

    Raises
    ------
    StudyError
        Every number that is no missing code is a date of the years 1900 to 2100 without marks.
    """
    text = read_cells(sheet, column, Conflicts()).text
    codes = split_codes(sheet.codes)[1]
    words = pd.Series(text.dropna().unique())
    words = words[~pd.to_numeric(words, errors="coerce").isin(codes)]
    # What the very first words say is enough for nearly every column.
    if words.empty or not all(map(written_date, words.head(3))):
        return
    if all(map(written_date, words)):
        raise sheet.where.fault(
            f"Numbers such as {words.iloc[0]} look like dates without marks",
            column.column,
            sheet.rows[text.notna().to_numpy()],
            LENGTHEN if words.str.removesuffix(".0").str.len().max() <= 6 else DECLARE,
        )


def _are_years(known: np.ndarray) -> bool:
    """Whether every number is a whole one from 1950 to 2050: days are not all found there."""
    return bool(((known >= 1950) & (known <= 2050) & (known % 1 == 0)).all())


def demand_counts(sheet: Sheet, column: str, values: np.ndarray, counts: str) -> None:
    """Demand that most numbers of a column of days, sessions or cases can be counts.

    Parameters
    ----------
    values : ndarray
        The numbers, missing codes set missing.
    counts : str
        What is counted (a key of `FURTHEST`), or '' for numbers that count nothing.

    Raises
    ------
    StudyError
        At least half of the numbers, and two, lie beyond what can be counted; days are years.
    """
    if counts not in FURTHEST:
        return
    known = values[np.isfinite(values)]
    if counts == "day" and len(known) > 1 and _are_years(known):
        raise sheet.where.fault(
            f"Numbers such as {known[0]:g} look like years, and cannot be days",
            column,
            sheet.rows[np.isfinite(values)],
            "Write whole dates as 2021-04-03, or days as numbers from a nearer first day.",
        )
    beyond = np.abs(values) > FURTHEST[counts]
    if beyond.sum() < 2 or 2 * beyond.sum() < np.isfinite(values).sum():
        return
    first = values[beyond][0]
    what = seems(first)
    looks = {DATE: "look like dates without marks", CLOCK: "look like the seconds of a clock"}
    advice = {
        DATE: LENGTHEN if abs(first) < 1e6 else DECLARE,
        CLOCK: "Turn them into dates first: in a spreadsheet, seconds since 1970 are "
        "=A2/86400+25569 as a date, milliseconds =A2/86400000+25569.",
    }.get(what, f"Check the column: the largest possible number is {FURTHEST[counts]}.")
    if counts == "session":
        advice += (
            " Where only dates are known, take their order within the client: "
            f"{{column: {column}, order_from: 1}}."
        )
    shown = str(int(first)) if float(first).is_integer() and abs(first) < 1e15 else f"{first:g}"
    raise sheet.where.fault(
        f"Numbers such as {shown} {looks.get(what, 'are too large')}, and cannot be {WHAT[counts]}",
        column,
        sheet.rows[beyond],
        advice,
    )
