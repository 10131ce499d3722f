"""Who and when: the columns that name the client, the therapist, the session and the date."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.client_ids import client_columns, client_score, is_whole
from attunement.ingest.guesses.columns import Column, Table
from attunement.ingest.guesses.names import named
from attunement.ingest.guesses.questions import asks_client, asks_session, asks_therapist, quoted

# "sessions" counts them, "session" numbers them.
_MANY = set("sessions sitzungen sesiones zittingen sessies visits termine kontakte".split())
_BORN = set("birth birthday birthdate dob born geboorte geboortedatum nacimiento nac".split())


@dataclass
class Roles:
    """What the columns of one table tell of its rows.

    `level` is what a row is: a client, an occasion of a client, a therapist, or unknown.
    """

    table: Table
    client: str | None = None
    therapist: str | None = None
    session: str | None = None
    date: str | None = None
    phase: str | None = None
    level: str = "unknown"
    reasons: dict[str, str] = field(default_factory=dict)

    def column(self, name: str | None) -> Column:
        """A column of the table."""
        assert name is not None
        return self.table.columns[name]


def _constant_within(column: Column, client: Column) -> float:
    """The share of clients in whose rows a column has one value."""
    groups = column.text.groupby(client.text.to_numpy()).nunique()
    return float((groups <= 1).mean()) if len(groups) else 0.0


def n_with_several(column: Column, client: Column) -> int:
    """The number of clients in whose rows a column has more than one value."""
    return int((column.text.groupby(client.text.to_numpy()).nunique() > 1).sum())


def therapist_column(table: Table, client: str | None) -> str | None:
    """The column that names the therapist: so called, and not more of them than clients."""
    for name, column in table.columns.items():
        if name == client or column.filled == 0 or column.is_date:
            continue
        if not (named(column.words, lexicon.THERAPIST, lexicon.ID) or asks_therapist(column)):
            continue
        if client is None:
            return name
        people = table.columns[client]
        if len(column.distinct) <= len(people.distinct) and _constant_within(column, people) > 0.8:
            return name
    return None


def _each_once(column: Column) -> bool:
    return column.filled <= len(column.distinct) * 1.05


def session_column(table: Table, client: str | None) -> str | None:
    """The column that numbers sessions or occasions: so called, whole, and rising in a client."""
    found = []
    order = (lexicon.SESSION, lexicon.OCCASION, lexicon.WEEK, lexicon.MONTH)
    for name, column in table.columns.items():
        if name == client or not is_whole(column) or column.numbers.min() < 0:
            continue
        counts = "n" in column.words and "°" not in name  # n_session counts, N° numbers
        if counts or any(word in _MANY for word in column.words):
            continue
        for rank, some in enumerate(order):
            if named(column.words, some, lexicon.ID | lexicon.SESSION):
                found.append((rank, name))
                break
        else:
            repeat = column.words[:2] == ("redcap", "repeat") and "instance" in column.words
            if repeat or asks_session(column):
                found.append((0, name))
    return min(found)[1] if found else None


def date_column(table: Table) -> str | None:
    """The first column of dates that is not one of birth."""
    dates = [
        name
        for name, column in table.columns.items()
        if column.is_date
        and not any(word in _BORN or word.startswith("geb") for word in column.words)
    ]
    return dates[0] if dates else None


def phase_column(table: Table, client: str | None) -> str | None:
    """A column whose words are occasions: pre and post, or REDCap's names of events."""
    from attunement.ingest.guesses.when import occasion_of

    for name, column in table.columns.items():
        if name == client or column.is_number or column.is_date:
            continue
        words = column.distinct
        if not 2 <= len(words) <= 60 or any(occasion_of(word) is None for word in words):
            continue
        # T01 and T02 may be therapists: an occasion differs within some client.
        people = table.columns[client] if client is not None else None
        if people is None or _each_once(people) or _constant_within(column, people) < 1:
            return name
    return None


def roles_of(tables: list[Table]) -> dict[str, Roles]:
    """What each table's rows are, and which columns name client, therapist, session and date."""
    clients = client_columns(tables)
    made = {}
    for table in tables:
        client = clients.get(table.name)
        roles = Roles(table, client, therapist_column(table, client))
        if client is None:
            if roles.therapist is not None and _each_once(roles.column(roles.therapist)):
                roles.level = "therapist"
            made[table.name] = roles
            continue
        people = table.columns[client]
        n = len(people.distinct)
        roles.session = session_column(table, client)
        roles.date = date_column(table)
        roles.phase = phase_column(table, client) if roles.session is None else None
        repeated = people.filled > n * 1.05
        roles.level = "occasion" if repeated else "client"
        if not repeated and roles.session is not None:
            # A row for each client and a number of a session: a form filled in once.
            varies = len(roles.column(roles.session).numbers) > 1
            roles.level = "occasion" if varies or n < 3 else "client"
        said = "its name says so" if client_score(people) else "its values differ in every row"
        said = f"its question says so: {quoted(people)}" if asks_client(people) else said
        roles.reasons["client"] = f"{said}; {n} different values in {people.filled} rows" + (
            ", so its rows repeat clients" if repeated else ", so a row is a client"
        )
        if roles.therapist is not None:
            m = len(roles.column(roles.therapist).distinct)
            told = roles.column(roles.therapist)
            by = f"question says so: {quoted(told)}" if asks_therapist(told) else "name says so"
            several = n_with_several(told, people)
            each = f"but {several} of {n} clients with more than one" if several else (
                "one for each client")  # fmt: skip
            fewer = "fewer than clients, " if m < n else ""
            roles.reasons["therapist"] = f"its {by}; {m} different values, {fewer}{each}"
        made[table.name] = roles
    return made


def sessions_start(column: Column) -> int:
    """The lowest number of a session that a column holds."""
    return int(np.min(column.numbers)) if len(column.numbers) else 0
