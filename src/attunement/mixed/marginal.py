"""Marginal likelihood of a binary model with a scalar random intercept by adaptive quadrature."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.binary import Binary
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS
from attunement.mixed.threads import over_portions, portions_of

_ROWS_AT_ONCE = 65_536
_ALONE_AT_ONCE = 4_096
_MOST_REMEMBERED = 20_000_000


@lru_cache(maxsize=64)
def hermite(nodes: int) -> tuple[Array, Array]:
    """Gauss-Hermite nodes, and logarithms of the weights of values of a normal density there."""
    places, weights = np.polynomial.hermite.hermgauss(nodes)
    return places, np.log(weights) + places**2 - 0.5 * np.log(np.pi)


@dataclass(frozen=True)
class Point:
    """Log-likelihood without its constant, gradient (p + 1,), and `information` (p + 1, p + 1) of
    the sum with its nodes held (zeros where not asked for).

    `moved` is the largest part of a group's gradient that comes from the movement of nodes, in
    units of the group's own spread: near zero where the quadrature is exact.
    """

    value: float
    gradient: Array
    information: Array
    moved: float


class Marginal:
    """Log-likelihood and its derivatives as functions of (coefficients, sigma).

    Rows without a group enter without an effect, and so do all rows where sigma is zero. `modes`
    (blocks,) are the modes of the groups that have rows at the point seen last, in units of sigma;
    the next search for them starts there. `penalty` (p, p) is half the second derivative of what
    a ridge takes from the log-likelihood.
    """

    def __init__(self, binary: Binary, link: str, nodes: int, penalty: Array | None = None) -> None:
        n_grouped = binary.n_grouped
        counts = np.bincount(binary.codes[:n_grouped], minlength=binary.n_groups)
        self.present = np.flatnonzero(counts)
        ends = np.cumsum(counts[self.present])
        alone = np.arange(n_grouped, len(binary.codes), _ALONE_AT_ONCE)[1:]
        marks = [0, *ends, *alone] if n_grouped else [0, *alone]
        self.starts = np.unique(np.array([*marks, len(binary.codes)], dtype=np.int64))
        self.has_effect = (self.starts[:-1] < n_grouped).astype(float)
        self.weights = np.ones(len(self.has_effect))
        self.modes = np.zeros(len(self.has_effect))
        self.binary = binary
        self.link = link
        self.nodes = nodes
        self.penalty = penalty
        self.events, self.totals = binary.events, binary.totals
        self.threaded = True
        self._remembered: tuple[Array, list[Array]] | None = None

    def weighted(self, groups: Array | None, alone: Array | None = None) -> Marginal:
        """The same model with a multiplicity per group (in order of codes) and per row without
        a group (in order of rows); None means one each."""
        other = copy.copy(self)
        other.modes = self.modes.copy()
        if groups is not None:
            other.weights = self.weights.copy()
            other.weights[: len(self.present)] = groups[self.present]
        if alone is not None and len(alone):
            first = self.binary.n_grouped
            other.events, other.totals = self.events.copy(), self.totals.copy()
            other.events[first:] *= alone
            other.totals[first:] *= alone
            other._remembered = None
        return other

    def with_events(self, events: Array) -> Marginal:
        """The same model with other numbers of events (n,), in the order of `binary`."""
        other = copy.copy(self)
        other.modes, other.events, other._remembered = self.modes.copy(), events, None
        return other

    def thinned(self, step: int) -> Marginal:
        """The same model with every so many-th group only, and no row without one."""
        chosen = np.zeros(self.binary.n_groups)
        chosen[self.present[::step]] = 1.0
        return self.weighted(chosen, np.zeros(len(self.events) - self.binary.n_grouped))

    @property
    def n_effects(self) -> int:
        """Number of groups that have rows and a weight."""
        return int(((self.has_effect > 0.0) & (self.weights > 0.0)).sum())

    @property
    def row_weights(self) -> Array:
        """Multiplicity (n,) of the group of each row; 1 for a row without one."""
        return np.repeat(self.weights, np.diff(self.starts))

    @property
    def log_constant(self) -> float:
        """Sum of the logarithms of binomial coefficients."""
        constant = self.binary.constant
        return float(self.row_weights @ constant) if len(constant) else 0.0

    def event_share(self) -> float:
        """Share of trials that are events, weights included."""
        weights = self.row_weights
        return float(weights @ self.events) / max(float(weights @ self.totals), 1e-300)

    def remember(self, parameters: Array) -> None:
        """Keep what each group adds at a point, so that any weights have its sums at once."""
        size = len(self.weights) * len(parameters) ** 2
        if size <= _MOST_REMEMBERED:
            slots = np.arange(len(self.weights))
            sums = self._by_slot(parameters, self.nodes, True, slots, np.ones(len(slots)))
            self._remembered = (parameters.copy(), sums)

    def value(
        self, parameters: Array, nodes: int | None = None, information: bool = False
    ) -> Point:
        """The log-likelihood at a point (p + 1,), by default with the model's number of nodes."""
        kept = self._remembered
        if kept is not None and nodes is None and np.array_equal(kept[0], parameters):
            loglik, gradients, matrices, moves = kept[1]
            matrix = np.tensordot(self.weights, matrices, 1)
            return self._penalised(
                parameters, float(self.weights @ loglik), self.weights @ gradients, matrix,
                float(np.max(moves[self.weights > 0.0], initial=0.0)),
            )  # fmt: skip
        portions = portions_of(self.starts, _ROWS_AT_ONCE)
        slots = np.zeros(len(self.weights), dtype=np.int64)
        for index, (first, last) in enumerate(portions):
            slots[first:last] = index
        loglik, gradients, matrices, moves = self._by_slot(
            parameters, nodes or self.nodes, information, slots, self.weights, portions
        )
        return self._penalised(
            parameters, float(loglik.sum()), gradients.sum(axis=0), matrices.sum(axis=0),
            float(moves.max(initial=0.0)),
        )  # fmt: skip

    def _penalised(
        self, parameters: Array, value: float, gradient: Array, matrix: Array, moved: float
    ) -> Point:
        matrix = np.tril(matrix)
        matrix += np.tril(matrix, -1).T
        if self.penalty is not None:
            coefficients = parameters[:-1]
            slope = self.penalty @ coefficients
            value -= 0.5 * float(coefficients @ slope)
            gradient[:-1] -= slope
            matrix[:-1, :-1] += self.penalty
        return Point(value, gradient, matrix, moved)

    def _by_slot(
        self,
        parameters: Array,
        nodes: int,
        information: bool,
        slots: NDArray[np.int64],
        weights: Array,
        portions: list[tuple[int, int]] | None = None,
    ) -> list[Array]:
        from attunement.mixed.kernels.logistic import evaluate

        size, count = len(parameters), int(slots[-1]) + 1
        sums = [
            np.zeros(count),
            np.zeros((count, size)),
            np.zeros((count, size, size) if information else (count, 1, 1)),
            np.zeros(count),
        ]
        places, log_weights = hermite(nodes)
        coefficients = np.ascontiguousarray(parameters[:-1])
        binary = self.binary

        def task(first: int, last: int) -> None:
            evaluate(
                list(LINKS).index(self.link), first, last, self.starts, self.has_effect,
                binary.columns, binary.offset, self.events, self.totals, weights, coefficients,
                float(parameters[-1]), places, log_weights, slots, information, self.modes, *sums,
            )  # fmt: skip

        whole = [(0, len(self.weights))]
        pieces = whole if portions is None else portions
        if self.threaded:
            over_portions(task, pieces)
        else:
            for first, last in pieces:
                task(first, last)
        if not information:
            sums[2] = np.zeros((count, size, size))
        return sums
