"""What a number of a column may be, and which codes are none of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from attunement.ingest.cells import TOLERANCE
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.sheet import Sheet, as_text
from attunement.study.counts import FURTHEST

ENOUGH = 20  # numbers of a column before it is judged as a whole


@dataclass(frozen=True)
class Range:
    """What a number may be.

    `low` and `high` are checked (None: unknown, nothing is out of range). An open side of a
    half-known range is open for missing codes too: 99 is a possible session, -9 is not.
    `counts` says that days, sessions or cases are counted, which end somewhere (`study.counts`);
    of days and times a code is missing only where negative.
    """

    low: float | None = None
    high: float | None = None
    whole: bool = False
    counts: Literal["", "day", "session", "case"] = ""

    @property
    def top(self) -> float:
        """The largest possible value."""
        return FURTHEST.get(self.counts, np.inf) if self.high is None else self.high

    @property
    def bottom(self) -> float:
        """The smallest possible value; a count of days may begin before its first day."""
        return -FURTHEST.get(self.counts, np.inf) if self.low is None else self.low

    def holds_code(self, code: float) -> bool:
        """The code is a possible value."""
        if self.low is None and self.high is None:
            return bool(self.counts) and 0 <= code <= self.top
        return self.bottom <= code <= self.top

    def __str__(self) -> str:
        low = f"{self.bottom:g}" if np.isfinite(self.bottom) else ""
        high = f"{self.top:g}" if np.isfinite(self.top) else ""
        return f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"


def _one_off(allowed: Range, step: int) -> str:
    """The line of `values` that puts answers right which are counted `step` too high."""
    assert allowed.low is not None and allowed.high is not None
    low, high = int(allowed.low), int(allowed.high)
    pairs = ", ".join(f"{one + step}: {one}" for one in range(low, min(high, low + 9) + 1))
    return f"Say under `values` which number each stands for: {{{pairs}}}"


def demand_labels(sheet: Sheet, column: str, allowed: Range) -> None:
    """Demand that the file's own labels do not begin and end one number beside the answers.

    Few need to have chosen the last one for all to be scored wrongly.

    Raises
    ------
    StudyError
        Codes are labelled one higher (or lower) than the possible answers, all of them and no other
        near.
    """
    words = sheet.labels.get(column, {})
    if allowed.low is None or allowed.high is None or not allowed.whole or allowed.counts:
        return
    codes = pd.to_numeric(pd.Series([*words], dtype="str"), errors="coerce").to_numpy("float64")
    near = codes[(codes >= allowed.low - 1) & (codes <= allowed.high + 1)]
    answers = np.arange(allowed.low, allowed.high + 1)
    for step in (1, -1):
        if len(answers) > 2 and np.array_equal(np.sort(near), answers + step):
            first = next(word for code, word in words.items() if float(code) == answers[0] + step)
            raise sheet.where.fault(
                f"The labels in the file go from {near.min():g} ('{first}') to {near.max():g}, "
                f"where {allowed} belongs: the answers are counted from another number",
                column,
                sheet.rows,
                f"{_one_off(allowed, step)}.",
            )


def demand_range(sheet: Sheet, column: str, values: np.ndarray, allowed: Range) -> None:
    """Demand that the numbers of a column are meant in the range that is declared for them.

    Raises
    ------
    StudyError
        At least half of twenty or more lie outside it; or they are whole, begin one above the
        lowest and end one above the highest: they are counted from another number.
    """
    if allowed.low is None or allowed.high is None or allowed.counts:
        return
    known = values[np.isfinite(values)]
    out = (values < allowed.low - TOLERANCE) | (values > allowed.high + TOLERANCE)
    n = int(out.sum())
    shift = np.array([known.min(), known.max()]) - (allowed.low, allowed.high) if n else np.zeros(2)
    whole = allowed.whole and bool((known % 1 == 0).all())
    moved = whole and len(known) >= ENOUGH and 10 * n >= len(known) and abs(shift[0]) == 1
    if moved and shift[0] == shift[1]:
        raise sheet.where.fault(
            f"The numbers go from {known.min():g} to {known.max():g}, where {allowed} belongs: "
            "they seem to be counted from another number",
            column,
            sheet.rows[out],
            f"{_one_off(allowed, int(shift[0]))}; or, if they are meant as they stand, correct "
            "those out of range in the file.",
        )
    if len(known) >= ENOUGH and 2 * n >= len(known):
        raise sheet.where.fault(
            f"{n} of the {len(known)} numbers lie outside {allowed}, which is possible, as "
            f"{values[out][0]:g}",
            column,
            sheet.rows[out],
            "Check which column holds these answers, whether they are multiplied, reversed or "
            "coded otherwise (say so under `values`), and the range that is declared for them.",
        )


def note_possible(
    sheet: Sheet,
    column: str,
    shown: pd.Series,
    values: np.ndarray,
    gone: np.ndarray,
    allowed: Range,
    conflicts: Conflicts,
) -> None:
    """List possible answers that the file itself declares missing, where most of a column are.

    They are missing all the same, and a few are no conflict (see `cells`); but a slip in the list
    of missing values of a statistics file would empty a column without a word.
    """
    if allowed.low is None or allowed.high is None or not gone.any():
        return
    possible = (values >= allowed.low) & (values <= allowed.high)
    hit = gone & possible
    if 2 * hit.sum() <= possible.sum():
        return
    conflicts.add(
        sheet.where, column, sheet.rows[hit], "declared missing", as_text(shown[hit]),
        "set missing", f"the file declares it missing, and possible is {allowed}",
    )  # fmt: skip
