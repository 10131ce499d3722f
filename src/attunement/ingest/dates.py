"""Dates of any writing as days; a column of numbers is days already and stays as it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.ingest.cells import read_cells, split_codes
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.counted import demand_counts, demand_marks
from attunement.ingest.date_words import PARTS, Reading, advice_for, read_word, serial
from attunement.ingest.ranges import Range
from attunement.ingest.sheet import Sheet, is_number_column
from attunement.ingest.values import numbers
from attunement.study.counts import FIRST_DAY, LAST_DAY
from attunement.study.dataset import ColumnSource

EPOCH = dt.date(1970, 1, 1)
YEARS = (FIRST_DAY.year, LAST_DAY.year)  # anything else is a slip or stands for a gap
GAP = Reading(None, False, "a missing code")
LOW, HIGH = (FIRST_DAY - EPOCH).days, (LAST_DAY - EPOCH).days


@dataclass(frozen=True)
class Dated:
    """Days since 1970 (NaN: missing), and where something stood that is no possible date."""

    days: np.ndarray
    wrong: np.ndarray


def _list(
    sheet: Sheet, name: str, wrong: np.ndarray, shown: pd.Series, conflicts: Conflicts, why: str
) -> None:
    conflicts.add(
        sheet.where, name, sheet.rows[wrong], "impossible date", shown[wrong].astype("str"),
        "set missing", why,
    )  # fmt: skip


def _native(sheet: Sheet, column: ColumnSource, raw: pd.Series, conflicts: Conflicts) -> Dated:
    moments = raw.reset_index(drop=True)
    days = moments.to_numpy(dtype="datetime64[D]").astype("float64")
    days[moments.isna().to_numpy()] = np.nan
    wrong = (days < LOW) | (days > HIGH)
    _list(sheet, column.column, wrong, moments, conflicts,
          f"the year lies outside {YEARS[0]} to {YEARS[1]}")  # fmt: skip
    return Dated(np.where(wrong, np.nan, days), wrong)


def read_dates(
    sheet: Sheet, column: ColumnSource, conflicts: Conflicts, *, serials: bool = True
) -> Dated | None:
    """Read a column of dates, or None where it holds none (then its numbers are what they are).

    Parameters
    ----------
    sheet, column : Sheet, ColumnSource
        The source, which says how its dates are written, and the column in it.
    conflicts : Conflicts
        Where impossible dates are listed; they are set missing. Times of day are passed over.
    serials : bool
        Numbers may be days of a spreadsheet, where the source says so by `dates: excel_1900`.

    Raises
    ------
    StudyError
        Dates such as 03/04/2021 without a word on their order, or with the wrong one; years of two
        digits, or digits without marks, throughout.
    """
    name = column.column
    raw = sheet.column(name)
    order = sheet.form(name)[1]
    counted = serials and order.startswith("excel")
    if column.values is None and pd.api.types.is_datetime64_any_dtype(raw.dtype):
        return _native(sheet, column, raw, conflicts)
    if is_number_column(raw) and not counted and order not in PARTS:
        demand_marks(sheet, column)
        return None
    cells = read_cells(sheet, column, Conflicts())
    text = cells.text.where(~cells.error)
    _, codes = split_codes(sheet.codes)
    places, words = pd.factorize(text)
    number = pd.to_numeric(pd.Series(words, dtype="str"), errors="coerce").to_numpy(dtype="float64")
    readings = [
        GAP if value in codes else read_word(str(word), order)
        for word, value in zip(words, number, strict=True)
    ]
    dated = [reading for reading in readings if reading.is_date]
    if not dated and not (counted and np.isfinite(number).any()):
        demand_marks(sheet, column)
        return None
    if counted:
        demand_counts(sheet, name, np.append(number, np.nan)[places], "day")
    read_cells(sheet, column, conflicts)  # lists what it has to list, now that this is a date
    advice = advice_for(readings, order)
    if advice:
        unread = [i for i, one in enumerate(readings) if one.is_date and one.days is None]
        unread = [i for i in unread if advice.told_by(readings[i])] or unread
        hit, first = np.isin(places, unread), words[unread[0]]
        raise sheet.where.fault(
            f"Dates such as '{first}' {advice.what}", name, sheet.rows[hit], advice.todo
        )
    days, why = np.full(len(words) + 1, np.nan), [""] * len(words)
    gone = np.zeros(len(words) + 1, dtype=bool)
    for place, reading in enumerate(readings):
        gone[place] = reading is GAP
        if not reading.is_date and reading is not GAP and np.isfinite(number[place]):
            reading = _from_number(float(number[place]), order, counted)
        days[place] = np.nan if reading.days is None else reading.days
        why[place] = reading.why
        if not np.isnan(days[place]) and not LOW <= days[place] <= HIGH:
            days[place], why[place] = np.nan, f"the year lies outside {YEARS[0]} to {YEARS[1]}"
    found = days[places]
    wrong = text.notna().to_numpy() & np.isnan(found) & ~gone[places]
    for reason in sorted({why[place] for place in places[wrong]}):
        some = wrong & np.isin(places, [i for i, one in enumerate(why) if one == reason])
        _list(sheet, name, some, cells.shown, conflicts, reason)
    return Dated(found, wrong | cells.error)


def _from_number(value: float, order: str, counted: bool) -> Reading:
    if counted:
        return Reading(serial(value, order), True, "")
    return Reading(None, False, "a number among dates")


def read_days(
    sheet: Sheet,
    column: ColumnSource,
    allowed: Range,
    conflicts: Conflicts,
    *,
    serials: bool = True,
) -> tuple[np.ndarray, np.ndarray, bool]:
    """A column of days or dates as numbers: dates become days since the origin of the dataset.

    Returns
    -------
    (ndarray, ndarray, bool)
        The days (NaN: missing), where anything was recorded, and whether the column held dates.
    """
    dated = read_dates(sheet, column, conflicts, serials=serials)
    if dated is None:
        return *numbers(sheet, column, allowed, conflicts, exact=True), False
    start = 0 if sheet.origin is None else (sheet.origin - EPOCH).days
    return dated.days - start, ~np.isnan(dated.days) | dated.wrong, True


def read_order(
    sheet: Sheet, column: ColumnSource, group: np.ndarray, conflicts: Conflicts
) -> np.ndarray:
    """The order of dates or numbers within each client, equal ones sharing a place.

    Parameters
    ----------
    column : ColumnSource
        Its `order_from` is the number of the first.
    group : ndarray
        A number for each row's client.
    """
    assert column.order_from is not None
    values, _, _ = read_days(sheet, column, Range(), conflicts)
    order = np.lexsort((values, group))  # missing ones come last within their client
    ordered, who = values[order], group[order]
    new_client = np.r_[True, who[1:] != who[:-1]]
    new = new_client | np.r_[True, ordered[1:] != ordered[:-1]]
    place = np.cumsum(new)
    first = np.maximum.accumulate(np.where(new_client, place, 0))
    rank = np.full(len(values), np.nan)
    rank[order] = np.where(np.isnan(ordered), np.nan, place - first + column.order_from)
    return rank
