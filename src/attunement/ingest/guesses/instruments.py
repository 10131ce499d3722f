"""Questionnaires found by the names of their columns, and whether their numbers agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.by_file import items_of_file, worded_items
from attunement.ingest.guesses.columns import Table
from attunement.ingest.guesses.families import Parsed, Slot, families, parse, unfold
from attunement.ingest.guesses.fits import asked_beside, fit_of, therapists_items
from attunement.study.instruments import Instrument


@dataclass
class Measure:
    """A questionnaire in one source: its items or scales as columns, and its occasions.

    `items` maps an item or scale to a column, or to a template with `{when}` for the occasion.
    `occasions` are the texts that stand for `{when}` in the columns, in the order of the file.
    """

    source: str
    instrument: str
    rater: str
    rater_told: bool
    items: dict[str, str]
    occasions: list[str]
    hint: str
    columns: list[str]
    totals: bool
    others: tuple[str, ...] = ()
    short: bool = False
    at: dict[str, str] = field(default_factory=dict)
    unusable: str = ""  # why it cannot be scored as it stands
    values: dict[str, float] = field(default_factory=dict)  # other codes -> answers of the key
    notes: list[str] = field(default_factory=list)
    questions: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def wide(self) -> bool:
        """Its occasions stand in columns."""
        return bool(self.occasions)


def _item_slot(family: list[Parsed], n: int) -> int | None:
    """Which number of the names counts items: told by a letter, else by running over 1 to n."""
    slots = [[one.slots[place] for one in family] for place in range(len(family[0].slots))]
    hinted = [place for place, some in enumerate(slots) if some[0].hint == "item"]
    if hinted:
        return hinted[-1]
    free = [place for place, some in enumerate(slots) if some[0].hint == ""]
    whole = set(range(1, n + 1))
    fits = []
    for place in free:
        found = {int(slot.text) for slot in slots[place]}
        if found == whole or found == set(range(n)):
            fits.append((2, place))
        elif found < whole and len(found) * 2 > n:
            fits.append((1, place))
    return max(fits)[1] if fits else None


def _template(one: Parsed, when: Slot | None, column: str) -> str:
    return column if when is None else column[: when.start] + "{when}" + column[when.end :]


def _when_slot(one: Parsed, item: int | None) -> Slot | None:
    """The part of a name that tells the occasion; `fu1` is one word."""
    rest = [slot for place, slot in enumerate(one.slots) if place != item]
    if not rest:
        return None
    first, last = rest[0], rest[-1]
    between = one.column[first.end : last.start]
    if len(rest) == 2 and len(between) <= 1 and first.hint == "word":
        return Slot(first.start, last.end, one.column[first.start : last.end], "word")
    return rest[0]


def _measure(family: list[Parsed], table: Table, known: Known) -> Measure | None:
    """One family of names as a measure."""
    family = asked_beside(therapists_items(family, table, known), table, known)
    alias, scale = family[0].alias, family[0].scale
    options = []
    for name in alias.instruments:
        instrument = known.instruments[name]
        item = None if scale or family[0].item else _item_slot(family, len(instrument.items))
        columns = [table.columns[one.column] for one in family]
        numbers = {int(one.slots[item].text) for one in family} if item is not None else set()
        possible = not numbers or max(numbers) <= len(instrument.items)
        exact = len(numbers) == len(instrument.items)
        totals = item is None and family[0].item is None
        fit = fit_of(instrument, columns, totals)
        options.append(((possible, exact, round(fit, 2)), name, item, totals))
    best = max(options, key=lambda one: one[0])
    rank, name, item, totals = best
    hints = [slot.hint for slot in family[0].slots]
    if totals and scale is None and len(family) == 1 and hints and hints[0] in ("", "item"):
        return None  # a single number in a single name may be anything
    others = tuple(other for r, other, _, _ in options if r == rank and other != name)
    items: dict[str, str] = {}
    whens: list[str] = []
    hint = ""
    shift = 0
    if item is not None and min(int(one.slots[item].text) for one in family) == 0:
        shift = 1
    for one in family:
        when = _when_slot(one, item)
        if one.item is not None:
            key = str(one.item)
        elif item is not None:
            key = str(int(one.slots[item].text) + shift)
        else:
            key = scale or "total"
        items.setdefault(key, _template(one, when, one.column))
        if when is not None:
            hint = hint or when.hint or "number"
            if when.text not in whens:
                whens.append(when.text)
    instrument = known.instruments[name]
    if totals and (scale in (None, "total")) and "total" not in instrument.scales:
        only = list(instrument.scales)
        if len(only) != 1:
            return None
        items = dict(zip(only, items.values(), strict=False))
    rater = family[0].rater or ("observer" if name == "miti421" else "client")
    made = Measure(
        table.name, name, rater, family[0].rater is not None, items, whens, hint,
        [one.column for one in family], totals, others,
        not any(char.isdigit() for part in alias.parts for char in part),
    )  # fmt: skip
    if shift:
        made.questions.append(
            (f"The items of {instrument.name} are numbered from 0 in this file; I took 0 as item 1."
             " Is that so?", ()))  # fmt: skip
    return made


def _one_by_one(forms: list[Measure]) -> list[Measure]:
    """Totals of single occasions under names of different forms, as `bdi.pre` and `bdi.2m`."""
    single = [one for one in forms if one.occasions and list(one.items) == list(forms[0].items)]
    if len(single) < 2 or len(forms[0].items) != 1:
        return forms
    first = next((one for one in single if one.hint != "word"), single[0])
    first.at = {
        template.replace("{when}", when): when
        for one in single
        for template in one.items.values()
        for when in one.occasions
    }
    first.occasions, first.columns = list(first.at.values()), list(first.at)
    first.items = dict.fromkeys(first.items, "{when}")
    return [first, *(one for one in forms if not any(one is other for other in single))]


def _merged(measures: list[Measure]) -> list[Measure]:
    """One measure for each instrument, informant and form: items before totals, scales together."""
    kept: list[Measure] = []
    groups: dict[tuple, list[Measure]] = {}
    for one in measures:
        groups.setdefault((one.instrument, one.rater), []).append(one)
    for some in groups.values():
        items = [one for one in some if not one.totals]
        if items:
            totals = [column for one in some if one.totals for column in one.columns]
            if totals:
                items[0].notes.append(
                    f"{', '.join(totals[:4])}{', ...' if totals[4:] else ''} not read: scores are "
                    "formed from the items"
                )
                items[0].columns += totals
            kept += items
            continue
        forms: dict[tuple, Measure] = {}
        for one in some:
            form = (tuple(one.occasions), one.hint)
            if form in forms and not set(forms[form].items) & set(one.items):
                forms[form].items |= one.items
                forms[form].columns += one.columns
            else:
                forms.setdefault(form, one)
        kept += _one_by_one(list(forms.values()))
    return kept


def measures_of(table: Table, known: Known, free: list[str]) -> list[Measure]:
    """The questionnaires of a table, from the names (and titles) of its free columns."""
    found = []
    by_file = items_of_file(table, known, free) | worded_items(table, known, free)
    for name in free:
        column = table.columns[name]
        if column.filled and not column.is_date:
            parsed = parse(name, known, column.title)
            if parsed is None:
                parsed = by_file.get(name)
            if parsed is not None:
                found.append(parsed)
    made = [_measure(family, table, known) for family in families(unfold(found, known))]
    return _merged([one for one in made if one is not None])


def as_items(measure: Measure, instrument: Instrument, placeholder: str | None) -> Any:
    """The `items` of a response source: a pattern where the names allow, else a map."""
    put = "{" + placeholder + "}" if placeholder else ""
    items = {key: text.replace("{when}", put) for key, text in measure.items.items()}
    wanted = [str(item) for item in instrument.items]
    if set(items) == set(wanted):
        first = items[wanted[0]]
        for at in range(len(first)):
            if first.startswith(wanted[0], at):
                pattern = first[:at] + "{item}" + first[at + len(wanted[0]) :]
                if all(items[key] == pattern.replace("{item}", key) for key in wanted):
                    return pattern
    return {key: items[key] for key in sorted(items, key=_order)}


def _order(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (10_000, key)
