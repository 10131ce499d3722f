"""The words that the released tables use for outcomes, dimensions and groups."""

from __future__ import annotations

import pandas as pd

from attunement.score.facts import informant
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument

Instruments = dict[str, Instrument]


def outcome_names(dataset: Dataset) -> list[str]:
    """Return the declared outcomes as `instrument.scale`, the primary one first, none twice."""
    return list(dict.fromkeys([dataset.outcomes.primary, *dataset.outcomes.secondary]))


def scores_of(outcome: str, scores: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Return the scores of an outcome by its informant: the rater of its first declared source."""
    name, _, scale = outcome.partition(".")
    return scores[
        (scores["instrument"] == name)
        & (scores["scale"] == scale)
        & (scores["rater"] == informant(name, dataset))
        & scores["value"].notna()
    ]


def outcome_label(outcome: str, dataset: Dataset, instruments: Instruments) -> str:
    """Return an outcome in words: the instrument, and its scale where there are several."""
    name, _, scale = outcome.partition(".")
    if name in dataset.ratings:
        return dataset.ratings[name].meaning
    if name not in instruments:
        return outcome
    instrument = instruments[name]
    short = outcome_short(outcome, dataset, instruments)
    label = instrument.name if short in instrument.name else f"{instrument.name} ({short})"
    if len(instrument.scales) > 1 and scale in instrument.scales:
        return f"{label}, {instrument.scales[scale].name}"
    return label


def outcome_short(outcome: str, dataset: Dataset, instruments: Instruments) -> str:
    """Return an outcome's short name: `PHQ-9` of the scale `PHQ-9 total`, else its id."""
    name, _, scale = outcome.partition(".")
    if name in dataset.ratings or name not in instruments:
        return name.upper() if len(name) < 6 else name.replace("_", " ")
    instrument = instruments[name]
    held = instrument.scales.get(scale)
    called = held.name.removesuffix(" total") if held else instrument.name
    return called if called != instrument.name and len(called) < 12 else name.upper()


def outcome_direction(outcome: str, dataset: Dataset, instruments: Instruments) -> str:
    """Return 'higher is better', 'lower is better' or '' for an outcome."""
    name, _, scale = outcome.partition(".")
    if name in dataset.ratings:
        direction = dataset.ratings[name].direction
    elif name in instruments:
        direction = instruments[name].direction_of(scale)
    else:
        return ""
    return {"higher_better": "higher is better", "higher_worse": "lower is better"}.get(
        direction, ""
    )


def dimension_poles(dataset: Dataset, instruments: Instruments) -> dict[str, tuple[str, str]]:
    """Return first and other pole of each preference dimension, by its lower-case id."""
    if dataset.preference is None:
        return {}
    scales = instruments[dataset.preference.instrument].scales
    return {
        scale.lower(): (
            held.first_pole.replace("_", " ").lower() or scale,
            held.other_pole.replace("_", " ").lower() or "the other pole",
        )
        for scale, held in scales.items()
    }


def by_group(frame: pd.DataFrame, clients: pd.DataFrame, arm: str | None) -> pd.DataFrame:
    """Return the rows twice: once under group 'all', once under the arm of their client.

    Without an arm there is only 'all'; clients whose arm is missing are only in 'all'.
    """
    whole = frame.assign(group="all")
    if arm is None or arm not in clients.columns:
        return whole
    arms = clients.set_index("client")[arm].dropna().astype(str)
    parts = frame.assign(group=frame["client"].map(arms)).dropna(subset="group")
    return pd.concat([whole, parts], ignore_index=True)


def groups(frame: pd.DataFrame) -> list[str]:
    """Return the groups of a frame made by `by_group`, 'all' first, then the arms in order."""
    return ["all", *sorted(set(frame["group"].astype(str)) - {"all"})]
