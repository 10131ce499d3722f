"""All responses as one long table, with the occasions numbered within client."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.declared import items_of
from attunement.ingest.layouts import laid_out
from attunement.ingest.occasions import Block, leave_out, names_of, read_block
from attunement.ingest.sheet import Sheet
from attunement.ingest.templates import mark_of
from attunement.ingest.times import first_days, since_first_day
from attunement.study.contracts import conform
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument
from attunement.study.problems import StudyError

Slot = tuple[str, str, str]


@dataclass(frozen=True)
class Responses:
    """The responses table, and how many rows of the sources were left out by declaration."""

    table: pd.DataFrame
    left_out: int


def _number_occasions(blocks: list[Block]) -> tuple[np.ndarray, np.ndarray]:
    """For each row of all blocks: its occasion among all, and its occasion within client.

    An occasion is one time (and session, where there is one) of one client, whatever instruments
    were filled in then; within client occasions count from 0 in order of time, then session.
    """
    client = np.concatenate([block.client for block in blocks])
    time = np.concatenate([block.time for block in blocks])
    session = np.concatenate([block.session for block in blocks])
    session = np.where(np.isnan(session), -1.0, session)
    order = np.lexsort((session, time, client))
    client, time, session = client[order], time[order], session[order]
    new_client = np.r_[True, client[1:] != client[:-1]]
    new = new_client | np.r_[True, (time[1:] != time[:-1]) | (session[1:] != session[:-1])]
    overall = np.cumsum(new) - 1
    first = np.maximum.accumulate(np.where(new_client, overall, 0))
    occasion, within = np.empty(len(order), dtype="int64"), np.empty(len(order), dtype="int64")
    occasion[order], within[order] = overall, overall - first
    return occasion, within


def _place(block: Block, row: int) -> str:
    """A row in words, its file before it."""
    found = block.where.locate(None, np.array([row])).iloc[0]
    return f"{found['source']} row {found['row']}"


def _settle_between(
    blocks: list[Block], key: np.ndarray, value: np.ndarray, origin: np.ndarray, row: np.ndarray,
    dataset: Dataset, conflicts: Conflicts,
) -> np.ndarray:  # fmt: skip
    """Which answers to keep where two declared sources hold the same item on the same occasion.

    The arrays are ordered by key and, within key, as the sources are declared.
    """
    same = np.r_[False, key[1:] == key[:-1]]
    keep = np.ones(len(key), dtype=bool)
    if not same.any():
        return keep
    start = np.maximum.accumulate(np.where(same, 0, np.arange(len(key))))
    agrees = (value == value[start]) | (np.isnan(value) & np.isnan(value[start]))
    differs = np.isin(key, key[~agrees])
    rule = dataset.rules.duplicates
    if differs.any() and rule is None:
        raise StudyError(
            "Two sources hold the same item on the same occasion with different values, and "
            "dataset.yaml states no rule",
            file=" and ".join(sorted({blocks[i].where.label for i in origin[differs]})),
            rows=int(differs.sum()),
            first=[_place(blocks[origin[i]], row[i]) for i in np.flatnonzero(differs)[:5]],
            advice="Correct the data, or state `rules: {duplicates: first}` (or last).",
        )
    last = np.r_[key[1:] != key[:-1], True]
    keep = np.where(differs & (rule == "last"), last, ~same)
    for number, block in enumerate(blocks):
        dropped = ~keep & (origin == number)
        for mask, kind, action in (
            (dropped & ~differs, "agreeing duplicate", "row left out"),
            (dropped & differs, "disagreeing duplicate", "settled by rule"),
        ):
            conflicts.add(
                block.where, None, row[mask], kind, value[mask].astype(str), action,
                "another declared source holds this answer too",
            )  # fmt: skip
    return keep


def _long(
    blocks: list[Block], clients: pd.DataFrame, dataset: Dataset, conflicts: Conflicts
) -> pd.DataFrame:
    slots: dict[Slot, int] = {}
    for block in blocks:
        for item in block.items:
            slots.setdefault((block.instrument, block.rater, item), len(slots))
    occasion, within = _number_occasions(blocks)
    starts = np.cumsum([0, *(len(block.client) for block in blocks)])
    # One integer per answer orders the whole table: client, occasion, then slots as declared.
    key = np.concatenate(
        [
            (
                occasion[start : start + len(block.client), None] * len(slots)
                + [slots[block.instrument, block.rater, item] for item in block.items]
            ).ravel()
            for start, block in zip(starts, blocks, strict=False)
        ]
    )
    record = np.concatenate(
        [
            np.repeat(np.arange(start, start + len(block.client)), len(block.items))
            for start, block in zip(starts, blocks, strict=False)
        ]
    )
    value = np.concatenate([block.values.ravel() for block in blocks])
    order = np.argsort(key, kind="stable")
    key, record, value = key[order], record[order], value[order]
    del order
    if len({(block.instrument, block.rater) for block in blocks}) < len(blocks):
        rows = np.concatenate([block.rows for block in blocks])
        origin = np.repeat(np.arange(len(blocks)), [len(block.client) for block in blocks])
        keep = _settle_between(blocks, key, value, origin[record], rows[record], dataset, conflicts)
        key, record, value = key[keep], record[keep], value[keep]

    def told(name: str) -> np.ndarray:
        return np.concatenate([getattr(block, name) for block in blocks])[record]

    slot = key % len(slots)

    def named(part: int) -> pd.Series:
        return pd.Series([name[part] for name in slots], dtype="str").take(slot)

    session = pd.array(told("session"), dtype="Float64")
    return pd.DataFrame(
        {
            "client": clients["client"].take(told("client")).array,
            "occasion": within[record],
            "time": told("time"),
            "day": told("day"),
            "session": session.astype("Int64"),
            "rater": named(1).array,
            "instrument": named(0).array,
            "item": named(2).array,
            "value": value,
        }
    )


def responses_table(
    dataset: Dataset, sheets: dict[str, Sheet], instruments: dict[str, Instrument],
    clients: pd.DataFrame, sessions: pd.DataFrame, conflicts: Conflicts,
) -> Responses:  # fmt: skip
    """The canonical responses of all declared sources.

    Ordered by client (as in the clients table), occasion, and then instrument, rater and item as
    declared. Missing items of an occasion on which others were answered are rows with a missing
    value; an occasion on which nothing of an instrument was answered has no rows for it.
    """
    days = pd.Series(dtype="float64", index=pd.MultiIndex.from_arrays([[], []]))
    dated = sessions.dropna(subset=["day"])
    if len(dated):
        place = pd.Index(clients["client"]).get_indexer(pd.Index(dated["client"]))
        index = pd.MultiIndex.from_arrays([place, dated["session"].to_numpy(dtype="float64")])
        days = pd.Series(dated["day"].to_numpy(), index=index)
    blocks: list[Block] = []
    left_out: dict[str, list[pd.DataFrame]] = {}
    for source in dataset.responses:
        items = items_of(source.instrument, dataset, instruments, "responses")
        names, answers = names_of(source, items, dataset)
        whole = laid_out(sheets[source.source], names, conflicts, answers)
        keep = leave_out(source, whole)
        left_out.setdefault(source.source, []).append(_passed_over(whole, names, ~keep))
        sheet = whole.keep(keep)
        blocks.append(read_block(source, sheet, items, clients, days, dataset, conflicts))
    blocks = _counted([block for block in blocks if len(block.client)], days, clients, dataset)
    # Several instruments may stand in one source: its rows are counted once.
    count = sum(len(pd.concat(parts).drop_duplicates()) for parts in left_out.values())
    if not blocks:
        return Responses(conform(pd.DataFrame(), "responses"), count)
    return Responses(conform(_long(blocks, clients, dataset, conflicts), "responses"), count)


def _passed_over(sheet: Sheet, names: list[str], gone: np.ndarray) -> pd.DataFrame:
    """Row and occasion of what `leave_out` names."""
    mark = mark_of(names, sheet.label)
    at = sheet.frame[mark].to_numpy()[gone] if mark else 0.0
    rows, _ = sheet.where.whole_rows(sheet.rows[gone])
    return pd.DataFrame({"row": rows, "at": at})


def _counted(
    blocks: list[Block], days: pd.Series, clients: pd.DataFrame, dataset: Dataset
) -> list[Block]:
    """Blocks whose times are dates, counted from the first day of each client."""
    dated = [(block.client, block.day) for block in blocks if block.from_dates]
    if not dated:
        return blocks
    first = first_days(dated, days, len(clients))
    return [
        replace(block, time=since_first_day(block.time, block.client, block.day, first,
                                            dataset.time.unit))
        if block.from_dates
        else block
        for block in blocks
    ]  # fmt: skip
