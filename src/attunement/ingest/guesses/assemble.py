"""From tables that were looked at to a draft of dataset.yaml: the order in which guesses are made.

First who and when, then questionnaires, endings, ratings, and last what is left as covariates: a
column that has found its place is not guessed again.
"""

from __future__ import annotations

from typing import Any

from attunement.ingest.guesses import asked
from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.alike import ask_of_ids
from attunement.ingest.guesses.clients import add_clients
from attunement.ingest.guesses.columns import Table
from attunement.ingest.guesses.described import describe
from attunement.ingest.guesses.dictionary import without_codebooks
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.endings import find_endings
from attunement.ingest.guesses.instruments import Measure, measures_of
from attunement.ingest.guesses.marks import two_marks
from attunement.ingest.guesses.missing import Codes, missing_codes
from attunement.ingest.guesses.occasions import Clock, clock_of, when_of
from attunement.ingest.guesses.people import Roles, roles_of
from attunement.ingest.guesses.preferences import type_preferences
from attunement.ingest.guesses.rated import add_ratings
from attunement.ingest.guesses.ratings import ratings_of
from attunement.ingest.guesses.responses import add_measures
from attunement.ingest.guesses.tables import add_sessions, add_therapists
from attunement.ingest.guesses.told_at import source_at
from attunement.ingest.guesses.when import date_order
from attunement.study.instruments import Instrument

ORDER = (
    "name", "title", "about", "is_not", "licence", "missing_codes", "sources", "time", "clients",
    "therapists", "sessions", "endings", "type_preferences", "responses", "ratings", "outcomes",
    "preference", "delivery", "dropout", "privacy", "model_covariates",
)  # fmt: skip


def _free(roles: Roles, draft: Draft) -> list[str]:
    """The columns of a table that nothing has claimed yet."""
    table = roles.table
    claimed = {roles.client, roles.therapist, roles.session, roles.date, roles.phase}
    return [
        name
        for name in table.columns
        if name not in claimed and (table.name, name) not in draft.used
    ]


def _sources(tables: list[Table], draft: Draft) -> None:
    made = {}
    for table in tables:
        fields = dict(table.fields)
        order = date_order(list(table.columns.values()))
        if order is not None:
            fields["dates"] = order.order
            draft.because(("sources", table.name), order.reason)
            if order.others:
                forms = [f"dates: {one}" for one in (order.order, *order.others)]
                draft.ask(("sources", table.name),
                          "Which comes first in the dates, day or month?", *forms)  # fmt: skip
        made[table.name] = fields
    draft.content["sources"] = made
    for table in tables:
        two_marks(table, draft)


def _ranges(measures: list[tuple[Roles, Measure]], known: Known) -> list[tuple[Any, float, float]]:
    made = []
    for roles, measure in measures:
        instrument = known.instruments[measure.instrument]
        for key, template in measure.items.items():
            if key.isdigit():
                answer = instrument.response_of(int(key))
                low, high = answer.low, answer.high
            else:
                low, high = instrument.scales[key].low, instrument.scales[key].high
            names = [template.replace("{when}", one) for one in measure.occasions or [""]]
            for name in names:
                column = roles.table.columns.get(name)
                if column is None or not column.is_number:
                    continue
                bipolar = instrument.kind == "preference" and key.isdigit()
                if bipolar:  # it may be coded 1 to 7
                    low, high = -3.0, 7.0
                made.append((column, low, high))
    return made


def _codes(
    all_roles: list[Roles], measures: list[tuple[Roles, Measure]], known: Known, draft: Draft
) -> Codes:
    ranged = _ranges(measures, known)
    done = {(column.source, column.name) for column, _, _ in ranged}
    others = [
        column
        for roles in all_roles
        for name, column in roles.table.columns.items()
        if (column.source, name) not in done and name not in (roles.client, roles.therapist)
    ]
    codes = missing_codes(ranged, others)
    draft.content["missing_codes"] = codes.declared
    for number, told in codes.numbers.items():
        draft.because(("missing_codes",), f"{number:g} stands {told}")
    for text, told in codes.texts.items():
        draft.because(("missing_codes",), f"'{text}' stands {told}")
    if 1 <= len(codes.doubtful) <= 2:  # more of them are no codes, but another range
        told = "; ".join(f"{number:g} stands {where}" for number, where in codes.doubtful.items())
        draft.ask(("missing_codes",), f"{told}: a code for missing (then add it), or slips?")
    if not codes.declared:
        draft.because(("missing_codes",), "no number recurs out of range; blank cells are missing")
    own = sorted({c.name for r in all_roles for c in r.table.columns.values() if c.own_missing})
    if own:
        draft.because(
            ("missing_codes",),
            f"{len(own)} column(s) ({', '.join(own[:3])}, ...) have codes that the file itself "
            "declares missing: these are taken over without being named here",
        )
    return codes


def draft_of(name: str, tables: list[Table], instruments: dict[str, Instrument]) -> Draft:
    """Draft the declaration of a dataset.

    Parameters
    ----------
    name : the name of the dataset and its folder.
    tables : the sources as `columns.look` sees them, without columns that identify persons.
    instruments : the questionnaires that are known.

    Returns
    -------
    Draft
        Its content passes `Dataset` where at least one questionnaire or rating was found.
    """
    draft, known = Draft(), Known(instruments)
    asked.about(name, draft)
    tables = without_codebooks(tables, draft)
    _sources(tables, draft)
    roles = roles_of(tables)
    in_order = list(roles.values())
    asked.unmarked_dates(in_order, draft)
    ask_of_ids(in_order, draft)
    measures: list[tuple[Roles, Measure]] = []
    for one in in_order:
        if one.client is None:
            continue
        typed = type_preferences(one.table.columns, one.client)
        if typed is not None and "type_preferences" not in draft.content:
            asked.type_preferences(one, typed, draft)
            continue
        for measure in measures_of(one.table, known, _free(one, draft)):
            describe(measure, one.table, known)
            draft.use(one.table.name, *measure.columns)
            if measure.unusable:
                draft.ask(("sources", one.table.name), measure.unusable)
            else:
                measures.append((one, measure))
    for one in in_order:
        if one.client is not None:
            asked.half_understood(one, _free(one, draft), known, draft)
    codes = _codes(in_order, measures, known, draft)
    asked.letters_for_missing(in_order, draft)
    endings_in: Roles | None = None
    for one in sorted(in_order, key=lambda one: one.level != "client"):
        if one.client is None or one.table.name in asked.claimed_whole(draft):
            continue
        found = find_endings(one, _free(one, draft), draft) if endings_in is None else {}
        if found:
            endings_in = one
            told = [c["column"] if isinstance(c, dict) else c for c in found.values()]
            draft.content["endings"] = {
                "source": source_at(one, told, "endings", draft),
                "columns": {"client": one.client} | found,
            }
    ratings = [
        (one, rating)
        for one in in_order
        if one.client is not None and one.table.name not in asked.claimed_whole(draft)
        for rating in ratings_of(one, _free(one, draft))
    ]
    clock: Clock = clock_of(in_order, measures, ratings)
    draft.content["time"] = clock.as_time()
    draft.because(("time",), clock.reason)
    draft.because(("time",), "change is taken as even over time; where most of it comes early, "
                  "write shape: log beside per")  # fmt: skip
    for one in in_order:
        when_of(one, clock, draft)
    add_measures(measures, known, clock, draft)
    add_ratings(ratings, clock, draft)
    add_therapists(in_order, codes, draft, lambda one: _free(one, draft))
    add_sessions(in_order, clock, codes, draft, lambda one: _free(one, draft))
    add_clients(in_order, codes, draft, lambda one: _free(one, draft))
    asked.last(in_order, measures, known, clock, draft)
    draft.content = {key: draft.content[key] for key in ORDER if key in draft.content}
    return draft
