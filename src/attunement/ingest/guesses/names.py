"""Names of columns taken apart: words, numbers and where they stand."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "ł": "l"})
# An accent may be a sign of its own after its letter, as in files of a Mac.
_PIECE = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+|\d+")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z]{2,})")
# What could be answered, told in brackets, is no part of a name: `ORS total (0-40)`.
_RANGE = re.compile(r"[(\[]\s*-?\d+\s*(?:-|–|to|bis|tot|a|à)\s*[+-]?\d+\s*[)\]]", re.IGNORECASE)

_TAILS = ("total", "sum", "score", "pre", "post", "first", "last", "item", "gesamt", "summe")


def plain(text: str) -> str:
    """Lower case without accents."""
    text = unicodedata.normalize("NFKD", str(text).translate(_LETTERS))
    return "".join(c for c in text if not unicodedata.combining(c)).lower().strip()


@dataclass(frozen=True)
class Piece:
    """A run of letters or of digits in a name: its plain text, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def number(self) -> bool:
        """It is a number."""
        return self.text.isdigit()


def _cuts(run: str) -> list[int]:
    """Where a run of letters falls into words: `FirstScore`, `PHQTotal`, `PHQtotal`."""
    for tail in _TAILS:
        head = run[: -len(tail)]
        if run.endswith(tail) and len(head) >= 2 and head.isupper():
            return [len(head)]
    return [cut.start() for cut in _CAMEL.finditer(run)]


def pieces(name: str) -> list[Piece]:
    """The words and numbers of a name, `PHQ9_FirstScore` as phq, 9, first, score."""
    found: list[Piece] = []
    name = _RANGE.sub(lambda match: " " * len(match.group()), name)
    for match in _PIECE.finditer(name):
        start, run = match.start(), match.group()
        if run.isdigit():
            found.append(Piece(run, start, match.end()))
            continue
        cuts = [0, *_cuts(run), len(run)]
        for low, high in pairwise(cuts):
            if high > low:
                found.append(Piece(plain(run[low:high]), start + low, start + high))
    return found


def words(name: str) -> list[str]:
    """The words of a name, without its numbers."""
    return [piece.text for piece in pieces(name) if not piece.number]


def slug(text: str, taken: set[str] | None = None, fallback: str = "file") -> str:
    """A name that dataset.yaml allows: small letters, digits and underscores, a letter first."""
    made = re.sub(r"[^a-z0-9]+", "_", plain(text)).strip("_") or fallback
    made = made if made[0].isalpha() else f"{fallback}_{made}"
    base, number = made, 2
    while taken is not None and made in taken:
        made, number = f"{base}_{number}", number + 1
    if taken is not None:
        taken.add(made)
    return made


def compound(word: str, stems: set[str], tails: set[str]) -> bool:
    """The word is a stem, or a stem with a tail written on to it, as `klientennummer`."""
    if word in stems:
        return True
    for stem in stems:
        if len(stem) >= 3 and word.startswith(stem):
            rest = word[len(stem) :]
            if any(rest.removeprefix(link) in tails for link in ("", "s", "en", "n", "e", "es")):
                return True
    return False


def named(name_words: tuple[str, ...], stems: set[str], tails: set[str]) -> bool:
    """Some word of a name is such a stem, and every other one such a tail."""
    hits = [compound(word, stems, tails) for word in name_words]
    return any(hits) and all(
        hit or word in tails for hit, word in zip(hits, name_words, strict=True)
    )
