"""When: the words for occasions, the order of day and month, and the unit of time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from attunement.ingest.date_words import PARTS
from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.names import pieces

_DATE = re.compile(r"^(\d{1,2})([./-])(\d{1,2})[./-]\d{2,4}")
_SHORT_YEAR = re.compile(r"^\d{1,2}[./-]\d{1,2}[./-]\d{2}(\D|$)")


def occasion_of(text: str) -> tuple[int, int] | None:
    """Where a word for an occasion stands in order, as (before numbered ones?, number); or None.

    `pre`, `session_3_arm_1`, `T2`, `baseline_arm_1`: the first number that no `arm` precedes
    counts; without one the rank of its word does.
    """
    parts = pieces(text)
    while len(parts) >= 2 and parts[-2].text == "arm" and parts[-1].number:
        parts = parts[:-2]
    ranks = [
        rank for part in parts for rank, some in lexicon.OCCASION_WORDS.items() if part.text in some
    ]
    numbers = [int(part.text) for part in parts if part.number]
    known = lexicon.SESSION | lexicon.OCCASION | lexicon.WEEK | lexicon.MONTH | lexicon.DAY
    if ranks:
        return (0 if ranks[0] == 0 else 1 + ranks[0], numbers[0] if numbers else 0)
    if numbers and any(part.text in known for part in parts):
        return (1, numbers[0])
    return None


def number_occasions(words: list[str]) -> dict[str, int]:
    """A number for each word of an occasion, in their order.

    Words with a number of their own (session 3, T2) keep it, those before them are 0; without
    numbers they are counted from 0.
    """
    placed = sorted(((occasion_of(word) or (9, 0)), word) for word in words)
    numbered = [(place, word) for place, word in placed if place[0] == 1]
    made: dict[str, int] = {}
    following = 0
    for place, word in placed:
        if place[0] == 1:
            made[word] = place[1]
            following = max(following, place[1] + 1)
        else:
            made[word] = 0 if place[0] == 0 and numbered else following
            following = max(following, made[word] + 1)
    return made


def short_years(column: Column) -> bool:
    """Dates of text whose years have two digits: which century is not said."""
    return not column.dated and any(_SHORT_YEAR.match(text) for text in column.told)


@dataclass(frozen=True)
class DateOrder:
    """How dates are written, why one thinks so, and how else they may be written."""

    order: str
    reason: str
    others: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Nothing else is possible."""
        return not self.others


def _without_marks(columns: list[Column]) -> DateOrder | None:
    """How the dates of digits in a source are written, where all can be written alike."""
    forms = [column.unmarked_dates for column in columns if column.unmarked_dates]
    alike = [order for order in PARTS if all(order in some for some in forms)]
    if not forms or not alike:
        return None
    first, *others = alike
    if others:
        return DateOrder(first, "no digits above 12 tell day from month", tuple(others))
    return DateOrder(first, f"digits that are dates in this order alone: {first}")


def date_order(columns: list[Column]) -> DateOrder | None:
    """The order of day and month in a source's dates of text; None where there are none.

    A first number above 12 is a day, a second one above 12 as well; points between the numbers are
    written where the day comes first. Else nothing in the file decides. Dates of digits alone
    (20230131) are told by which digits can be months.
    """
    first, second, marks = 0, 0, set()
    for column in columns:
        if not column.is_date or column.dated:
            continue
        for text in column.told:
            match = _DATE.match(text)
            if match:
                first = max(first, int(match.group(1)))
                second = max(second, int(match.group(3)))
                marks.add(match.group(2))
    if not marks:
        return _without_marks(columns)
    other = ("month_first",)
    if first > 12 and second > 12:
        return DateOrder("day_first", "days above 12 stand in both places: some are wrong", other)
    if first > 12:
        return DateOrder("day_first", f"the first number goes up to {first}: it is the day")
    if second > 12:
        return DateOrder("month_first", f"the second number goes up to {second}: it is the day")
    if marks == {"."}:
        return DateOrder("day_first", "dates with points are written day first")
    return DateOrder("day_first", "no number above 12 tells day from month", other)
