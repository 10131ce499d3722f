"""What else is known of a client or a session: numbers, flags and categories."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.missing import Codes
from attunement.ingest.guesses.names import compound, slug
from attunement.ingest.guesses.people import Roles
from attunement.ingest.guesses.values import plainly, yes_no

MOST_LEVELS = 12
FEW_LEVELS = 6
# Results that a system worked out itself: they follow from the outcome and are none of its causes.
_RESULTS = set("recovery improvement reliable caseness deterioration alert status complete".split())
# What Qualtrics notes of a survey, not of a person.
_OF_THE_SURVEY = frozenset({
    "Duration (in seconds)", "Progress", "Finished", "Status", "DistributionChannel",
    "UserLanguage",
})  # fmt: skip


def is_age(column: Column) -> bool:
    """A column of ages by name and range."""
    named = any(compound(word, lexicon.AGE, {"years", "jahre", "jaar"}) for word in column.words)
    return named and column.is_number and column.inside(0, 120) > 0.9


def is_quasi(name: str) -> bool:
    """A name of something that others may know of a person."""
    from attunement.ingest.guesses.names import words

    return any(word in lexicon.QUASI for word in words(name))


def covariate(column: Column, codes: list[float]) -> tuple[dict[str, Any], str] | None:
    """A covariate as declared, and the reason; None where a column is none (free text, dates).

    Parameters
    ----------
    column : the column.
    codes : the numbers that are codes for missing, which no range may hold.
    """
    if column.filled == 0 or column.is_date or not len(column.distinct):
        return None
    ends = lexicon.ENDING_NAMES - {"outcome", "reason", "fin"}
    if any(word in _RESULTS or word in ends for word in column.words):
        return None
    if column.name in _OF_THE_SURVEY:
        return None
    if len(column.distinct) < 2:
        return None
    meaning = column.title or column.name.replace("_", " ")
    base: dict[str, Any] = {"column": column.name}
    flag = yes_no(column)
    if flag is not None and len(flag) == 2:
        base |= {"kind": "flag", "meaning": meaning}
        if not plainly(flag):
            base["values"] = flag
        return base, "two values, yes and no"
    if column.labels and set(column.distinct) <= set(column.labels):
        values = {code: column.labels[code] for code in column.labels if code in column.distinct}
        if 2 <= len(values) <= MOST_LEVELS and len(set(values.values())) == len(values):
            base |= {"kind": "category", "meaning": meaning, "values": values,
                     "levels": list(values.values())}  # fmt: skip
            return base, "the file labels its codes; the first level is the reference"
    if is_age(column):
        high = min([99.0, *(code for code in codes if code > 17)])
        base |= {"kind": "integer" if _whole(column) else "number", "meaning": meaning,
                 "unit": "years", "low": 0, "high": int(high) - 1}  # fmt: skip
        shown = column.numbers[column.numbers <= high]
        return base, f"ages from {shown.min():g} to {shown.max():g}" if len(shown) else "its name"
    if column.is_number and _coded(column):
        levels = [text for text in sorted(column.distinct) if float(text) not in codes]
        if len(levels) >= 2:
            base |= {"kind": "category", "meaning": meaning, "levels": levels}
            return (
                base,
                "numbers that are codes by name or size; values: {'1': ...} names them",
            )
    if column.is_number:
        numbers = column.numbers[~np.isin(column.numbers, codes)]
        span = column.span
        base |= {"kind": "integer" if _whole(column) else "number", "meaning": meaning}
        if len(numbers):
            return base, f"numbers from {span[0]:g} to {span[1]:g}" if span else "numbers"
        return None
    written = {f"{code:g}" for code in codes}
    told = column.answered
    counts = told.value_counts()
    often = [str(one) for one, times in counts.items() if times * 100 >= len(told)]
    few = len(counts) <= FEW_LEVELS  # a rare gender is no slip
    usual = [str(one) for one, times in counts.items() if times >= 2 or few]
    levels = sorted(one for one in usual if one not in written)
    rare = len(counts) - len(usual)
    if not levels:
        return None
    flag = yes_no(replace(column, text=column.text.where(column.text.isin(often))))
    if flag is not None and len(flag) == 2:
        base |= {"kind": "flag", "meaning": meaning, "values": flag}
        return base, "yes and no; other words are listed and set missing"
    longest = max(len(one) for one in levels)
    if 2 <= len(levels) <= MOST_LEVELS and longest <= 60 and len(told) >= 2 * len(levels):
        base |= {"kind": "category", "meaning": meaning, "levels": levels}
        return base, (
            f"{len(levels)} words that recur; the first is the reference, put them in order"
            + (f"; {rare} more that stand once are listed and set missing" if rare else "")
        )
    return None


CODES_FROM = 1e6  # so large a number that comes again and again counts nothing


def _coded(column: Column) -> bool:
    """Whole numbers that stand for words: gender as 1 and 2, a diagnosis by its SNOMED code."""
    named = any(word in (lexicon.QUASI - lexicon.AGE) for word in column.words)
    numbered = bool(len(column.numbers)) and bool((column.numbers >= CODES_FROM).all())
    return (named or numbered) and _whole(column) and 2 <= len(column.distinct) <= MOST_LEVELS


def _whole(column: Column) -> bool:
    return bool((column.numbers % 1 == 0).all())


def name_of(column: Column, taken: set[str]) -> str:
    """What the covariate is called in dataset.yaml."""
    return slug(column.name, taken, "covariate")


def covariates_of(
    roles: Roles, names: list[str], codes: Codes, draft: Draft, place: tuple, taken: set[str]
) -> dict[str, Any]:
    """The covariates among some columns of a table, by the name they get, each with its reason."""
    made: dict[str, Any] = {}
    for name in names:
        found = covariate(roles.column(name), list(codes.numbers))
        if found is None:
            continue
        key = name_of(roles.column(name), taken)
        made[key] = found[0]
        draft.because((*place, "covariates", key), found[1])
        draft.use(roles.table.name, name)
    return made
