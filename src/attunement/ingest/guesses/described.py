"""Whether the numbers of a questionnaire agree with its key, and what to ask where they do not."""

from __future__ import annotations

import re

import numpy as np

from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.columns import RARE, Column, Table
from attunement.ingest.guesses.fits import ENOUGH, fit_of
from attunement.ingest.guesses.instruments import Measure
from attunement.ingest.guesses.words import MISSING_NUMBERS
from attunement.ingest.guesses.write import scalar
from attunement.study.instruments import Instrument

WORDS = 8  # words of answers that a question shows
_SHORT = re.compile(r"\d")  # an instrument whose name has a number, where the column has none


def describe(measure: Measure, table: Table, known: Known) -> None:
    """Say why a measure was taken for what it is, and ask where its numbers do not agree."""
    instrument: Instrument = known.instruments[measure.instrument]
    told = [
        table.columns[name] for name in measure.columns
        if any(_matches(template, name, measure.occasions) for template in measure.items.values())
    ]  # fmt: skip
    told = told or [table.columns[name] for name in measure.at]
    columns = told or [table.columns[name] for name in measure.columns]
    n = len(measure.items)
    words = [column for column in columns if column.filled and not column.is_number]
    numbers = np.concatenate([column.values for column in columns])
    numbers = numbers[~np.isnan(numbers)]
    what = "scores" if measure.totals else f"{n} of {len(instrument.items)} items"
    usual = numbers[~np.isin(numbers, [code for code in MISSING_NUMBERS if not -3 <= code <= 9])]
    found, times = np.unique(usual, return_counts=True)
    found = found[times * RARE >= times.sum()] if len(usual) >= RARE else found
    span = f"{found.min():g} to {found.max():g}" if len(found) else "no numbers"
    fit = fit_of(instrument, columns, measure.totals)
    if measure.totals and len(measure.items) > 1:
        fit = _fit_of_scales(measure, table, instrument)
    measure.notes.insert(0, f"the names say {instrument.name}: {what}, values {span}")
    if words:
        measure.questions.append(_words_question(words, instrument))
    elif fit < ENOUGH and not measure.totals and _one_too_high(instrument, numbers):
        _shift(measure, instrument, numbers)
    elif fit < 0.5 and len(numbers) and not measure.totals:
        measure.unusable = _other_range(instrument, numbers)
    elif fit < ENOUGH:
        measure.questions.append(_range_question(measure, instrument, numbers))
    if measure.totals and not measure.others and measure.short and _SHORT.search(instrument.id):
        measure.questions.append(
            (f"The name of {measure.columns[0]} does not say which form it is: is it the "
             f"{instrument.name}? Other forms have other keys and limits.", ()))  # fmt: skip
    if measure.others:
        names = [known.instruments[other].name for other in measure.others]
        measure.questions.append(
            (f"The columns {measure.columns[0]}, ... may as well be {' or '.join(names)}. "
             "Which form was used?",
             tuple(f"instrument: {o}" for o in (measure.instrument, *measure.others))))  # fmt: skip


def _fit_of_scales(measure: Measure, table: Table, instrument: Instrument) -> float:
    """The smallest share of possible scores, each scale held against its own limits."""
    shares = []
    for key, template in measure.items.items():
        scale = instrument.scales.get(key)
        for name, column in table.columns.items():
            if scale and column.is_number and _matches(template, name, measure.occasions):
                shares.append(column.inside(scale.low, scale.high))
    return min(shares, default=0.0)


def _matches(template: str, name: str, occasions: list[str]) -> bool:
    if "{when}" not in template:
        return template == name
    return any(template.replace("{when}", one) == name for one in occasions)


def _one_too_high(instrument: Instrument, numbers: np.ndarray) -> bool:
    """The answers run from one above the lowest to one above the highest possible."""
    answer = instrument.response
    return bool(len(numbers)) and numbers.min() == answer.low + 1 and answer.high + 1 in numbers


def _shift(measure: Measure, instrument: Instrument, numbers: np.ndarray) -> None:
    """Translate answers that are all one too high, and ask."""
    answer = instrument.response
    steps = np.arange(answer.low, answer.high + answer.step / 2, answer.step)
    measure.values = {f"{step + 1:g}": float(f"{step:g}") for step in steps}
    measure.questions.append(
        (f"{instrument.name} is answered with {answer.low:g} to {answer.high:g}, but the file has "
         f"{numbers.min():g} to {numbers.max():g}: taken as coded from {answer.low + 1:g}, so "
         "`values` subtracts 1. If that is not so, take `values` out.", ()))  # fmt: skip


def _words_question(words: list[Column], instrument: Instrument) -> tuple[str, tuple[str, ...]]:
    """Ask which number each word is."""
    told = list(dict.fromkeys(word for column in words for word in column.distinct))
    answer = instrument.response
    asked = ", ".join(f"{scalar(word)}: ..." for word in told[:WORDS])
    return (
        f"{len(words)} column(s) of {instrument.name} ({words[0].name}, ...) hold words, not "
        f"numbers. Export the codes instead of the labels, or write which number from "
        f"{answer.low:g} to {answer.high:g} each word is, in place of the dots:",
        (f"values: {{{asked}}}",),
    )


def _other_range(instrument: Instrument, numbers: np.ndarray) -> str:
    """Why answers of which most are impossible are not read, and what to do."""
    answer, ten = instrument.response, "If they are ten times too high (millimetres), divide by 10"
    top = numbers[~np.isin(numbers, MISSING_NUMBERS)].max(initial=answer.low)
    hint = ten if top == 10 * answer.high else "If they are coded otherwise, recode them"
    return (
        f"{instrument.name} is answered with {answer.low:g} to {answer.high:g}, but the file has "
        f"{numbers.min():g} to {numbers.max():g}, mostly out of range, so these columns are not "
        f"used. {hint} in the file, and run `new` again with --replace. If it is another form, "
        "write an instrument of your own (data/README.md)."
    )


def _range_question(
    measure: Measure, instrument: Instrument, numbers: np.ndarray
) -> tuple[str, tuple[str, ...]]:
    answer = instrument.response
    span = f"{numbers.min():g} to {numbers.max():g}" if len(numbers) else "nothing"
    if measure.totals:
        scale = instrument.scales.get(next(iter(measure.items)))
        limits = f"{scale.low:g} to {scale.high:g}" if scale else "?"
    else:
        limits = f"{answer.low:g} to {answer.high:g}"
    return (
        f"{instrument.name} can be {limits}, but the file has {span}. Values out of range are set "
        "missing and listed. Is it this instrument, in this form?",
        (),
    )
