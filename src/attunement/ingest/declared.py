"""What responses may hold: items with their ranges, from instruments and declared ratings."""

from __future__ import annotations

from dataclasses import dataclass

from attunement.ingest.poles import demand_one_scale
from attunement.ingest.ranges import Range
from attunement.ingest.sheet import nearest
from attunement.ingest.typed import check_names
from attunement.ingest.vocabulary import check_vocabulary
from attunement.study.dataset import Dataset, Rating, ResponseSource
from attunement.study.instruments import Instrument
from attunement.study.problems import StudyError

# Preferences may be recorded as 1 to 7 instead of the inventory's own -3 to 3.
ONE_TO_SEVEN = Range(1, 7, whole=True)


@dataclass(frozen=True)
class Items:
    """The items of one instrument or rating: each name with its range, and those of each scale."""

    name: str
    ranges: dict[str, Range]
    answered: tuple[str, ...]
    scales: dict[str, tuple[str, ...]]


def _of_instrument(instrument: Instrument, one_to_seven: bool) -> Items:
    ranges, scales = {}, {}
    for number in instrument.items:
        answer = instrument.response_of(number)
        own = Range(answer.low, answer.high, float(answer.step).is_integer())
        ranges[str(number)] = ONE_TO_SEVEN if one_to_seven else own
    for scale_name, scale in instrument.scales.items():
        # The sum of whole answers is whole; a mean of them need not be.
        low, high = scale.low, scale.high
        if one_to_seven:
            n = len(scale.items) if scale.method == "sum" else 1
            low, high = 1.0 * n, 7.0 * n
        ranges[scale_name] = Range(low, high, instrument.gives_whole(scale))
        scales[scale_name] = (*map(str, scale.items + scale.divisor), scale_name)
    return Items(instrument.id, ranges, tuple(map(str, instrument.items)), scales)


def _of_rating(name: str, rating: Rating) -> Items:
    whole = float(rating.step).is_integer()
    ranges = {item: Range(rating.low, rating.high, whole) for item in rating.items}
    return Items(name, ranges, tuple(rating.items), {item: (item,) for item in rating.items})


def items_of(name: str, dataset: Dataset, instruments: dict[str, Instrument], where: str) -> Items:
    """The items of an instrument or of a declared rating, in the ranges of this dataset.

    Raises
    ------
    StudyError
        There is neither an instrument nor a rating of that name.
    """
    if name in dataset.ratings:
        return _of_rating(name, dataset.ratings[name])
    if name in instruments:
        preference = dataset.preference
        one_to_seven = (
            preference is not None
            and preference.instrument == name
            and preference.coding == "one_to_seven_left_low"
        )
        return _of_instrument(instruments[name], one_to_seven)
    known = [*instruments, *dataset.ratings]
    raise StudyError(
        f"{where} names '{name}', which is neither an instrument nor a declared rating; "
        f"the nearest is '{nearest(name, known)}'",
        file=file_of(dataset),
        advice=f"Known are: {', '.join(known)}. One of your own goes into the file "
        f"data/{dataset.name}/instruments/{name}.yaml (data/README.md shows the shortest).",
    )


def file_of(dataset: Dataset) -> str:
    """What messages call the declaration of a dataset."""
    return f"{dataset.name}/dataset.yaml"


def columns_of(source: ResponseSource, items: Items, dataset: Dataset) -> dict[str, str]:
    """Item -> column of a long source, with a pattern such as ``phq9_{item}`` spelt out.

    Raises
    ------
    StudyError
        A pattern without ``{item}``, or an item that the instrument does not have.
    """
    if isinstance(source.items, str):
        if "{item}" not in source.items:
            raise StudyError(
                f"The pattern '{source.items}' of {source.instrument} does not hold {{item}}",
                file=file_of(dataset),
                advice="Write for example phq9_{item}, or map each item to its column.",
            )
        return {item: source.items.replace("{item}", item) for item in items.answered}
    assert source.items is not None
    for item in source.items:
        if item not in items.ranges:
            known = list(items.ranges)
            raise StudyError(
                f"{source.instrument} has no item or scale '{item}'; "
                f"the nearest is '{nearest(item, known)}'",
                file=file_of(dataset),
                advice=f"It has: {', '.join(known)}.",
            )
    _one_column_each(source.items, source.instrument, dataset)
    return source.items


def _one_column_each(items: dict[str, str], name: str, dataset: Dataset) -> None:
    twice = [column for column in items.values() if list(items.values()).count(column) > 1]
    if twice:
        raise StudyError(
            f"The column '{twice[0]}' stands for {twice.count(twice[0])} items of {name}",
            file=file_of(dataset),
            advice="Name the column of each item.",
        )


def total_of(items: Items, dataset: Dataset) -> str:
    """The item that a column of totals fills: the scale `total`, else the only scale there is."""
    if "total" in items.scales:
        return "total"
    if len(items.scales) == 1:
        return next(iter(items.scales))
    raise StudyError(
        f"{items.name} has no total, so a wide source cannot hold it",
        file=file_of(dataset),
        advice=f"It has the scales {', '.join(items.scales)}: bring it into the long layout.",
    )


def check_declaration(dataset: Dataset, instruments: dict[str, Instrument]) -> None:
    """Demand that the declaration fits the contracts and the instruments.

    Raises
    ------
    StudyError
        A column, an instrument, a rating, an item or an outcome that nobody knows.
    """
    both = sorted(set(dataset.ratings) & set(instruments))
    if both:
        raise StudyError(f"The rating '{both[0]}' has the name of an instrument",
                         file=file_of(dataset), advice="Rename the rating.")  # fmt: skip
    for name in ("clients", "therapists", "sessions", "endings", "type_preferences"):
        source = getattr(dataset, name)
        if source is not None:
            check_names(name, source, file_of(dataset))
    check_vocabulary(dataset, file_of(dataset))
    for response in dataset.responses:
        items = items_of(response.instrument, dataset, instruments, "responses")
        columns_of(response, items, dataset) if response.wide is None else total_of(items, dataset)
    if dataset.preference:
        wished = items_of(dataset.preference.instrument, dataset, instruments, "preference")
        answers = [wished.ranges[item] for item in wished.answered]
        demand_one_scale(dataset, answers, file_of(dataset))
    outcomes = [dataset.outcomes.primary, *dataset.outcomes.secondary]
    for outcome in outcomes:
        if outcomes.count(outcome) > 1:
            raise StudyError(
                f"The outcome '{outcome}' is named {outcomes.count(outcome)} times",
                file=file_of(dataset),
                advice="An outcome is primary or secondary, and named once.",
            )
        name, _, scale = outcome.partition(".")
        items = items_of(name, dataset, instruments, "outcomes")
        if scale not in items.scales:
            raise StudyError(
                f"The outcome '{outcome}' names no scale of {name}; "
                f"the nearest is '{name}.{nearest(scale, list(items.scales))}'",
                file=file_of(dataset),
                advice="Write an outcome as instrument.scale.",
            )
