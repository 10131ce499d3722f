"""Items that do not name their form, in a file or sheet that is named after it."""

from __future__ import annotations

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.columns import Table
from attunement.ingest.guesses.families import Parsed, parse
from attunement.ingest.guesses.fits import ENOUGH, fit_of
from attunement.ingest.guesses.names import pieces


def items_of_file(table: Table, known: Known, free: list[str]) -> dict[str, Parsed]:
    """Item1 to Item18 in a file or sheet named after a form of 18 items."""
    named: dict[int, str] = {}
    for name in free:
        parts = pieces(name)
        bare = all(part.number or part.text in lexicon.ITEM | {"v", "var"} for part in parts)
        numbers = [int(part.text) for part in parts if part.number]
        if bare and len(numbers) == 1:
            named.setdefault(numbers[0], name)
    for alias, _, _ in known.find(pieces(table.name)):
        for one in alias.instruments:
            whole = set(range(1, len(known.instruments[one].items) + 1))
            columns = [table.columns[name] for name in named.values()]
            if set(named) == whole and fit_of(known.instruments[one], columns, False) >= ENOUGH:
                read = {name: parse(name, known, table.name) for name in named.values()}
                return {name: one for name, one in read.items() if one is not None}
    return {}


def worded_items(table: Table, known: Known, free: list[str]) -> dict[str, Parsed]:
    """Individually, Interpersonally, Socially, Overall in a file or sheet named after the ORS."""
    for alias, _, _ in known.find(pieces(table.name)):
        for one in alias.instruments:
            items = lexicon.ITEM_WORDS.get(one, {})
            named: dict[int, str] = {}
            for name in free:
                told = {part.text for part in pieces(name)}
                hits = [item for item, some in items.items() if told & some]
                if len(hits) == 1 and table.columns[name].is_number:
                    named.setdefault(hits[0], name)
            columns = [table.columns[name] for name in named.values()]
            whole = set(known.instruments[one].items)
            if (
                whole
                and set(named) == whole
                and fit_of(known.instruments[one], columns, False) >= ENOUGH
            ):
                return {
                    name: Parsed(name, alias, None, None, item, (), "")
                    for item, name in named.items()
                }
    return {}
