"""Codes that stand for one person each, and the accounts and postcodes that look like numbers."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd

from attunement.ingest.privacy.identifier_cells import Cells
from attunement.ingest.privacy.identifier_names import lexicon
from attunement.ingest.privacy.identifier_shapes import CODE, MANY_LETTERS, NO_CODE, PAIRS, YEARS


@cache
def known(kind: str) -> frozenset[str]:
    """Return the words of a list of `identifiers.yaml`, small letters and capitals alike."""
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
    no date, no decimal number; whole numbers that mostly end in 0 are amounts.
    """
    nothing = np.zeros(len(cells.values), dtype=bool)
    if role_is_number or cells.decimals:
        return nothing
    shaped = cells.telling & (cells.n_digits >= 5) & ~cells.dates
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
    amounts = cells.matches(r"^\d+0$", long)
    return nothing if long.sum() > 2 and amounts.sum() >= 0.5 * long.sum() else long


def postcodes(cells: Cells) -> np.ndarray:
    """Return which values are postcodes of five digits: all five long, over the whole country."""
    five = cells.matches(r"^\d{5}$")
    filled = cells.counts > 0
    if five.sum() < 5 or five.sum() < 0.9 * (filled & cells.telling).sum():
        return np.zeros(len(five), dtype=bool)
    if five.sum() < 0.9 * filled.sum():
        return np.zeros(len(five), dtype=bool)
    numbers = np.array([int(text) for text in cells.values.filter(pd_mask(five)).to_pylist()])
    wide = len(np.unique(numbers // 10000)) >= 4 and numbers.max() - numbers.min() > 40000
    amounts = (numbers % 10 == 0).mean() > 0.4
    return five if wide and not amounts else np.zeros(len(five), dtype=bool)


def pd_mask(mask: np.ndarray):  # type: ignore[no-untyped-def]
    """Return a mask as Arrow takes it."""
    import pyarrow as pa

    return pa.array(mask)
