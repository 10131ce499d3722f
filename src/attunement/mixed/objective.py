"""The deviance of a linear mixed model as a function of its variance parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attunement.mixed.kernel import (
    Array,
    Blocks,
    Evaluation,
    Lanes,
    arrange,
    evaluate,
    evaluation_of,
)
from attunement.mixed.layout import Layout
from attunement.mixed.search import Minimum, minimise, positive_inverse

PATIENCE = 40
# fall of the deviance still expected at which a search ends
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Start:
    """Where a search begins: `parameters` (k,), the inverse Hessian (k, k) there if it is known.

    If the parameters are one step away from a point with that inverse, `before` holds the point
    and its gradient.
    """

    parameters: Array
    inverse: Array | None = None
    before: tuple[Array, Array] | None = None


def traces_of(directions: Array, squares: Array) -> Array:
    """Sums over groups (k, k) of tr(K D_i K D_j), from those of the products of the entries of K
    (q q, q q), for symmetric directions D (k, q, q)."""
    width = directions.shape[1]
    turned = np.tensordot(directions, squares.reshape((width,) * 4), ([1, 2], [1, 2]))
    return np.asarray(np.tensordot(turned, directions, ([2, 1], [1, 2])))


class Objective:
    """Deviance and gradient of one set of blocks (and their weights) as functions of parameters."""

    def __init__(
        self, blocks: Blocks, layout: Layout, reml: bool, weights: Array | None = None
    ) -> None:
        self.blocks = blocks
        self.layout = layout
        self.reml = reml
        self.weights = weights
        self._last: tuple[Array, Evaluation] | None = None

    @cached_property
    def lanes(self) -> Lanes:
        """The weighted blocks, laid out for evaluation."""
        return arrange(self.blocks, self.weights)

    def at(self, parameters: Array) -> Evaluation:
        """Evaluate at a parameter vector."""
        if self._last is not None and np.array_equal(self._last[0], parameters):
            return self._last[1]
        factors = self.layout.unpack(parameters)
        point = evaluate(self.lanes, factors, self.reml)
        self._last = (parameters.copy(), point)
        return point

    def gradient(self, parameters: Array, point: Evaluation, sigma2: float | None = None) -> Array:
        """Gradient of the deviance, at the profiled residual variance unless one is given."""
        variance = point.sigma2 if sigma2 is None else sigma2
        factors = self.layout.unpack(parameters)
        return self.layout.pack(
            [
                2.0 * (first - second / variance) @ factor
                for (first, second), factor in zip(point.score, factors, strict=True)
            ]
        )

    def variance_slope(self, parameters: Array, point: Evaluation) -> Array:
        """Mixed derivative of the deviance in parameters and residual variance."""
        factors = self.layout.unpack(parameters)
        return self.layout.pack(
            [
                2.0 * second / point.sigma2**2 @ factor
                for (_, second), factor in zip(point.score, factors, strict=True)
            ]
        )

    def information(self, parameters: Array, point: Evaluation) -> Array:
        """Expected second derivatives (k, k) of the deviance without those between the levels,
        and the exact part that comes from the factors being squared."""
        size = self.layout.n_parameters
        result = np.zeros((size, size))
        trace = np.zeros(size)
        start = 0
        for level, squares in enumerate(point.squares):
            rows, columns = self.layout.entries[level]
            if not len(rows):
                continue
            directions = self.layout.directions(parameters, level)
            block = traces_of(directions, squares)
            first, second = point.score[level]
            slope = first - second / point.sigma2
            block += 2.0 * slope[np.ix_(rows, rows)] * (columns[:, None] == columns[None, :])
            stop = start + len(rows)
            result[start:stop, start:stop] = block
            trace[start:stop] = np.tensordot(directions, first, 2)
            start = stop
        return result - np.outer(trace, trace) / point.divisor

    def hessian(self, parameters: Array) -> Array:
        """Second derivatives (k, k) of the deviance, by central differences of the gradient."""
        size = len(parameters)
        result = np.zeros((size, size))
        for index in range(size):
            step = 1e-4 * max(abs(parameters[index]), 0.05)
            ends = []
            for sign in (1.0, -1.0):
                moved = parameters.copy()
                moved[index] += sign * step
                ends.append(self.gradient(moved, self.at(moved)))
            result[index] = (ends[0] - ends[1]) / (2.0 * step)
        return (result + result.T) / 2.0

    def descend(self, start: Start, tolerance: float = TOLERANCE, limit: int = PATIENCE) -> Minimum:
        """Descend from a start towards a stationary point, in at most `limit` steps.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the deviance does not exist at the start.
        """
        if len(self.lanes.portions) == 1:
            return self._descend_compiled(start, tolerance, limit)

        def objective(parameters: Array) -> tuple[float, Array]:
            try:
                point = self.at(parameters)
            except np.linalg.LinAlgError:
                return float("inf"), np.zeros_like(parameters)
            return point.deviance, self.gradient(parameters, point)

        def inverse(parameters: Array) -> Array:
            return positive_inverse(self.information(parameters, self.at(parameters)))

        self.at(start.parameters)
        return minimise(
            objective, start.parameters, inverse, tolerance, limit=limit, first=start.inverse
        )

    def _descend_compiled(self, start: Start, tolerance: float, limit: int) -> Minimum:
        from attunement.mixed.kernels.descent import descend

        parts, none = self.lanes.parts(), np.empty(0)
        x, value, gradient, inverse, expected, settled, count = descend(
            start.parameters,
            np.empty((0, 0)) if start.inverse is None else start.inverse,
            *((none, none) if start.before is None else start.before),
            *(np.array(entries, dtype=np.int64) for entries in self.layout.entries),
            self.reml,
            self.lanes.portions[0],
            parts,
            tolerance,
            limit,
        )
        if np.isnan(value):
            raise np.linalg.LinAlgError("fixed-effect columns are linearly dependent")
        self._last = x, evaluation_of(value, parts)
        return Minimum(x, value, gradient, inverse, expected, settled, count)
