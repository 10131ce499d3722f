"""Scale scores of every instrument and declared rating, in the instrument's own points."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd

from attunement.score.answers import Answers, gather, keyed_items, recorded_total
from attunement.score.facts import missing_allowed
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument

# Sums of tenths must meet a cut-off exactly: 6.1 + 6.2 + 6.3 + 6.4 is 25, not 25.000000000000004.
DECIMALS = 9


def scale_score(
    items: np.ndarray, method: str, allowed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return score, number of items answered and whether missing items were filled.

    Parameters
    ----------
    items : shape (occasions, items), keyed the same way, NaN where missing.
    method : `sum` or `mean`.
    allowed : how many items may be missing; they count as the mean of those answered.

    Returns
    -------
    score : NaN where more items are missing than allowed, or none was answered.
    n_answered : whole numbers.
    prorated : True where a score rests on fewer items than the scale has.
    """
    n_items = items.shape[1]
    present = ~np.isnan(items)
    n_answered = present.sum(axis=1)
    enough = (n_answered >= n_items - allowed) & (n_answered > 0)
    mean = np.where(present, items, 0.0).sum(axis=1) / np.maximum(n_answered, 1)
    score = np.where(enough, mean * (n_items if method == "sum" else 1), np.nan)
    return np.round(score, DECIMALS), n_answered, enough & (n_answered < n_items)


def _rows(answers: Answers, instrument: str, scale: str, details: dict[str, Any]) -> pd.DataFrame:
    return answers.occasions.assign(
        instrument=instrument, scale=scale, place=answers.place, **details
    )


def _instrument_scores(
    answers: Answers, instrument: Instrument, dataset: Dataset, accepted: Collection[str]
) -> Iterator[pd.DataFrame]:
    allowed = missing_allowed(instrument, accepted)
    for scale_id, scale in instrument.scales.items():
        asked = [str(number) for number in scale.items if str(number) in answers.items]
        if not asked and scale_id not in answers.items:
            continue
        items = keyed_items(answers, instrument, scale, dataset)
        value, n_answered, prorated = scale_score(items, scale.method, allowed)
        total = recorded_total(answers, instrument, scale_id, dataset)
        use_total = np.isnan(value) & ~np.isnan(total)
        details: dict[str, Any] = {
            "value": np.where(use_total, total, value),
            "n_items": len(scale.items),
            "n_answered": np.where(use_total, len(scale.items), n_answered),
            "prorated": prorated,
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


def gather_all(responses: pd.DataFrame, clients: pd.DataFrame) -> dict[str, Answers]:
    """Return the answers to each instrument and rating, by name in alphabetical order."""
    names = sorted(responses["instrument"].unique())
    return {
        name: gather(responses.loc[(responses["instrument"] == name).to_numpy()], clients)
        for name in names
    }


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
