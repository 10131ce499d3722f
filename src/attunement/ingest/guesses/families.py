"""Names of columns that belong together: one questionnaire, its items, scales and occasions.

A name such as `PHQ9_s1_i3`, `T1_ORS_2` or `ors1_pre` is read as an instrument, numbers and words.
What a number stands for is told by the letters before it, else by the numbers of its family: those
that run over all items of the instrument are items.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.aliases import Alias, Known
from attunement.ingest.guesses.names import Piece, pieces

# `2m`, `12w`: a number and what it counts.
_SPANS = {"m": "month", "mo": "month", "w": "week", "wk": "week", "d": "day"}
_NOISE = {
    "value",
    "valor",
    "waarde",
    "most",
    "the",
    "at",
    "of",
    "scale",
    "skala",
    "schaal",
    "escala",
    "echelle",
}
RANKS = {word: rank for rank, some in lexicon.OCCASION_WORDS.items() for word in some}


@dataclass(frozen=True)
class Slot:
    """A part of a name that differs within a family: a number, or a word for an occasion."""

    start: int
    end: int
    text: str
    hint: str  # item, session, time, week, month, day, word or ""


@dataclass(frozen=True)
class Parsed:
    """One name, understood: the instruments it may be of, and its parts."""

    column: str
    alias: Alias
    rater: str | None
    scale: str | None
    item: int | None
    slots: tuple[Slot, ...]
    skeleton: str


def _hint(word: str) -> str:
    for hint, some in (
        ("session", lexicon.SESSION), ("week", lexicon.WEEK), ("month", lexicon.MONTH),
        ("day", lexicon.DAY), ("item", lexicon.ITEM), ("time", lexicon.OCCASION),
    ):  # fmt: skip
        if word in some:
            return hint
    return ""


def _scale_at(rest: list[Piece], at: int, scales: dict[tuple[str, ...], str]) -> tuple[str, int]:
    for length in (4, 3, 2, 1):
        key = tuple(piece.text for piece in rest[at : at + length])
        if len(key) == length and key in scales:
            return scales[key], length
    return "", 0


def _understood(name: str, rest: list[Piece], alias: Alias, known: Known) -> Parsed | None:
    """The rest of a name beside the instrument, if every part of it is understood."""
    rater = scale = None
    item: int | None = None
    slots: list[Slot] = []
    hint, at = "", 0
    while at < len(rest):
        piece = rest[at]
        following = rest[at + 1] if at + 1 < len(rest) else None
        counted = following is not None and following.number
        named, length = _scale_at(rest, at, known.scales_of(alias))
        after = following is not None and piece.end == following.start
        if piece.number and after and following is not None and following.text in _SPANS:
            hint = _SPANS[following.text]
            slots.append(Slot(piece.start, piece.end, piece.text, hint))
            hint, at = "", at + 2
            continue
        if piece.number:
            slots.append(Slot(piece.start, piece.end, name[piece.start : piece.end], hint))
            hint = ""
        elif length and not (counted and _hint(piece.text)):
            scale, at = named, at + length
            continue
        elif counted and _hint(piece.text):
            hint = _hint(piece.text)
        elif piece.text in RANKS:
            slots.append(Slot(piece.start, piece.end, name[piece.start : piece.end], "word"))
        elif piece.text in lexicon.MEAN and known.is_mean(alias):
            scale = scale or "total"
        elif piece.text in _NOISE:
            pass
        elif piece.text in lexicon.TOTAL:
            scale = scale or "total"
        elif any(piece.text in some for some in lexicon.RATER.values()):
            rater = next(who for who, some in lexicon.RATER.items() if piece.text in some)
        elif found := known.item_word(alias, piece.text):
            item = found
        elif not _hint(piece.text):
            return None
        at += 1
    skeleton, last = "", 0
    for slot in slots:
        skeleton += name[last : slot.start] + ("\0" if slot.hint != "word" else "\1")
        last = slot.end
    if item is not None and rest:
        word = next(p for p in rest if known.item_word(alias, p.text) == item)
        skeleton = (skeleton + name[last:]).replace(name[word.start : word.end], "\2")
    else:
        skeleton += name[last:]
    return Parsed(name, alias, rater, scale, item, tuple(slots), skeleton)


def _counts(parts: list[Piece], at: int) -> bool:
    """The number before this place is followed at once by what it counts."""
    return at < len(parts) and parts[at].text in _SPANS and parts[at].start == parts[at - 1].end


def _unglued(parts: list[Piece], known: Known) -> list[Piece]:
    """`orst3` as ORS, t, 3: the letter of an occasion or item written on to the instrument."""
    made: list[Piece] = []
    for at, piece in enumerate(parts):
        stem, letter = piece.text[:-1], piece.text[-1:]
        counted = at + 1 < len(parts) and parts[at + 1].number
        glued = len(stem) >= 3 and letter in ("t", "s", "w", "i") and counted
        if glued and known.find([Piece(stem, 0, 0)]) and not known.find([piece]):
            cut = piece.end - 1
            made += [Piece(stem, piece.start, cut), Piece(letter, cut, piece.end)]
        else:
            made.append(piece)
    return made


def parse(
    name: str, known: Known, title: str = "", only: tuple[str, ...] | None = None
) -> Parsed | None:
    """Read one name; None where it is of no known instrument, or not wholly understood.

    `only` reads it as of that alias and no other.

    A name without an instrument, such as `Q1_3`, may have it in the file's title of the column.
    """
    parts = _unglued(pieces(name), known)
    for alias, start, length in known.find(parts):
        if only is not None and alias.parts != only:
            continue
        if alias.parts[-1].isdigit() and _counts(parts, start + length):
            continue  # `bdi.2m` is the BDI after two months
        found = _understood(name, parts[:start] + parts[start + length :], alias, known)
        if found is not None:
            return found
    if title and only is None:
        for alias, _, _ in known.find(pieces(title)[:12]):
            found = _titled(name, parts, alias)
            if found is not None:
                return found
    return None


def _titled(name: str, parts: list[Piece], alias: Alias) -> Parsed | None:
    """`Q12_3`: of a name that tells no instrument the last number is the item."""
    numbers = [piece for piece in parts if piece.number]
    if not numbers:
        return Parsed(name, alias, None, "total", None, (), name)
    last = numbers[-1]
    slot = Slot(last.start, last.end, last.text, "item")
    return Parsed(
        name, alias, None, None, None, (slot,), name[: last.start] + "\0" + name[last.end :]
    )


def families(found: list[Parsed]) -> list[list[Parsed]]:
    """Names of the same instrument, informant, scale and form, in the order of the file."""
    groups: dict[tuple, list[Parsed]] = defaultdict(list)
    for one in found:
        groups[(one.alias, one.rater, one.scale, one.skeleton)].append(one)
    return list(groups.values())


def unfold(found: list[Parsed], known: Known) -> list[Parsed]:
    """Tell `PHQ_9`, the ninth of PHQ_1 to PHQ_9, from PHQ-9, the name of the questionnaire.

    A name whose instrument ends in a number is an item if others of the same form but for that
    number are there.
    """
    forms: dict[tuple, int] = defaultdict(int)
    for one in found:
        forms[(one.alias.parts, one.rater, one.skeleton)] += 1
    made = []
    for one in found:
        if one.alias.parts[-1].isdigit():
            other = parse(one.column, known, only=one.alias.parts[:-1])
            if other is not None and forms[(other.alias.parts, other.rater, other.skeleton)] >= 2:
                made.append(other)
                continue
        made.append(one)
    return made
