"""Codes for missing: words among numbers, and numbers that recur outside what is possible."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.names import plain
from attunement.ingest.guesses.words import MISSING_NUMBERS, MISSING_TEXTS

RECURS = 2  # a number must stand outside the range so often before it is taken for a code

DOUBTFUL = 20  # another number is asked about only if it stands out of range so often


@dataclass
class Codes:
    """The codes found, each with where it stands, and numbers that may be codes or slips."""

    texts: dict[str, str] = field(default_factory=dict)
    numbers: dict[float, str] = field(default_factory=dict)
    doubtful: dict[float, str] = field(default_factory=dict)

    @property
    def declared(self) -> list[str]:
        """As they stand under `missing_codes`."""
        return [f"{number:g}" for number in sorted(self.numbers)] + list(self.texts)


def missing_codes(ranged: list[tuple[Column, float, float]], others: list[Column]) -> Codes:
    """Find codes for missing.

    Parameters
    ----------
    ranged : columns with the lowest and highest possible value (of their questionnaire).
    others : further columns, of which words for missing are looked up only.

    Notes
    -----
    A number is a code only where it lies outside the possible range of a column, is written as
    codes are (99, -9, 999), and recurs: so -3 to -1 are never codes of an item that runs from -3
    to 3, nor 9 of a scale from 0 to 10. Another number that recurs out of range is doubtful.
    """
    codes = Codes()
    count: Counter[float] = Counter()
    where: dict[float, str] = {}
    for column, low, high in ranged:
        values = column.values[~np.isnan(column.values)]
        outside = values[(values < low - 1e-9) | (values > high + 1e-9)]
        # The number next to the range comes from another coding (1 to 4 for 0 to 3), no code.
        outside = outside[(outside != high + 1) | np.isin(outside, MISSING_NUMBERS)]
        for number, times in zip(*np.unique(outside, return_counts=True), strict=True):
            count[float(number)] += int(times)
            where.setdefault(float(number), column.name)
    for number, times in sorted(count.items()):
        if times < RECURS:
            continue
        told = f"{times} times out of range, first in {where[number]}"
        if number in MISSING_NUMBERS:
            codes.numbers[number] = told
        elif times >= DOUBTFUL:
            codes.doubtful[number] = told
    # A word that stands once in each of several columns recurs as well as one in a single one.
    filled = [one for one in [one for one, _, _ in ranged] + others if one.filled]
    often = Counter(str(text) for one in filled for text in one.text.dropna())
    for column in filled:
        for text in column.text.value_counts().index:
            word = plain(str(text))
            letters = word != "x" and word in MISSING_TEXTS and often[str(text)] >= RECURS
            if letters and (column.is_number or word not in ("none", "-", "?")):
                codes.texts.setdefault(str(text), f"in {column.name}")
    return codes
