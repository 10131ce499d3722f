"""The column that names the client: by its name, by the question asked, by its values."""

from __future__ import annotations

import pandas as pd

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.columns import Column, Table
from attunement.ingest.guesses.names import named
from attunement.ingest.guesses.questions import asks_client
from attunement.ingest.privacy.identifiers import look
from attunement.ingest.privacy.identifiers.names import announced

# What finds a person may differ in every row as an id does, but it is none.
PERSONAL = frozenset({"ip address", "email", "name", "phone", "fax", "geography", "url", "device"})
_BARE = set("id code kode codigo chiffre pseudonym nr uid ref reference".split())


def client_score(column: Column) -> int:
    """How plainly a column says that it names the client: 3 by its name, 2 nearly, 0 not."""
    if column.filled == 0 or (column.is_date and not column.unmarked_dates):
        return 0
    if named(column.words, lexicon.CLIENT, lexicon.ID):
        return 3
    if column.words == ("external", "reference"):  # what Qualtrics calls a code given to it
        return 2
    if asks_client(column):
        return 2
    return 2 if column.words and set(column.words) <= _BARE else 0


def is_whole(column: Column) -> bool:
    """All its numbers are whole."""
    numbers = column.numbers
    return bool(column.is_number and len(numbers) and (numbers % 1 == 0).all())


def client_columns(tables: list[Table]) -> dict[str, str]:
    """The column that names the client in each table that has one.

    By name (client, Klient, patiënt, id, ...) and by sharing its values with the other tables; a
    name such as `id` is taken where nothing better is there.
    """
    scored = {
        table.name: {n: client_score(c) for n, c in table.columns.items() if client_score(c)}
        for table in tables
    }
    best: dict[str, str] = {}
    for table in tables:
        found = scored[table.name]
        if not found:
            continue

        def shared(name: str, table: Table = table) -> int:
            own = set(table.columns[name].distinct)
            return sum(
                any(own & set(other.columns[o].distinct) for o in scored[other.name])
                for other in tables
                if other is not table
            )

        best[table.name] = max(
            found, key=lambda n: (found[n], shared(n), len(table.columns[n].distinct))
        )
    known = {one for name, column in best.items() for one in _of(tables, name, column).distinct}
    for table in tables:
        if table.name in best:
            continue
        for name, column in table.columns.items():
            own = column.distinct
            fits = len(own) >= 2 and sum(one in known for one in own) >= 0.5 * len(own)
            if fits and (column.unmarked_dates or finds_persons(column)):
                continue
            # Small numbers may be ids by accident: then nearly all ids must be there.
            whole = len(own) >= 10 and len(known & set(own)) >= 0.8 * len(known)
            if fits and (whole or not column.is_number):
                best[table.name] = name
                break
    for table in tables:
        unnamed = unnamed_ids(table) if table.name not in best and len(tables) == 1 else []
        if unnamed:
            best[table.name] = unnamed[0]
    return best


def unnamed_ids(table: Table) -> list[str]:
    """Columns that differ in every row and could be ids: codes of letters, or counted numbers."""
    made = []
    for name, column in table.columns.items():
        whole = column.filled == table.rows and len(column.distinct) == table.rows >= 3
        codes = not column.is_number or (is_whole(column) and column.numbers.min() >= 1)
        coded = whole and codes and not column.is_date and "response" not in column.words
        if coded and not finds_persons(column):
            made.append(name)
    return made


def finds_persons(column: Column) -> bool:
    """A column of addresses, names, phones and the like, by its name or by what stands in it."""
    if PERSONAL & set(announced(column.name)):
        return True
    found = look(pd.DataFrame({column.name: column.text}))
    return any(one.refused and one.kind in PERSONAL for one in found)


def _of(tables: list[Table], name: str, column: str) -> Column:
    return next(table for table in tables if table.name == name).columns[column]
