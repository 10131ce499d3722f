"""Whether numbers are answers to a questionnaire, and what that tells of the names of columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.columns import Column, Table
from attunement.ingest.guesses.families import Parsed
from attunement.study.instruments import Instrument

ENOUGH = 0.98  # so much of what is told must lie in the range before nothing is asked


def fit_of(instrument: Instrument, columns: list[Column], totals: bool) -> float:
    """The share of numbers that are possible answers (or scores) of an instrument."""
    if totals:
        scale = instrument.scales.get("total") or next(iter(instrument.scales.values()))
        low, high = scale.low, scale.high
    else:
        low, high = instrument.response.low, instrument.response.high
        if instrument.kind == "preference" and all(
            column.numbers.min() >= 1 for column in columns if len(column.numbers)
        ):
            low, high = 1, 7
    shares = [column.inside(low, high) for column in columns if column.is_number]
    return float(np.mean(shares)) if shares else 0.0


def therapists_items(family: list[Parsed], table: Table, known: Known) -> list[Parsed]:
    """`WAI_T_1` to `WAI_T_12`: T is the therapist where the numbers are all items, not times."""
    first = family[0]
    if len(first.slots) != 1 or first.slots[0].hint != "time" or first.scale or first.rater:
        return family
    letter = first.column[: first.slots[0].start].rstrip("_-. ")[-1:].lower()
    numbers = {int(one.slots[0].text) for one in family}
    for name in first.alias.instruments:
        instrument = known.instruments[name]
        columns = [table.columns[one.column] for one in family]
        whole = numbers == set(range(1, len(instrument.items) + 1))
        if letter == "t" and whole and fit_of(instrument, columns, False) >= ENOUGH:
            return [
                replace(one, rater="therapist", slots=(replace(one.slots[0], hint="item"),))
                for one in family
            ]
    return family


def asked_beside(family: list[Parsed], table: Table, known: Known) -> list[Parsed]:
    """The items alone, of PHQ1 to PHQ10: the tenth, how hard life is made, is not scored."""
    if len(family[0].slots) != 1 or family[0].scale or family[0].item:
        return family
    numbers = {int(one.slots[0].text) for one in family if one.slots[0].text.isdigit()}
    sizes = {name: len(known.instruments[name].items) for name in family[0].alias.instruments}
    if any(numbers == set(range(1, n + 1)) for n in sizes.values()):
        return family
    for name, n in sizes.items():
        kept = [one for one in family if one.slots[0].text != str(n + 1)]
        columns = [table.columns[one.column] for one in kept]
        fits = fit_of(known.instruments[name], columns, False) >= ENOUGH
        if numbers == set(range(1, n + 2)) and fits:
            return [replace(one, slots=(replace(one.slots[0], hint="item"),)) for one in kept]
    return family
