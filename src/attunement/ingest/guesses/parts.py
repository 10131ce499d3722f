"""One file with rows of several kinds, taken apart into sources by `only`.

REDCap puts the rows of repeated forms below those of the record, and some systems write one row for
each questionnaire with its name beside the score.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.columns import look
from attunement.ingest.guesses.names import pieces, slug
from attunement.ingest.guesses.people import client_columns
from attunement.ingest.guesses.words import TOTAL
from attunement.ingest.readers.raw import Raw
from attunement.ingest.sheet import as_text, is_number_column

REPEAT = "redcap_repeat_instrument"
Part = tuple[str, dict[str, Any], Raw]


def _some(raw: Raw, rows: pd.Series, column: str) -> Raw:
    """Some rows of a source, with the columns that hold anything there."""
    frame = raw.frame[rows.to_numpy(dtype=bool)]
    kept = [name for name in frame.columns if as_text(frame[name]).notna().any()]
    return replace(raw, frame=frame[[name for name in kept if name != column]])


def _repeated(part: Part, taken: set[str]) -> list[Part]:
    """The rows of a REDCap record, and those of each repeated form."""
    name, fields, raw = part
    text = as_text(raw.frame[REPEAT])
    forms = [str(one) for one in text.dropna().unique()]
    if not forms:
        return [part]
    made = []
    if text.isna().any():
        made.append((name, fields | {"only": {REPEAT: [""]}}, _some(raw, text.isna(), REPEAT)))
    for form in forms:
        own = fields | {"only": {REPEAT: [form]}}
        made.append((slug(form, taken), own, _some(raw, text == form, REPEAT)))
    return made


def _measure_column(raw: Raw, known: Known) -> str | None:
    """A column of which every value names a questionnaire and nothing else."""
    for name in raw.frame.columns:
        if is_number_column(raw.frame[name]):
            continue
        words = [str(one) for one in as_text(raw.frame[name]).dropna().unique()]
        if 1 <= len(words) <= 12 and all(_is_name(word, known) for word in words):
            return str(name)
    return None


def _is_name(text: str, known: Known) -> bool:
    parts = pieces(text)
    return any(length == len(parts) for _, _, length in known.find(parts))


def _by_measure(part: Part, column: str, taken: set[str]) -> list[Part]:
    """A source for each questionnaire, whose column of scores has its name as its title."""
    _, fields, raw = part
    scores = [
        str(one)
        for one in raw.frame.columns
        if {p.text for p in pieces(str(one))} & (TOTAL | _VALUE)
    ]
    if len(scores) != 1:
        return [part]
    text = as_text(raw.frame[column])
    made = []
    for word in [str(one) for one in text.dropna().unique()]:
        own = _some(raw, text == word, column)
        titled = replace(own, titles=own.titles | {scores[0]: word})
        made.append((slug(word, taken), fields | {"only": {column: [word]}}, titled))
    return [*_all_clients(part, made, {column, scores[0]}), *made]


def _all_clients(part: Part, made: list[Part], gone: set[str]) -> list[Part]:
    """The file as a whole, where no part of it has a row of every client."""
    name, fields, raw = part
    client = client_columns([look(name, fields, raw)]).get(name)
    if client is None:
        return []
    n = as_text(raw.frame[client]).nunique()
    if any(as_text(own.frame[client]).nunique() == n for _, _, own in made):
        return []
    kept = [one for one in raw.frame.columns if one not in gone]
    return [(name, fields, replace(raw, frame=raw.frame[kept]))]


_VALUE = {"value", "wert", "waarde", "valor", "result"}


def apart(parts: list[Part], known: Known) -> list[Part]:
    """Take apart sources that hold rows of several kinds; others stay as they are."""
    taken = {name for name, _, _ in parts}
    made: list[Part] = []
    for part in parts:
        raw = part[2]
        if REPEAT in raw.frame.columns:
            made += _repeated(part, taken)
        elif (column := _measure_column(raw, known)) is not None:
            made += _by_measure(part, column, taken)
        else:
            made.append(part)
    return made
