"""The clients: the table that tells of them, their therapist, and what else is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.attendance import came, together
from attunement.ingest.guesses.client_ids import unnamed_ids
from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.covariates import covariates_of, is_age, is_quasi
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.families import RANKS
from attunement.ingest.guesses.missing import Codes
from attunement.ingest.guesses.names import words as words_of
from attunement.ingest.guesses.people import Roles, n_with_several
from attunement.ingest.guesses.ratings import wide_groups
from attunement.ingest.guesses.told_at import source_at
from attunement.study.contracts import TABLES

Free = Callable[[Roles], list[str]]
_SITE = set("site clinic praxis standort locatie centro ambulanz center centre klinik".split())
LAST = 2  # the rank of words such as post and discharge among those for occasions
SAME = 0.98  # a column tells of the client if it is the same in all rows of so many clients


def clients_source(all_roles: list[Roles], draft: Draft) -> str | None:
    """The table that tells of clients: a row each, with a therapist, an age, the most of them."""

    def merit(roles: Roles) -> tuple:
        columns = roles.table.columns.values()
        words = {word for column in columns for word in column.words}
        told = bool(words & (lexicon.GENDER | lexicon.AGE)) + (roles.therapist is not None)
        own = roles.table.name not in _claimed(draft)
        return (roles.level == "client", told, own, len(roles.column(roles.client).distinct))

    found = [roles for roles in all_roles if roles.client is not None]
    return max(found, key=merit).table.name if found else None


def _claimed(draft: Draft) -> set[str]:
    return {
        draft.content[section]["source"]
        for section in ("type_preferences", "endings")
        if section in draft.content
    }


def _beside(roles: Roles, all_roles: list[Roles], draft: Draft) -> Roles | None:
    """Another table that names the therapist, where that of the clients does not."""
    return next(
        (
            one
            for one in all_roles
            if one is not roles and one.client is not None and one.therapist is not None
            and one.table.name in draft.content["sources"]
        ),
        None,
    )  # fmt: skip


def _joined(roles: Roles, other: Roles, draft: Draft) -> str | None:
    """Declare the clients' table and the other side by side; None where a client would be lost.

    The table with several rows of a client stands first, for a join takes one row of each other
    source.
    """
    mine, theirs = roles.column(roles.client).distinct, other.column(other.client).distinct
    several = other.level == "occasion"
    shared = (set(roles.table.columns) & set(other.table.columns)) - {roles.client, other.client}
    if shared or (several and not set(mine) <= set(theirs)):
        return None
    first, second = (other, roles) if several else (roles, other)
    by: Any = first.client
    if first.client != second.client:
        by = {first.table.name: first.client, second.table.name: second.client}
    name = "clients_joined"
    draft.content["sources"][name] = {"join": [first.table.name, second.table.name], "by": by}
    draft.because(("sources", name), f"{roles.table.label} tells of clients, {other.table.label} "
                  "names their therapist: put side by side by the client")  # fmt: skip
    return name


def _told_elsewhere(
    roles: Roles, all_roles: list[Roles], draft: Draft
) -> tuple[str, dict[str, str], Roles | None]:
    """The source and columns where the therapist stands in another table; else a question."""
    place = ("clients", "columns")
    other = _beside(roles, all_roles, draft)
    if other is not None:
        name = _joined(roles, other, draft)
        if name is not None:
            first = other if other.level == "occasion" else roles
            draft.because(place, f"therapist is '{other.therapist}' of {other.table.label}")
            _ask_of_several(other, draft)
            return name, {"client": str(first.client), "therapist": str(other.therapist)}, other
        draft.ask(place, f"The therapist stands in '{other.therapist}' of {other.table.label}, not "
                  "beside the clients. Put that column into the clients' file.")  # fmt: skip
    else:
        draft.ask(place, "No column names the therapist. If one does, add it; without it nothing "
                  "can be said about therapists.", "therapist: name_of_the_column")  # fmt: skip
    return roles.table.name, {"client": str(roles.client)}, None


def _ask_of_several(roles: Roles, draft: Draft) -> None:
    """Which therapist counts, where a client has several: without a rule `check` stops."""
    told = roles.column(roles.therapist)
    n = n_with_several(told, roles.column(roles.client))
    if n:
        draft.ask(
            ("clients", "columns"),
            f"Clients with more than one therapist in '{told.name}': {n}. A client counts for one. "
            "Correct it in the file where it is a slip; else add this rule as a line of its "
            "own at the end of this file (or last instead of first). Without either, `check` "
            "stops.",
            "rules: {two_therapists: first}",
        )


def _named_columns(roles: Roles, rest: list[str], draft: Draft) -> dict[str, str]:
    """Columns with a place of their own: site, order of cases."""
    made: dict[str, str] = {}
    for name in list(rest):
        words = roles.column(name).words
        key = "_".join(words) if words in _CASES else None
        if key is None and words and set(words) <= _SITE and "site" not in made:
            key = "site"
        if key is not None:
            made[key] = name
            draft.use(roles.table.name, name)
            rest.remove(name)
    return made


_CASES = (("case", "order"), ("open", "cases", "at", "intake"))


def _of_the_client(roles: Roles, names: list[str]) -> list[str]:
    """Columns that are the same in all rows of a client, and tell of no single occasion."""
    if roles.level != "occasion":
        told = _of_occasions(roles, names)
        return [name for name in names if name not in told]
    return [
        name
        for name in names
        if _same_within(roles, roles.column(name)) > SAME and not _of_the_end(roles, name)
    ]


def _of_occasions(roles: Roles, names: list[str]) -> set[str]:
    """Columns of a wide table that tell of its occasions: who came to each, in which form, ..."""
    made: set[str] = set()
    for found in wide_groups(roles, names).values():
        some = [roles.column(name) for name in found.columns if roles.column(name).filled]
        if len(found.columns) > 2 or (some and came(together(some)) is not None):
            made |= set(found.columns)
    return made


def _of_the_end(roles: Roles, name: str) -> bool:
    """It stands on the rows of the last event alone: nothing to adjust for, it came afterwards."""
    if roles.phase is None:
        return False
    told = roles.column(name).text.notna().to_numpy()
    events = {str(one) for one in roles.column(roles.phase).text.to_numpy()[told]}
    ranks = [RANKS[word] for event in events for word in words_of(event) if word in RANKS]
    return len(ranks) >= len(events) > 0 and all(rank >= LAST for rank in ranks)


def _same_within(roles: Roles, column: Column) -> float:
    groups = column.text.groupby(roles.column(roles.client).text.to_numpy()).nunique()
    return float((groups <= 1).mean()) if len(groups) else 0.0


def add_clients(all_roles: list[Roles], codes: Codes, draft: Draft, free: Free) -> None:
    """The clients, their therapist and what else is known of them."""
    found = clients_source(all_roles, draft)
    if found is None:
        return
    roles = next(one for one in all_roles if one.table.name == found)
    place = ("clients", "columns")
    draft.because(place, f"client is '{roles.client}': {roles.reasons['client']}")
    if "says so" not in roles.reasons["client"]:
        others = [name for name in unnamed_ids(roles.table) if name != roles.client]
        hint = f" (As likely: {', '.join(others)}.)" if others else ""
        draft.ask(place, f"No column is named as clients are; '{roles.client}' is a guess by its "
                  f"values. Which column is the client?{hint}")  # fmt: skip
    other: Roles | None = None
    if roles.therapist is not None:
        source, columns = found, {"client": str(roles.client), "therapist": roles.therapist}
        draft.because(place, f"therapist is '{roles.therapist}': {roles.reasons['therapist']}")
        _ask_of_several(roles, draft)
    else:
        source, columns, other = _told_elsewhere(roles, all_roles, draft)
    taken = set(TABLES["clients"].names)
    more: dict[str, Any] = {}
    for one in [roles, *([other] if other is not None else [])]:
        rest = free(one)
        columns |= _named_columns(one, rest, draft) if one is roles else {}
        of_client = _of_the_client(one, rest)
        if one is other and one.level != "occasion":
            of_client = []  # another form filled in once: it is no table of clients
        own = covariates_of(one, of_client, codes, draft, ("clients",), taken)
        ages = [key for key, c in own.items() if is_age(one.column(c["column"]))]
        quasi = [key for key, c in own.items() if is_quasi(c["column"]) or key in ages]
        _note(draft, quasi, ages)
        more |= own
    if source == roles.table.name:
        told = [name for key, name in columns.items() if key != "client"]
        told += [one["column"] for one in more.values()]
        source = source_at(roles, told, "clients", draft)
    table: dict[str, Any] = {"source": source, "columns": columns}
    draft.content["clients"] = table | ({"covariates": more} if more else {})
    if "model_covariates" in draft.content:
        draft.ask(("model_covariates",), "Which covariates should every model be adjusted for? "
                  f"Numbers and categories of clients: {', '.join(more)}.")  # fmt: skip


def _note(draft: Draft, quasi: list[str], ages: list[str]) -> None:
    if quasi:
        held = draft.content.setdefault("privacy", {"quasi_identifiers": []})
        held["quasi_identifiers"] += quasi
        draft.because(("privacy",), "others may know these of a person")
    if ages:
        draft.content.setdefault("model_covariates", ages[:1])
