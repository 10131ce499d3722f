"""Ratings of no known questionnaire as response sources of dataset.yaml."""

from __future__ import annotations

from attunement.ingest.guesses.delivered import add_delivered
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.occasions import Clock
from attunement.ingest.guesses.people import Roles
from attunement.ingest.guesses.ratings import Found, rating_name, span_of, step_of
from attunement.ingest.guesses.responses import fields_of_when, source_of


def add_ratings(ratings: list[tuple[Roles, Found]], clock: Clock, draft: Draft) -> None:
    """Declare what sessions gave on the inventory's dimensions, and single ratings."""
    responses, declared = draft.content["responses"], draft.content.setdefault("ratings", {})
    styled = add_delivered(ratings, clock, draft)
    taken: set[str] = set(declared)
    spans: list[str] = []
    unnamed: list[str] = []
    for roles, found in ratings:
        if id(found) in styled:
            continue
        name = rating_name(found, taken)
        place = ("responses", len(responses))
        fields, placeholder = fields_of_when(roles, found.occasions, clock, draft, place)
        column = found.template.replace("{when}", "{" + (placeholder or "") + "}")
        items = found.items or {"rating": column}
        responses.append(source_of(roles, name, found.rater, clock) | fields | {"items": items})
        low, high = span_of(roles, found)
        title = roles.table.columns[found.columns[0]].title
        declared[name] = {"meaning": title or found.label.replace("_", " ").strip()}
        if (step := step_of(roles, found)) < 1:
            declared[name]["step"] = step
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
