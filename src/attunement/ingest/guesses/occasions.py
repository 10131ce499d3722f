"""The unit of time of a study, and how each source tells when a row (or a column) was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from attunement.ingest.guesses import names
from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.instruments import Measure
from attunement.ingest.guesses.names import compound
from attunement.ingest.guesses.people import Roles, sessions_start
from attunement.ingest.guesses.questions import asked_in, quoted
from attunement.ingest.guesses.ratings import Found
from attunement.ingest.guesses.when import number_occasions, short_years

_AMONG = (
    ". Other rows have numbers of {0}s, up to {1}: each number here is taken for that of such a "
    "{0}. What was told after the last of them (an end, a follow-up) needs a number above it."
)
_PER = {"session": 10, "week": 10, "month": 6, "day": 30, "occasion": 1}


@dataclass
class Clock:
    """The unit of time, why, and what each source's rows say of it.

    `rows` holds, by source, the fields of a response source that tell when (`session` or `time`,
    and `day`); a source without an entry has one row a client and no occasion of its own.
    `numbered` is the highest number of an occasion that a column holds.
    """

    unit: str
    reason: str
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbered: int = 0

    @property
    def key(self) -> str:
        """The field that names the occasion."""
        return "session" if self.unit == "session" else "time"

    def as_time(self) -> dict[str, Any]:
        """The section `time`."""
        return {"unit": self.unit, "per": _PER[self.unit]}


def _unit_of_column(name: str, roles: Roles) -> str:
    words = (*roles.column(name).words, *asked_in(roles.column(name)))
    for unit, some in (("session", lexicon.SESSION), ("week", lexicon.WEEK),
                       ("month", lexicon.MONTH)):  # fmt: skip
        if any(compound(word, some, lexicon.ID) for word in words):
            return unit
    return "session" if "redcap" in words else "occasion"


def clock_of(
    all_roles: list[Roles],
    measures: list[tuple[Roles, Measure]],
    ratings: list[tuple[Roles, Found]],
) -> Clock:
    """Choose one unit of time for the study.

    Sessions where any source numbers them or has dates; else weeks or months where names say so;
    else the occasions themselves, counted in their order.
    """
    told: dict[str, str] = {}
    for one in all_roles:
        if one.level != "occasion":
            continue
        if one.session is not None:
            unit = _unit_of_column(one.session, one)
            told.setdefault(unit, f"'{one.session}' of {one.table.label} numbers them")
        elif one.phase is not None:
            words = one.column(one.phase).distinct
            numbered = any(set(names.words(w)) & (lexicon.SESSION - {"s"}) for w in words)
            told.setdefault(
                "session" if numbered else "occasion",
                f"'{one.phase}' of {one.table.label} names them",
            )
        elif one.date is not None:
            told.setdefault("session", f"the rows of {one.table.label} have dates, one a session")
    wides: list[Measure | Found] = [m for _, m in measures if m.wide]
    wides += [found for _, found in ratings if found.occasions]
    for wide in wides:
        unit = wide.hint if wide.hint in ("session", "week", "month", "day") else "occasion"
        told.setdefault(unit, f"the names of columns such as {wide.columns[0]} say so")
    last = [one.column(one.session).numbers.max() for one in all_roles if one.session is not None]
    for unit in ("session", "week", "month", "day", "occasion"):
        if unit in told:
            why = f"the unit is the {unit}: {told[unit]}"
            return Clock(unit, why, numbered=int(max(last, default=0)))
    return Clock("session", "no column tells an occasion: all is taken for the intake, session 0")


def when_of(roles: Roles, clock: Clock, draft: Draft) -> None:
    """Note how the rows of a source tell when they were."""
    table = roles.table
    if roles.client is None or roles.level != "occasion":
        return
    fields: dict[str, Any] = {}
    if roles.session is not None:
        fields[clock.key] = roles.session
        told = roles.column(roles.session)
        start = sessions_start(told)
        draft.because(
            ("sources", table.name),
            f"'{roles.session}' numbers the {clock.unit}s, from {start}"
            + (f" (its question: {quoted(told)})" if asked_in(told) else "")
            + ("" if start else " (0 is the intake)"),
        )
    elif roles.phase is not None:
        numbers = number_occasions(roles.column(roles.phase).distinct)
        fields[clock.key] = {"column": roles.phase, "values": numbers}
        draft.ask(
            ("sources", table.name),
            f"Is this the order of the occasions in '{roles.phase}'? "
            + ", ".join(f"{word} = {number}" for word, number in numbers.items())
            + (_AMONG.format(clock.unit, clock.numbered) if clock.numbered else ""),
        )
    elif roles.date is not None:
        fields[clock.key] = {"column": roles.date, "order_from": 1}
        draft.ask(
            ("sources", table.name),
            f"No column numbers the sessions; they are numbered by '{roles.date}' within the "
            "client, from 1. Is the first row of a client the intake, before treatment? Then "
            "write order_from: 0 wherever it stands below.",
        )
    else:
        draft.ask(
            ("sources", table.name),
            f"The rows of {table.label} repeat clients, but no column was found that tells the "
            "session or the date. Which one does? Write session: COLUMN, or for a date session: "
            "{column: COLUMN, order_from: 1}, in every entry that reads this file.",
        )
    if roles.date is not None:
        if roles.session is not None and short_years(roles.column(roles.date)):
            draft.ask(("sources", table.name), f"The years in '{roles.date}' have two digits, so "
                      "its dates are not read. If days are needed, write years with four digits in "
                      "the file and run `new` again with --replace.")  # fmt: skip
        else:
            fields["day"] = roles.date
    clock.rows[table.name] = fields
