"""What a survey's question tells of a column whose name tells nothing: `Q1`, `V12`, `Frage_3`."""

from __future__ import annotations

import re
from collections.abc import Collection

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.names import compound, words
from attunement.ingest.privacy.identifiers.names import announced

_BARE = re.compile(
    r"(q|qid|v|var|x|c|f|col|item|field|feld|frage|question|vraag|pregunta|spm|dom)?[\W_]*\d+"
    r"([\W_]+(\d+|text|a|b|c|d))*",
    re.IGNORECASE,
)
_CODE = set("id ids code kode codigo codice chiffre pseudonym uid kennung".split())
_OWN = set("your my own ihr ihre ihren dein deinen mein meinen personal personlich "
           "personlicher personlichen persoonlijke uw jouw mijn votre mon tu su personnel "
           "mio tuo".split())  # fmt: skip
_WHICH = set("which what number welche welcher welches wievielte nummer welke hoeveelste quelle "
             "combientieme numero cual que quale".split())  # fmt: skip
_WEAK = {"s", "t", "c", "p", "pt", "id", "case", "fall", "no", "de"}
NEAR = 4  # words between which a code and whose it is may stand


def asked_in(column: Column) -> tuple[str, ...]:
    """The words of the question, where the name of a column is a number only; else none."""
    bare = bool(column.title) and _BARE.fullmatch(column.name) is not None
    return tuple(words(column.title)) if bare else ()


def _beside(said: tuple[str, ...], stems: Collection[str], tails: Collection[str]) -> bool:
    """A word of one kind stands near one of the other, or both are written as one word."""
    whose, codes = set(stems) - _WEAK, set(tails)
    if any(word not in whose and compound(word, whose, codes) for word in said):
        return True
    at = [place for place, word in enumerate(said) if word in whose]
    code = [place for place, word in enumerate(said) if word in codes]
    return any(0 < abs(one - other) < NEAR for one in at for other in code)


def asks_client(column: Column) -> bool:
    """The question asks for the client's code: `Please enter your participant code`."""
    said = asked_in(column)
    if not said or announced(column.title):
        return False
    numbers = lexicon.ID - {"the", "der", "de", "la", "of", "in", "le", "d", "du", "des", "n", "no"}
    return _beside(said, lexicon.CLIENT, numbers) or _beside(said, _OWN, _CODE)


def asks_therapist(column: Column) -> bool:
    """The question asks who the therapist is, by a code or number."""
    said = asked_in(column)
    return bool(said) and _beside(said, lexicon.THERAPIST, _CODE | {"nummer", "number", "numero"})


def asks_session(column: Column) -> bool:
    """The question asks which session this is."""
    said = asked_in(column)
    return bool(said) and _beside(said, lexicon.SESSION, _WHICH | lexicon.ID & _CODE)


def quoted(column: Column, most: int = 60) -> str:
    """The question as it is shown in a reason."""
    text = " ".join(column.title.split())
    return f"'{text}'" if len(text) <= most else f"'{text[:most].rsplit(' ', 1)[0]} ...'"
