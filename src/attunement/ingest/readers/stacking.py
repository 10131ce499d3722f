"""Files with the same columns, one below the other; rows and columns that are left at the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from attunement.ingest.kinds import of_one_kind
from attunement.ingest.places import BLOCK, Places
from attunement.ingest.readers.raw import Raw
from attunement.ingest.sheet import as_text, nearest, no_column
from attunement.study.problems import StudyError
from attunement.study.sources import Source


def without(raw: Raw, names: Sequence[str]) -> Raw:
    """A source without some of its columns, and without whatever its file says of them."""
    gone = [name for name in names if name in raw.frame]
    if not gone:
        return raw

    def kept(told: dict) -> dict:
        return {name: one for name, one in told.items() if name not in gone}

    return replace(
        raw,
        frame=raw.frame.drop(columns=gone),
        titles=kept(raw.titles),
        labels=kept(raw.labels),
        user_missing=kept(raw.user_missing),
    )


def _drop(raws: Sequence[Raw], source: Source, label: str) -> list[Raw]:
    known = list(dict.fromkeys(str(name) for raw in raws for name in raw.frame.columns))
    for name in source.drop:
        if name not in known:
            near = nearest(name, known)
            raise StudyError(
                f"The column '{name}', named under `drop`, is not there; the nearest is '{near}'",
                file=label,
                column=name,
                advice="Correct the name: a column that should be left at the door may be another.",
            )
    return [without(raw, source.drop) for raw in raws]


def _demand_same_columns(first: Raw, raw: Raw) -> None:
    have, want = set(raw.frame.columns), set(first.frame.columns)
    if have == want:
        return
    lacking = [name for name in first.frame.columns if name not in have]
    more = [name for name in raw.frame.columns if name not in want]
    told = " and ".join(
        f"{word} {', '.join(repr(name) for name in names[:5])}"
        for word, names in (("lacks", lacking), ("has besides", more))
        if names
    )
    raise StudyError(
        f"The files of one source must have the same columns: {raw.label} {told}, "
        f"compared with {first.label}",
        file=raw.label,
        column=(lacking or more)[0],
        advice="Give the columns the same names in all files, `drop` those that are not needed, "
        "or declare the files as sources of their own.",
    )


def _agreed(raws: Sequence[Raw], part: str, what: str) -> dict:
    """What the files say of a column, which must be the same in all that say anything."""
    found: dict = {}
    for raw in raws:
        for name, told in getattr(raw, part).items():
            if found.setdefault(name, told) != told:
                raise StudyError(
                    f"The files of one source declare different {what}",
                    file=raw.label,
                    column=name,
                    advice="Give the column the same ones in all files, or declare the files as "
                    "sources of their own.",
                )
    return found


def stack(raws: Sequence[Raw], source: Source, label: str) -> Raw:
    """Put files of one source below each other, without the columns that `drop` names.

    Raises
    ------
    StudyError
        A file lacks a column or has a further one; files declare a column differently; `drop`
        names a column that is not there.
    """
    raws = _drop(raws, source, label)
    if len(raws) == 1:
        return replace(raws[0], label=label)
    first = raws[0]
    for raw in raws[1:]:
        _demand_same_columns(first, raw)
    codes = {name for raw in raws for name in raw.user_missing}
    raws = [
        replace(raw, user_missing={name: raw.user_missing.get(name, []) for name in codes})
        for raw in raws
    ]
    columns = {
        name: pd.concat(of_one_kind([raw.frame[name] for raw in raws], source.decimal))
        for name in first.frame.columns
    }
    names = [raw.label for raw in raws]
    if len(set(names)) < len(names):  # files of the same name in several folders
        names = list(source.paths)
    rows = [raw.frame.index.to_numpy() + BLOCK * number for number, raw in enumerate(raws)]
    index = pd.Index(np.concatenate(rows), name="row", dtype="int64")
    return Raw(
        label,
        pd.DataFrame({name: cells.array for name, cells in columns.items()}, index=index),
        first.titles,
        _agreed(raws, "labels", "labels"),
        _agreed(raws, "user_missing", "codes for missing"),
        Places(label, tuple(names)),
    )


def only_rows(raw: Raw, source: Source) -> Raw:
    """The rows that `only` asks for; a value may be named by its code or its label.

    Raises
    ------
    StudyError
        A column is not there, or no row is left.
    """
    keep = np.ones(len(raw.frame), dtype=bool)
    for name, values in source.only.items():
        if name not in raw.frame:
            known = [str(column) for column in raw.frame.columns]
            raise no_column(name, known, raw.label, len(raw.frame))
        text = as_text(raw.frame[name])
        wanted = [value.strip() for value in values]
        hit = text.isin(wanted) | (text.isna() if "" in wanted else False)
        if name in raw.labels:
            hit |= text.map(raw.labels[name]).isin(wanted)
        keep &= hit.to_numpy(dtype=bool)
        if not keep.any():
            found = ", ".join(repr(word) for word in text.dropna().unique()[:8])
            raise StudyError(
                f"No row is left: `only` asks for {', '.join(map(repr, values))}",
                file=raw.label,
                column=name,
                rows=len(raw.frame),
                advice=f"The column holds: {found or 'nothing'}.",
            )
    return raw if keep.all() else replace(raw, frame=raw.frame[keep])
