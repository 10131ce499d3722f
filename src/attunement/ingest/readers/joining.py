"""Sources put beside each other by the columns that name the same person or occasion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from attunement.ingest.places import Beside
from attunement.ingest.readers.raw import Note, Raw
from attunement.ingest.sheet import as_text, no_column
from attunement.study.problems import StudyError
from attunement.study.sources import Source

SEPARATOR = "\0"


def _key_columns(source: Source, name: str, label: str) -> list[str]:
    by = source.by
    if isinstance(by, dict):
        if name not in by:
            raise StudyError(
                f"`by` does not say which column of '{name}' is matched",
                file=label,
                advice="Name a column for every source of the join, as {clients: id, visits: nr}.",
            )
        by = by[name]
    if not by:
        raise StudyError(
            f"`by` names no column of '{name}' that is matched",
            file=label,
            advice="Name the column, or columns, that the files of the join share.",
        )
    return [by] if isinstance(by, str) else by


def _keys(raw: Raw, columns: Sequence[str]) -> pd.Series:
    """The key of each row as text (7.0 is 7); missing where a part of it is blank."""
    whole: pd.Series | None = None
    for name in columns:
        if name not in raw.frame:
            known = [str(column) for column in raw.frame.columns]
            raise no_column(name, known, raw.label, len(raw.frame))
        text = as_text(raw.frame[name]).str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)
        whole = text if whole is None else whole + SEPARATOR + text
    assert whole is not None
    return whole


def _bare(keys: pd.Series) -> pd.Series:
    """Keys without leading zeros and in small letters: to say why they find no partner."""
    return keys.str.replace(r"(^|\0)0+(?=\d)", r"\1", regex=True).str.lower()


def _demand_once(raw: Raw, keys: pd.Series, columns: Sequence[str]) -> None:
    twice = (keys.duplicated(keep=False) & keys.notna()).to_numpy(dtype=bool)
    if twice.any():
        raise raw.where.fault(
            f"{int(keys[twice].nunique())} key(s) of a joined source stand in several rows: "
            "it is not clear which one belongs beside",
            columns[0],
            raw.frame.index.to_numpy()[twice],
            "Leave one row for each key (by `only`, for example), name further columns under "
            "`by`, or put this source first.",
        )


def _notes(
    first: Raw, other: Raw, mine: pd.Series, theirs: pd.Series, columns: tuple[str, str]
) -> list[Note]:
    """Rows without a partner, on either side."""
    notes = []
    for raw, keys, facing, column, opposite, action, why in (
        (first, mine, theirs, columns[0], other, "kept",
         "{} holds no such key: its columns are blank here"),
        (other, theirs, mine, columns[1], first, "row left out", "{} holds no such key"),
    ):  # fmt: skip
        alone = (~keys.isin(facing.dropna()) | keys.isna()).to_numpy(dtype=bool)
        near = alone & _bare(keys).isin(_bare(facing.dropna())).to_numpy(dtype=bool)
        for hit, more in (
            (alone & ~near, ""),
            (near, ", but one that differs in leading zeros or capitals"),
        ):
            notes.append(
                Note(raw.where, column, raw.frame.index.to_numpy()[hit], "unmatched row",
                     keys[hit].str.replace(SEPARATOR, " ").to_numpy(dtype=object), action,
                     why.format(opposite.label) + more)
            )  # fmt: skip
    return notes


def _beside(first: Raw, other: Raw, mine: list[str], theirs: list[str]) -> Raw:
    my_keys, their_keys = _keys(first, mine), _keys(other, theirs)
    _demand_once(other, their_keys, theirs)
    place = pd.Index(their_keys).get_indexer(pd.Index(my_keys))
    place[my_keys.isna().to_numpy()] = -1
    if (place < 0).all():
        zeros = _bare(my_keys).isin(_bare(their_keys).dropna()).any()
        raise first.where.fault(
            f"Not one row of {first.label} finds its partner in {other.label}"
            + (": the keys differ in leading zeros or capitals" if zeros else ""),
            mine[0],
            first.frame.index.to_numpy(),
            "Check that both write the key in the same way.",
        )
    gained = [name for name in other.frame.columns if name not in theirs]
    both = [name for name in gained if name in first.frame]
    if both:
        raise StudyError(
            f"Both {first.label} and {other.label} have the column(s) "
            + ", ".join(repr(name) for name in both[:5]),
            file=other.label,
            column=both[0],
            advice="Leave one of them out by `drop`, or match by it as well (`by`).",
        )
    frame = first.frame.copy()
    for name in gained:
        taken = other.frame[name].reset_index(drop=True).reindex(np.where(place < 0, -1, place))
        frame[name] = taken.array
    rows = np.where(place < 0, np.nan, other.frame.index.to_numpy()[place])
    link = Beside(other.where, pd.Series(rows, index=first.frame.index))
    inherited = {
        name: Beside(one.places, link.rows.map(one.rows))
        for name, one in other.where.beside.items()
    }
    places = replace(
        first.where,
        beside=first.where.beside | {name: inherited.get(name, link) for name in gained},
    )
    notes = _notes(first, other, my_keys, their_keys, (mine[0], theirs[0]))
    return replace(
        first,
        frame=frame,
        titles=first.titles | {n: t for n, t in other.titles.items() if n in gained},
        labels=first.labels | {n: t for n, t in other.labels.items() if n in gained},
        user_missing=first.user_missing
        | {n: t for n, t in other.user_missing.items() if n in gained},
        forms=first.forms | {n: t for n, t in other.forms.items() if n in gained},
        places=places,
        notes=(*first.notes, *other.notes, *notes),
    )


def join(
    source: Source, parts: dict[str, Raw], forms: dict[str, tuple[str, str]], label: str
) -> Raw:
    """Put the columns of further sources beside those of the first.

    Every row of the first source stays, in its order. Rows without a partner, on either side, are
    noted for the conflict list. Keys are compared as text; 7.0 is 7, '007' is not.

    Parameters
    ----------
    source : Source
        `join` names the sources, `by` the columns that must be equal.
    parts : dict of Raw
        The sources by name.
    forms : dict
        Decimal mark and order of dates of each source.

    Raises
    ------
    StudyError
        A key column is not there, a further source has several rows of one key or a column that
        the others have too, or no row finds a partner.
    """
    assert source.join is not None
    whole: Raw | None = None
    for name in source.join:
        raw = parts[name]
        named = dict.fromkeys([str(column) for column in raw.frame.columns], forms[name])
        raw = replace(raw, forms=named | raw.forms)
        if whole is None:
            whole = raw
            continue
        mine = _key_columns(source, source.join[0], label)
        theirs = _key_columns(source, name, label)
        if len(mine) != len(theirs):
            raise StudyError(
                f"`by` names {len(mine)} columns of '{source.join[0]}' and {len(theirs)} of "
                f"'{name}'",
                file=label,
                advice="Name as many columns for every source.",
            )
        whole = _beside(whole, raw, mine, theirs)
    assert whole is not None
    return whole
