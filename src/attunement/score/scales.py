"""Scale scores of every instrument and declared rating, in the instrument's own points."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd

from attunement.score.answers import Answers, gather, recorded_total
from attunement.score.facts import key_refusal
from attunement.score.keys import n_items, score_scale, with_skips
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument


def _rows(answers: Answers, instrument: str, scale: str, details: dict[str, Any]) -> pd.DataFrame:
    return answers.occasions.assign(
        instrument=instrument, scale=scale, place=answers.place, **details
    )


def _instrument_scores(
    answers: Answers, instrument: Instrument, dataset: Dataset, accepted: Collection[str]
) -> Iterator[pd.DataFrame]:
    for scale_id, scale in instrument.scales.items():
        known = {str(number) for number in (*scale.items, *scale.divisor)}
        if not known & set(answers.items) and scale_id not in answers.items:
            continue
        found = score_scale(answers, instrument, scale_id, dataset, accepted)
        total = recorded_total(answers, instrument, scale_id, dataset)
        use_total = np.isnan(found.value) & ~np.isnan(total)
        details: dict[str, Any] = {
            "value": np.where(use_total, total, found.value),
            "n_items": n_items(scale),
            "n_answered": np.where(use_total, n_items(scale), found.n_answered),
            "prorated": found.prorated,
        }
        yield _rows(answers, instrument.id, scale_id, details)


def _rating_scores(answers: Answers, rating: str, items: list[str]) -> Iterator[pd.DataFrame]:
    for item in items:
        if item in answers.items:
            values = answers.column(item)
            details: dict[str, Any] = {
                "value": values,
                "n_items": 1,
                "n_answered": (~np.isnan(values)).astype(int),
                "prorated": False,
            }
            yield _rows(answers, rating, item, details)


def gather_all(
    responses: pd.DataFrame,
    clients: pd.DataFrame,
    instruments: dict[str, Instrument],
    accepted: Collection[str] = (),
) -> dict[str, Answers]:
    """Return the answers to each instrument and rating, by name in alphabetical order.

    Items that a usable skip rule of an instrument did not ask have the value that it gives them.
    """
    found = {}
    for name in sorted(responses["instrument"].unique()):
        answers = gather(responses.loc[(responses["instrument"] == name).to_numpy()], clients)
        known = instruments.get(name)
        found[name] = with_skips(answers, known, accepted) if known else answers
    return found


def refused_keys(
    answers: dict[str, Answers], instruments: dict[str, Instrument], accepted: Collection[str]
) -> dict[str, str]:
    """Return the scales whose items were answered but whose key may not be used, each with why."""
    reasons = {}
    for name, given in answers.items():
        for scale_id, scale in instruments[name].scales.items() if name in instruments else ():
            refusal = key_refusal(instruments[name], scale_id, accepted)
            if refusal and {str(number) for number in scale.items} & set(given.items):
                reasons[f"{name}.{scale_id}"] = refusal
    return reasons


def scale_scores(
    answers: dict[str, Answers],
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accepted: Collection[str],
) -> pd.DataFrame:
    """Return the table `scores`: one row per occasion, rater and scale of every instrument.

    A score is computed from items where its missing rule allows (no usable rule: all items are
    needed); otherwise a total recorded as such stands, and counts as fully answered. Bipolar
    preference scales come with their first pole positive, whatever the dataset's coding. Declared
    ratings pass through, each item as a scale. A scale that cannot be scored on an occasion keeps
    its row, without a value. Order: client as in the source, instrument, occasion, rater, scale.
    """
    parts: list[pd.DataFrame] = []
    for number, (name, given) in enumerate(answers.items()):
        if name in instruments:
            found = list(_instrument_scores(given, instruments[name], dataset, accepted))
        elif name in dataset.ratings:
            found = list(_rating_scores(given, name, dataset.ratings[name].items))
        else:
            found = []
        for scale, part in enumerate(found):
            row = np.arange(len(part))
            parts.append(part.assign(_instrument=number, _row=row, _scale=scale))
    if not parts:
        return empty("scores")
    scores = pd.concat(parts, ignore_index=True)
    order = np.lexsort(
        [scores[name].to_numpy() for name in ("_scale", "_row", "_instrument", "place")]
    )
    scores = scores.iloc[order].drop(columns=["place", "_instrument", "_row", "_scale"])
    return conform(scores, "scores")
