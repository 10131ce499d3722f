"""A column as it looks: its words, its numbers, its dates, and how it repeats."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from attunement.ingest.date_words import DAY_WORD, PARTS, WORD_DAY
from attunement.ingest.guesses.names import plain, words
from attunement.ingest.guesses.words import GENDER, MISSING_NUMBERS, MISSING_TEXTS
from attunement.ingest.readers.raw import Raw
from attunement.ingest.sheet import as_text

RARE = 400  # a number is usual that stands once in so many cells
MOSTLY = 0.8  # a column is of numbers (or dates) if so many of its cells are
_DATE = re.compile(
    r"^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})"
    r"([T ]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?)?$"
)
_DIGITS = re.compile(r"\d{7,8}")
_YEARS = (1980, 2060)  # of treatments: other numbers of eight digits are no dates


def _possible(year: str, month: str, day: str) -> bool:
    try:
        return _YEARS[0] <= dt.date(int(year), int(month), int(day)).year <= _YEARS[1]
    except ValueError:
        return False


def unmarked(text: str) -> list[str]:
    """How a date without marks may be written: 20230131, 31012023 (or 1012023); [] for no date."""
    if not _DIGITS.fullmatch(text):
        return []
    whole = text.zfill(8)
    return [
        order
        for order, parts in PARTS.items()
        if (len(text) == 8 or order != "yyyymmdd") and _possible(*(whole[one] for one in parts))
    ]


def _dates(text: pd.Series) -> float:
    """The share of dates in figures, or of those with the month in letters (5-Mar-2021)."""
    lettered = text.str.fullmatch(DAY_WORD.pattern) | text.str.fullmatch(WORD_DAY.pattern)
    return max(float(text.str.match(_DATE).mean()), float(lettered.mean()))


@dataclass(frozen=True)
class Column:
    """One column of one source.

    `text` holds the cells as stripped text (missing where blank); `labels` the file's own words
    for codes; `own_missing` the codes that the file itself declares missing.
    """

    source: str
    name: str
    title: str
    text: pd.Series
    decimal: str = "."
    labels: dict[str, str] = field(default_factory=dict)
    own_missing: tuple[Any, ...] = ()
    dated: bool = False

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the name."""
        return tuple(words(self.name))

    @cached_property
    def filled(self) -> int:
        """How many cells hold anything."""
        return int(self.text.notna().sum())

    @cached_property
    def told(self) -> pd.Series:
        """The cells that hold something other than a word for missing."""
        text = self.text.dropna()
        words = [one for one in pd.unique(text) if plain(one) in MISSING_TEXTS]
        words = [one for one in words if one not in self._letters_among(text, words)]
        return text[~text.isin(words)] if words else text

    def _letters_among(self, text: pd.Series, words: list[str]) -> list[str]:
        """X that comes again among F and M is a word of its own; beside others it is a mark."""
        counts = text[~text.isin(words)].value_counts()
        short = all(len(one) <= 2 and one.isalpha() for one in counts.index)
        if not short or not 2 <= len(counts) <= 12:
            return []
        recurs = 1 if set(self.words) & GENDER else 2
        return [one for one in words if plain(one) == "x" and (text == one).sum() >= recurs]

    @cached_property
    def answered(self) -> pd.Series:
        """The cells that are told, and those that say none, which is an answer among words."""
        text = self.text.dropna()
        return text[text.isin(self.told) | text.map(plain).eq("none")]

    @cached_property
    def values(self) -> np.ndarray:
        """The numbers of the cells in their rows (NaN: none)."""
        text = self.text
        if self.decimal == ",":
            text = text.str.replace(",", ".", regex=False)
        found = pd.to_numeric(text, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
        found = np.where(np.isfinite(found), found, np.nan)
        for one in self.own_missing:
            if isinstance(one, tuple):
                found[(found >= one[0]) & (found <= one[1])] = np.nan
        return found

    @cached_property
    def is_number(self) -> bool:
        """Most of what is told is a number."""
        told = len(self.told)
        return told > 0 and not self.is_date and bool(
            (~np.isnan(self.values)).sum() >= MOSTLY * told
        )  # fmt: skip

    @cached_property
    def is_date(self) -> bool:
        """Most of what is told is a date."""
        told = self.told
        return len(told) > 0 and (self.dated or _dates(told) >= MOSTLY or bool(self.unmarked_dates))

    @cached_property
    def unmarked_dates(self) -> list[str]:
        """How its dates may be written where they are digits only (20230131); [] for no dates.

        Such digits count nothing: they number no session and rate nothing.
        """
        written = [unmarked(one) for one in self.distinct]
        return [
            order
            for order in PARTS
            if len(written) >= 2 and sum(order in one for one in written) >= MOSTLY * len(written)
        ]

    @cached_property
    def numbers(self) -> np.ndarray:
        """The distinct numbers, in order."""
        return np.unique(self.values[~np.isnan(self.values)])

    @cached_property
    def distinct(self) -> list[str]:
        """The distinct texts, in order of first appearance."""
        return [str(one) for one in pd.unique(self.told)]

    @cached_property
    def span(self) -> tuple[float, float] | None:
        """The lowest and highest number, rare ones and what is written as a code left aside."""
        numbers = self.values[~np.isnan(self.values)]
        inner = numbers[~np.isin(numbers, MISSING_NUMBERS)] if len(self.numbers) > 2 else numbers
        if not len(inner):
            return None
        found, times = np.unique(inner, return_counts=True)
        # A number that stands once among hundreds, far from its neighbours, is a slip.
        usual = found[times * RARE >= times.sum()] if len(inner) >= RARE else found
        usual = usual if len(usual) else found
        low, high = float(usual[0]), float(usual[-1])
        # 9 on a scale from 0 to 10 was no code: its neighbours are there.
        for code in (9.0, 8.0, -1.0):
            if code in numbers and (code - 1 in inner or code + 1 in inner):
                low, high = min(low, code), max(high, code)
        return low, high

    def inside(self, low: float, high: float) -> float:
        """The share of numbers within a range, likely codes for missing left aside."""
        numbers = self.values[~np.isnan(self.values)]
        codes = [c for c in MISSING_NUMBERS if not low <= c <= high]
        numbers = numbers[~np.isin(numbers, codes)]
        if not len(numbers):
            return 0.0
        return float(((numbers >= low - 1e-9) & (numbers <= high + 1e-9)).mean())


@dataclass(frozen=True)
class Table:
    """One source as it was found: its fields for dataset.yaml, and its columns by name."""

    name: str
    fields: dict[str, Any]
    label: str
    rows: int
    columns: dict[str, Column]


def look(name: str, fields: dict[str, Any], raw: Raw) -> Table:
    """Look at a source.

    Parameters
    ----------
    name : what dataset.yaml will call it.
    fields : its fields under `sources` (path, delimiter, decimal, ...).
    raw : what the file holds.
    """
    decimal = str(fields.get("decimal", "."))
    dropped = set(fields.get("drop", []))
    columns = {}
    for one in raw.frame.columns:
        if str(one) in dropped:
            continue
        cells = raw.frame[one]
        columns[str(one)] = Column(
            name,
            str(one),
            raw.titles.get(one, ""),
            as_text(cells),
            decimal if not pd.api.types.is_numeric_dtype(cells.dtype) else ".",
            raw.labels.get(one, {}),
            tuple(raw.user_missing.get(one, ())),
            pd.api.types.is_datetime64_any_dtype(cells.dtype),
        )
    return Table(name, fields, raw.label, len(raw.frame), columns)
