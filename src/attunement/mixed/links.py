"""Means, slopes and log-likelihoods of binary rows in the linear predictor, by link.

The order of `LINKS` is that of the numbers by which `kernels.logistic` knows them.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.special import expit

from attunement.mixed.kernel import Array

_HIGHEST = 700.0


class Link(Protocol):
    """A link: `events` and `others` are numbers of events and non-events, the predictor any shape
    that they broadcast to."""

    def mean(self, predictor: Array) -> Array:
        """Probability of an event."""
        ...

    def slope(self, predictor: Array) -> Array:
        """Derivative of the probability in the predictor."""
        ...

    def start(self, share: Array) -> Array:
        """Predictor of a probability."""
        ...

    def values(self, predictor: Array, events: Array, others: Array) -> tuple[Array, Array, Array]:
        """Log-likelihood without binomial coefficients, its first and second derivative."""
        ...

    def third(self, predictor: Array, events: Array, others: Array) -> Array:
        """Third derivative of the log-likelihood."""
        ...


class Logit:
    """The logistic link."""

    def mean(self, predictor: Array) -> Array:
        """Probability of an event."""
        return np.asarray(expit(predictor))

    def slope(self, predictor: Array) -> Array:
        """Derivative of the probability."""
        return np.asarray(expit(predictor) * expit(-predictor))

    def start(self, share: Array) -> Array:
        """Predictor of a probability."""
        return np.asarray(np.log(share / (1.0 - share)))

    def values(self, predictor: Array, events: Array, others: Array) -> tuple[Array, Array, Array]:
        """Log-likelihood, first and second derivative."""
        odds = np.exp(np.minimum(predictor, _HIGHEST))
        total = events + others
        value = events * predictor - total * np.log1p(odds)
        odds /= 1.0 + odds
        return value, events - total * odds, total * (odds * odds - odds)

    def third(self, predictor: Array, events: Array, others: Array) -> Array:
        """Third derivative."""
        share = expit(predictor)
        return np.asarray(-(events + others) * share * (1.0 - share) * (1.0 - 2.0 * share))


class CLogLog:
    """The complementary log-log link: a hazard in grouped time."""

    def mean(self, predictor: Array) -> Array:
        """Probability of an event."""
        return np.asarray(-np.expm1(-np.exp(np.minimum(predictor, _HIGHEST))))

    def slope(self, predictor: Array) -> Array:
        """Derivative of the probability."""
        held = np.minimum(predictor, _HIGHEST)
        return np.asarray(np.exp(held - np.exp(held)))

    def start(self, share: Array) -> Array:
        """Predictor of a probability."""
        return np.asarray(np.log(-np.log1p(-share)))

    def _ratio(self, predictor: Array) -> tuple[Array, Array]:
        hazard = np.exp(np.clip(predictor, -_HIGHEST, _HIGHEST))
        with np.errstate(over="ignore"):
            return hazard, hazard / np.expm1(hazard)

    def values(self, predictor: Array, events: Array, others: Array) -> tuple[Array, Array, Array]:
        """Log-likelihood, first and second derivative."""
        hazard, ratio = self._ratio(predictor)
        value = events * np.log(-np.expm1(-hazard)) - others * hazard
        slope = np.where(ratio > 0.0, ratio * (1.0 - hazard - ratio), 0.0)
        return value, events * ratio - others * hazard, events * slope - others * hazard

    def third(self, predictor: Array, events: Array, others: Array) -> Array:
        """Third derivative."""
        hazard, ratio = self._ratio(predictor)
        rest = 1.0 - hazard - ratio
        slope = ratio * rest
        bend = np.where(ratio > 0.0, slope * rest - ratio * (hazard + slope), 0.0)
        return np.asarray(events * bend - others * hazard)


LINKS: dict[str, Link] = {"logit": Logit(), "cloglog": CLogLog()}
