"""The tables of therapists, sessions and clients, with what else their columns tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.covariates import covariate, is_age, is_quasi, name_of
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.missing import Codes
from attunement.ingest.guesses.names import words as pieces_of
from attunement.ingest.guesses.occasions import Clock
from attunement.ingest.guesses.people import Roles, unnamed_ids
from attunement.ingest.guesses.ratings import wide_groups
from attunement.ingest.guesses.values import plainly, yes_no

Free = Callable[[Roles], list[str]]
_ATTENDED = set(
    "attended came attendance present anwesend erschienen gekommen aanwezig gekomen asistio "
    "verschenen wahrgenommen teilgenommen opgekomen".split()
)
_SITE = set("site clinic praxis standort locatie centro ambulanz center centre klinik".split())


def _covariates(
    roles: Roles, names: list[str], codes: Codes, draft: Draft, place: tuple, taken: set[str]
) -> dict[str, Any]:
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


def add_therapists(all_roles: list[Roles], codes: Codes, draft: Draft, free: Free) -> None:
    """A table with a row for each therapist."""
    for roles in all_roles:
        if roles.level == "therapist" and "therapists" not in draft.content:
            place = ("therapists",)
            draft.because(place, "its rows name therapists and no clients")
            table: dict[str, Any] = {
                "source": roles.table.name, "columns": {"therapist": roles.therapist}
            }  # fmt: skip
            more = _covariates(roles, free(roles), codes, draft, place, {"therapist"})
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
            (
                name
                for name in free(roles)
                if any(word in _ATTENDED for word in roles.column(name).words)
                and yes_no(roles.column(name))
            ),
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
        made = yes_no(roles.column(attended)) or {}
        columns["attended"] = attended if plainly(made) else {"column": attended, "values": made}
        draft.use(roles.table.name, attended)
        draft.because(place, f"'{attended}' says who came, and its rows are sessions")
    else:
        draft.because(place, "it has the most rows of a client and a session")
        draft.ask(place, f"Is every row of {roles.table.label} a session that took place? Sessions "
                  "are counted from it. If not, delete this section.")  # fmt: skip
    table: dict[str, Any] = {"source": roles.table.name, "columns": columns}
    day = columns.get("day")
    for response in draft.content["responses"]:
        same = response["source"] == roles.table.name and clock.key in response
        if same and isinstance(day, str) and "day" not in response:
            response["day"] = day
    if roles.table.name != _clients_source(all_roles, draft):
        rest = [n for n in free(roles) if roles.column(n).is_number or yes_no(roles.column(n))]
        more = _covariates(roles, rest, codes, draft, place, set(columns) | {"attended", "day"})
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


def _clients_source(all_roles: list[Roles], draft: Draft) -> str | None:
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


def _same_within(roles: Roles, column: Column) -> float:
    groups = column.text.groupby(roles.column(roles.client).text.to_numpy()).nunique()
    return float((groups <= 1).mean()) if len(groups) else 0.0


def add_clients(all_roles: list[Roles], codes: Codes, draft: Draft, free: Free) -> None:
    """The clients, their therapist and what else is known of them."""
    source = _clients_source(all_roles, draft)
    if source is None:
        return
    roles = next(one for one in all_roles if one.table.name == source)
    place = ("clients",)
    columns: dict[str, Any] = {"client": roles.client}
    draft.because((*place, "columns"), f"client is '{roles.client}': {roles.reasons['client']}")
    if "its name says so" not in roles.reasons["client"]:
        others = ", ".join(unnamed_ids(roles.table))
        draft.ask(
            (*place, "columns"),
            f"No column is named as clients are; '{roles.client}' is a "
            f"guess by its values. Which column is the client? (As likely: {others}.)",
        )
    if roles.therapist is not None:
        columns["therapist"] = roles.therapist
        draft.because((*place, "columns"), f"therapist is '{roles.therapist}': "
                      f"{roles.reasons['therapist']}")  # fmt: skip
    else:
        draft.ask((*place, "columns"),
                  "No column names the therapist. If one does, add it; without it nothing can be "
                  "said about therapists.", "therapist: name_of_the_column")  # fmt: skip
    rest = free(roles)
    for name in list(rest):
        words = roles.column(name).words
        if words in (("case", "order"), ("open", "cases", "at", "intake")):
            columns["_".join(words)] = name
            draft.use(source, name)
            rest.remove(name)
        elif set(words) <= _SITE and words and "site" not in columns:
            columns["site"] = name
            draft.use(source, name)
            rest.remove(name)
    if roles.level == "occasion":
        rest = [name for name in rest if _same_within(roles, roles.column(name)) > 0.98]
    more = _covariates(roles, rest, codes, draft, place, {"client", "therapist", *columns})
    table: dict[str, Any] = {"source": source, "columns": columns}
    draft.content["clients"] = table | ({"covariates": more} if more else {})
    quasi = [
        key for key, one in more.items()
        if is_quasi(one["column"]) or is_age(roles.column(one["column"]))
    ]  # fmt: skip
    if quasi:
        draft.content["privacy"] = {"quasi_identifiers": quasi}
        draft.because(("privacy",), "others may know these of a person")
    ages = [key for key, one in more.items() if is_age(roles.column(one["column"]))]
    if ages:
        draft.content["model_covariates"] = ages[:1]
        draft.ask(("model_covariates",), "Which covariates should every model be adjusted for? "
                  f"Numbers and categories of clients: {', '.join(more)}.")  # fmt: skip
