"""Fits again on the same cross products: other weights of groups, or a choice of columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed.block_moments import BlockMoments
from attunement.mixed.errors import FitError, InvalidSpecification
from attunement.mixed.kernel import Array, Blocks, recombine
from attunement.mixed.objective import TOLERANCE, Start
from attunement.mixed.prepare import Prepared
from attunement.mixed.solve import Problem
from attunement.mixed.threads import n_threads

# fall of the deviance still expected: a ten-thousandth of a standard error
_ENOUGH = 1e-8
# a column whose part outside the earlier ones is shorter than this share of it depends on them
_DEPENDENT = 1e-8


@dataclass(frozen=True)
class Refit:
    """One fit again: `estimates` and `errors` (k,) of `terms`, `variance` components as named by
    `component_names`, `deviance`; NaN where it is not `estimable`."""

    estimates: Array
    errors: Array
    variance: Array
    converged: bool
    estimable: bool
    terms: tuple[str, ...] = ()
    deviance: float = float("nan")

    @property
    def fixed(self) -> pd.DataFrame:
        """Estimate and standard error by term."""
        return pd.DataFrame(
            {"estimate": self.estimates, "se": self.errors}, index=pd.Index(self.terms, name="term")
        )


def group_weights(weights: ArrayLike | pd.Series, labels: pd.Index) -> Array:
    """Weights in the order of group labels; a Series or mapping is matched by id, absent ids
    weigh 1.

    Raises
    ------
    FitError
        If the number of weights is not that of groups, one is negative or missing, or an id is not
        in the fit.
    """
    if isinstance(weights, Mapping):
        weights = pd.Series(weights)
    if isinstance(weights, pd.Series):
        unknown = weights.index[~weights.index.isin(labels)]
        if len(unknown) or weights.index.has_duplicates or weights.isna().any():
            what = f"no group {unknown[0]!r}" if len(unknown) else "an id twice, or no weight"
            raise InvalidSpecification(
                f"cluster_weights has {what}; ids are those of the fit (first: {labels[0]!r})"
            )
        values = weights.reindex(labels, fill_value=1.0).to_numpy(dtype=float)
    else:
        values = np.asarray(weights, dtype=float)
    if values.shape != (len(labels),) or not np.all(values >= 0.0) or np.isinf(values).any():
        raise FitError(f"cluster_weights must be {len(labels)} finite numbers of at least 0")
    return np.asarray(values)


def component_names(prepared: Prepared) -> list[str]:
    """Names of variance components in the order of `components`."""
    names = []
    for term in prepared.design.terms:
        columns = prepared.design.random_names[term.level]
        for second, term_2 in enumerate(columns):
            for term_1 in columns[second if term.independent else 0 : second + 1]:
                names.append(f"{term.level}: {term_1}, {term_2}")
    return [*names, "residual"]


def components(prepared: Prepared, parameters: Array, sigma2: float) -> Array:
    """Variances and covariances of all levels and the residual, in the user's units."""
    values: list[float] = []
    covariances = prepared.level_covariances(parameters, sigma2)
    for term in prepared.design.terms:
        matrix = covariances[term.level]
        for second in range(len(matrix)):
            shown = range(second if term.independent else 0, second + 1)
            values += [float(matrix[first, second]) for first in shown]
    return np.array([*values, prepared.scale**2 * sigma2])


def _failed(prepared: Prepared, terms: Sequence[str]) -> Refit:
    missing = np.full(len(terms), np.nan)
    variance = np.full(len(component_names(prepared)), np.nan)
    return Refit(missing, missing, variance, False, False, tuple(terms))


def refit(
    prepared: Prepared,
    reml: bool,
    start: Array | Start,
    weights: Array | None = None,
    blocks: Blocks | None = None,
    tolerance: float = TOLERANCE,
) -> Refit:
    """Fit again under weights (T,) of blocks, or on other blocks, from nearby parameters."""
    names = prepared.design.names
    problem = Problem(blocks or prepared.blocks, prepared.layout, reml, weights)
    try:
        optimum = problem.solve(start, tolerance)
    except np.linalg.LinAlgError:
        return _failed(prepared, names)
    point = optimum.evaluation
    errors = np.full(len(names), np.nan)
    errors[prepared.basis.kept] = np.sqrt(np.diag(prepared.covariance(point)))
    return Refit(
        prepared.coefficients(point),
        errors,
        components(prepared, optimum.parameters, point.sigma2),
        optimum.converged,
        True,
        tuple(names),
        prepared.deviance(point, reml),
    )


def refit_weighted(
    prepared: Prepared, moments: BlockMoments, weights: Iterable[Array], tolerance: float
) -> list[Refit]:
    """Fit again under each of many weights (T,) of blocks, in threads."""

    def one(each: Array) -> Refit:
        try:
            start = moments.first_step(each)
        except np.linalg.LinAlgError:
            return _failed(prepared, prepared.design.names)
        return refit(prepared, moments.reml, start, each, tolerance=tolerance)

    with ThreadPoolExecutor(n_threads()) as pool:
        return list(pool.map(one, weights))


def orthogonal_part(columns: Array) -> tuple[Array, list[int]]:
    """An orthonormal basis of columns (m, k), and the places of those that it is made of: each that
    does not depend on earlier ones."""
    orthogonal = np.zeros((len(columns), 0))
    kept: list[int] = []
    for place, column in enumerate(columns.T):
        outside = column - orthogonal @ (orthogonal.T @ column)
        outside = outside - orthogonal @ (orthogonal.T @ outside)
        size = float(np.linalg.norm(outside))
        if size > _DEPENDENT * float(np.linalg.norm(column)):
            orthogonal = np.column_stack([orthogonal, outside / size])
            kept.append(place)
    return orthogonal, kept


def refit_terms(
    prepared: Prepared, reml: bool, start: Array | Start, terms: Sequence[str]
) -> Refit:
    """Fit again with some of the fixed columns, those left out in the first fit included.

    Raises
    ------
    InvalidSpecification
        If a term is not a column of the fit, or named twice.
    """
    names, basis = prepared.design.names, prepared.basis
    unknown = [term for term in terms if term not in names]
    if unknown or len(set(terms)) < len(terms) or not terms:
        raise InvalidSpecification(
            f"refit(terms={list(terms)!r}): each must be one of {', '.join(names)}, once"
        )
    chosen = [names.index(term) for term in terms]
    columns = basis.backward[:, chosen]
    orthogonal, kept = orthogonal_part(columns)
    triangle = orthogonal.T @ columns[:, kept]
    width = prepared.blocks.outer.shape[1]
    fixed, outcome = np.zeros((width, len(kept))), np.eye(width)[-1]
    fixed[: len(columns)] = orthogonal
    constant = basis.intercept is not None and basis.intercept in chosen
    if basis.intercept is not None and not constant:
        # the outcome was centred with a column that is not there now
        share = prepared.centre / (prepared.scale * basis.fixed[0, basis.intercept])
        outcome[: len(columns)] += share * basis.backward[:, basis.intercept]
    problem = Problem(recombine(prepared.blocks, fixed, outcome), prepared.layout, reml)
    try:
        optimum = problem.solve(start, _ENOUGH)
    except np.linalg.LinAlgError:
        return _failed(prepared, terms)
    point = optimum.evaluation
    back = prepared.scale * np.linalg.inv(triangle)
    estimates, errors = np.full(len(terms), np.nan), np.full(len(terms), np.nan)
    estimates[kept] = back @ point.coefficients
    covariance = point.sigma2 * back @ point.unscaled_covariance @ back.T
    errors[kept] = np.sqrt(np.diag(covariance))
    if basis.intercept is not None and constant:
        place = chosen.index(basis.intercept)
        estimates[place] += prepared.centre / basis.fixed[0, basis.intercept]
    deviance = point.deviance + 2.0 * point.divisor * np.log(prepared.scale)
    deviance -= prepared.log_precision
    if reml:
        deviance += 2.0 * float(np.log(np.abs(np.diag(triangle))).sum())
    return Refit(
        estimates,
        errors,
        components(prepared, optimum.parameters, point.sigma2),
        optimum.converged,
        True,
        tuple(terms),
        float(deviance),
    )
