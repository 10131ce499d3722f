"""Questionnaires as response sources of dataset.yaml, and what every such source has."""

from __future__ import annotations

from typing import Any

from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.instruments import Measure, as_items
from attunement.ingest.guesses.occasions import Clock
from attunement.ingest.guesses.people import Roles
from attunement.ingest.guesses.preferences import coding
from attunement.ingest.guesses.when import number_occasions


def source_of(roles: Roles, name: str, rater: str, clock: Clock) -> dict[str, Any]:
    """The fields of a response source that say where it stands and who answered."""
    return {"source": roles.table.name, "instrument": name, "rater": rater, "client": roles.client}


def _numbers(occasions: list[str]) -> dict[str, int]:
    made = {text: int(text) for text in occasions if text.isdigit()}
    words = number_occasions([text for text in occasions if not text.isdigit()])
    if made:  # the first word for before is 0, later ones follow the numbers
        last = max(made.values())
        words = {text: number and last + number for text, number in words.items()}
    return made | words


def _wide_words(roles: Roles, occasions: list[str], draft: Draft, place: tuple) -> None:
    """Declare, under the source, the words for occasions that stand in names of columns."""
    if all(text.isdigit() for text in occasions):
        return  # numbers in names are read as they stand
    numbers = _numbers(occasions)
    words = {text: number for text, number in numbers.items() if text != str(number)}
    if not words:
        return
    source = draft.content["sources"][roles.table.name]
    source["occasions"] = source.get("occasions", {}) | words
    if not all(text.isdigit() for text in occasions):
        draft.ask(
            ("sources", roles.table.name),
            "Is this the order of the occasions, and do these numbers fit the unit of time? "
            + ", ".join(f"{text} = {number}" for text, number in numbers.items()),
            "occasions: {" + ", ".join(f"{text}: {number}" for text, number in words.items()) + "}",
        )


def fields_of_when(
    roles: Roles, occasions: list[str], clock: Clock, draft: Draft, place: tuple
) -> tuple[dict[str, Any], str | None]:
    """The fields that tell when, and the placeholder in names of columns."""
    if occasions:
        _wide_words(roles, occasions, draft, place)
        return {clock.key: "{" + clock.key + "}"}, clock.key
    if roles.table.name in clock.rows:
        return dict(clock.rows[roles.table.name]), None
    return {"at_session": 0}, None


def _same_form(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Two entries are of one questionnaire by one informant, both taken for the intake."""
    keys = ("instrument", "rater", "at_session")
    return all(one.get(key) == other.get(key) for key in keys)


def add_measures(
    measures: list[tuple[Roles, Measure]], known: Known, clock: Clock, draft: Draft
) -> None:
    """Declare every questionnaire found, and the preference inventory's coding."""
    responses = draft.content.setdefault("responses", [])
    for roles, measure in measures:
        place = ("responses", len(responses))
        instrument = known.instruments[measure.instrument]
        made = source_of(roles, measure.instrument, measure.rater, clock)
        if measure.at:
            fields: dict[str, Any] = {}
            numbers = _numbers(list(measure.at.values()))
            made["wide"] = {column: numbers[text] for column, text in measure.at.items()}
            draft.ask(
                place,
                "Do these numbers tell when the scores were taken, in the unit of "
                "time? " + ", ".join(f"{c} = {n}" for c, n in made["wide"].items()),
            )
        else:
            fields, placeholder = fields_of_when(roles, measure.occasions, clock, draft, place)
            made |= fields
            made["items"] = as_items(measure, instrument, placeholder)
        if measure.values:
            made["values"] = measure.values
        responses.append(made)
        for note in measure.notes:
            draft.because(place, note)
        if "at_session" in fields and any(_same_form(made, one) for one in responses[:-1]):
            draft.ask(place, f"{instrument.name} stands in several files, and no column tells when "
                      "it was filled in. Which is which? Write at_session: 0 where it was before "
                      "treatment, and elsewhere the number of the session (a later one for the "
                      "end). Do not write a rule for duplicates.", "at_session: 0")  # fmt: skip
        if "at_session" in fields:
            draft.because(place, "a row is a client and no column tells when: taken as the intake")
        if not measure.rater_told:
            draft.because(place, f"nothing in the names says who answered: the {measure.rater}, "
                          "as is usual")  # fmt: skip
        for text, answers in measure.questions:
            draft.ask(place, text, *answers)
        if instrument.kind == "preference" and "preference" not in draft.content:
            draft.content["preference"] = {"instrument": measure.instrument}
            if measure.totals:
                draft.content["preference"]["coding"] = "left_positive"
                draft.ask(("preference", "coding"), "Which pole of a scale has the high scores? "
                          "left_positive: the one named first (therapist directiveness, ...).",
                          "coding: left_positive", "coding: left_negative")  # fmt: skip
            else:
                told = [roles.table.columns[c] for c in measure.columns if c in roles.table.columns]
                told = [column for column in told if column.is_number and len(column.numbers)]
                draft.content["preference"]["coding"] = coding(told, draft)
