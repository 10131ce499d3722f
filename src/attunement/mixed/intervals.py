"""Wald intervals of variances, covariances and intraclass correlations of a linear fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.kernel import Array
from attunement.mixed.satterthwaite import VarianceCurvature, variance_curvature
from attunement.mixed.solve import BOUNDARY, Optimum, Problem
from attunement.mixed.tables import require_confidence

if TYPE_CHECKING:
    from attunement.mixed.linear_estimates import LinearEstimates

BOUNDARY_MESSAGE = (
    "variance components on the boundary have no Wald limits: see profile() or"
    " parametric_bootstrap()"
)
FLAT_MESSAGE = (
    "the data do not tell all variances apart: other values of those without limits fit equally"
    " well; use fewer random effects"
)


# a component that changes by more than this share of its largest change along a flat direction
_MOVES = 1e-4


@dataclass(frozen=True)
class Components:
    """Variances and covariances (c,) in the order of the variance table, their sampling covariance
    (c, c), which of them are variances, which lie inside the parameter space, and which the data do
    not determine."""

    values: Array
    covariance: Array
    is_variance: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    undetermined: NDArray[np.bool_]


def _sampling_covariance(fit: LinearEstimates) -> tuple[Array, Array]:
    """Sampling covariance (k + 1, k + 1) of the relative factors' entries and the internal residual
    variance, zero for entries held at their boundary; directions (k + 1, d) along which the
    deviance does not change, none in a singular fit."""
    prepared, parameters, point = fit._prepared, fit._parameters, fit._point
    curvature = fit._curvature
    if not isinstance(curvature, VarianceCurvature):
        problem = Problem(prepared.blocks, prepared.layout, fit.reml)
        curvature = variance_curvature(
            problem, Optimum(parameters, point, fit.converged, fit.singular)
        )
    held = prepared.layout.on_diagonal & (parameters < BOUNDARY)
    free = np.flatnonzero(np.r_[~held, True])
    result = np.zeros((len(held) + 1, len(held) + 1))
    result[np.ix_(free, free)] = curvature.covariance[: len(free), : len(free)]
    none = np.zeros((len(result), 0))
    return result, none if fit.singular or curvature.flat is None else curvature.flat


def components(fit: LinearEstimates, conditioned: bool = False) -> Components:
    """Variance components of a fit with their sampling covariance by the delta method; if
    `conditioned`, those of the internal, well-conditioned random columns in their place.

    Components of a level whose covariance matrix is not of full rank are on the boundary; where
    the random columns of a level are independent, only the variances that are zero.
    """
    prepared = fit._prepared
    layout, sigma2 = prepared.layout, fit._point.sigma2
    factors = layout.unpack(fit._parameters)
    n_parameters = layout.n_parameters
    starts = (0, len(layout.entries[0][0]))
    values, slopes, is_variance, inside = [], [], [], []
    for term in fit.design.terms:
        position = prepared.positions[term.level]
        root = prepared.scale * np.eye(len(factors[position]))
        if not conditioned:
            root = prepared.scale * prepared.recode[term.level]
        covariance = sigma2 * root @ factors[position] @ factors[position].T @ root.T
        turned = sigma2 * root @ layout.directions(fit._parameters, position) @ root.T
        spread = np.linalg.svd(factors[position], compute_uv=False)
        for second in range(len(covariance)):
            for first in range(second if term.independent else 0, second + 1):
                slope = np.zeros(n_parameters + 1)
                start = starts[position]
                slope[start : start + len(turned)] = turned[:, first, second]
                slope[-1] = covariance[first, second] / sigma2
                values.append(covariance[first, second])
                slopes.append(slope)
                is_variance.append(first == second)
                least = factors[position][first, first] if term.independent else spread[-1]
                inside.append(abs(least) >= BOUNDARY)
    jacobian = np.array([*slopes, np.r_[np.zeros(n_parameters), fit.residual_variance / sigma2]])
    spread_of, flat = _sampling_covariance(fit)
    moves = np.abs(jacobian @ (flat / np.linalg.norm(flat, axis=0)))
    lengths = np.linalg.norm(jacobian, axis=1, keepdims=True)
    return Components(
        np.array([*values, fit.residual_variance]),
        jacobian @ spread_of @ jacobian.T,
        np.array([*is_variance, True]),
        np.array([*inside, True]),
        (moves > _MOVES * lengths).any(axis=1),
    )


def wald_limits(found: Components, confidence: float) -> tuple[Array, Array]:
    """Limits of variances on the scale of their logarithm, of covariances on their own; NaN on
    the boundary."""
    quantile = ndtri(0.5 + confidence / 2.0)
    errors = np.sqrt(np.maximum(np.diag(found.covariance), 0.0))
    values = found.values
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = np.exp(quantile * errors / values)
        low = np.where(found.is_variance, values / factor, values - quantile * errors)
        high = np.where(found.is_variance, values * factor, values + quantile * errors)
    usable = found.inside & ~found.undetermined & (errors > 0.0)
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)


def intraclass_correlations(fit: LinearEstimates, confidence: float) -> pd.DataFrame:
    """Variance, share and correlation by level, with intervals; see `LinearEstimates.icc`."""
    require_confidence(confidence)
    if not fit.random:
        raise InvalidSpecification("an intraclass correlation needs a level")
    design = fit.design
    rows = np.all([codes >= 0 for codes in design.codes.values()], axis=0)
    repeats = np.ones(int(rows.sum())) if design.frequency is None else design.frequency[rows]
    found = components(fit, conditioned=True)
    weights = np.zeros((len(design.terms), len(found.values)))
    place = 0
    for index, term in enumerate(design.terms):
        z = design.random[term.level][rows] @ fit._prepared.recode[term.level]
        products = (z.T * repeats) @ z / repeats.sum()
        for second in range(len(products)):
            for first in range(second if term.independent else 0, second + 1):
                weights[index, place] = products[first, second] * (1 if first == second else 2)
                place += 1
    variances = weights @ found.values
    everything = weights.sum(axis=0)
    everything[-1] = fit.mean_residual_share
    total = float(everything @ found.values)
    levels = pd.Index([term.level for term in design.terms], name="level")
    table = pd.DataFrame({"variance": variances}, index=levels)
    quantile = float(ndtri(0.5 + confidence / 2.0))
    for name, parts in (("share", weights), ("correlation", weights.cumsum(axis=0))):
        share = parts @ found.values / total
        slopes = (parts - share[:, None] * everything) / total
        squares = np.einsum("ij,jk,ik->i", slopes, found.covariance, slopes)
        known = found.inside & ~found.undetermined
        inside = np.array([known[part != 0.0].all() for part in parts])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            errors = np.sqrt(np.maximum(squares, 0.0))
            factor = np.exp(quantile * errors / (share * (1.0 - share)))
            odds = share / (1.0 - share)
            low, high = odds / (odds + factor), odds / (odds + 1.0 / factor)
        table[name] = share
        table[f"{name}_ci_low"] = np.where(inside, low, np.nan)
        table[f"{name}_ci_high"] = np.where(inside, high, np.nan)
    return table
