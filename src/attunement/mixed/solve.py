"""Search for the variance parameters of a linear mixed model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from attunement.mixed.kernel import (
    Array,
    Blocks,
    Evaluation,
    evaluate,
    evaluation_of,
    parts_of,
)
from attunement.mixed.layout import Layout, factor_of
from attunement.mixed.search import Minimum, minimise, positive_inverse

BOUNDARY = 1e-4
_WORTH = 1e-6
_PATIENCE = 40
# fall of the deviance still expected at which a search ends
TOLERANCE = 1e-10
# from here on a search over a part of the blocks saves more than it costs
_MANY_BLOCKS, _MANY_GROUPS = 60, 1_000


@dataclass(frozen=True)
class Optimum:
    """The end of a search: parameters, the evaluation there, and how the search went."""

    parameters: Array
    evaluation: Evaluation
    converged: bool
    singular: bool
    messages: list[str] = field(default_factory=list)


class Problem:
    """Deviance and gradient of one set of blocks (and their weights) as functions of parameters."""

    def __init__(
        self, blocks: Blocks, layout: Layout, reml: bool, weights: Array | None = None
    ) -> None:
        self.blocks = blocks
        self.layout = layout
        self.reml = reml
        self.weights = weights
        self._last: tuple[Array, Evaluation] | None = None

    def at(self, parameters: Array) -> Evaluation:
        """Evaluate at a parameter vector."""
        if self._last is not None and np.array_equal(self._last[0], parameters):
            return self._last[1]
        factors = self.layout.unpack(parameters)
        point = evaluate(self.blocks, factors, self.reml, self.weights)
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
            width = directions.shape[1]
            # sum over groups of tr(K D_i K D_j) from the products of K's entries
            turned = np.tensordot(directions, squares.reshape((width,) * 4), ([1, 2], [1, 2]))
            block = np.tensordot(turned, directions, ([2, 1], [1, 2]))
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

    def _descend(
        self,
        start: Array,
        tolerance: float = TOLERANCE,
        first: Array | None = None,
        limit: int = _PATIENCE,
    ) -> Minimum:
        if len(self.blocks.portions) == 1:
            return self._descend_compiled(start, tolerance, first, limit)

        def objective(parameters: Array) -> tuple[float, Array]:
            try:
                point = self.at(parameters)
            except np.linalg.LinAlgError:
                return float("inf"), np.zeros_like(parameters)
            return point.deviance, self.gradient(parameters, point)

        def inverse(parameters: Array) -> Array:
            return positive_inverse(self.information(parameters, self.at(parameters)))

        self.at(start)
        return minimise(objective, start, inverse, tolerance, limit=limit, first=first)

    def _descend_compiled(
        self, start: Array, tolerance: float, first: Array | None, limit: int
    ) -> Minimum:
        from attunement.mixed.kernels.descent import descend

        parts = parts_of(self.blocks)
        x, value, gradient, inverse, expected, settled, count = descend(
            start,
            np.empty((0, 0)) if first is None else first,
            *(np.array(entries, dtype=np.int64) for entries in self.layout.entries),
            self.reml,
            self.blocks.n_terms,
            self.blocks.arrays,
            self.blocks.weights(self.weights),
            parts,
            tolerance,
            limit,
        )
        if np.isnan(value):
            raise np.linalg.LinAlgError("fixed-effect columns are linearly dependent")
        self._last = x, evaluation_of(value, parts)
        return Minimum(x, value, gradient, inverse, expected, settled, count)

    def _from_part(self, start: Array) -> tuple[Array, Array | None]:
        """A start near the minimum, and the inverse Hessian there, from a part of the blocks."""
        n_blocks = len(self.blocks.rows)
        if n_blocks < _MANY_BLOCKS or len(self.blocks.inner) < _MANY_GROUPS:
            return start, None
        weights = np.zeros(n_blocks)
        every = slice(None, None, min(10, n_blocks // 20))
        weights[every] = 1.0 if self.weights is None else self.weights[every]
        part = Problem(self.blocks, self.layout, self.reml, weights)
        try:
            found = part._descend(start, tolerance=1e-3)
        except np.linalg.LinAlgError:  # a column does not vary in the part
            return start, None
        near = self.layout.upright(found.x)
        small = self.layout.on_diagonal & (near < 0.05)
        if small.any():
            return np.where(small, 0.05, near), None
        share = float(self.blocks.rows @ weights) / float(
            self.blocks.rows.sum() if self.weights is None else self.blocks.rows @ self.weights
        )
        return found.x, found.inverse * share

    def search(
        self, start: Array, first: Array | None = None, tolerance: float = TOLERANCE
    ) -> Minimum:
        """Descend from a start to a stationary point; turn the factors where the search creeps."""
        found = self._descend(start, tolerance, first, limit=_PATIENCE)
        natural = self.layout
        for _ in range(5):
            if found.settled:
                break
            self.layout, turned = self.layout.pivoted(found.x)
            self._last = None
            found = self._descend(turned, tolerance, limit=2 * _PATIENCE)
        if self.layout is not natural:
            found = replace(found, x=self.layout.natural(found.x))
            self.layout, self._last = natural, None
        return found

    def _added_variance(self, parameters: Array, point: Evaluation) -> Array | None:
        """Parameters with variance added in a direction that has none and wants some, or None.

        A stationary point of the factors is a minimum only if the slope of the deviance in the
        covariance is not negative in any direction without variance (Karush, Kuhn, Tucker).
        """
        best: tuple[float, Array] | None = None
        factors = self.layout.unpack(parameters)
        for level, factor in enumerate(factors):
            if not len(factor):
                continue
            first, second = point.score[level]
            slope = first - second / point.sigma2
            if self.layout.independent[level]:
                candidates = np.eye(len(factor))[np.abs(np.diag(factor)) < BOUNDARY]
            else:
                left, values, _ = np.linalg.svd(factor)
                null = left[:, values < BOUNDARY]
                candidates = (null @ np.linalg.eigh(null.T @ slope @ null)[1]).T
            for vector in candidates:
                fall = -float(vector @ slope @ vector)
                square = np.outer(vector, vector).ravel()
                bend = float(square @ point.squares[level] @ square)
                bend -= float(vector @ first @ vector) ** 2 / point.divisor
                amount = fall / max(bend, 1e-300)
                if fall <= 0.0 or fall * amount / 2.0 < _WORTH:
                    continue
                for share in (1.0, 0.25, 4.0, 0.02):
                    covariance = factor @ factor.T + share * amount * np.outer(vector, vector)
                    changed = list(factors)
                    changed[level] = factor_of(covariance)
                    if self.layout.independent[level]:
                        changed[level] = np.diag(np.sqrt(np.diag(covariance)))
                    trial = self.layout.pack(changed)
                    value = self.at(trial).deviance
                    if value < point.deviance - _WORTH and (best is None or value < best[0]):
                        best = (value, trial)
        return None if best is None else best[1]

    def is_singular(self, parameters: Array) -> bool:
        """Whether a level's relative covariance is not of full rank."""
        for factor in self.layout.unpack(parameters):
            if len(factor) and np.linalg.svd(factor, compute_uv=False)[-1] < BOUNDARY:
                return True
        return False

    def _without_traces(self, parameters: Array, point: Evaluation) -> Array:
        """Parameters with variances that are nothing but the end of a search set to zero."""
        factors = self.layout.unpack(parameters)
        rounded = []
        for factor, independent in zip(factors, self.layout.independent, strict=True):
            left, values, _ = np.linalg.svd(factor)
            kept = np.where(values < 0.02, 0.0, values)
            if independent:
                rounded.append(np.where(np.abs(factor) < 0.02, 0.0, factor))
            elif len(factor) and (kept != values).any():
                rounded.append(factor_of((left * kept**2) @ left.T))
            else:
                rounded.append(factor)
        moved = self.layout.pack(rounded)
        if np.array_equal(moved, parameters):
            return parameters
        allowed = 1e-8 + 4e-15 * abs(point.deviance)
        return moved if self.at(moved).deviance <= point.deviance + allowed else parameters

    def solve(
        self, start: Array | None = None, first: Array | None = None, tolerance: float = TOLERANCE
    ) -> Optimum:
        """Minimise the deviance; where variance is missing in a direction, add it and go on.

        Parameters
        ----------
        start : parameters to start from, such as those of a nearby problem.
        first : inverse Hessian (k, k) there.
        tolerance : fall of the deviance still expected at which a search ends.
        """
        if self.layout.n_parameters == 0:
            return Optimum(np.zeros(0), self.at(np.zeros(0)), True, False)
        if start is None:
            begin, first = self._from_part(np.where(self.layout.on_diagonal, 0.7, 0.0))
        else:
            begin = start
        found = self.search(begin, first, tolerance)
        better: Array | None = None
        for _ in range(10):
            parameters = self._without_traces(self.layout.upright(found.x), self.at(found.x))
            better = self._added_variance(parameters, self.at(parameters))
            if better is None:
                break
            found = self.search(better, None, tolerance)
        point = self.at(parameters)
        converged = found.settled and better is None
        singular = self.is_singular(parameters)
        messages = []
        if not converged:
            messages.append(
                "the search for the variance parameters did not settle (a fall of the deviance by"
                f" {found.decrement:.1e} is still expected)"
            )
        if singular:
            messages.append(
                "singular: a variance is estimated at or near zero or a correlation at or near"
                " -1 or 1"
            )
        return Optimum(parameters, point, converged, singular, messages)
