"""The deviance with one standard deviation or correlation held at a value, least over the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.mixed.kernel import Array, Blocks, Factors, arrange, evaluate, recombine
from attunement.mixed.layout import Layout, factor_of
from attunement.mixed.prepare import Prepared
from attunement.mixed.search import minimise, positive_inverse
from attunement.mixed.solve import Optimum, Problem

# a factor's entry at zero has no slope: each search starts with at least this much
_AWAY = 0.03
# steps after which a search that creeps begins anew from the curvature where it stands
_PATIENCE = 40
RESIDUAL = 2


@dataclass(frozen=True)
class Held:
    """What is held: the standard deviation of one combination of a level's internal random
    columns, the correlation of two, or the residual standard deviation.

    `position` is the kernel's level or `RESIDUAL`, `rows` (1 or 2, q) the combinations;
    a standard deviation is that of the user's units, `unit` internal ones of the row's direction.
    """

    position: int
    rows: Array
    unit: float = 1.0

    @property
    def is_correlation(self) -> bool:
        """Whether two combinations are given, and their correlation is held."""
        return len(self.rows) == 2


def _frame(rows: Array, independent: bool) -> Array:
    """A basis (q, q) whose first rows point along those given."""
    if independent:
        first = int(np.argmax(np.abs(rows[0])))
        return np.eye(rows.shape[1])[[first, *np.delete(np.arange(rows.shape[1]), first)]]
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    rest = np.linalg.svd(rows)[2][len(rows) :]
    return np.vstack([units, rest])


class HeldDeviance:
    """Deviance of absolute covariances, one quantity held, least over all others.

    Covariances are ``S K K' S'`` with K lower triangular and S the inverse of a basis whose first
    rows are what is held, so that a standard deviation is the first entry of K, and a correlation
    the direction of its second row. The residual variance is a parameter like the others.
    """

    def __init__(self, blocks: Blocks, layout: Layout, reml: bool, held: Held) -> None:
        self.lanes, self.reml, self.held = arrange(blocks), reml, held
        self.frames, self.entries = [], []
        for position, size in enumerate(layout.sizes):
            independent = layout.independent[position]
            rows, columns = np.tril_indices(size)
            if independent:
                rows = columns = np.arange(size)
            frame = np.eye(size)
            if position == held.position:
                frame = _frame(held.rows, independent)
                taken = (rows == int(held.is_correlation)) & (columns == 0)
                rows, columns = rows[~taken], columns[~taken]
            self.frames.append(frame)
            self.entries.append((rows, columns))
        self.inverses = [np.linalg.inv(frame) for frame in self.frames]
        self.independent = layout.independent
        self.settled = True

    def start_at(self, value: float, factors: Factors, sigma2: float) -> None:
        """Start from the estimate: the value held there, relative factors, residual variance."""
        parts = []
        for position, relative in enumerate(factors):
            root = self.frames[position] @ relative
            turned = sigma2 * root @ root.T
            factor = factor_of(turned) if len(turned) else turned
            if self.independent[position]:
                factor = np.diag(np.sqrt(np.diag(turned)))
            if position == self.held.position and self.held.is_correlation:
                spread = np.sqrt(np.diag(turned)[:2])
                factor[[0, 1], [0, 1]] = np.log(np.maximum(spread, _AWAY))
            parts.append(factor[self.entries[position]])
        parts.append(np.array([np.log(sigma2)] if self.held.position != RESIDUAL else []))
        self.path = [(value, np.concatenate(parts))]

    def _factors(self, x: Array, value: float) -> tuple[list[Array], float]:
        factors, start = [], 0
        for position, (rows, columns) in enumerate(self.entries):
            factor = np.zeros_like(self.frames[position])
            factor[rows, columns] = x[start : start + len(rows)]
            start += len(rows)
            if position == self.held.position:
                if self.held.is_correlation:
                    first, second = np.exp(factor[[0, 1], [0, 1]])
                    factor[0, 0] = first
                    factor[1, :2] = second * value, second * np.sqrt(1.0 - value**2)
                else:
                    factor[0, 0] = value / self.held.unit
            factors.append(factor)
        sigma2 = (
            float(np.exp(x[-1]))
            if self.held.position != RESIDUAL
            else (value / self.held.unit) ** 2
        )
        return factors, sigma2

    def _at(self, x: Array, value: float) -> tuple[float, Array]:
        factors, sigma2 = self._factors(x, value)
        sigma = np.sqrt(sigma2)
        outer, inner = (
            np.ascontiguousarray(inverse @ factor / sigma)
            for inverse, factor in zip(self.inverses, factors, strict=True)
        )
        try:
            point = evaluate(self.lanes, (outer, inner), self.reml)
        except np.linalg.LinAlgError:
            return float("inf"), np.zeros_like(x)
        ratio = point.sigma2 / sigma2
        deviance = point.deviance + point.divisor * (ratio - 1.0 - np.log(ratio))
        sigma_slope = point.divisor * (1.0 - ratio)
        parts = []
        for position, (first, second) in enumerate(point.score):
            factor, inverse = factors[position], self.inverses[position]
            slope = 2.0 * inverse.T @ (first / sigma2 - second / sigma2**2) @ inverse @ factor
            sigma_slope -= 0.5 * float((slope * factor).sum())
            if position == self.held.position and self.held.is_correlation:
                slope[1, 1] = slope[1, :2] @ factor[1, :2]
                slope[0, 0] *= factor[0, 0]
            parts.append(slope[self.entries[position]])
        parts.append(np.array([sigma_slope] if self.held.position != RESIDUAL else []))
        return float(deviance), np.concatenate(parts)

    def _hessian(self, x: Array, value: float) -> Array:
        """Second derivatives by forward differences: they only shape the first steps."""
        here = self._at(x, value)[1]
        rows = [self._at(x + step, value)[1] - here for step in 1e-4 * np.eye(len(x))]
        hessian = np.array(rows).reshape(len(x), len(x)) / 1e-4
        return (hessian + hessian.T) / 2.0

    def _start(self, value: float) -> Array:
        """Where the search of the nearest value between the estimate and this one ended.

        A path from the estimate outwards stays in one valley; what was found farther out, where
        perhaps a variance is zero, does not lead back.
        """
        estimate = self.path[0][0]
        found = [
            (abs(value - known), index)
            for index, (known, _) in enumerate(self.path)
            if (known - estimate) * (value - known) >= 0.0
        ]
        start = self.path[min(found)[1]][1]
        return np.where(np.abs(start) < 1e-3, _AWAY, start)

    def __call__(self, value: float) -> float:
        """Least deviance at a value of what is held."""
        start = self._start(value)
        if not len(start):
            return self._at(start, value)[0]
        for _ in range(5):
            found = minimise(
                lambda x: self._at(x, value),
                start,
                lambda x: positive_inverse(self._hessian(x, value)),
                limit=_PATIENCE,
            )
            if found.settled:
                break
            start = found.x
        self.settled &= found.settled
        self.path.append((value, found.x))
        return found.value


class HeldCoefficient:
    """ML deviance with one coefficient held, least over all else.

    Holding ``t'g = a`` leaves ``g = t a / t't + N h`` with N the null space of t: the same cross
    products with one column less and another outcome.
    """

    def __init__(self, prepared: Prepared, optimum: Optimum, index: int, estimate: float) -> None:
        row, blocks = prepared.basis.transform[index], prepared.blocks
        self.prepared = prepared
        self.estimate, self.internal = estimate, float(row @ optimum.evaluation.coefficients)
        self.along = np.zeros(blocks.outer.shape[1])
        self.along[: len(row)] = row / (row @ row)
        self.fixed = np.zeros((len(self.along), len(row) - 1))
        self.fixed[: len(row)] = np.linalg.svd(row[None, :])[2][1:].T
        self.parameters = optimum.parameters
        self.settled = True

    def __call__(self, value: float) -> float:
        """Least deviance at a value of the coefficient."""
        internal = self.internal + (value - self.estimate) / self.prepared.scale
        outcome = -internal * self.along
        outcome[-1] = 1.0
        blocks = recombine(self.prepared.blocks, self.fixed, outcome)
        found = Problem(blocks, self.prepared.layout, False).solve(self.parameters)
        self.settled &= found.converged
        self.parameters = found.parameters
        return found.evaluation.deviance
