"""What each session gave on each dimension, as each informant rated it, -1..1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from attunement.accommodate.preferences import Dimension, rated_in_sessions
from attunement.score.answers import places
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.problems import StudyError


@dataclass(frozen=True)
class Rated:
    """Delivery as a matrix: a row per client, session and rater, a column per dimension."""

    client: pd.Series
    place: np.ndarray
    session: np.ndarray
    rater: pd.Series
    value: np.ndarray
    band: np.ndarray


def _check_items(dataset: Dataset, rating: str, dims: list[Dimension]) -> dict[str, int]:
    """Return the column of each declared item; an item is a dimension in either case."""
    names = [dimension.name for dimension in dims]
    for item in dataset.ratings[rating].items:
        if item.lower() not in names:
            raise StudyError(
                f"The rating '{rating}' of dataset '{dataset.name}' has an item '{item}' "
                "that is no dimension of the preference inventory",
                advice=f"Its dimensions are {', '.join(names)}.",
            )
    return {item: names.index(item.lower()) for item in dataset.ratings[rating].items}


def rated_delivery(
    scores: pd.DataFrame, clients: pd.DataFrame, dims: list[Dimension], dataset: Dataset
) -> Rated | None:
    """Return what the declared raters recorded of delivery; None where nothing is recorded.

    D = (rating - middle of its range) / half its range, so rating / 3 for -3..3, turned where
    `delivery.coding` or `flip` says that the high end is not the pole named first. Bands are those
    of preference on the common -1..1; they are unknown where the two do not share a scale.

    Raises
    ------
    StudyError
        An item of the rating is no dimension of the preference inventory.
    """
    declared = dataset.delivery
    if declared is None:
        return None
    column = _check_items(dataset, declared.rating, dims)
    given, session = rated_in_sessions(scores, dataset, declared.rating, declared.raters)
    if given.empty:
        return None
    rating = dataset.ratings[declared.rating]
    low, high = cast(float, rating.low), cast(float, rating.high)  # a dataset declares both
    middle, half = (low + high) / 2, (high - low) / 2
    place = places(given["client"], clients["client"])
    rater, raters = pd.factorize(given["rater"], sort=True)
    span = int(session.max()) + 1
    key = (place.astype(np.int64) * span + session) * len(raters) + rater
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    value = np.full((len(first), len(dims)), np.nan)
    item, items = pd.factorize(given["scale"])
    at = np.array([column[str(name)] for name in items])[item]
    sign = np.array([declared.sign_of(str(name)) for name in items])[item]
    # Zero is added so that nothing is told as minus zero.
    value[row, at] = sign * (given["value"].to_numpy(dtype=float) - middle) / half + 0.0
    band = np.column_stack(
        [
            dimension.band(value[:, j]) if declared.commensurable else np.full(len(value), np.nan)
            for j, dimension in enumerate(dims)
        ]
    )
    return Rated(
        given["client"].iloc[first].reset_index(drop=True),
        place[first],
        session[first],
        given["rater"].iloc[first].reset_index(drop=True),
        value,
        band,
    )


def delivery_table(rated: Rated | None, dims: list[Dimension]) -> pd.DataFrame:
    """Return the table `delivery`: one row per session, rater and dimension that was rated."""
    if rated is None:
        return empty("delivery")
    n = len(dims)
    row, column = np.divmod(np.arange(rated.value.size), n)
    names = pd.Series([dimension.name for dimension in dims], dtype="str")
    value = rated.value.ravel()
    here = ~np.isnan(value)
    row, column = row[here], column[here]
    table = pd.DataFrame(
        {
            "client": rated.client.take(row).reset_index(drop=True),
            "session": rated.session[row],
            "rater": rated.rater.take(row).reset_index(drop=True),
            "dimension": names.take(column).reset_index(drop=True),
            "delivery": value[here],
            "band": rated.band.ravel()[here],
        }
    )
    return conform(table, "delivery")
