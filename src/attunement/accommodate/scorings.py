"""The scorings of accommodation: distance, and whether strong preferences were met."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Scored(NamedTuple):
    """One scoring of sessions: by dimension (columns) and over all dimensions.

    `value` and `all_value` lie in 0..1, NaN where undefined; `n_dimensions` says how many
    dimensions a value over all rests on (or could have rested on, where it is missing);
    `none_strong` (by dimension) and `all_none_strong` are 1 where there is no strong preference,
    0 where there is, NaN where that is not known or not asked.
    """

    value: np.ndarray
    all_value: np.ndarray
    n_dimensions: np.ndarray
    none_strong: np.ndarray
    all_none_strong: np.ndarray


def _mean(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    count = counted.sum(axis=1)
    total = np.where(counted, values, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)


def distance(preference: np.ndarray, delivery: np.ndarray) -> Scored:
    """Return 1 - |D - P| / 2 by dimension, and its mean over all dimensions.

    Over all dimensions the value needs preference and delivery on every one of them: a mean over
    whichever happen to be there would compare different things between sessions.

    Parameters
    ----------
    preference, delivery : shape (sessions, dimensions), -1..1, NaN where missing.
    """
    value = 1 - np.abs(delivery - preference) / 2
    here = ~np.isnan(value)
    whole = here.all(axis=1)
    unasked = np.full(value.shape, np.nan)
    return Scored(
        value, np.where(whole, _mean(value, here), np.nan), here.sum(axis=1), unasked, unasked[:, 0]
    )


def strong_met(preference_band: np.ndarray, delivery_band: np.ndarray) -> Scored:
    """Return 1 where a strong preference was met, .5 partly, 0 unmet; and the mean of these.

    Met: delivery in the same band of the same pole; partly: in the middle band; unmet: in the
    strong band of the opposite pole. Dimensions without a strong preference have no value. Over all
    dimensions the value needs the preference on every one (else which are strong is not known) and
    delivery on each strong one; clients without any strong preference have no value and are marked
    as a group of their own.

    Parameters
    ----------
    preference_band, delivery_band : shape (sessions, dimensions), -1, 0, 1, NaN where missing.
    """
    strong = np.abs(preference_band) == 1
    value = np.where(strong, 1 - np.abs(delivery_band - preference_band) / 2, np.nan)
    here = ~np.isnan(value)
    stated = ~np.isnan(preference_band)
    none_strong = np.where(stated, (preference_band == 0).astype(float), np.nan)
    all_none = np.where(strong.any(axis=1), 0.0, np.where(stated.all(axis=1), 1.0, np.nan))
    whole = stated.all(axis=1) & (here == strong).all(axis=1)
    return Scored(
        value, np.where(whole, _mean(value, here), np.nan), here.sum(axis=1), none_strong, all_none
    )
