"""What the name of a column announces: a direct identifier, in eight languages."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from attunement.ingest.privacy.identifiers.dates import BIRTH

LEXICON = Path(__file__).with_name("lexicon.yaml")
WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "å": "a"})
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Shorter words inside a longer one are chance: "rating" holds no "tin".
LONG_ENOUGH = 7
ENDING = re.compile(r"(nr|no|num|nbr|number|nummer|numero|numer)$")


@cache
def lexicon() -> dict[str, Any]:
    """Return the words of `lexicon.yaml`."""
    found: dict[str, Any] = yaml.load(
        LEXICON.read_text(encoding="utf-8"),
        Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader),  # no word is a truth value
    )
    return found


def plain(text: str) -> str:
    """Return text with umlauts written out and without accents; capitals stay."""
    lower = "".join(
        one.lower().translate(WRITTEN_OUT).capitalize() if one.isupper() else one
        for one in text.translate(WRITTEN_OUT)
    )
    split = unicodedata.normalize("NFKD", lower)
    return "".join(one for one in split if not unicodedata.combining(one))


def tokens(name: str) -> list[str]:
    """Return the words of a column's name: `PatientLastName` is patient, last, name."""
    return [part.lower() for part in PARTS.findall(plain(str(name)))]


def _numbered(words: tuple[str, ...] | list[str]) -> list[str]:
    """The same words with every way to say "number" as one: `ktonr`, `AcctNo`, `pat num`."""
    found: list[str] = []
    for word in words:
        stem = ENDING.sub("", word)
        found += [word] if stem == word else [stem, "no"] if stem else ["no"]
    return found


@cache
def _phrases() -> list[tuple[str, tuple[str, ...]]]:
    pairs = [
        (kind, tuple(tokens(phrase)))
        for kind, phrases in lexicon()["kinds"].items()
        for phrase in phrases
    ]
    # The longest phrase speaks first: "ip address" is no address, "mac address" neither.
    return sorted(pairs, key=lambda pair: -len(pair[1]))


def _holds(words: list[str], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return any(tuple(words[k : k + size]) == phrase for k in range(len(words) - size + 1))


@cache
def announced(name: str) -> tuple[str, ...]:
    """Return the kinds of identifier that a column's name announces, the likeliest first.

    `instrument_name`, `filename` and `session_name` name no person; `birth_year` is a year,
    `voice_energy` a measure and `birthplace_region` a group.
    """
    words = tokens(name)
    joined = "".join(words)
    last = [word for word in words if not word.isdigit()][-1:]
    if set(last) & set(lexicon()["of_a_measure"]):
        return ()
    kinds: dict[str, None] = {}
    for kind, phrase in _phrases():
        together = "".join(phrase)
        inside = len(together) >= LONG_ENOUGH and (
            joined == together
            or any(word.startswith(together) or word.endswith(together) for word in words)
        )
        same = _holds(_numbered(words), tuple(_numbered(phrase)))
        if not (_holds(words, phrase) or same or together in words or inside):
            continue
        if kind == "name" and set(words) & set(lexicon()["not_a_person"]):
            continue
        if kind == "date" and {"year", "jahr", "jaar", "age", "ano", "annee", "anno"} & set(words):
            continue
        kinds[kind] = None
    return tuple(kinds)


def of_an_assessment(name: str) -> bool:
    """Return whether a name says when an assessment or session took place."""
    words, known = tokens(name), lexicon()["of_an_assessment"]
    compounds = [one for one in known if len(one) >= 5]
    return bool(set(words) & set(known)) or any(
        word.startswith(one) or word.endswith(one) for word in words for one in compounds
    )


def of_a_birth(name: str) -> bool:
    """Return whether a name speaks of somebody's birth."""
    words = tokens(name)
    return "geb" in words or any(one in "".join(words) for one in BIRTH)
