"""What one written date says: which day, or why it cannot be told."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from attunement.ingest.month_names import month_of

CLOCK = r"[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
TIME = rf"(?:{CLOCK}(?: ?[AaPp]\.?[Mm]\.?)?(?:Z| ?[+-]\d{{2}}:?\d{{2}})?)?"
ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){TIME}")
MARKED = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){TIME}")
LETTERS = r"[^\W\d_]{3,12}"
ORDINAL = r"(?:st|nd|rd|th|er|e|º|ª)?"
OF = r"(?: d[eo] | d'| of )"
DAY_WORD = re.compile(
    rf"(\d{{1,2}}){ORDINAL}(?:[-/. ]+|{OF})({LETTERS})\.?,?(?:[-/. ]+| del? )"
    rf"(\d{{4}}|\d{{2}}){TIME}"
)
WORD_DAY = re.compile(rf"({LETTERS})\.?[-/. ]+(\d{{1,2}}){ORDINAL},?[-/. ]+(\d{{4}}){TIME}")
EPOCH = dt.date(1970, 1, 1)
WITHOUT_MARKS = re.compile(r"\d{7,8}|\d{12}|\d{14}")  # a time of day may follow
# Where year, month and day stand among eight digits.
PARTS = {
    "yyyymmdd": (slice(0, 4), slice(4, 6), slice(6, 8)),
    "ddmmyyyy": (slice(4, 8), slice(2, 4), slice(0, 2)),
    "mmddyyyy": (slice(4, 8), slice(0, 2), slice(2, 4)),
}
FIRST_DAY = {"excel_1900": dt.date(1899, 12, 30), "excel_1904": dt.date(1904, 1, 1)}
NO_ORDER = "its order of day and month is not declared"


class Reading(NamedTuple):
    """Days since 1970 or None, whether it is written like a date, and why it is not one."""

    days: int | None
    is_date: bool
    why: str
    other: bool = False  # only the other order of day and month would make it a date
    sure: bool = False  # only the declared order makes it a date


def serial(value: float, order: str) -> int:
    """A spreadsheet's number of a day, as days since 1970."""
    return int(value // 1) + (FIRST_DAY[order] - EPOCH).days


def _day(year: int, month: int, day: int) -> int | None:
    try:
        return (dt.date(year, month, day) - EPOCH).days
    except ValueError:
        return None


def _told(year: str, month: int, day: int) -> Reading:
    if len(year) == 2:
        return Reading(None, True, "a year of two digits")
    days = _day(int(year), month, day)
    return Reading(days, True, "" if days is not None else "there is no such day")


def read_word(word: str, order: str) -> Reading:
    """Read one written date.

    Parameters
    ----------
    word : str
        2021-04-03 and 3 April 2021 (in the languages of `month_names`) speak
        for themselves; 03/04/2021 and 03042021 need an order.
    order : str
        `dates` of the source.
    """
    if hit := ISO.fullmatch(word):
        return _told(hit[1], int(hit[3]), int(hit[4]))
    if hit := MARKED.fullmatch(word):
        one, two = int(hit[1]), int(hit[3])
        if len(hit[4]) == 2:
            return Reading(None, True, "a year of two digits")
        if order not in ("day_first", "month_first"):
            return Reading(None, True, NO_ORDER)
        day, month = (one, two) if order == "day_first" else (two, one)
        reading = _told(hit[4], month, day)
        turned = _day(int(hit[4]), day, month) is not None
        told = reading.days is not None
        return reading._replace(other=turned and not told, sure=told and not turned)
    if order in PARTS and WITHOUT_MARKS.fullmatch(whole := word.removesuffix(".0")):
        digits = whole.zfill(8)[:8]  # a column of numbers has lost the zero in front
        where = PARTS[order]
        return _told(digits[where[0]], int(digits[where[1]]), int(digits[where[2]]))
    for pattern, at in ((DAY_WORD, (2, 1)), (WORD_DAY, (1, 2))):
        if (hit := pattern.fullmatch(word)) and (named := month_of(hit[at[0]])):
            return _told(hit[3], named, int(hit[at[1]]))
    return Reading(None, False, "no date")


class Advice(NamedTuple):
    """Why the dates of a column cannot be read as declared, what to do, which of them say so."""

    what: str
    todo: str
    told_by: Callable[[Reading], bool]


def advice_for(readings: Sequence[Reading], order: str) -> Advice | None:
    """What to say of the dates of a column that cannot be read as declared; None if they can."""
    dated = [reading for reading in readings if reading.is_date]
    if any(reading.why == NO_ORDER for reading in dated):
        return Advice(
            "do not say which of the numbers is the month",
            "Declare `dates: day_first` or `dates: month_first` for this source in dataset.yaml.",
            lambda reading: reading.why == NO_ORDER,
        )
    # A slip among dates that fit is listed; where none speaks for the declared order, it is wrong.
    if any(one.other for one in dated) and not any(one.sure for one in dated):
        other = "month_first" if order == "day_first" else "day_first"
        return Advice(
            f"cannot be read with `dates: {order}`",
            f"Declare `dates: {other}` for this source, if that is how its dates are written; "
            "mixed orders must be put right in the file.",
            lambda reading: reading.other,
        )
    if dated and all(reading.days is None for reading in dated):
        if all("two digits" in reading.why for reading in dated):
            return Advice(
                "have years of two digits", "Write years with four digits.", lambda _: True
            )
        return Advice(
            "are no possible dates",
            "Check which column holds the dates, and their order.",
            lambda _: True,
        )
    return None
