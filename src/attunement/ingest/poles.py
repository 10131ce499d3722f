"""Wishes and what sessions gave on one scale: both must be read the same way round."""

from __future__ import annotations

from collections.abc import Sequence

from attunement.ingest.ranges import Range
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument
from attunement.study.problems import StudyError


def demand_one_scale(dataset: Dataset, answers: Sequence[Range], file: str) -> None:
    """Demand that a scale declared as common is one: as wide, and with a word on which pole is up.

    A form for sessions that has the numbers of the inventory is most likely printed like it. Where
    the inventory's high numbers are the other pole, silence on `delivery.coding` would turn the
    one and not the other, and every wish that is met would count as one that is not.

    Parameters
    ----------
    dataset : Dataset
        What was declared of preference and delivery.
    answers : sequence of Range
        The range of each item of the preference inventory, as this dataset records it.
    file : str
        What messages call the declaration.

    Raises
    ------
    StudyError
        `commensurable: true`, and the range of the rating is not as wide as that of the items; or
        it is the same one, the inventory is coded with its left pole low, and nothing is said of
        the rating.
    """
    wishes, given = dataset.preference, dataset.delivery
    if wishes is None or given is None or not given.commensurable:
        return
    rating = dataset.ratings[given.rating]
    assert rating.low is not None and rating.high is not None  # a dataset declares both
    if not any(one.top - one.bottom == rating.high - rating.low for one in answers):
        raise StudyError(
            f"Delivery is declared to share the scale of preference (`commensurable: true`), but "
            f"'{given.rating}' runs from {rating.low:g} to {rating.high:g} and an item of "
            f"{wishes.instrument} from {answers[0]}",
            file=file,
            advice="Correct the range under `ratings`, or write `commensurable: false`: what was "
            "wanted and what was given are then described and not compared.",
        )
    same = any((one.low, one.high) == (rating.low, rating.high) for one in answers)
    if same and given.coding is None and wishes.coding != "left_positive":
        raise StudyError(
            f"Preference is coded {wishes.coding}, '{given.rating}' has the same numbers "
            f"({rating.low:g} to {rating.high:g}), and nothing says which pole has its high ones",
            file=file,
            advice=f"Look at the form of the sessions. Printed like that of {wishes.instrument}: "
            f"write `coding: {wishes.coding}` under delivery. High numbers for the pole named "
            "first: `coding: left_positive`. Single items the other way round: `flip: [...]`.",
        )


def high_pole(name: str, item: str, dataset: Dataset, instruments: dict[str, Instrument]) -> str:
    """Which pole the high numbers of an item mean, in words; blank for what has no poles.

    Parameters
    ----------
    name, item : str
        A rating or instrument, and an item of it.
    dataset, instruments
        What was declared of preference and delivery; the inventory names the poles.
    """
    wishes, given = dataset.preference, dataset.delivery
    scales = instruments[wishes.instrument].scales if wishes is not None else {}
    if given is not None and given.rating == name:
        held = next((one for key, one in scales.items() if key.lower() == item.lower()), None)
        first = given.sign_of(item) > 0
    elif wishes is not None and wishes.instrument == name and item.isdigit():
        held = next((one for one in scales.values() if int(item) in one.items), None)
        first = (wishes.coding == "left_positive") != (int(item) in wishes.flip)
    else:
        return ""
    pole = (held.first_pole if first else held.other_pole) if held is not None else ""
    return f"; high numbers: {pole.replace('_', ' ').lower()}" if pole else ""
