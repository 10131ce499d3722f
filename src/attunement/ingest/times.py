"""When answers were given: time, session and day of each row of a source of responses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.dates import read_days, read_order
from attunement.ingest.declared import file_of
from attunement.ingest.ranges import Range
from attunement.ingest.sheet import Sheet
from attunement.ingest.values import numbers
from attunement.study.dataset import ColumnLike, ColumnSource, Dataset, ResponseSource
from attunement.study.problems import StudyError

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
INTAKE = -np.inf  # a time to be told when the first day of the client is known


@dataclass(frozen=True)
class When:
    """Time, session and day of each row (NaN: missing).

    `from_dates`: the times are dates, to be counted from the first day of the client as soon as all
    its days are known (`since_first_day`); `told` marks rows without a time of which the conflict
    list says why already.
    """

    time: np.ndarray
    session: np.ndarray
    day: np.ndarray
    from_dates: bool
    told: np.ndarray


def _nothing(sheet: Sheet) -> np.ndarray:
    return np.full(len(sheet.frame), np.nan)


def _session(
    sheet: Sheet, column: ColumnLike | None, place: np.ndarray, conflicts: Conflicts
) -> np.ndarray:
    if not isinstance(column, ColumnSource):
        return _nothing(sheet)
    if column.order_from is not None:
        return read_order(sheet, column, place, conflicts)
    return numbers(
        sheet, column, Range(0, None, whole=True, counts="session"), conflicts, exact=True
    )[0]


def _day(sheet: Sheet, column: ColumnLike | None, conflicts: Conflicts) -> np.ndarray:
    if not isinstance(column, ColumnSource):
        return _nothing(sheet)
    return read_days(sheet, column, Range(counts="day"), conflicts)[0]


def _time(
    sheet: Sheet, column: ColumnLike | None, place: np.ndarray, unit: str, conflicts: Conflicts
) -> tuple[np.ndarray, bool]:
    """Times as they stand, or dates as days (True)."""
    if not isinstance(column, ColumnSource):
        return _nothing(sheet), False
    if column.order_from is not None:
        return read_order(sheet, column, place, conflicts), False
    allowed = Range(counts="session" if unit == "session" else "day")
    time, _, dated = read_days(sheet, column, allowed, conflicts, serials=False)
    if dated and unit not in DAYS:
        raise StudyError(
            f"The column holds dates, and the unit of time is the {unit}",
            file=sheet.label,
            column=column.column,
            rows=len(time),
            advice=f"Declare `day: {column.column}` beside the session, or take their order: "
            f"{{column: {column.column}, order_from: 0}}.",
        )
    return time, dated


def _session_days(client: np.ndarray, session: np.ndarray, days: pd.Series) -> np.ndarray:
    """The day of each client's session, from the sessions table."""
    wanted = pd.MultiIndex.from_arrays([client, session])
    return days.reindex(wanted).to_numpy(dtype="float64")


def _sessions_of_days(
    sheet: Sheet, column: str, place: np.ndarray, day: np.ndarray, days: pd.Series,
    conflicts: Conflicts,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The session of each client on a day, and where none (or no single one) could be found."""
    table = pd.Series(
        days.index.get_level_values(1).to_numpy(dtype="float64"),
        index=pd.MultiIndex.from_arrays([days.index.get_level_values(0), days.to_numpy()]),
    )
    several = table.index.duplicated(keep=False)
    wanted = pd.MultiIndex.from_arrays([place, day])
    session = table[~several].reindex(wanted).to_numpy(dtype="float64")
    lost = np.isnan(session) & ~np.isnan(day) & (place >= 0)
    double = lost & wanted.isin(table.index[several])
    for hit, why in (
        (lost & ~double, "the sessions table has no session of the client on that day"),
        (double, "the sessions table has several sessions of the client on that day"),
    ):
        shown = sheet.column(column).reset_index(drop=True)[hit].astype("str")
        conflicts.add(
            sheet.where, column, sheet.rows[hit], "unmatched day", shown, "row left out", why
        )
    return session, lost


def when_long(
    source: ResponseSource, sheet: Sheet, place: np.ndarray, dataset: Dataset,
    days: pd.Series, conflicts: Conflicts,
) -> When:  # fmt: skip
    """Time, session and day of each row of a long source.

    Where the unit of time is the session, time and session are the same; a source that tells the
    day alone takes the session from the sessions table. Else the time is what the source says, or
    follows from the day; intake (session 0) without a time lies at time 0.

    Parameters
    ----------
    place : ndarray
        Position of each row's client in the clients table.
    days : Series
        Day by (position of client, session), from the sessions table; may be empty.
    """
    unit = dataset.time.unit
    session = _session(sheet, source.session, place, conflicts)
    if source.at_session is not None:
        session = np.where(np.isnan(session), float(source.at_session), session)
    time, time_dated = _time(sheet, source.time, place, unit, conflicts)
    day = _day(sheet, source.day, conflicts)
    if time_dated:
        day = np.where(np.isnan(day), time, day)
        time = np.full(len(time), np.nan)
    told = np.zeros(len(place), dtype=bool)
    only_day = source.session is None and source.time is None and source.at_session is None
    if unit == "session" and only_day and source.day is not None:
        if not len(days):
            raise StudyError(
                f"The responses of {source.instrument} tell the day alone, and no table of "
                "sessions says which session that was",
                file=file_of(dataset),
                advice="Declare `sessions` with a day, or take the order of the days: "
                f"`session: {{column: {source.day.column}, order_from: 1}}`.",
            )
        session, told = _sessions_of_days(sheet, source.day.column, place, day, days, conflicts)
    if len(days) and np.isnan(day).any():
        day = np.where(np.isnan(day), _session_days(place, session, days), day)
    if unit == "session":
        time = np.where(np.isnan(time), session, time)
        whole = ~np.isnan(time) & (time >= 0) & (time % 1 == 0)
        session = np.where(np.isnan(session) & whole, time, session)
        return When(time, session, day, False, told)
    from_dates = unit in DAYS and (time_dated or (sheet.dated and source.time is None))
    if unit in DAYS:
        time = np.where(np.isnan(time), day / DAYS[unit], time)
    time = np.where(np.isnan(time) & (session == 0), INTAKE if from_dates else 0.0, time)
    if source.time is None and len(time) and np.isnan(time).all():
        raise StudyError(
            f"The responses of {source.instrument} have sessions but no time, and the unit "
            f"of time is the {unit}",
            file=file_of(dataset),
            rows=len(time),
            advice="Name a column under `time` or `day`, or set `time: {unit: session}`.",
        )
    return When(time, session, day, from_dates, told)


def when_wide(
    wide: dict[str, float | ColumnSource], sheet: Sheet, dataset: Dataset, conflicts: Conflicts
) -> When:
    """Time, session and day of each row and each of its columns of totals, row after row."""
    unit, n = dataset.time.unit, len(sheet.frame)
    times, days, dated = [], [], []
    nobody = np.zeros(n, dtype="int64")
    for at in wide.values():
        day = np.full(n, np.nan)
        if isinstance(at, ColumnSource):
            if at.order_from is not None:
                raise StudyError(
                    "`order_from` has no meaning under `wide`: each column holds one occasion",
                    file=file_of(dataset),
                    column=at.column,
                    advice="Write the order of the occasions as numbers, as {first: 0, last: 1}.",
                )
            time, is_date = _time(sheet, at, nobody, unit, conflicts)
            if is_date:
                day, time = time, time / DAYS[unit]
        else:
            time, is_date = np.full(n, float(at)), False
        times.append(time)
        days.append(day)
        dated.append(is_date)
    if any(dated) and not all(dated):
        raise StudyError(
            "Some times of the wide layout are dates and others numbers",
            file=sheet.label,
            advice="Name a column with a date for each, or a number for each.",
        )
    time = np.column_stack(times).ravel()
    whole = (unit == "session") & (time >= 0) & (time % 1 == 0)
    session = np.where(whole, time, np.nan)
    told = np.zeros(len(time), dtype=bool)
    return When(time, session, np.column_stack(days).ravel(), any(dated), told)


def since_first_day(
    time: np.ndarray, client: np.ndarray, day: np.ndarray, first: np.ndarray, unit: str
) -> np.ndarray:
    """Times from dates, counted from the first day of each client."""
    return np.where(np.isinf(time), 0.0, (day - first[client]) / DAYS[unit])


def first_days(
    blocks: list[tuple[np.ndarray, np.ndarray]], sessions: pd.Series, n_clients: int
) -> np.ndarray:
    """The first day of each client among answers and sessions (NaN: none), as an array.

    Parameters
    ----------
    blocks : list of (client, day)
        Positions of clients, and days, of answers whose times are dates.
    sessions : Series
        Day by (position of client, session).
    """
    first = np.full(n_clients, np.inf)
    held = sessions.index.get_level_values(0).to_numpy(dtype="int64")
    for client, day in [*blocks, (held, sessions.to_numpy(dtype="float64"))]:
        known = ~np.isnan(day) & (client >= 0)
        np.minimum.at(first, client[known], day[known])
    return np.where(np.isinf(first), np.nan, first)
