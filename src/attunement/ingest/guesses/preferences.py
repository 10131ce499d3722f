"""The preference inventory: how its poles are coded, and what the file can and cannot tell."""

from __future__ import annotations

import numpy as np

from attunement.ingest.guesses.columns import Column
from attunement.ingest.guesses.draft import Draft

_TYPE_COLUMNS = {
    "aspect": {"aspect", "aspekt", "aspecto"},
    "kind": {"kind", "art", "soort", "tipo"},
    "preferred": {"preferred", "wanted", "gewunscht", "wunsch", "gewenst", "voorkeur", "preferido"},
    "received": {"received", "got", "erhalten", "bekommen", "gekregen", "recibido"},
    "rater": {"rater", "informant", "beurteiler", "beoordelaar"},
    "occasion": {"occasion", "session", "sitzung", "zeitpunkt"},
}
FEW = 0.02  # answers from 1 to 7 if fewer than so many lie below 1


def coding(columns: list[Column], draft: Draft) -> str:
    """Draft `preference.coding` from the range of the items; the poles are asked.

    From -3 to 3 two codings are possible, from 1 to 7 one is known. Which pole the high numbers
    stand for cannot be read from the answers: turned round as a whole, the items agree among one
    another just as well.
    """
    told = np.concatenate([column.values[np.abs(column.values) <= 7] for column in columns])
    below = float((told < 1).mean()) if len(told) else 1.0
    low, high = (1, 7) if below < FEW else (-3, 3)
    place = ("preference", "coding")
    if low == 1:
        draft.because(
            place, f"the answers run from {low:g} to {high:g}, so 1 to 7 with 4 as middle"
        )
        draft.ask(
            place,
            "Does 1 stand for the pole printed on the left (therapist directiveness, emotional "
            "intensity, past orientation, warm support)? The answers themselves cannot tell: "
            "look at the form. If 1 is on the right, exchange the values in the file (8 - value).",
        )
        return "one_to_seven_left_low"
    draft.because(
        place, f"the answers run from {low:g} to {high:g}, so 3 is an end and 0 the middle"
    )
    draft.ask(
        place,
        "Which end of an item has the positive numbers? The answers themselves cannot tell "
        "(turned round as a whole, the items agree just as well): look at the form. left_positive: "
        "3 is the pole on the left (therapist directiveness, emotional intensity, past "
        "orientation, warm support); left_negative: 3 is the pole on the right. Items that your "
        "form prints the other way round go into flip: [..].",
        "coding: left_positive",
        "coding: left_negative",
    )
    return "left_positive"


def type_preferences(columns: dict[str, Column], client: str | None) -> dict[str, str] | None:
    """The columns of a table of preferences for a type of therapy; None where it is none."""
    if client is None:
        return None
    made = {"client": client}
    for target, some in _TYPE_COLUMNS.items():
        for name, column in columns.items():
            if name not in made.values() and column.words and set(column.words) <= some:
                made[target] = name
                break
    return made if {"aspect", "preferred"} <= set(made) else None
