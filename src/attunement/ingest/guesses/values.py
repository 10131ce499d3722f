"""Words in cells translated into the words of dataset.yaml: endings, appointments, yes and no."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.names import plain, words

# "not completed", "did not come": the word after it means its opposite.
_NOT = {"not", "nicht", "non", "no", "niet", "kein", "keine", "un", "geen", "sin"}


def meaning_of(text: str, lexicon_of: dict[str, set[str]]) -> str | None:
    """The word of a vocabulary that a text means; None where it holds none, or several."""
    found = words(text) or [plain(text)]
    joined = "".join(found)
    for meaning, some in lexicon_of.items():
        if joined in some or plain(text) in lexicon_of:
            return meaning if joined in some else plain(text)
    negated = any(word in _NOT for word in found)
    hits = [meaning for word in found for meaning, some in lexicon_of.items() if word in some]
    if not hits:
        return None
    if negated and "missed" in lexicon_of:
        return "missed"
    return None if negated or len(set(hits)) > 1 else hits[0]


def translated(column: Column, lexicon_of: dict[str, set[str]]) -> tuple[dict[str, str], list[str]]:
    """What each distinct cell means in the vocabulary, and the cells whose meaning is not known.

    Where the file labels its codes, the label is read and the code is mapped.
    """
    return translated_by(column, lambda text: meaning_of(text, lexicon_of))


def translated_by(
    column: Column, meaning_in: Callable[[str], str | None]
) -> tuple[dict[str, str], list[str]]:
    """As `translated`, with a function that says what a text means."""
    known: dict[str, str] = {}
    unknown: list[str] = []
    for text in column.distinct:
        meaning = meaning_in(column.labels.get(text, text))
        if meaning is None:
            unknown.append(text)
        else:
            known[text] = meaning
    return known, unknown


def yes_no(column: Column) -> dict[str, bool] | None:
    """The cells of a column of yes and no; None where it is none."""
    made: dict[str, bool] = {}
    if not 1 <= len(column.distinct) <= 2:
        return None
    for text in column.distinct:
        word = plain(column.labels.get(text, text))
        if word in lexicon.YES:
            made[text] = True
        elif word in lexicon.NO:
            made[text] = False
        else:
            return None
    return made


def plainly(made: Mapping[str, bool | None]) -> bool:
    """The project reads these words as yes and no without being told."""
    return all(text.lower() in ("0", "1", "true", "false", "yes", "no") for text in made)
