"""Degrees of freedom from the curvature of the deviance in the variance parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.mixed.kernel import Array
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
        hessian[:size, :size], slopes[:size] = problem.curvature(parameters, point.sigma2)
        slopes[:size] *= point.sigma2
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
