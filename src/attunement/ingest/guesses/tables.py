"""The tables of therapists, sessions and clients, with what else their columns tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.attendance import HOW, came, together
from attunement.ingest.guesses.clients import clients_source
from attunement.ingest.guesses.covariates import covariates_of
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.missing import Codes
from attunement.ingest.guesses.occasions import Clock
from attunement.ingest.guesses.people import Roles
from attunement.ingest.guesses.ratings import wide_groups
from attunement.ingest.guesses.values import yes_no
from attunement.study.contracts import TABLES

Free = Callable[[Roles], list[str]]


def add_therapists(all_roles: list[Roles], codes: Codes, draft: Draft, free: Free) -> None:
    """A table with a row for each therapist."""
    for roles in all_roles:
        if roles.level == "therapist" and "therapists" not in draft.content:
            place = ("therapists",)
            draft.because(place, "its rows name therapists and no clients")
            table: dict[str, Any] = {
                "source": roles.table.name, "columns": {"therapist": roles.therapist}
            }  # fmt: skip
            more = covariates_of(roles, free(roles), codes, draft, place, {"therapist"})
            draft.content["therapists"] = table | ({"covariates": more} if more else {})


def _unique(roles: Roles, when: str) -> float:
    pair = pd.DataFrame({
        "client": roles.column(roles.client).text.to_numpy(),
        "when": roles.column(when).text.to_numpy(),
    }).dropna()  # fmt: skip
    return 1 - float(pair.duplicated().mean()) if len(pair) else 0.0


def add_sessions(
    all_roles: list[Roles], clock: Clock, codes: Codes, draft: Draft, free: Free
) -> None:
    """The table whose rows are sessions: says who attended, else has the most of them."""
    if clock.unit != "session":
        return
    options = []
    for roles in all_roles:
        when = roles.session or roles.date
        if roles.level != "occasion" or when is None or _unique(roles, when) < 0.9:
            continue
        attended = next(
            (name for name in free(roles) if came(roles.column(name))),
            None,
        )
        options.append((attended is not None, roles.table.rows, roles, attended))
    if not options:
        _wide_sessions(all_roles, draft, free)
        return
    _, _, roles, attended = max(options, key=lambda one: one[:2])
    place = ("sessions",)
    fields = clock.rows[roles.table.name]
    columns: dict[str, Any] = {"client": roles.client, "session": fields[clock.key]}
    if "day" in fields:
        columns["day"] = fields["day"]
    else:
        for name in free(roles):
            column = roles.column(name)
            if column.words and set(column.words) <= lexicon.DAY and column.is_number:
                columns["day"] = name
                draft.use(roles.table.name, name)
                break
    told = came(roles.column(attended)) if attended is not None else None
    if attended is not None and told is not None:
        columns["attended"] = told.declared(attended)
        told.ask(draft, place, attended)
        draft.use(roles.table.name, attended)
        draft.because(place, f"'{attended}' says who came, and its rows are sessions")
    else:
        draft.because(place, "it has the most rows of a client and a session")
        draft.ask(place, f"Is every row of {roles.table.name} a session that took place? Sessions "
                  "are counted from it. If a column says whether the client came, add it to the "
                  "columns below, so that only those count; else, if rows did not all take place, "
                  "delete this section.", HOW)  # fmt: skip
    table: dict[str, Any] = {"source": roles.table.name, "columns": columns}
    day = columns.get("day")
    for response in draft.content["responses"]:
        same = response["source"] == roles.table.name and clock.key in response
        if same and isinstance(day, str) and "day" not in response:
            response["day"] = day
    if roles.table.name != clients_source(all_roles, draft):
        rest = [n for n in free(roles) if roles.column(n).is_number or yes_no(roles.column(n))]
        more = covariates_of(roles, rest, codes, draft, place, set(TABLES["sessions"].names))
        table |= {"covariates": more} if more else {}
    draft.content["sessions"] = table


def _wide_sessions(all_roles: list[Roles], draft: Draft, free: Free) -> None:
    """Sessions in the columns of a wide table: who came, or when, told for each of them."""
    for roles in all_roles:
        if roles.client is None or roles.level != "client":
            continue
        columns: dict[str, Any] = {"client": roles.client, "session": "{session}"}
        for found in wide_groups(roles, free(roles)).values():
            some = [roles.column(name) for name in found.columns if roles.column(name).filled]
            template = found.template.replace("{when}", "{session}")
            if found.hint != "session" or not some:
                continue
            if all(column.is_date for column in some):
                columns.setdefault("day", template)
            elif "attended" not in columns and (made := came(together(some))) is not None:
                columns["attended"] = made.declared(template)
                made.ask(draft, ("sessions",), template)
            else:
                continue
            draft.use(roles.table.name, *found.columns)
        if len(columns) > 2:
            draft.content["sessions"] = {"source": roles.table.name, "columns": columns}
            draft.because(("sessions",), "the names of columns tell sessions; a blank one did "
                          "not take place")  # fmt: skip
            if "attended" not in columns:
                draft.ask(("sessions",), "Did every session that has a date take place? Sessions "
                          "are counted by their dates. If columns say whether the client came, "
                          "add them, {session} in place of the number.", HOW)  # fmt: skip
            return
