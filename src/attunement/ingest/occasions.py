"""One declared source of responses, row by row: who, when, and the answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.declared import Items, columns_of, file_of, total_of
from attunement.ingest.keyed import known_clients, settle_duplicates
from attunement.ingest.sheet import Sheet, as_text
from attunement.ingest.values import Range, numbers, texts
from attunement.study.dataset import ColumnLike, ColumnSource, Dataset, ResponseSource
from attunement.study.problems import StudyError

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}


@dataclass(frozen=True)
class Block:
    """Answers of one source: a row per occasion (client, time, session, day), a column per item.

    `client` is the position in the clients table, NaN in `session` and `day` is missing, `rows` are
    spreadsheet rows.
    """

    label: str
    instrument: str
    rater: str
    items: tuple[str, ...]
    client: np.ndarray
    time: np.ndarray
    session: np.ndarray
    day: np.ndarray
    rows: np.ndarray
    values: np.ndarray

    def keep(self, mask: np.ndarray) -> Block:
        """The block with some of its rows."""
        if mask.all():
            return self
        parts = (self.client, self.time, self.session, self.day, self.rows, self.values)
        return Block(
            self.label, self.instrument, self.rater, self.items, *(part[mask] for part in parts)
        )


def leave_out(source: ResponseSource, sheet: Sheet) -> np.ndarray:
    """Which rows hold an occasion: not one of the values that `leave_out` names."""
    keep = np.ones(len(sheet.frame), dtype=bool)
    for column, values in source.leave_out.items():
        keep &= ~as_text(sheet.column(column)).isin([value.strip() for value in values]).to_numpy()
    return keep


def _number(
    sheet: Sheet, column: ColumnLike | None, allowed: Range, conflicts: Conflicts
) -> np.ndarray:
    if column is None:
        return np.full(len(sheet.frame), np.nan)
    assert isinstance(column, ColumnSource)
    return numbers(sheet, column, allowed, conflicts, exact=True)[0]


def _session_days(client: np.ndarray, session: np.ndarray, days: pd.Series) -> np.ndarray:
    """The day of each client's session, from the sessions table."""
    wanted = pd.MultiIndex.from_arrays([client, session])
    return days.reindex(wanted).to_numpy(dtype="float64")


def _when(
    source: ResponseSource, sheet: Sheet, place: np.ndarray, dataset: Dataset,
    days: pd.Series, conflicts: Conflicts,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Time, session and day of each row.

    Where the unit of time is the session, time and session are the same. Else the time is what the
    source says, or follows from the day; intake (session 0) without a time lies at time 0.
    """
    session = _number(sheet, source.session, Range(0, None, whole=True), conflicts)
    if source.at_session is not None:
        session = np.where(np.isnan(session), float(source.at_session), session)
    time = _number(sheet, source.time, Range(is_time=True), conflicts)
    day = _number(sheet, source.day, Range(is_time=True), conflicts)
    if len(days) and np.isnan(day).any():
        day = np.where(np.isnan(day), _session_days(place, session, days), day)
    unit = dataset.time.unit
    if unit == "session":
        time = np.where(np.isnan(time), session, time)
        whole = ~np.isnan(time) & (time >= 0) & (time % 1 == 0)
        session = np.where(np.isnan(session) & whole, time, session)
    else:
        time = np.where(np.isnan(time), day / DAYS[unit], time)
        time = np.where(np.isnan(time) & (session == 0), 0.0, time)
        if source.time is None and len(time) and np.isnan(time).all():
            raise StudyError(
                f"The responses of {source.instrument} have sessions but no time, and the unit "
                f"of time is the {unit}",
                file=file_of(dataset),
                rows=len(time),
                advice="Name a column under `time` or `day`, or set `time: {unit: session}`.",
            )
    return time, session, day


def _placed(
    time: np.ndarray, place: np.ndarray, source: ResponseSource, sheet: Sheet, conflicts: Conflicts
) -> np.ndarray:
    """Rows of a known client at a known time; those without a time are listed."""
    nowhere = np.isnan(time) & (place >= 0)
    told = source.time or source.session or source.day
    conflicts.add(
        sheet.label, told.column if isinstance(told, ColumnSource) else None,
        sheet.rows[nowhere], "missing key", None, "row left out", "the answers have no time",
    )  # fmt: skip
    return (place >= 0) & ~nowhere


def read_block(
    source: ResponseSource, sheet: Sheet, items: Items, clients: pd.DataFrame,
    days: pd.Series, dataset: Dataset, conflicts: Conflicts,
) -> Block:  # fmt: skip
    """Read one source of responses.

    Rows without any answer hold no occasion and are passed over. Rows of unknown clients and rows
    without a time are listed and left out; duplicates are settled.

    Parameters
    ----------
    sheet : Sheet
        The source, without the rows that `leave_out` names.
    days : Series
        Day by (position of client, session), from the sessions table; may be empty.
    """
    name = source.client.column
    client = texts(sheet, source.client, conflicts, identifier=True)
    place = known_clients(client, clients, sheet, name, conflicts)
    rows = sheet.rows
    if source.wide is None:
        time, session, day = _when(source, sheet, place, dataset, days, conflicts)
        columns = columns_of(source, items, dataset)
        usable = _placed(time, place, source, sheet, conflicts)
    else:
        columns = {f"{total_of(items, dataset)}@{column}": column for column in source.wide}
        usable = place >= 0
    read = {
        item: numbers(
            sheet, ColumnSource(column=column), items.ranges[item.partition("@")[0]], conflicts
        )
        for item, column in columns.items()
    }
    values = np.column_stack([value for value, _ in read.values()])
    recorded = np.column_stack([mark for _, mark in read.values()])
    if source.wide is not None:
        occasions = list(source.wide.values())
        usable, place = np.repeat(usable, len(occasions)), np.repeat(place, len(occasions))
        rows = np.repeat(rows, len(occasions))
        time = np.tile(np.asarray(occasions, dtype="float64"), len(sheet.frame))
        session = time.copy() if dataset.time.unit == "session" else np.full(len(time), np.nan)
        day = np.full(len(time), np.nan)
        values, recorded = values.reshape(-1, 1), recorded.reshape(-1, 1)
        columns = {total_of(items, dataset): ""}
    block = Block(
        sheet.label, items.name, source.rater, tuple(columns), place, time, session, day, rows,
        values,
    ).keep(usable & recorded.any(axis=1))  # fmt: skip
    return block.keep(_settle(block, dataset, conflicts))


def _settle(block: Block, dataset: Dataset, conflicts: Conflicts) -> np.ndarray:
    frame = pd.DataFrame(
        {"client": block.client, "time": block.time, "session": block.session}, index=block.rows
    )
    if not frame.duplicated().any():
        return np.ones(len(frame), dtype=bool)
    for number, item in enumerate(block.items):
        frame[f"item {item}"] = block.values[:, number]
    return settle_duplicates(
        frame, ["client", "time", "session"], dataset.rules.duplicates, block.label,
        f"client and occasion ({block.instrument}, {block.rater})", conflicts,
    )  # fmt: skip
