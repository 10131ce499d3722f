"""Names of persons, free text and unique codes: what shows in a whole column, not in one form."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from attunement.ingest.identifier_cells import Cells
from attunement.ingest.identifier_names import lexicon
from attunement.ingest.identifier_patterns import CODE, NO_CODE, WORDY

TITLED = (
    r"\b(Dr|Prof|Mr|Mrs|Ms|Herr|Frau|Fr|Hr|Sr|Sra|Srta|Mme|Mlle|Dhr|Mevr|Mw|Sig|Sig\.ra|Dott)\.? "
    r"([A-Z]\.? ?)?[A-ZÀ-ÖØ-Þ][\w'-]+"
)
# Letters of Latin scripts; whole classes of Unicode make slow patterns.
UP, LOW = "A-ZÀ-ÖØ-ÞĀ-ž", "a-zß-öø-ÿĀ-ž"
WORD = (
    rf"[{UP}][{LOW}]+(?:[-'’][{UP}]?[{LOW}]+)?|[OD]['’][{UP}][{LOW}]+|Mc[{UP}][{LOW}]+|"
    rf"[{UP}]{{3,}}(?:[-'’][{UP}]+)?"
)
PARTICLES = r"(?:(?:von|van|de|der|den|del|di|la|le|ten|ter) )*"
SEVERAL = rf"^(?:{WORD})(?:,? {PARTICLES}(?:{WORD}|[{UP}]\.)){{1,3}}$"
ONE = rf"^(?:{WORD})$"
INITIAL = rf"^(?:[{UP}]\.[ -]?){{1,3}}(?:{WORD})$"
SMALL = rf"^[{LOW}]{{2,}}(?:,? [{LOW}]{{2,}}){{1,2}}$"
LEAST_NAMES, LEAST_SURNAMES = 8, 10
SENTENCE = r"(\S+\s+){3,}\S"
LONG_TEXT, VERY_LONG_TEXT = r"(\S+\s+){5,}\S", r"(\S+\s+){11,}\S"


def _words(texts: list[str]) -> list[list[str]]:
    return [[word for word in re.split(r"[\s,.]+", text) if word] for text in texts]


def _known(kind: str) -> set[str]:
    return {word.casefold() for word in lexicon()[kind]}


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


def names(cells: Cells, people: np.ndarray | None) -> np.ndarray:
    """Return which values are names of persons.

    A title with a name, or a known given name beside a capitalised word, is one wherever it
    stands. Single known names count where they are a fifth of all words, or stand among blanks and
    numbers. Unknown names count where a column is full of different capitalised words, two by two
    or (one each, nearly one a person) alone, that are no words of diagnoses or groups.
    """
    letters = cells.telling & cells.matches(r"\p{Lu}\p{L}")
    lower = cells.telling & cells.matches(r"^\p{Ll}[\p{Ll} ,'-]+$|^\p{Lu}+$")
    found = cells.matches(TITLED) & letters if letters.any() else np.zeros(len(letters), dtype=bool)
    if not (letters | lower).any():
        return found
    given, surname, common = _known("given"), _known("surname"), _known("not_in_names")
    several = letters & cells.matches(SEVERAL)
    chosen = np.flatnonzero(several)
    words = _words(cells.values.take(chosen).to_pylist())
    known = np.array(
        [
            bool({one.casefold() for one in some} & (given | surname))
            and not {one.casefold() for one in some} & common
            for some in words
        ],
        dtype=bool,
    )
    found[chosen[known]] = True
    if len(words) >= LEAST_NAMES:
        first = {some[0].casefold() for some in words}
        last = {some[-1].casefold() for some in words}
        ordinary = np.mean([word.casefold() in common for some in words for word in some])
        varied = len(first) >= 0.3 * len(words) and len(last) >= 0.4 * len(words)
        # A column of names: they are most of what stands there.
        if varied and ordinary < 0.1 and several.sum() >= 0.6 * cells.telling.sum():
            found |= several
    if letters.any():
        found |= letters & cells.matches(INITIAL)
    return (
        found
        | _small(cells, given, surname)
        | _few(cells, several, people, common)
        | _single(cells, letters | lower, people, given | surname, common)
    )


def _small(cells: Cells, given: set[str], surname: set[str]) -> np.ndarray:
    """Given name and surname in small letters, both known."""
    found = cells.telling & cells.matches(SMALL)
    chosen = np.flatnonzero(found)
    words = [set(some) for some in _words(cells.values.take(chosen).to_pylist())]
    found[chosen] = [bool(w & given) and bool(w & surname) and w <= given | surname for w in words]
    return found


def _few(
    cells: Cells, several: np.ndarray, people: np.ndarray | None, common: set[str]
) -> np.ndarray:
    """A few names, none of them known: all words that a column holds, one pair for each person."""
    letters = cells.telling & cells.matches(r"\p{L}{2}")
    alone = several.any() and several.sum() == letters.sum() and one_each(cells, several, people)
    if alone:
        words = _words(cells.values.take(np.flatnonzero(several)).to_pylist())
        if not any(word.casefold() in common for some in words for word in some):
            return several
    return np.zeros(len(several), dtype=bool)


def _single(
    cells: Cells, words: np.ndarray, people: np.ndarray | None, known: set[str], common: set[str]
) -> np.ndarray:
    found = np.zeros(len(words), dtype=bool)
    single = words & cells.matches(r"^[\p{L}'’-]{3,}$")
    chosen = np.flatnonzero(single)
    texts = [text.casefold() for text in cells.values.take(chosen).to_pylist()]
    hit = np.array([text in known for text in texts], dtype=bool)
    alone = len(chosen) == int((cells.telling & cells.matches(r"\p{L}")).sum())
    if hit.any() and (hit.sum() >= 0.2 * len(chosen)) and (alone or hit.sum() >= 2):
        found[chosen[hit]] = True
    capital = single & cells.matches(ONE)
    ordinary = np.mean([text in common for text in texts]) if texts else 1.0
    full = int(capital.sum()) >= LEAST_SURNAMES and capital.sum() >= 0.8 * cells.telling.sum()
    if full and ordinary < 0.1 and one_each(cells, capital, people):
        found |= capital
    return found


def towns(cells: Cells) -> np.ndarray:
    """Return which values are large towns, where towns are a fifth of the words or all of them."""
    found = cells.telling & cells.matches(r"^[\p{L} -]{4,}$")
    chosen = np.flatnonzero(found)
    known = _known("towns")
    found[chosen] = [text.casefold() in known for text in cells.values.take(chosen).to_pylist()]
    return found if found.any() and found.sum() >= 0.2 * len(chosen) else np.zeros_like(found)


def free_text(cells: Cells) -> np.ndarray:
    """Return which values are free text: six words or more, not the same again and again.

    Labels of answers may be long too, but a few of them fill a column. One or two such values
    count where they have twelve words, or where all that is told is long.
    """
    told = cells.telling & cells.matches(r"\p{L}{3}")
    sentences = told & cells.matches(SENTENCE)
    if sentences.any() and (sentences == told).all() and cells.counts[sentences].max() == 1:
        return sentences  # nothing but sentences, each said once
    long = sentences & cells.matches(LONG_TEXT)
    nothing = np.zeros(len(long), dtype=bool)
    if not long.any() or long.sum() < 0.1 * cells.counts[long].sum():
        return nothing
    if long.sum() >= 3 or long.sum() == (cells.counts > 0).sum():
        return long
    very = long & cells.matches(VERY_LONG_TEXT)
    # Among blanks and numbers even one remark is a remark.
    return long if very.any() or told.sum() == long.sum() else nothing


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
    shaped &= cells.matches(CODE) & ~cells.matches(NO_CODE) & ~cells.matches(WORDY)
    long = shaped & cells.matches("^.{7,}$")
    if shaped.sum() >= 10 and shaped.sum() >= 0.9 * (cells.counts > 0).sum():
        long = shaped & cells.matches("^.{6,}$")
    if not long.any() or not one_each(cells, long, people):
        return nothing
    amounts = long & cells.matches(r"^\d+0$")
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
