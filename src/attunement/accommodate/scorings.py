"""The scorings that compare preference with delivery dimension by dimension."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

TOLERANCE = (
    1e-9  # below this a weight, a rating or a profile is at the midpoint, whatever floats say
)


class Scored(NamedTuple):
    """One scoring of sessions: by dimension (columns) and over all dimensions.

    `value` and `all_value` are NaN where undefined; `n_dimensions` says how many dimensions a value
    over all rests on (or could have rested on, where it is missing); `none_strong` (by dimension)
    and `all_none_strong` are 1 where there is no strong preference, 0 where there is, NaN where
    that is not known or not asked.
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


def unflagged(value: np.ndarray, all_value: np.ndarray) -> Scored:
    """Return a scoring that knows no third group; it rests on the dimensions with a value."""
    nothing = np.full(value.shape, np.nan)
    return Scored(value, all_value, (~np.isnan(value)).sum(axis=1), nothing, nothing[:, 0])


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
    return unflagged(value, np.where(here.all(axis=1), _mean(value, here), np.nan))


def weighted_distance(preference: np.ndarray, delivery: np.ndarray) -> Scored:
    """Return 1 - sum(|P| |D - P|) / (2 sum|P|): what is wanted more counts more.

    By dimension it is the distance. Over all dimensions the value needs preference and delivery on
    every one, and is undefined where every preference lies at the midpoint: nothing has weight.

    Parameters
    ----------
    preference, delivery : shape (sessions, dimensions), -1..1, NaN where missing.
    """
    plain = distance(preference, delivery)
    weight = np.abs(preference)
    total = weight.sum(axis=1)
    gap = (weight * (1 - plain.value)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        told = total > TOLERANCE  # False where anything is missing
    share = np.divide(gap, total, out=np.full(len(total), np.nan), where=told)
    return plain._replace(all_value=1 - share)


def signed_gap(preference: np.ndarray, delivery: np.ndarray) -> Scored:
    """Return D - P by dimension: above 0 more of the first pole than wanted, below 0 less.

    There is no value over all dimensions: which pole is named first is arbitrary, and gaps of
    opposite signs would cancel.

    Parameters
    ----------
    preference, delivery : shape (sessions, dimensions), -1..1, NaN where missing.
    """
    value = delivery - preference
    return unflagged(value, np.full(len(value), np.nan))


def _strong(value: np.ndarray, preference_band: np.ndarray) -> Scored:
    """Average over strong dimensions; those without any strong preference are a third group."""
    strong, stated = np.abs(preference_band) == 1, ~np.isnan(preference_band)
    value = np.where(strong, value, np.nan)
    here = ~np.isnan(value)
    none_strong = np.where(stated, (preference_band == 0).astype(float), np.nan)
    all_none = np.where(strong.any(axis=1), 0.0, np.where(stated.all(axis=1), 1.0, np.nan))
    whole = stated.all(axis=1) & (here == strong).all(axis=1)
    return Scored(
        value, np.where(whole, _mean(value, here), np.nan), here.sum(axis=1), none_strong, all_none
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
    return _strong(1 - np.abs(delivery_band - preference_band) / 2, preference_band)


def strong_sign(preference_band: np.ndarray, delivery: np.ndarray) -> Scored:
    """Return 1 where delivery lies on the side of a strong preference, 0 on the other side.

    As `strong_met`, with the pole's sign as the reference in place of its band: a delivery at the
    midpoint lies on neither side and counts .5. Who has a strong preference is told by its band.

    Parameters
    ----------
    preference_band : shape (sessions, dimensions), -1, 0, 1, NaN where missing.
    delivery : shape (sessions, dimensions), -1..1, NaN where missing.
    """
    side = np.where(np.abs(delivery) <= TOLERANCE, 0.0, np.sign(delivery))
    return _strong((1 + side * preference_band) / 2, preference_band)
