"""Degrees of freedom from the curvature of the deviance in the variance parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.mixed.kernel import Array
from attunement.mixed.second_order import SecondOrder, second_order, standard_columns
from attunement.mixed.solve import BOUNDARY, Optimum, Problem

# share of the largest information that rounding makes of none
_NOTHING = 1e-10


@dataclass(frozen=True)
class VarianceCurvature:
    """Sampling covariance of variance parameters, and slopes of the coefficients' covariance.

    `covariance` (k, k) belongs to the free parameters and the residual variance; `slopes`
    (k, p, p) are the derivatives of the coefficients' covariance in them. Along the columns of
    `flat` (all parameters and the residual variance, d) the deviance does not change.
    """

    covariance: Array
    slopes: Array
    flat: Array | None = None

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
    problem, optimum : a problem whose blocks weigh one each, and its solution.
    """
    point, parameters, layout = optimum.evaluation, optimum.parameters, problem.layout
    columns, root = standard_columns(problem.blocks, point)
    directions = layout.directions(parameters, 0), layout.directions(parameters, 1)
    sums = second_order(problem.blocks, layout.unpack(parameters), directions, columns)
    size, p = len(parameters), len(root)
    hessian = np.zeros((size + 1, size + 1))
    hessian[:size, :size] = parameter_hessian(problem, optimum, sums)
    hessian[size, :size] = hessian[:size, size] = sums.first[:, p, p] / point.sigma2**2
    hessian[size, size] = point.divisor / point.sigma2**2
    slopes = np.zeros((size + 1, p, p))
    slopes[:size] = point.sigma2 * root @ sums.first[:, :p, :p] @ root.T
    slopes[size] = point.unscaled_covariance

    keep = np.r_[~(layout.on_diagonal & (parameters < BOUNDARY)), True]
    scale = 1.0 / np.sqrt(np.maximum(np.diag(hessian)[keep], 1e-12))
    values, vectors = np.linalg.eigh(hessian[np.ix_(keep, keep)] * np.outer(scale, scale))
    usable = values > 1e-8 * values[-1]
    inverse = (vectors[:, usable] / values[usable]) @ vectors[:, usable].T
    flat = np.zeros((size + 1, 0))
    if keep.all():
        flat = flat_directions(sums, p, point.divisor, problem.reml)
        flat[-1] *= point.sigma2
    return VarianceCurvature(2.0 * inverse * np.outer(scale, scale), slopes[keep], flat)


def flat_directions(sums: SecondOrder, p: int, divisor: float, reml: bool) -> Array:
    """Directions (k + 1, d) of the variance parameters and the logarithm of the residual variance
    in which the distribution of the outcome stays the same: those without expected information.

    Unlike the curvature it does not depend on how close the search came to the optimum.
    """
    size = len(sums.trace)
    trace = sums.trace
    if reml:
        trace = trace - np.trace(sums.first[:, :p, :p], axis1=1, axis2=2)
    information = np.zeros((size + 1, size + 1))
    information[:size, :size] = sums.projected_traces(p) if reml else sums.traces
    information[size, :size] = information[:size, size] = trace
    information[size, size] = divisor
    scale = 1.0 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    return scale[:, None] * vectors[:, values < _NOTHING * values[-1]]


def parameter_hessian(problem: Problem, optimum: Optimum, sums: SecondOrder) -> Array:
    """Exact second derivatives (k, k) of the deviance in the entries of the relative factors, the
    residual variance being fixed.

    Parameters
    ----------
    problem, optimum : a problem and its solution.
    sums : second-order sums along the parameters, of the standard columns.
    """
    point, p = optimum.evaluation, problem.blocks.n_terms
    explained = sums.first[:, :p, p]
    squares = sums.second[:, :, p, p] - explained @ explained.T
    traces = sums.projected_traces(p) if problem.reml else sums.traces
    hessian = 2.0 * squares / point.sigma2 - traces
    # the factors enter the covariances by their squares
    start = 0
    for level, (rows, columns) in enumerate(problem.layout.entries):
        first, second = point.score[level]
        slope = first - second / point.sigma2
        stop = start + len(rows)
        same = columns[:, None] == columns[None, :]
        hessian[start:stop, start:stop] += 2.0 * slope[np.ix_(rows, rows)] * same
        start = stop
    return np.asarray(hessian)
