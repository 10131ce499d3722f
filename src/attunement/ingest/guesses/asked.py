"""What is always asked: what the dataset is, its primary outcome, what is left over."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.instruments import Measure
from attunement.ingest.guesses.names import pieces
from attunement.ingest.guesses.occasions import Clock
from attunement.ingest.guesses.people import Roles
from attunement.ingest.guesses.values import translated
from attunement.ingest.guesses.write import flow


def about(name: str, draft: Draft) -> None:
    """Name, and what only people can say of a dataset."""
    draft.content |= {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "about": "Not described yet.",
        "is_not": "Not described yet.",
        "licence": "not for release",
    }
    draft.ask(
        ("title",),
        "What should the report call these data, whose are they (about: who is in it, where, when) "
        "and what are they not (is_not: for example a random sample)? Fill in the four lines.",
    )
    draft.because(("licence",), "data of clients are confidential unless you say otherwise: small "
                  "cells are emptied and counts rounded in all that is released")  # fmt: skip


def type_preferences(roles: Roles, columns: dict[str, str], draft: Draft) -> None:
    """A table of preferences for a type of therapy, therapist or treatment."""
    made: dict[str, Any] = dict(columns)
    if "kind" not in columns:
        return
    kinds = roles.column(columns["kind"])
    words = {"activity": {"activity", "aktivitat", "activiteit", "actividad"},
             "therapist": {"therapist", "therapeut", "terapeuta"},
             "treatment": {"treatment", "behandlung", "behandeling", "tratamiento"}}  # fmt: skip
    known, unknown = translated(kinds, words)
    if not set(kinds.distinct) <= set(words):
        made["kind"] = {"column": columns["kind"], "values": known}
    draft.content["type_preferences"] = {"source": roles.table.name, "columns": made}
    draft.because(("type_preferences",), "its columns name an aspect and what was preferred")
    if unknown:
        draft.ask(("type_preferences",), f"What kinds are {', '.join(unknown[:6])}? The kinds are "
                  "activity, therapist, treatment.")  # fmt: skip
    draft.use(roles.table.name, *columns.values())


def unmarked_dates(all_roles: list[Roles], draft: Draft) -> None:
    """Dates written as 20230131 beside dates written otherwise are not read: ask for one form."""
    for roles in all_roles:
        form = draft.content["sources"][roles.table.name].get("dates")
        for name, column in roles.table.columns.items():
            if not column.unmarked_dates or form in column.unmarked_dates or name == roles.client:
                continue
            draft.ask(("sources", roles.table.name), f"'{name}' holds dates without marks, as "
                      f"{column.unmarked_dates[0]}, which are not read beside the others. If they "
                      "are needed, write them in the file as 2023-01-31 (in a spreadsheet: as "
                      "dates) and run `new` again with --replace.")  # fmt: skip
            draft.use(roles.table.name, name)


def letters_for_missing(all_roles: list[Roles], draft: Draft) -> None:
    """X is often a mark for missing: where it was taken for a category, it is asked about."""
    for roles in all_roles:
        for name, column in roles.table.columns.items():
            letters = [one for one in column.distinct if one in ("x", "X")]
            others = [one for one in column.distinct if one not in letters]
            if not letters or len(others) < 2 or name == roles.client or column.is_number:
                continue
            times = int((column.text == letters[0]).sum())
            draft.ask(("missing_codes",), f"Is '{letters[0]}' in '{name}' a word like its others "
                      f"({', '.join(others[:4])})? It stands {times} times and was taken for one. "
                      "If it marks what was not answered, add it to the codes for missing and take "
                      "it out below.")  # fmt: skip


def claimed_whole(draft: Draft) -> set[str]:
    """Sources of which every column has its place."""
    found = draft.content.get("type_preferences")
    return {found["source"]} if found else set()


_COMMON_WORDS = {("care",), ("core",)}
_REDCAP_STATUS = "_complete"  # phq9_complete: whether the form was filled in


def half_understood(roles: Roles, free: list[str], known: Known, draft: Draft) -> None:
    """Columns that name a questionnaire in a way that was not understood are asked about."""
    lost: dict[str, list[str]] = {}
    for name in free:
        if not roles.column(name).is_number or name.endswith(_REDCAP_STATUS):
            continue
        for alias, _, _ in known.find(pieces(name)):
            if alias.parts in _COMMON_WORDS:
                continue
            lost.setdefault(alias.instruments[0], []).append(name)
            break
    for instrument, columns in lost.items():
        shown = ", ".join(columns[:6]) + (f" and {len(columns) - 6} more" if columns[6:] else "")
        draft.ask(
            ("sources", roles.table.name),
            f"These columns seem to belong to {known.instruments[instrument].name}, but their "
            f"names were not understood and they are not used: {shown}. If you need them, add "
            "such a line under responses, {item} in place of the number of the item:",
            "  - " + flow(_by_hand(roles, instrument, columns[0])),
        )
        draft.use(roles.table.name, *columns)


def _by_hand(roles: Roles, instrument: str, column: str) -> dict[str, Any]:
    """A response source to be corrected by hand."""
    numbers = [piece for piece in pieces(column) if piece.number]
    last = numbers[-1] if numbers else None
    items: Any = {"total": column}
    if last is not None:
        items = column[: last.start] + "{item}" + column[last.end :]
    when = {"session": roles.session or "COLUMN"} if roles.level == "occasion" else {
        "at_session": 0}  # fmt: skip
    who = {"rater": "client", "client": str(roles.client)}
    return {"source": roles.table.name, "instrument": instrument} | who | when | {"items": items}


def _n_answered(roles: Roles, measure: Measure) -> int:
    """The occasions with any answer: rows, or in a wide table rows and occasions."""
    columns = roles.table.columns
    if measure.at:
        groups = [[name] for name in measure.at]
    else:
        groups = [
            [template.replace("{when}", one) for template in measure.items.values()]
            for one in measure.occasions or [""]
        ]
    n = 0
    for names in groups:
        some = [columns[name] for name in names if name in columns]
        told = [~np.isnan(c.values) if c.is_number else c.text.notna().to_numpy() for c in some]
        n += int(np.any(told, axis=0).sum()) if told else 0
    return n


def _primary(
    measures: list[tuple[Roles, Measure]], known: Known, draft: Draft
) -> list[tuple[str, str]]:
    """The candidates for the primary outcome, the most often answered first."""
    weight: Counter[tuple[str, str]] = Counter()
    for roles, measure in measures:
        instrument = known.instruments[measure.instrument]
        if instrument.kind != "outcome":
            continue
        scale = "total" if "total" in instrument.scales else next(iter(instrument.scales))
        if measure.totals and scale not in measure.items and not measure.at:
            scale = next(iter(measure.items))
        weight[f"{measure.instrument}.{scale}", measure.rater] += _n_answered(roles, measure)
    most: dict[str, int] = {}
    for (outcome, _), times in weight.items():
        most[outcome] = max(most.get(outcome, 0), times)
    ranked = sorted(most.items(), key=lambda pair: -pair[1])
    return [(outcome, f"answered most often, {times} times") for outcome, times in ranked]


def _move(draft: Draft, place: tuple) -> None:
    """Forget what was noted of a part that is left out."""
    draft.reasons.pop(place, None)
    draft.questions = [one for one in draft.questions if one.place != place]


def last(
    all_roles: list[Roles],
    measures: list[tuple[Roles, Measure]],
    known: Known,
    clock: Clock,
    draft: Draft,
) -> None:
    """The outcomes, the number of sessions of a dropout, and what no guess has claimed."""
    found = _primary(measures, known, draft)
    ratings = draft.content.get("ratings", {})
    if not found and ratings:
        name = next(iter(ratings))
        found = [(f"{name}.{ratings[name].get('items', ['rating'])[0]}", "no questionnaire found")]
    if found:
        outcomes: dict[str, Any] = {"primary": found[0][0]}
        if found[1:]:
            outcomes["secondary"] = [outcome for outcome, _ in found[1:]]
        draft.content["outcomes"] = outcomes
        draft.because(("outcomes",), f"{found[0][0]}: {found[0][1]}")
        draft.ask(("outcomes",), "Which outcome is the primary one? Choose before looking at "
                  "results.", *(f"primary: {outcome}" for outcome, _ in found))  # fmt: skip
    else:
        draft.content["outcomes"] = {"primary": "instrument.scale"}
        others = sorted({known.instruments[measure.instrument].name for _, measure in measures})
        only = f"Only {' and '.join(others)} was found, which is no outcome" if others else (
            "No questionnaire or rating was found")  # fmt: skip
        draft.ask(("outcomes",), f"{only}: without an outcome nothing can be analysed. If another "
                  "file has one, run `new` again with all files. Else name its columns under "
                  "responses (data/README.md shows), and here its scale.",
                  "primary: phq9.total")  # fmt: skip
    if "sessions" in draft.content or "last_session" in draft.content.get("endings", {}).get(
        "columns", {}
    ):
        draft.content["dropout"] = {"fewer_than_n_sessions": 4}
        draft.ask(("dropout",), "Below how many sessions do you call it a dropout? 4 is a "
                  "placeholder, not a recommendation.")  # fmt: skip
    if clock.unit == "session" and "sessions" not in draft.content:
        draft.ask(("time",), "Which sessions took place, and how many, is told nowhere: "
                  "definitions of dropout that count sessions are then not estimable. If a "
                  "column numbers the last session, name it last_session (endings).")  # fmt: skip
    if "endings" not in draft.content and "clients" in draft.content:
        draft.ask(("clients",), "How did treatment end? No column was recognised; without one, "
                  "dropout and what leads to it cannot be studied. If there is one, add a section:",
                  "endings:", "  source: NAME", "  columns:", "    client: COLUMN",
                  "    ending: {column: COLUMN, values: {word: completed, other: dropped_out}}",
                  )  # fmt: skip
    if clock.unit != "session" and found:
        draft.because(("time",), f"a slope is told for {clock.as_time()['per']} {clock.unit}(s)")
    for roles in all_roles:
        left = [
            name for name in roles.table.columns
            if (roles.table.name, name) not in draft.used
            and name not in (roles.client, roles.therapist, roles.session, roles.date, roles.phase)
        ]  # fmt: skip
        if roles.client is None and roles.level != "therapist":
            draft.content["sources"].pop(roles.table.name)
            _move(draft, ("sources", roles.table.name))
            draft.ask(
                ("sources",),
                f"No column of {roles.table.label} was found that names the client, so it is left "
                "out. If it belongs to the study, which column does? (It has: "
                f"{', '.join(list(roles.table.columns)[:12])}.)",
            )
        elif left:
            shown = ", ".join(left[:12]) + (f" and {len(left) - 12} more" if left[12:] else "")
            draft.because(("sources", roles.table.name), f"not used so far: {shown}")
