"""What no value tells and a whole column does: short dates, days before 1960, paired postcodes.

10/46 may be ten of forty-six and -5616 a difference; a column full of them is neither.
"""

from __future__ import annotations

import re

import numpy as np

from attunement.ingest.month_names import month_of
from attunement.ingest.privacy.identifiers.by_name import Role
from attunement.ingest.privacy.identifiers.cells import Cells
from attunement.ingest.privacy.identifiers.codes import counts_something, one_each, pd_mask
from attunement.ingest.privacy.identifiers.names import (
    of_a_birth,
    of_an_assessment,
    tokens,
)

FEWEST, FEWEST_DATES = 5, 10  # different values
NEARLY_ALL, MOST = 0.9, 0.5
FEWEST_ANSWERED = 20
MONTHS_SEEN, SPAN_OF_YEARS, LATEST_DAY = 5, 20, 13
SPAN_OF_POSTCODES = 500  # ranges of scores lie closer together
# Days before 1 January 1960, as programs count them: some are more than a therapy before it.
DAYS_BEFORE, DAYS_OF_A_LIFE = -4000, -22_000
OF_DAYS = frozenset("days day tage tag dagen dag dias jours before since until vor seit".split())
DAY_FIRST = r"^\d{1,2}(\.|st|nd|rd|th)? ?(of |de |d')?\p{L}{3,}\.?$"
MONTH_FIRST = r"^\p{L}{3,}\.? \d{1,2}(\.|st|nd|rd|th)?$"
MONTH_OF_A_YEAR = r"^(0?[1-9]|1[0-2])/'?\d{2}$"
POSTCODES = r"^\d{2}-\d{3}$|^\d{3}-\d{4}$"


def _share(cells: Cells, hits: np.ndarray) -> float:
    """The share of the rows with anything in them."""
    return float(cells.counts[hits].sum() / max(1, len(cells.rows_of(cells.counts > 0))))


def _pairs(cells: Cells, hits: np.ndarray) -> np.ndarray:
    texts = cells.values.filter(pd_mask(hits)).to_pylist()
    return np.array([[int(one) for one in re.findall(r"\d+", text)] for text in texts])


def months_of_births(cells: Cells) -> np.ndarray:
    """Return which values are a month and two digits of a year: 10/46, 8/'98.

    Nine of ten rows, ten different, five months, and years too far apart for a study.
    """
    found = cells.matches(MONTH_OF_A_YEAR, cells.telling)
    nothing = np.zeros_like(found)
    if found.sum() < FEWEST_DATES or _share(cells, found) < NEARLY_ALL:
        return nothing
    months, years = _pairs(cells, found).T
    told = len(set(months)) >= MONTHS_SEEN and np.ptp(years) > SPAN_OF_YEARS
    return found if told else nothing


def days_of_a_year(cells: Cells) -> np.ndarray:
    """Return which values are a day and a month in a word: 7 March; most rows, five different."""
    found = cells.telling & (cells.n_digits > 0) & (cells.n_letters > 2)
    found = cells.matches(f"{DAY_FIRST}|{MONTH_FIRST}", found)
    if found.sum() < FEWEST or _share(cells, found) < MOST:
        return np.zeros_like(found)
    chosen = np.flatnonzero(found)
    words = [re.sub(r"^[\d. ]+(?:(?:st|nd|rd|th)\b)? ?(?:of |de |d')?|\.? \d+\D*$", "", text)
             for text in cells.values.take(chosen).to_pylist()]  # fmt: skip
    found[chosen] = [month_of(word.rstrip(".")) is not None for word in words]
    days = _pairs(cells, found)
    told = found.sum() >= FEWEST and _share(cells, found) >= MOST
    return found if told and LATEST_DAY <= days.max() <= 31 else np.zeros_like(found)


def days_of_births(cells: Cells) -> np.ndarray:
    """Return which values are days before 1960 (-5616), in a column of nothing else."""
    found = cells.matches(r"^-\d{1,5}$")
    nothing = np.zeros_like(found)
    if found.sum() < FEWEST_DATES or not cells.below_zero.any():
        return nothing
    if _share(cells, found) < NEARLY_ALL:
        return nothing
    days = -_pairs(cells, found)[:, 0]
    told = DAYS_OF_A_LIFE <= days.min() < DAYS_BEFORE and (days % 10 == 0).mean() < MOST
    different = found.sum() >= MOST * cells.counts[found].sum()
    return found if told and different else nothing


def postcodes(cells: Cells, people: np.ndarray | None) -> np.ndarray:
    """Return which values are postcodes in two parts (44-412, 928-4276), hardly two alike."""
    found = cells.matches(POSTCODES, cells.telling & (cells.n_digits >= 5))
    nothing = np.zeros_like(found)
    if found.sum() < FEWEST or _share(cells, found) < MOST:
        return nothing
    second = _pairs(cells, found)[:, 1]
    return (
        found if np.ptp(second) >= SPAN_OF_POSTCODES and one_each(cells, found, people) else nothing
    )


def strings_of_answers(cells: Cells) -> np.ndarray:
    """Return which values are the answers to all items, digit by digit: 201130213.

    Twenty different and nearly all there is, most of one length, none with an 8 or a 9: of twenty
    numbers of five digits that is true once in five thousand million times.
    """
    found = cells.matches(r"^[0-7]{5,}$", cells.telling & (cells.n_letters == 0))
    nothing = np.zeros_like(found)
    if found.sum() < FEWEST_ANSWERED or _share(cells, found) < NEARLY_ALL:
        return nothing
    lengths = cells.n_digits[found]
    return found if (lengths == np.median(lengths)).mean() >= MOST else nothing


def by_whole_columns(
    cells: Cells, column: str, role: Role, people: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Return what the column as a whole is: kind of identifier -> which values.

    Nothing in columns that are declared as numbers, days, ids or words; a name that speaks of
    days, amounts or assessments is believed.
    """
    if role not in ("unread", "other"):
        return {}
    found: dict[str, np.ndarray] = {}
    dates = np.zeros(len(cells.values), dtype=bool)
    if not (counts_something(column) or OF_DAYS & set(tokens(column))):
        dates |= days_of_births(cells)
    if cells.telling.any() and (of_a_birth(column) or not of_an_assessment(column)):
        dates |= months_of_births(cells) | days_of_a_year(cells)
    if dates.any():
        found["date"] = dates
    if cells.telling.any() and (places := postcodes(cells, people)).any():
        found["geography"] = places
    return found
