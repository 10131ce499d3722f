"""One declared source of responses, row by row: who, when, and the answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.day_order import note_day_order
from attunement.ingest.declared import Items, columns_of, total_of
from attunement.ingest.keyed import known_clients, settle_duplicates
from attunement.ingest.places import Places
from attunement.ingest.sheet import Sheet, as_text
from attunement.ingest.times import When, when_long, when_wide
from attunement.ingest.values import numbers, texts
from attunement.study.dataset import ColumnSource, Dataset, ResponseSource
from attunement.study.problems import StudyError


@dataclass(frozen=True)
class Block:
    """Answers of one source: a row per occasion (client, time, session, day), a column per item.

    `client` is the position in the clients table, NaN in `session` and `day` is missing, `rows` are
    numbers of rows, which `where` tells of. With `from_dates` the times are dates and still to be
    counted from the first day of the client.
    """

    where: Places
    instrument: str
    rater: str
    items: tuple[str, ...]
    from_dates: bool
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
        parts = ("client", "time", "session", "day", "rows", "values")
        return replace(self, **{part: getattr(self, part)[mask] for part in parts})


def leave_out(source: ResponseSource, sheet: Sheet) -> np.ndarray:
    """Which rows hold an occasion: not one of the values that `leave_out` names."""
    keep = np.ones(len(sheet.frame), dtype=bool)
    for column, values in source.leave_out.items():
        keep &= ~as_text(sheet.column(column)).isin([value.strip() for value in values]).to_numpy()
    return keep


def names_of(source: ResponseSource, items: Items, dataset: Dataset) -> tuple[list[str], list[str]]:
    """The columns of the source that answers take, and those of them that hold the answers."""
    wide = source.wide
    answers = list(wide) if wide is not None else [*columns_of(source, items, dataset).values()]
    told = [source.client, source.session, source.time, source.day, *(wide or {}).values()]
    others = [column.column for column in told if isinstance(column, ColumnSource)]
    return [*others, *source.leave_out, *answers], answers


def _placed(
    when: When, place: np.ndarray, source: ResponseSource, sheet: Sheet, conflicts: Conflicts
) -> np.ndarray:
    """Rows of a known client at a known time; those without a time are listed."""
    nowhere = np.isnan(when.time) & (place >= 0) & ~when.told
    told = source.time or source.session or source.day
    conflicts.add(
        sheet.where, told.column if isinstance(told, ColumnSource) else None,
        sheet.rows[nowhere], "missing key", None, "row left out", "the answers have no time",
    )  # fmt: skip
    return (place >= 0) & ~np.isnan(when.time)


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
        when = when_long(source, sheet, place, dataset, days, conflicts)
        columns = columns_of(source, items, dataset)
        usable = _placed(when, place, source, sheet, conflicts)
    else:
        columns = {f"{total_of(items, dataset)}@{column}": column for column in source.wide}
        usable = place >= 0
    if not columns:
        raise StudyError(
            f"The responses to {items.name} name no column",
            file=f"{dataset.name}/dataset.yaml",
            advice="Name the columns of its items under `items` or `wide`, or take the entry out.",
        )
    read = {
        item: numbers(
            sheet,
            ColumnSource(column=column, values=source.values),
            items.ranges[item.partition("@")[0]],
            conflicts,
        )
        for item, column in columns.items()
    }
    values = np.column_stack([value for value, _ in read.values()])
    recorded = np.column_stack([mark for _, mark in read.values()])
    if source.wide is not None:
        when = when_wide(source.wide, sheet, dataset, conflicts)
        n = len(source.wide)
        usable, place, rows = (np.repeat(part, n) for part in (usable, place, rows))
        values, recorded = values.reshape(-1, 1), recorded.reshape(-1, 1)
        columns = {total_of(items, dataset): ""}
        nowhere = usable & recorded.any(axis=1) & np.isnan(when.time)
        told = [at.column for at in source.wide.values() if isinstance(at, ColumnSource)]
        conflicts.add(
            sheet.where, told[0] if told else None, rows[nowhere], "missing key", None,
            "row left out", "the answers have no time",
        )  # fmt: skip
        usable &= ~nowhere
    block = Block(
        sheet.where, items.name, source.rater, tuple(columns), when.from_dates, place, when.time,
        when.session, when.day, rows, values,
    ).keep(usable & recorded.any(axis=1))  # fmt: skip
    block = block.keep(_settle(block, dataset, conflicts))
    if source.wide is None and isinstance(source.day, ColumnSource) and not len(days):
        # Where the sessions table tells the days, it was asked already.
        note_day_order(
            sheet, source.day.column, block.rows, block.client, block.session, block.day, conflicts
        )
    return block


def _settle(block: Block, dataset: Dataset, conflicts: Conflicts) -> np.ndarray:
    frame = pd.DataFrame(
        {"client": block.client, "time": block.time, "session": block.session}, index=block.rows
    )
    if not frame.duplicated().any():
        return np.ones(len(frame), dtype=bool)
    for number, item in enumerate(block.items):
        frame[f"item {item}"] = block.values[:, number]
    return settle_duplicates(
        frame, ["client", "time", "session"], dataset.rules.duplicates, block.where,
        f"client and occasion ({block.instrument}, {block.rater})", conflicts,
    )  # fmt: skip
