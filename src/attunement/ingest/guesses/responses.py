"""Questionnaires and ratings as response sources of dataset.yaml."""

from __future__ import annotations

from typing import Any

from attunement.ingest.guesses.aliases import Known
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.instruments import Measure, as_items
from attunement.ingest.guesses.occasions import Clock
from attunement.ingest.guesses.people import Roles
from attunement.ingest.guesses.preferences import coding
from attunement.ingest.guesses.ratings import Found, likely_range, rating_name, span_of
from attunement.ingest.guesses.when import number_occasions

DIMENSIONS = ["TD_CD", "EI_ER", "PO_PR", "WS_FC"]


def _source_of(roles: Roles, name: str, rater: str, clock: Clock) -> dict[str, Any]:
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


def _when(
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
        made = _source_of(roles, measure.instrument, measure.rater, clock)
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
            fields, placeholder = _when(roles, measure.occasions, clock, draft, place)
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


def add_ratings(ratings: list[tuple[Roles, Found]], clock: Clock, draft: Draft) -> None:
    """Declare what sessions gave on the inventory's dimensions, and single ratings."""
    responses, declared = draft.content["responses"], draft.content.setdefault("ratings", {})
    given: dict[tuple, list[tuple[Roles, Found]]] = {}
    for roles, found in ratings:
        if found.dimension is not None:
            given.setdefault((roles.table.name, found.rater, tuple(found.occasions)), []).append(
                (roles, found)
            )
    styles = {key: some for key, some in given.items() if len({f.dimension for _, f in some}) >= 2}
    styled = {id(found) for some in styles.values() for _, found in some}
    if styles:
        _style(styles, clock, draft)
    taken: set[str] = set(declared)
    spans: list[str] = []
    unnamed: list[str] = []
    for roles, found in ratings:
        if id(found) in styled:
            continue
        name = rating_name(found, taken)
        place = ("responses", len(responses))
        fields, placeholder = _when(roles, found.occasions, clock, draft, place)
        column = found.template.replace("{when}", "{" + (placeholder or "") + "}")
        items = found.items or {"rating": column}
        responses.append(_source_of(roles, name, found.rater, clock) | fields | {"items": items})
        low, high = span_of(roles, found)
        title = roles.table.columns[found.columns[0]].title
        declared[name] = {"meaning": title or found.label.replace("_", " ").strip()}
        spans.append(f"{name} {low:g} to {high:g} ({found.rater})")
        if found.items:
            declared[name]["items"] = list(found.items)
            unnamed.append(f"{found.columns[0]} to {found.columns[-1]} ({len(found.items)} items)")
        draft.because(("ratings", name), f"'{found.columns[0]}' holds numbers from {low:g} to "
                      f"{high:g} and is of no known questionnaire")  # fmt: skip
        draft.use(roles.table.name, *found.columns)
    if spans:
        draft.ask(
            ("ratings",),
            f"Where can the answers to these go, and who answered: {'; '.join(spans)}? These are "
            "the numbers that stand there; give low and high as they stand on the form, and "
            "direction: higher_worse where more is worse. What is no rating, delete here and under "
            "responses.",
            "name: {meaning: what was asked, low: 0, high: 10, direction: higher_worse}",
        )
    if unnamed:
        draft.ask(
            ("ratings",),
            f"Which questionnaire are {'; '.join(unnamed)}? Numbers alone do not tell. If "
            "it is one of data/instruments/README.md, write its id under instrument and take it "
            "out here; "
            "if it is another, data/README.md shows how to describe its key.",
        )
    if not declared:
        del draft.content["ratings"]


def _style(styles: dict[tuple, list[tuple[Roles, Found]]], clock: Clock, draft: Draft) -> None:
    """Ratings of what a session gave: one declared rating, whoever rated."""
    responses = draft.content["responses"]
    low, high = float("inf"), float("-inf")
    raters: list[str] = []
    dimensions: list[str] = []
    for (_, rater, occasions), some in styles.items():
        roles = some[0][0]
        place = ("responses", len(responses))
        fields, placeholder = _when(roles, list(occasions), clock, draft, place)
        put = "{" + (placeholder or "") + "}"
        items = {
            str(found.dimension): found.template.replace("{when}", put)
            for _, found in sorted(some, key=lambda one: DIMENSIONS.index(str(one[1].dimension)))
        }
        responses.append(
            _source_of(roles, "delivered_style", rater, clock) | fields | {"items": items}
        )
        draft.because(place, f"the names say what a session gave on {', '.join(items)}; "
                      f"rated by the {rater}")  # fmt: skip
        raters.append(rater)
        dimensions += [one for one in items if one not in dimensions]
        for one_roles, found in some:
            spans = span_of(one_roles, found)
            low, high = min(low, spans[0]), max(high, spans[1])
            draft.use(one_roles.table.name, *found.columns)
    span = likely_range(low, high) or (low, high)
    draft.content["ratings"]["delivered_style"] = {
        "meaning": "what the session gave on the dimensions of the preference inventory",
        "low": span[0], "high": span[1],
        "items": [one for one in DIMENSIONS if one in dimensions], "direction": "bipolar",
    }  # fmt: skip
    draft.ask(
        ("ratings", "delivered_style"),
        f"The ratings go from {low:g} to {high:g}: are low and high what could be answered, and is "
        "the high end the pole named first (directive, intense, past, warm)?",
        "low: -3", "high: 3",
    )  # fmt: skip
    if "preference" in draft.content:
        draft.content["delivery"] = {
            "rating": "delivered_style", "raters": list(dict.fromkeys(raters)),
            "commensurable": False,
        }  # fmt: skip
        draft.ask(
            ("delivery", "commensurable"),
            "Were wishes and what sessions gave asked on the same scale by design: the same poles, "
            "middle and ends, so that wanting 2 and getting 2 is a match? Only then is "
            "accommodation formed. No file can tell this.",
            "commensurable: true",
        )
