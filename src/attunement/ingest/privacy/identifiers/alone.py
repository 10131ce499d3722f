"""Words that hardly two clients share: what content alone cannot tell from a name or a place.

Lists of names end somewhere; categories do not: what groups clients comes again and again. So words
that nobody has in common are taken for what they may be, whatever language they are in.
"""

from __future__ import annotations

import re

import numpy as np

from attunement.ingest.privacy.identifiers.cells import Cells
from attunement.ingest.privacy.identifiers.codes import combined, known

FEWEST_PEOPLE = 20  # in a smaller table any word may stand alone
SOME_ALONE, MORE_ALONE = 5, 10  # the latter beside levels that many share
MANY_DIFFERENT, SHARE_DIFFERENT = 20, 0.4
COMMON, SHARE_RARE = 0.1, 0.85
MISSING = (
    r"(?i)^(k\.? ?a\.?|n\.? ?[abdvz]\.?|dn[ak]|dnf|#n/?[av]|#null!?|#wert!?|#value!?|w\.? ?n\.?)$"
)
SHARE_STEMS = 0.1
ABOUT = r"([<>=~]|ca\.?|circa|approx\.?|about|etwa|environ|ongeveer)*"
NUMBER = r"\d+([.,]\d+)?( ?[-–] ?\d+([.,]\d+)?)?"
UNIT = (
    r"mg|ml|kg|km|cm|mm|ms|hz|mv|ug|µg|st|sec|min|mins|minutes?|minuten|hrs?|hours?|std|stunden|"
    r"days?|tage?|dagen|weeks?|wochen|weken|months?|monate|years?|jahre?|jaar|times|mal|"
    r"sessions?|sitzungen|eur|euro|usd|gbp|chf|sek"
)
MEASURED = rf"(?i)^{ABOUT} ?{NUMBER} ?({UNIT})?\.?(/\p{{L}}+)?$"
CODED_NUMBER = (
    r"^[-+]?[\d.,]+[eE][-+]?\d+$|^[-+]?(?i:nan|inf|infinity)$|^10\.\d{4,}/\S+$|^NCT\d{8}$"
)
TOKENS = re.compile(r"[^\W\d_]+")


def _ordinary(text: str, vocabulary: frozenset[str]) -> bool:
    """All words of a text stand in headings, answers or diagnoses."""
    words = [word for word in TOKENS.findall(text.casefold()) if len(word) > 2]
    return bool(words) and all(word in vocabulary for word in words)


def _numbered(texts: list[str]) -> bool:
    """Whether words are short numbers behind the same few letters: `SR17`, `week_4_arm_1`."""
    if len(texts) < SOME_ALONE or any(len(re.sub(r"\D", "", text)) > 4 for text in texts):
        return False
    before = {re.sub(r"\d+", "0", text) for text in texts}
    return all("0" in one for one in before) and len(before) <= max(3, SHARE_STEMS * len(texts))


def _holders(cells: Cells, words: np.ndarray, people: np.ndarray | None) -> np.ndarray:
    """In how many persons (or rows) each of the words stands."""
    rows = cells.rows_of(words)
    if people is None:
        return np.bincount(cells.places[rows], minlength=len(words))
    told = rows[people[rows] >= 0]
    pairs = np.unique(np.stack([cells.places[told], people[told]]), axis=1)
    held = np.bincount(pairs[0], minlength=len(words))
    # A word in rows without a person stands for each of them.
    lost = rows[people[rows] < 0]
    return held + np.bincount(cells.places[lost], minlength=len(words))


def alone(cells: Cells, people: np.ndarray | None) -> np.ndarray:
    """Return which values are words of one person each, in a column that is made of such words.

    They are: where they are all the words there are (a remark, a name among numbers), where beside
    levels that a tenth of the persons share nearly every other word is of one person, or where
    twenty different words are four for every ten persons who have one. The rare levels of a
    category are none, nor lists of a few words in many combinations.

    Parameters
    ----------
    cells : Cells
        The column.
    people : ndarray or None
        The person of each row by number, -1 for none; None: rows are all there is.

    Returns
    -------
    ndarray of bool
        For each different value. All false in a table of fewer than twenty persons.
    """
    nothing = np.zeros(len(cells.values), dtype=bool)
    if len(cells.places if people is None else np.unique(people[people >= 0])) < FEWEST_PEOPLE:
        return nothing
    lettered = (cells.n_letters > 1) | ((cells.n_letters > 0) & (cells.n_digits > 4))
    words = cells.telling & lettered & ~cells.dates
    if not words.any():
        return nothing
    for harmless in (MEASURED, CODED_NUMBER, MISSING):
        words &= ~cells.matches(harmless)
    chosen = np.flatnonzero(words)
    vocabulary = known("not_in_names")
    words[chosen] = [
        not _ordinary(text, vocabulary) for text in cells.values.take(chosen).to_pylist()
    ]
    texts = cells.values.take(np.flatnonzero(words)).to_pylist()
    if _numbered(texts):
        return nothing
    held = _holders(cells, words, people)
    single = words & (held == 1)
    n_words, n_single = int(words.sum()), int(single.sum())
    if n_single and n_single == n_words:
        return nothing if combined(cells) else single
    rare = words & (held < max(2, COMMON * held.sum()))
    fewest = SOME_ALONE if rare.sum() == n_words else MORE_ALONE
    enough = n_single >= fewest and rare.sum() >= SHARE_RARE * held[rare].sum()
    different = n_words >= max(MANY_DIFFERENT, SHARE_DIFFERENT * held.sum())
    if not (enough or different) or combined(cells):
        return nothing
    return words if different else rare
