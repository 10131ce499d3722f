"""The tables of therapists, sessions and clients, with what else their columns tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.clients import clients_source
from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.covariates import covariates_of
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.missing import Codes
from attunement.ingest.guesses.names import words as pieces_of
from attunement.ingest.guesses.occasions import Clock
from attunement.ingest.guesses.people import Roles
from attunement.ingest.guesses.ratings import wide_groups
from attunement.ingest.guesses.values import plainly, translated, yes_no
from attunement.study.contracts import TABLES

Free = Callable[[Roles], list[str]]
_ATTENDED = set(
    "attended came show showed attendance present "
    " anwesend erschienen gekommen aanwezig gekomen asistio "
    "verschenen wahrgenommen teilgenommen opgekomen venu presence presences anwesenheit teilnahme "
    "asistencia aanwezigheid opkomst presenza presenze".split()
)

# NHS data dictionary, ATTENDED OR DID NOT ATTEND CODE: 5 on time, 6 late but seen, 7 late and not
# seen, 3 did not attend, 2 and 4 cancelled by client or provider, 0 still to come.
_NHS_NAME = ("attend", "or", "dna", "code")
_NHS = {"5": True, "6": True, "7": False, "3": False, "2": False, "4": False, "0": None}


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


def came(column: Column) -> dict[str, bool | None] | None:
    """What a column says of whether the client came: yes and no, or what became of a session."""
    if any(word in _ATTENDED for word in column.words) and (flag := yes_no(column)):
        return dict(flag)
    if column.words == _NHS_NAME and set(column.distinct) <= set(_NHS):
        return {code: _NHS[code] for code in column.distinct}
    known, unknown = translated(column, lexicon.APPOINTMENT)
    if not 2 <= len(column.distinct) <= 12 or unknown or "attended" not in known.values():
        return None
    return {text: None if word == "unknown" else word == "attended" for text, word in known.items()}


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
    if attended is not None:
        made = came(roles.column(attended)) or {}
        columns["attended"] = attended if plainly(made) else {"column": attended, "values": made}
        draft.use(roles.table.name, attended)
        draft.because(place, f"'{attended}' says who came, and its rows are sessions")
    else:
        draft.because(place, "it has the most rows of a client and a session")
        draft.ask(place, f"Is every row of {roles.table.name} a session that took place? Sessions "
                  "are counted from it. If not, delete this section.")  # fmt: skip
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
            came = any(word in _ATTENDED for word in pieces_of(found.label))
            if found.hint != "session" or not some:
                continue
            if all(column.is_date for column in some):
                columns.setdefault("day", template)
            elif came and all(yes_no(column) for column in some):
                made = {k: v for column in some for k, v in (yes_no(column) or {}).items()}
                plain_form = template if plainly(made) else {"column": template, "values": made}
                columns.setdefault("attended", plain_form)
            else:
                continue
            draft.use(roles.table.name, *found.columns)
        if len(columns) > 2:
            draft.content["sessions"] = {"source": roles.table.name, "columns": columns}
            draft.because(("sessions",), "the names of columns tell sessions; a blank one did "
                          "not take place")  # fmt: skip
            return
