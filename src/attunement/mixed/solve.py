"""Search for the variance parameters of a linear mixed model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from attunement.mixed.kernel import Array, Blocks, Evaluation, Factors, evaluate

BOUNDARY = 1e-4


@dataclass(frozen=True)
class Layout:
    """Which entries of the two relative covariance factors are free.

    `sizes` are the numbers of outer and inner random columns, `independent` whether each level has
    a diagonal covariance. A parameter vector holds the outer entries, then the inner ones, each
    column by column.
    """

    sizes: tuple[int, int]
    independent: tuple[bool, bool]

    def _entries(self, level: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        size = self.sizes[level]
        if self.independent[level]:
            return np.arange(size), np.arange(size)
        columns, rows = np.triu_indices(size)
        return rows, columns

    @property
    def n_parameters(self) -> int:
        """Number of free entries over both levels."""
        return sum(len(self._entries(level)[0]) for level in (0, 1))

    @property
    def on_diagonal(self) -> NDArray[np.bool_]:
        """Which parameters are diagonal entries, bounded below by zero."""
        return np.concatenate([np.equal(*self._entries(level)) for level in (0, 1)])

    def unpack(self, parameters: Array) -> Factors:
        """The outer and inner factors of a parameter vector."""
        factors = []
        start = 0
        for level in (0, 1):
            rows, columns = self._entries(level)
            factor = np.zeros((self.sizes[level], self.sizes[level]))
            factor[rows, columns] = parameters[start : start + len(rows)]
            start += len(rows)
            factors.append(factor)
        return factors[0], factors[1]

    def pack(self, matrices: Sequence[Array]) -> Array:
        """The parameter vector of two (lower triangular) matrices."""
        return np.concatenate([matrices[level][self._entries(level)] for level in (0, 1)])


@dataclass(frozen=True)
class Optimum:
    """The end of a search: parameters, the evaluation there, and how the search went."""

    parameters: Array
    evaluation: Evaluation
    converged: bool
    singular: bool
    messages: list[str] = field(default_factory=list)


class Problem:
    """Deviance and gradient of one set of blocks (and group weights) as functions of parameters."""

    def __init__(
        self,
        blocks: Blocks,
        layout: Layout,
        reml: bool,
        inner_weights: Array | None = None,
        outer_weights: Array | None = None,
    ) -> None:
        self.blocks = blocks
        self.layout = layout
        self.reml = reml
        self.inner_weights = inner_weights
        self.outer_weights = outer_weights

    def at(self, parameters: Array) -> Evaluation:
        """Evaluate at a parameter vector."""
        return evaluate(
            self.blocks,
            self.layout.unpack(parameters),
            self.reml,
            self.inner_weights,
            self.outer_weights,
        )

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

    def _objective(self, parameters: Array) -> tuple[float, Array]:
        point = self.at(parameters)
        return point.deviance, self.gradient(parameters, point)

    def _search(self, start: Array) -> Array:
        bounds = [(0.0, None) if diagonal else (None, None) for diagonal in self.layout.on_diagonal]
        found = minimize(
            self._objective,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7, "maxls": 40},
        )
        return np.asarray(found.x, dtype=float)

    def _free(self, parameters: Array, slope: Array) -> NDArray[np.bool_]:
        return ~(self.layout.on_diagonal & (parameters < 1e-7) & (slope > -1e-6))

    def curvature(self, parameters: Array, sigma2: float | None = None) -> tuple[Array, Array]:
        """Central differences of the gradient (k, k) and of the unscaled covariance (k, p, p)."""
        size = len(parameters)
        hessian = np.zeros((size, size))
        jacobian = np.zeros((size, self.blocks.n_terms, self.blocks.n_terms))
        for index in range(size):
            step = 1e-4 * max(abs(parameters[index]), 0.05)
            ends = []
            for sign in (1.0, -1.0):
                moved = parameters.copy()
                moved[index] += sign * step
                point = self.at(moved)
                ends.append((self.gradient(moved, point, sigma2), point.unscaled_covariance))
            hessian[index] = (ends[0][0] - ends[1][0]) / (2.0 * step)
            jacobian[index] = (ends[0][1] - ends[1][1]) / (2.0 * step)
        return (hessian + hessian.T) / 2.0, jacobian

    def _polish(self, parameters: Array) -> Array:
        """Newton steps on the free parameters until the gradient is at rounding level."""
        for _ in range(4):
            point = self.at(parameters)
            slope = self.gradient(parameters, point)
            free = self._free(parameters, slope)
            if not free.any() or np.max(np.abs(slope[free])) < 1e-7:
                break
            hessian = self.curvature(parameters)[0][np.ix_(free, free)]
            values, vectors = np.linalg.eigh(hessian)
            if values[0] <= 1e-6 * max(values[-1], 1e-300):
                break
            step = vectors @ ((vectors.T @ slope[free]) / values)
            moved = parameters.copy()
            moved[free] -= step
            moved[self.layout.on_diagonal] = np.maximum(moved[self.layout.on_diagonal], 0.0)
            nearer = self.at(moved)
            if nearer.deviance > point.deviance + 1e-9 * max(1.0, abs(point.deviance)):
                break
            if np.max(np.abs(self.gradient(moved, nearer)[free])) > np.max(np.abs(slope[free])):
                break
            parameters = moved
        return parameters

    def _improving_direction(self, parameters: Array, point: Evaluation) -> bool:
        """Whether adding variance in a direction that has none would lower the deviance (KKT)."""
        for level, factor in enumerate(self.layout.unpack(parameters)):
            if not len(factor):
                continue
            first, second = point.score[level]
            slope = first - second / point.sigma2
            if self.layout.independent[level]:
                empty = np.abs(np.diag(factor)) < BOUNDARY
                if np.any(np.diag(slope)[empty] < -1e-3):
                    return True
                continue
            left, values, _ = np.linalg.svd(factor)
            null = left[:, values < BOUNDARY]
            if null.shape[1] and np.linalg.eigvalsh(null.T @ slope @ null)[0] < -1e-3:
                return True
        return False

    def is_singular(self, parameters: Array) -> bool:
        """Whether a level's relative covariance is not of full rank."""
        for factor in self.layout.unpack(parameters):
            if len(factor) and np.linalg.svd(factor, compute_uv=False)[-1] < BOUNDARY:
                return True
        return False

    def solve(self, start: Array | None = None, polish: bool = True) -> Optimum:
        """Minimise the deviance; a boundary optimum is checked and, if it fails, left again."""
        if self.layout.n_parameters == 0:
            return Optimum(np.zeros(0), self.at(np.zeros(0)), True, False)
        default = np.where(self.layout.on_diagonal, 0.7, 0.0)
        if start is None:
            begin = default
        else:
            begin = np.where(self.layout.on_diagonal, np.maximum(start, 0.05), start)
        parameters = self._search(begin)
        point = self.at(parameters)
        for attempt in range(3):
            if not self._improving_direction(parameters, point):
                break
            again = self._search(parameters + (0.3 + attempt) * (default > 0))
            candidate = self.at(again)
            if candidate.deviance < point.deviance:
                parameters, point = again, candidate
        if polish:
            parameters = self._polish(parameters)
        point = self.at(parameters)
        slope = self.gradient(parameters, point)
        free = self._free(parameters, slope)
        steepest = float(np.max(np.abs(slope[free]))) if free.any() else 0.0
        settled = steepest < 2e-3 * max(1.0, np.sqrt(point.divisor) / 30.0)
        converged = bool(settled and not self._improving_direction(parameters, point))
        messages = []
        if not converged:
            messages.append(
                f"the search for the variance parameters did not settle (gradient {steepest:.1e})"
            )
        singular = self.is_singular(parameters)
        if singular:
            messages.append(
                "singular: a variance is estimated at or near zero or a correlation at or near"
                " -1 or 1"
            )
        return Optimum(parameters, point, converged, singular, messages)
