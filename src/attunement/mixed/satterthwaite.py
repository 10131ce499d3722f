"""Degrees of freedom from the curvature of the deviance in the variance parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.mixed.kernel import Array, Evaluation
from attunement.mixed.projections import project
from attunement.mixed.solve import BOUNDARY, Optimum, Problem


@dataclass(frozen=True)
class VarianceCurvature:
    """Sampling covariance of variance parameters, and slopes of the coefficients' covariance.

    `covariance` (k, k) belongs to the free parameters and the residual variance; `slopes`
    (k, p, p) are the derivatives of the coefficients' covariance in them.
    """

    covariance: Array
    slopes: Array

    def degrees_of_freedom(self, vector: Array, covariance: Array) -> float:
        """Satterthwaite degrees of freedom of one linear combination of coefficients."""
        variance = float(vector @ covariance @ vector)
        slope = np.einsum("i,kij,j->k", vector, self.slopes, vector)
        spread = float(slope @ self.covariance @ slope)
        return 2.0 * variance**2 / spread if spread > 0.0 else float("inf")


def variance_curvature(problem: Problem, optimum: Optimum) -> VarianceCurvature:
    """Curvature of the deviance in the variance parameters (Satterthwaite 1946; Fai and Cornelius
    1996), parameters at their boundary held there, flat directions left out.

    Parameters
    ----------
    problem, optimum : a problem and its solution.
    """
    point, parameters = optimum.evaluation, optimum.parameters
    size = len(parameters)
    free = ~(problem.layout.on_diagonal & (parameters < BOUNDARY))
    hessian = np.zeros((size + 1, size + 1))
    slopes = np.zeros((size + 1, problem.blocks.n_terms, problem.blocks.n_terms))
    if size:
        hessian[:size, :size] = _curvature(problem, parameters, point.sigma2)
        slopes[:size] = point.sigma2 * _covariance_slopes(problem, parameters, point)
        mixed = problem.variance_slope(parameters, point)
        hessian[size, :size] = hessian[:size, size] = mixed
    hessian[size, size] = point.divisor / point.sigma2**2
    slopes[size] = point.unscaled_covariance
    keep = np.r_[free, True]
    scale = 1.0 / np.sqrt(np.maximum(np.diag(hessian)[keep], 1e-12))
    values, vectors = np.linalg.eigh(hessian[np.ix_(keep, keep)] * np.outer(scale, scale))
    usable = values > 1e-8 * values[-1]
    inverse = (vectors[:, usable] / values[usable]) @ vectors[:, usable].T
    return VarianceCurvature(2.0 * inverse * np.outer(scale, scale), slopes[keep])


def _curvature(problem: Problem, parameters: Array, sigma2: float) -> Array:
    """Second derivatives (k, k) at a fixed residual variance, by central differences."""
    size = len(parameters)
    hessian = np.zeros((size, size))
    for index in range(size):
        step = 1e-4 * max(abs(parameters[index]), 0.05)
        ends = []
        for sign in (1.0, -1.0):
            moved = parameters.copy()
            moved[index] += sign * step
            ends.append(problem.gradient(moved, problem.at(moved), sigma2))
        hessian[index] = (ends[0] - ends[1]) / (2.0 * step)
    return (hessian + hessian.T) / 2.0


def _covariance_slopes(problem: Problem, parameters: Array, point: Evaluation) -> Array:
    """Derivatives (k, p, p) of the coefficients' unscaled covariance in the parameters."""
    size = problem.blocks.n_terms
    slopes = []
    shown = project(problem.blocks, problem.layout.unpack(parameters))
    for level, projected in enumerate((shown.outer_projected, shown.inner_projected)):
        loading = projected[:, :, :-1] @ point.unscaled_covariance
        count = loading.shape[1]
        products = np.empty((count, count, size, size))
        for first in range(count):
            for second in range(count):
                products[first, second] = loading[:, first].T @ loading[:, second]
        directions = problem.layout.directions(parameters, level)
        slopes.append(np.einsum("kab,abij->kij", directions, products))
    return np.concatenate(slopes)
