"""The answers to one instrument as a matrix: occasions by items, in canonical direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.study.contracts import ContractError
from attunement.study.dataset import Dataset, Preference
from attunement.study.instruments import Instrument, Scale
from attunement.study.problems import StudyError

OCCASION = ["client", "occasion", "time", "day", "session", "rater"]


def places(values: pd.Series, order: pd.Series) -> np.ndarray:
    """Return the row of each value in `order`, as integers.

    Everything is sorted by the place of a client in the source, never by its pseudonym: another
    key of pseudonyms must give the same results.
    """
    codes, found = pd.factorize(values)
    where = pd.Index(order).get_indexer(pd.Index(found))
    if (where < 0).any() or (codes < 0).any():
        raise ContractError("a table names a client who is not among the clients")
    return where[codes] if len(codes) else np.zeros(0, dtype=np.intp)


@dataclass(frozen=True)
class Answers:
    """What was answered to one instrument.

    `occasions` has a row per client, occasion and rater, by the client's place in the source, then
    occasion, then rater; `place` is that place. `values` has the same rows and a column per item of
    `items` (item numbers as text, or names of scales whose totals were recorded); missing is NaN.
    """

    occasions: pd.DataFrame
    place: np.ndarray
    items: tuple[str, ...]
    values: np.ndarray

    def column(self, item: str) -> np.ndarray:
        """Return the answers to one item, NaN throughout if nobody was asked it."""
        if item not in self.items:
            return np.full(len(self.values), np.nan)
        return self.values[:, self.items.index(item)]

    def first_occasions(self, rater: str) -> np.ndarray:
        """Return the row of each client's first occasion with this rater (in time), as indices."""
        rows = np.flatnonzero((self.occasions["rater"] == rater).to_numpy())
        _, first = np.unique(self.place[rows], return_index=True)
        return rows[first]


def gather(responses: pd.DataFrame, clients: pd.DataFrame) -> Answers:
    """Return the answers to one instrument as a matrix.

    Parameters
    ----------
    responses : the canonical table, rows of one instrument only.
    clients : the canonical table; its order is the order of the result.
    """
    place = places(responses["client"], clients["client"])
    occasion = responses["occasion"].to_numpy(dtype=np.int64)
    rater, raters = pd.factorize(responses["rater"], sort=True)
    item, items = pd.factorize(responses["item"])
    span = int(occasion.max(initial=0)) + 1
    key = (place.astype(np.int64) * span + occasion) * max(len(raters), 1) + rater
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    values = np.full((len(first), len(items)), np.nan)
    values[row, item] = responses["value"].to_numpy(dtype=float, na_value=np.nan)
    return Answers(
        responses[OCCASION].iloc[first].reset_index(drop=True),
        place[first],
        tuple(str(name) for name in items),
        values,
    )


def _left_positive(values: np.ndarray, preference: Preference, n_items: int) -> np.ndarray:
    """Bring answers (or sums of `n_items` answers) to first pole = positive."""
    if preference.coding == "left_positive":
        return values
    if preference.coding == "left_negative":
        return 0.0 - values  # not -values: no negative zeros
    return 4.0 * n_items - values  # 1 = fully first pole, 4 = middle, 7 = fully other pole


def _preference(instrument: Instrument, dataset: Dataset) -> Preference | None:
    declared = dataset.preference
    return declared if declared is not None and declared.instrument == instrument.id else None


def keyed_items(
    answers: Answers, instrument: Instrument, scale: Scale, dataset: Dataset
) -> np.ndarray:
    """Return the items of a scale, all pointing the same way: shape (occasions, items).

    Reversed items become low + high - answer. Preference items are brought to "first pole
    positive" by the dataset's declared coding, then its flipped items change sign.
    """
    preference = _preference(instrument, dataset)
    columns = []
    for number in scale.items:
        values = answers.column(str(number))
        if preference is not None:
            values = _left_positive(values, preference, 1)
            if number in preference.flip:
                values = 0.0 - values
        if number in scale.reverse:
            values = instrument.response.low + instrument.response.high - values
        columns.append(values)
    return np.column_stack(columns)


def recorded_total(
    answers: Answers, instrument: Instrument, scale_id: str, dataset: Dataset
) -> np.ndarray:
    """Return the totals of a scale recorded as such, in canonical direction; NaN where none is.

    Raises
    ------
    StudyError
        Sums of preference items are recorded although items are declared as flipped: which of the
        poles a sum holds cannot be known.
    """
    values = answers.column(scale_id)
    scale, preference = instrument.scales[scale_id], _preference(instrument, dataset)
    if preference is None or np.isnan(values).all():
        return values
    flipped = sorted(set(preference.flip) & set(scale.items))
    if flipped:
        raise StudyError(
            f"Dataset '{dataset.name}' records sums of {instrument.id}.{scale_id} "
            f"and declares its items {flipped} as flipped",
            column=scale_id,
            rows=int((~np.isnan(values)).sum()),
            advice="A sum cannot be flipped item by item: give the items, or sums in one coding.",
        )
    return _left_positive(values, preference, len(scale.items))
