"""Ratings that belong to no known questionnaire: what sessions gave, and single questions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.attendance import came, together
from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.covariates import is_age
from attunement.ingest.guesses.families import RANKS
from attunement.ingest.guesses.names import pieces, slug
from attunement.ingest.guesses.people import Roles
from attunement.ingest.guesses.questions import asked_in

_COUNTS = set("missed count number n anzahl aantal duration minutes dauer minuten fehltermine "
              "cost kosten bdi weight gewicht versaumt progress dna".split())  # fmt: skip


@dataclass
class Found:
    """One rating of one source: a column, or a template with `{when}`, and its occasions."""

    source: str
    label: str
    template: str
    rater: str
    columns: list[str]
    occasions: list[str] = field(default_factory=list)
    hint: str = ""
    dimension: str | None = None
    items: dict[str, str] = field(default_factory=dict)


def _span(columns: list[Column]) -> tuple[float, float]:
    spans = [column.span for column in columns if column.span is not None]
    return (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else (0.0, 0.0)


def _hint(text: str, number: bool, before: str, n: int) -> str:
    """What a part of a name tells of when: a number after a word for it, or a word."""
    if not number:
        return "word" if text in RANKS and n > 1 else ""
    kinds = {"session": lexicon.SESSION, "week": lexicon.WEEK, "month": lexicon.MONTH,
             "time": lexicon.OCCASION}  # fmt: skip
    return next((kind for kind, some in kinds.items() if before in some), "")


def wide_groups(roles: Roles, free: list[str]) -> dict[str, Found]:
    """Columns that differ in a session or occasion alone, as `empathy_s1`, `empathy_s2`."""
    groups: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    labels: dict[str, str] = {}
    for name in free:
        parts = pieces(name)
        for at, piece in enumerate(parts):
            before = parts[at - 1].text if at else ""
            hint = _hint(piece.text, piece.number, before, len(parts))
            if hint:
                template = name[: piece.start] + "{when}" + name[piece.end :]
                groups[template].append((name, name[piece.start : piece.end], hint))
                rest = [p for p in parts if p is not piece and not (at and p is parts[at - 1]
                                                                   and hint != "word")]  # fmt: skip
                labels[template] = "_".join(p.text for p in rest)
                break
    made = {}
    for template, some in groups.items():
        if len(some) >= 2:
            made[template] = Found(
                roles.table.name, labels[template] or template, template, "client",
                [name for name, _, _ in some], [when for _, when, _ in some], some[0][2],
            )  # fmt: skip
    return made


def numbered_groups(roles: Roles, free: list[str]) -> list[Found]:
    """Columns that differ in a last number alone, 1 to n: items of a form that is not known."""
    groups: dict[str, dict[int, str]] = defaultdict(dict)
    for name in free:
        numbers = [piece for piece in pieces(name) if piece.number]
        column = roles.column(name)
        if numbers and column.is_number and column.span is not None:
            last = numbers[-1]
            groups[name[: last.start] + "{n}" + name[last.end :]].setdefault(int(last.text), name)
    made = []
    for template, some in groups.items():
        spans = {roles.column(name).span for name in some.values()}
        low, high = min(s[0] for s in spans if s), max(s[1] for s in spans if s)
        if len(some) >= 3 and sorted(some) == list(range(1, len(some) + 1)) and high - low <= 100:
            apart = _by_dimension(roles, some)
            if apart:
                made += apart
                continue
            label = "_".join(p.text for p in pieces(template.replace("{n}", ""))) or "items"
            items = {str(number): some[number] for number in sorted(some)}
            made.append(Found(roles.table.name, label, template, "client", list(items.values()),
                              items=items))  # fmt: skip
    return made


def _by_dimension(roles: Roles, some: dict[int, str]) -> list[Found]:
    """Numbered questions that name a dimension of the C-NIP each, all four of them: ratings."""
    told = {name: dimension_of(list(asked_in(roles.column(name)))) for name in some.values()}
    if None in told.values() or set(told.values()) != set(lexicon.DIMENSIONS):
        return []
    if len(told) != len(lexicon.DIMENSIONS):
        return []
    return [
        Found(roles.table.name, name, name, "client", [name], dimension=dimension)
        for name, dimension in told.items()
    ]


def _once(roles: Roles, column: Column) -> bool:
    """In a table that repeats clients, a number told once, or the same each time, of each."""
    people = roles.column(roles.client).text
    told = people[column.text.notna().to_numpy()]
    repeats = told.duplicated().any() and told.nunique() > 1
    same = column.text.groupby(people.to_numpy()).nunique()
    if repeats and bool((same <= 1).all()):
        return True  # the same on every row of a client
    return is_age(column) or (people.nunique() * 1.05 < len(people) and not told.duplicated().any())


def rater_of(words: list[str], file_words: list[str]) -> str:
    """Who rated, by the words of the column, else of the file."""
    strong = {who: {w for w in some if len(w) > 2} for who, some in lexicon.RATER.items()}
    for some in (words, file_words):
        for who in ("observer", "therapist"):
            if any(word in strong[who] for word in some):
                return who
    return "client"


def dimension_of(words: list[str]) -> str | None:
    """The dimension of the C-NIP that a rating of what a session gave is about."""
    joined = "".join(words)
    hits = [
        dimension
        for dimension, some in lexicon.DIMENSIONS.items()
        if any(word in some and len(word) > 2 for word in words)
        or any(two.lower().replace("_", "") in joined for two in (dimension,))
    ]
    return hits[0] if len(set(hits)) == 1 else None


def ratings_of(roles: Roles, free: list[str]) -> list[Found]:
    """The ratings of a table: columns of few possible numbers that nothing else has claimed."""
    columns = roles.table.columns
    wide = wide_groups(roles, free)
    taken = {name for one in wide.values() for name in one.columns}
    found = list(wide.values())
    numbered = numbered_groups(roles, [name for name in free if name not in taken])
    found += numbered
    taken |= {name for one in numbered for name in one.columns}
    if roles.level == "occasion":
        found += [
            Found(roles.table.name, name, name, "client", [name])
            for name in free
            if name not in taken
        ]
    kept = []
    file_words = [piece.text for piece in pieces(roles.table.name)]
    for one in found:
        words = [piece.text for piece in pieces(one.label) if not piece.number]
        some = [columns[name] for name in one.columns if columns[name].filled]
        if roles.level == "occasion" and len(some) == 1 and _once(roles, some[0]):
            continue
        if not some or not all(column.is_number for column in some):
            continue
        if came(together(some)) is not None:
            continue  # what became of the session, not how it was
        low, high = _span(some)
        levels = len(np.unique(np.concatenate([column.numbers for column in some])))
        if low < -10 or high > 100 or levels < 3 or any(word in _COUNTS for word in words):
            continue
        one.rater = rater_of(words, file_words)
        given = any(word in lexicon.DELIVERED for word in words)
        if one.dimension is None and given:
            one.dimension = dimension_of(words)
        kept.append(one)
    return kept


def rating_name(one: Found, taken: set[str]) -> str:
    """What a rating is called."""
    return slug(one.label, taken, "rating")


def span_of(roles: Roles, one: Found) -> tuple[float, float]:
    """The lowest and highest number that stands there."""
    return _span([roles.table.columns[name] for name in one.columns])


def step_of(roles: Roles, one: Found) -> float:
    """The smallest step of the numbers that stand there: 1, a half, a tenth or a hundredth."""
    told = np.concatenate([roles.table.columns[name].numbers for name in one.columns])
    for step in (1.0, 0.5, 0.1):
        if bool((np.abs(told / step - np.round(told / step)) < 1e-6).all()):
            return step
    return 0.01


def likely_range(low: float, high: float) -> tuple[float, float] | None:
    """The usual answer format with these ends: -3 to 3, 1 to 5, 1 to 7, 0 to 10, 0 to 100."""
    for bottom, top in ((-3, 3), (1, 5), (1, 7), (0, 4), (0, 10), (0, 100)):
        if bottom == low and high == top:
            return float(bottom), float(top)
    return None
