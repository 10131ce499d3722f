"""Rows of a binary model, its answer, and separation of events from non-events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.special import gammaln

from attunement.mixed.kernel import Array


@dataclass(frozen=True)
class Binary:
    """Rows of a binary model in internal units: proportion, trials, frequency, offset (n,) each,
    orthogonalised columns (n, p), group codes (n,), -1 for a row without a group, or None."""

    proportion: Array
    trials: Array
    frequency: Array
    offset: Array | None
    columns: Array
    codes: NDArray[np.intp] | None

    @property
    def n_groups(self) -> int:
        """Number of groups, counting those codes that no row has."""
        return 0 if self.codes is None else int(self.codes.max(initial=-1)) + 1

    def constant(self) -> Array:
        """Logarithm (n,) of the binomial coefficients, times the frequency of each row."""
        events = self.proportion * self.trials
        choose = gammaln(self.trials + 1.0) - gammaln(events + 1.0)
        return np.asarray(self.frequency * (choose - gammaln(self.trials - events + 1.0)))


@dataclass(frozen=True)
class BinaryOptimum:
    """Coefficients (p,), covariance (p, p), group variance, modes by code, and how it ended."""

    coefficients: Array
    covariance: Array
    group_variance: float
    modes: Array
    loglik: float
    converged: bool
    singular: bool
    messages: list[str]


def find_separation(binary: Binary, used: NDArray[np.bool_] | None = None) -> Array | None:
    """A direction (p,) that separates events from non-events among the rows used, or None.

    A linear programme over the fixed columns (Konis 2007): a direction along which no event's
    predictor falls and no non-event's rises, and at least one changes.
    """
    chosen = np.ones(len(binary.proportion), dtype=bool) if used is None else used
    events = binary.columns[chosen & (binary.proportion > 0.0)]
    others = -binary.columns[chosen & (binary.proportion < 1.0)]
    signed = np.unique(np.vstack([events, others]), axis=0)
    size = signed.shape[1]
    found = linprog(
        -signed.sum(axis=0) / len(signed),
        A_ub=-signed,
        b_ub=np.zeros(len(signed)),
        bounds=[(-1.0, 1.0)] * size,
        method="highs",
    )
    if found.status != 0 or -found.fun < 1e-9:
        return None
    return np.asarray(found.x)
