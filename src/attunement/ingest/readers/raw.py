"""A source as its file gives it: cells as they stand, and what the file itself says of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attunement.ingest.places import Places


@dataclass(frozen=True)
class Note:
    """What befell rows before they were understood: an entry of the conflict list."""

    places: Places
    column: str
    rows: np.ndarray
    kind: str
    values: np.ndarray
    action: str
    detail: str


@dataclass(frozen=True)
class Raw:
    """One source, read and not yet understood.

    `frame` holds the cells: text as it stands, or numbers, truth values and dates where the file
    types its columns; the index ``row`` is the row that the file's program shows (see
    `formats.read_file`), or a number that `places` translates into it.
    `titles` are the file's own words for a column (SPSS variable label, Qualtrics question).
    `labels` are value labels: column -> code as text -> label. `user_missing` are the codes that
    the file itself declares missing: column -> list of (low, high), or of texts; the cells keep
    them. `forms` are decimal mark and order of dates of columns that a joined source gave. `notes`
    are rows that found no partner in a join.
    """

    label: str
    frame: pd.DataFrame
    titles: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    user_missing: dict[str, list[tuple[float, float] | str]] = field(default_factory=dict)
    places: Places | None = None
    forms: dict[str, tuple[str, str]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def where(self) -> Places:
        """Where its rows stand."""
        return self.places or Places(self.label)


def from_memory(label: str, frame: pd.DataFrame) -> Raw:
    """A table from memory: rows keep an index called ``row``, else they count from 2."""
    if frame.index.name != "row":
        frame = frame.set_axis(pd.RangeIndex(2, len(frame) + 2, name="row"))
    return Raw(label, frame)
