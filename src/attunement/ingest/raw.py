"""A source as its file gives it: cells as they stand, and what the file itself says of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Raw:
    """One source, read and not yet understood.

    `frame` holds the cells: text as it stands, or numbers, truth values and dates where the file
    types its columns; the index ``row`` is the row that a spreadsheet shows (the header is row 1).
    `titles` are the file's own words for a column (SPSS variable label, Qualtrics question).
    `labels` are value labels: column -> code as text -> label. `user_missing` are the codes that
    the file itself declares missing: column -> list of (low, high), or of texts; the cells keep
    them.
    """

    label: str
    frame: pd.DataFrame
    titles: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    user_missing: dict[str, list[tuple[float, float] | str]] = field(default_factory=dict)
