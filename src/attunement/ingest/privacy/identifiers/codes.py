"""Codes that stand for one person each, and the accounts and postcodes that look like numbers."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd

from attunement.ingest.privacy.identifiers.cells import SAMPLE, Cells
from attunement.ingest.privacy.identifiers.names import lexicon, tokens
from attunement.ingest.privacy.identifiers.shapes import CODE, MANY_LETTERS, NO_CODE, PAIRS, YEARS

FEW_NUMBERS, MANY_NUMBERS, CLOSE = 5, 10, 3
DIGITS_OF_A_CODE, DIGITS_AMONG_NUMBERS = 5, 7
LARGE = 20  # rows of a table in which a number may stand out
LATEST = 47_500  # the number of a day in 2030, as a spreadsheet counts


# Words in names of columns that count or measure something, however long the numbers.
AMOUNTS = set(
    "salary income wage wages earnings gehalt einkommen inkomen salario revenu cost costs kosten "
    "amount betrag steps weight steg einkommens lohn cost price preis budget "
    "ms us rt sec secs seconds sekunden duration dauer latency time elapsed millis "
    "seed seeds rng rank decile quintile percentile imd profile".split()
)


def counts_something(column: str) -> bool:
    """Return whether the name of a column speaks of an amount, a time or a rank."""
    return bool(set(tokens(column)) & AMOUNTS)


@cache
def known(kind: str) -> frozenset[str]:
    """Return the words of a list of `lexicon.yaml`, small letters and capitals alike."""
    return frozenset(word.casefold() for word in lexicon()[kind])


def one_each(cells: Cells, hits: np.ndarray, people: np.ndarray | None) -> bool:
    """Return whether nearly every value stands for one person, or one row, alone.

    Parameters
    ----------
    cells : Cells
        The column.
    hits : ndarray
        Which values are meant.
    people : ndarray or None
        The person of each row by number, -1 for none; None: rows are all there is.
    """
    rows = cells.rows_of(hits)
    n_values = int(hits.sum())
    if not n_values:
        return False
    if n_values >= 0.9 * len(rows):
        return True
    if people is None:
        return False
    pairs = pd.DataFrame({"value": cells.places[rows], "person": people[rows]}).drop_duplicates()
    pairs = pairs[pairs["person"] >= 0]
    return len(pairs) > 1 and n_values >= 0.9 * len(pairs)


def combined(cells: Cells) -> bool:
    """Return whether texts put a few words together, as answers with several choices do."""
    lettered = np.flatnonzero(cells.telling & (cells.n_letters > 1))[:SAMPLE]
    texts = cells.values.take(lettered).to_pylist()
    listed = [re.split(r" ?[;|+/] ?|, ?", text.casefold()) for text in texts]
    parts = [part for some in listed for part in some if part]
    several = sum(len(some) > 1 for some in listed)
    return several >= 0.3 * len(texts) and len(set(parts)) <= 0.5 * len(parts)


def handles(cells: Cells) -> np.ndarray:
    """Return which values are a known given name with digits behind it, as people call accounts."""
    found = cells.matches(r"^\p{L}{3,}[._-]?\d{2,4}$", cells.telling & (cells.n_digits > 1))
    chosen = np.flatnonzero(found)
    given = known("given")
    texts = cells.values.take(chosen).to_pylist()
    found[chosen] = [re.split(r"[\d._-]", text)[0].casefold() in given for text in texts]
    return found


def unique_codes(cells: Cells, people: np.ndarray | None, role_is_number: bool) -> np.ndarray:
    """Return which values are long codes that stand for one person or one row each.

    Seven characters or more with at least five digits (six digits, in a column of nothing else),
    no date, no decimal number; whole numbers that mostly end in 0 are amounts. In a column declared
    as numbers only those of seven digits and more.
    """
    nothing = np.zeros(len(cells.values), dtype=bool)
    if cells.decimals:
        return nothing
    fewest = DIGITS_AMONG_NUMBERS if role_is_number else DIGITS_OF_A_CODE
    shaped = cells.telling & (cells.n_digits >= fewest) & ~cells.dates
    if not shaped.any():
        return nothing
    shaped &= cells.n_letters < MANY_LETTERS
    if not shaped.any():
        return nothing
    plain = cells.matches(NO_CODE, shaped)
    pairs = cells.matches(PAIRS, plain)
    pairs &= ~cells.matches(YEARS, pairs)
    if pairs.sum() >= 10 and pairs.sum() >= 0.9 * shaped.sum():
        plain &= ~pairs
    shaped &= ~plain
    shaped &= cells.matches(CODE, shaped)
    long = shaped & cells.matches("^.{7,}$", shaped)
    if shaped.sum() >= 10 and shaped.sum() >= 0.9 * (cells.counts > 0).sum():
        long = cells.matches("^.{6,}$", shaped)
    if not long.any() or not one_each(cells, long, people):
        return nothing
    few = long.sum() < MANY_NUMBERS or cells.counts[long].sum() < 0.5 * cells.counts.sum()
    if role_is_number and few:
        return nothing  # a slip among numbers becomes a listed conflict
    amounts = cells.matches(r"^\d+0$", long)
    return nothing if long.sum() > 2 and amounts.sum() >= 0.5 * long.sum() else long


def numbers_of_one(cells: Cells, people: np.ndarray | None) -> np.ndarray:
    """Return which values are numbers of five digits and more that count nothing.

    Postcodes lie all over the country; record numbers, and dates as a spreadsheet counts them, are
    of one person each. They are all a column holds but for some earlier dates of four digits, ten
    and more among numbers of three digits, or a few where there is nothing like them.
    Numbers that mostly end in 0 are amounts; those that lie close together number the rows.
    """
    five, filled = cells.matches(r"^\d{5}$"), cells.counts > 0
    short = filled & cells.matches(r"^-?\d{1,3}([.,]\d+)?$")
    if (few := _lone_numbers(cells, short)).any():
        return few
    nothing = np.zeros(len(five), dtype=bool)
    earlier = filled & cells.matches(r"^[1-9]\d{3}$")
    others = filled & ~five & ~short & ~earlier & (cells.n_digits > 0)
    if five.sum() < max(FEW_NUMBERS, 9 * others.sum(), 2 * earlier.sum()):
        return nothing
    both = five | earlier
    numbers = np.array([int(text) for text in cells.values.filter(pd_mask(both)).to_pylist()])
    span = numbers.max() - numbers.min()
    profile = bool(cells.matches(r"^[1-5]{5}$")[five].all())  # five answers of one to five
    if profile or (numbers % 10 == 0).mean() > 0.4 or span < CLOSE * len(numbers):
        return nothing
    wide = len(np.unique(numbers // 10000)) >= 4 and span > 40000
    if wide and not (short.any() or earlier.sum() > 0.1 * five.sum()):
        return five
    many = five.sum() >= MANY_NUMBERS and (not earlier.any() or numbers.max() <= LATEST)
    return both if many and one_each(cells, both, people) else nothing


def _lone_numbers(cells: Cells, short: np.ndarray) -> np.ndarray:
    """Long numbers, each in one row, where all other numbers have three digits at most."""
    long = cells.matches(
        r"^\d{5,8}$|^\d{4,6}[/-]\d{2,6}$|^\d{2}/\d{4}$", cells.telling & ~cells.dates
    )
    long &= ~cells.matches(r"^(9+|8+|7+|6+)\d?$") & ~cells.matches(YEARS)
    rest = (cells.counts > 0) & ~short & (cells.n_digits > 0)
    nothing = np.zeros(len(long), dtype=bool)
    if not long.any() or len(cells.places) < LARGE or (long != rest).any():
        return nothing
    amounts = cells.matches(r"^\d+0$", long).mean(where=long)
    few = long.sum() < 0.5 * (cells.places >= 0).sum() or long.sum() < MANY_NUMBERS
    told = few and amounts <= 0.4 and (cells.counts[long] == 1).all()
    return long if told else nothing


def pd_mask(mask: np.ndarray):  # type: ignore[no-untyped-def]
    """Return a mask as Arrow takes it."""
    import pyarrow as pa

    return pa.array(mask)
