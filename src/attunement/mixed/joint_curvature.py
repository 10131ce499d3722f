"""Curvature of the deviance in all variance parameters, those of the residuals among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from attunement.mixed.kernel import Array, Evaluation
from attunement.mixed.satterthwaite import VarianceCurvature
from attunement.mixed.solve import BOUNDARY, Optimum, Problem
from attunement.mixed.whitened import Whitened

# steps of central differences for slopes and for curvatures
STEP, WIDE_STEP = 1e-4, 1e-3
# an error of a correlation's atanh or logit that leaves every correlation possible
_UNKNOWN = 10.0


@dataclass(frozen=True)
class Place:
    """The equivalent model at residual parameters, evaluated at given other parameters."""

    problem: Problem
    point: Evaluation
    deviance: float

    def deviance_at(self, sigma2: float) -> float:
        """The deviance at a residual variance in place of the best one."""
        ratio = self.point.sigma2 / sigma2
        return self.deviance + self.point.divisor * (ratio - 1.0 - float(np.log(ratio)))


class Differences:
    """Central differences over the residual parameters at fixed other parameters."""

    def __init__(self, whitened: Whitened, residual: Array, others: Array, step: float) -> None:
        self.whitened, self.residual, self.others, self.step = whitened, residual, others, step
        self.steps = step * np.eye(len(residual))
        self.up = [self._at(each) for each in self.steps]
        self.down = [self._at(-each) for each in self.steps]

    def _at(self, moved: Array) -> Place:
        prepared, problem = self.whitened.problem(self.residual + moved)
        point = problem.at(self.others)
        return Place(problem, point, prepared.deviance(point, self.whitened.reml))

    def slopes(self, value: Callable[[Place], Any]) -> Array:
        """First derivatives, (m, ...) for a value of any shape."""
        pairs = zip(self.up, self.down, strict=True)
        return np.array([value(up) - value(down) for up, down in pairs]) / (2.0 * self.step)

    def curvature(self, value: Callable[[Place], float]) -> Array:
        """Second derivatives (m, m)."""
        centre = value(self._at(np.zeros(len(self.residual))))
        up, down = [value(each) for each in self.up], [value(each) for each in self.down]
        result = np.diag([u + d - 2.0 * centre for u, d in zip(up, down, strict=True)])
        for i, one in enumerate(self.steps):
            for j in range(i):
                other = self.steps[j]
                both = value(self._at(one + other)) + value(self._at(-one - other))
                across = both - up[i] - down[i] - up[j] - down[j] + 2.0 * centre
                result[i, j] = result[j, i] = across / 2.0
        return np.asarray(result / self.step**2)


def _along_others(problem: Problem, optimum: Optimum) -> tuple[Array, Array]:
    """Second derivatives (k, k) of the deviance in the random effects' parameters and slopes
    (k, p, p) of the coefficients' covariance, both at the optimum's residual variance."""
    others, sigma2 = optimum.parameters, optimum.evaluation.sigma2
    p = problem.blocks.n_terms
    hessian, slopes = np.zeros((len(others), len(others))), np.zeros((len(others), p, p))
    for index, value in enumerate(others):
        step = STEP * max(abs(value), 0.05)
        for side in (step, -step):
            moved = others.copy()
            moved[index] += side
            point = problem.at(moved)
            hessian[index] += problem.gradient(moved, point, sigma2) / (2.0 * side)
            slopes[index] += sigma2 * point.unscaled_covariance / (2.0 * side)
    return (hessian + hessian.T) / 2.0, slopes


def joint_curvature(
    whitened: Whitened, residual: Array, problem: Problem, optimum: Optimum, at_zero: bool = False
) -> tuple[VarianceCurvature, Array]:
    """Curvature of the deviance in random effects' parameters (those at their boundary held
    there), residual variance and residual parameters, by central differences.

    Parameters
    ----------
    whitened, residual : the model and its residual parameters.
    problem, optimum : the equivalent model there, and its solution.
    at_zero : whether the range is held at zero.

    Returns
    -------
    What Satterthwaite's degrees of freedom need, and the error (m,) of each residual parameter:
    infinite where it is held, or where the deviance hardly depends on it when all others follow.
    """
    others, point = optimum.parameters, optimum.evaluation
    sigma2 = point.sigma2
    near = Differences(whitened, residual, others, WIDE_STEP)
    hessian, slopes = _along_others(problem, optimum)
    with_sigma2 = problem.variance_slope(others, point)
    with_residual = near.slopes(lambda at: at.problem.gradient(others, at.point, sigma2))
    between = near.slopes(lambda at: -at.point.residual_sum / sigma2**2)
    own = near.curvature(lambda at: at.deviance_at(sigma2))
    free = ~(problem.layout.on_diagonal & (others < BOUNDARY)) if len(others) else np.ones(0, bool)
    inside = np.block(
        [
            [hessian[np.ix_(free, free)], with_sigma2[free, None]],
            [with_sigma2[None, free], np.array([[point.divisor / sigma2**2]])],
        ]
    )
    outside = np.column_stack([with_residual[:, free], between])
    errors = np.full(len(residual), np.inf)
    moves = slice(0, len(residual) - at_zero)
    own, outside = own[moves, moves], outside[moves]
    left = own - outside @ np.linalg.solve(inside, outside.T)
    values, vectors = np.linalg.eigh(left)
    if len(values) and values[0] > 1e-5 * np.diag(own).max():
        errors[moves] = np.sqrt(np.diag(2.0 * (vectors / values) @ vectors.T))
    errors[errors > _UNKNOWN] = np.inf
    joint = np.block([[inside, outside.T], [outside, own]])
    scale = 1.0 / np.sqrt(np.maximum(np.diag(joint), 1e-12))
    values, vectors = np.linalg.eigh(joint * np.outer(scale, scale))
    usable = values > 1e-8 * values[-1]
    inverse = (vectors[:, usable] / values[usable]) @ vectors[:, usable].T
    every = [
        slopes[free],
        point.unscaled_covariance[None],
        sigma2 * near.slopes(lambda at: at.point.unscaled_covariance)[moves],
    ]
    return VarianceCurvature(2.0 * inverse * np.outer(scale, scale), np.concatenate(every)), errors
