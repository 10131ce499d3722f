"""Refits under group weights: cluster bootstrap and exact leave-one-group-out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed.errors import FitError, NotAvailable
from attunement.mixed.kernel import Array, Blocks
from attunement.mixed.prepare import Prepared
from attunement.mixed.solve import Problem
from attunement.mixed.tables import CONFIDENCE


@dataclass(frozen=True)
class Bootstrap:
    """Estimates of every draw: `fixed` (draws, terms) and `variance` (draws, components).

    A draw in which a coefficient cannot be estimated is a NaN row and counted in `n_failed`.
    """

    fixed: pd.DataFrame
    variance: pd.DataFrame
    estimates: pd.Series
    by: str
    seed: int
    n_failed: int
    n_not_converged: int

    def table(self, confidence: float = CONFIDENCE) -> pd.DataFrame:
        """By term: estimate, bias, se and percentile interval over the draws that succeeded."""
        tail = (1.0 - confidence) / 2.0
        return pd.DataFrame(
            {
                "estimate": self.estimates,
                "bias": self.fixed.mean() - self.estimates,
                "se": self.fixed.std(),
                "ci_low": self.fixed.quantile(tail),
                "ci_high": self.fixed.quantile(1.0 - tail),
            }
        ).reindex(self.fixed.columns)


@dataclass(frozen=True)
class Influence:
    """Refits without each group, one row each: `estimates` and their standard `errors` by term,
    `dfbeta` (full minus reduced), `dfbetas` (in standard errors of the reduced fit), `variance` and
    `summary` (n_left_out, converged, cooks_distance). What cannot be estimated is NaN."""

    estimates: pd.DataFrame
    errors: pd.DataFrame
    dfbeta: pd.DataFrame
    dfbetas: pd.DataFrame
    variance: pd.DataFrame
    summary: pd.DataFrame
    group: str


@dataclass(frozen=True)
class Refit:
    """Coefficients (p,), their errors (p,), variance components and end of one weighted refit."""

    estimates: Array
    errors: Array
    variance: Array
    converged: bool
    estimable: bool


def group_weights(weights: ArrayLike | pd.Series, labels: pd.Index) -> Array:
    """Weights in the order of group labels; a Series is matched by id, absent ids weigh 1.

    Raises
    ------
    FitError
        If the number of weights is not that of groups, or one is negative or missing.
    """
    if isinstance(weights, pd.Series):
        values = weights.reindex(labels).fillna(1.0).to_numpy(dtype=float)
    else:
        values = np.asarray(weights, dtype=float)
    if values.shape != (len(labels),) or not np.all(values >= 0.0):
        raise FitError(f"cluster_weights must be {len(labels)} numbers of at least 0")
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


def refit(
    prepared: Prepared,
    reml: bool,
    start: Array,
    weights: Array | None = None,
    blocks: Blocks | None = None,
) -> Refit:
    """Fit again under weights of blocks, or on other blocks, from a nearby start."""
    size = len(prepared.basis.kept)
    problem = Problem(blocks or prepared.blocks, prepared.layout, reml, weights)
    try:
        optimum = problem.solve(start)
    except np.linalg.LinAlgError:
        missing = np.full(size, np.nan)
        n_components = len(component_names(prepared))
        return Refit(missing, missing, np.full(n_components, np.nan), False, False)
    point = optimum.evaluation
    errors = np.full(size, np.nan)
    errors[prepared.basis.kept] = np.sqrt(np.diag(prepared.covariance(point)))
    return Refit(
        prepared.coefficients(point),
        errors,
        components(prepared, optimum.parameters, point.sigma2),
        optimum.converged,
        True,
    )


def bootstrap(
    prepared: Prepared, reml: bool, start: Array, estimates: Array, n: int, by: str, seed: int
) -> Bootstrap:
    """Resample whole groups of the outermost level with replacement and refit.

    Rows without an outer id are resampled by inner group, apart from the others, so that each
    draw keeps the number of both.

    Raises
    ------
    NotAvailable
        If `by` is not the outermost level of the model.
    """
    terms = prepared.design.terms
    if not terms or by != terms[0].level:
        outermost = terms[0].level if terms else None
        raise NotAvailable(
            f"bootstrap(by={by!r}): resampling is by the outermost level ({outermost!r})"
        )
    grouped = np.zeros(len(prepared.blocks.rows), dtype=bool)
    grouped[prepared.blocks_of(by)] = True
    generator = np.random.default_rng(seed)
    fixed, variance, settled = [], [], 0
    strata = [np.flatnonzero(grouped), np.flatnonzero(~grouped)]
    for _ in range(n):
        weights = np.zeros(len(grouped))
        for stratum in strata:
            if len(stratum):
                drawn = generator.choice(stratum, size=len(stratum))
                np.add.at(weights, drawn, 1.0)
        result = refit(prepared, reml, start, weights)
        fixed.append(result.estimates)
        variance.append(result.variance)
        settled += int(result.converged)
    names = pd.Index(prepared.design.names, name="term")
    table = pd.DataFrame(np.reshape(fixed, (n, len(names))), columns=names)
    failed = int(table.loc[:, prepared.basis.kept].isna().any(axis=1).sum())
    return Bootstrap(
        fixed=table,
        variance=pd.DataFrame(
            np.reshape(variance, (n, -1)), columns=pd.Index(component_names(prepared))
        ),
        estimates=pd.Series(estimates, index=names),
        by=by,
        seed=seed,
        n_failed=failed,
        n_not_converged=n - settled - failed,
    )


def without(prepared: Prepared, place: int) -> Blocks:
    """The cross products without one inner group."""
    own, n_rows = prepared.rows.of_group(place, prepared.design.frequency)
    blocks = prepared.blocks
    block = int(blocks.outer_of[place])

    def changed(array: Array, index: int, value: Array | float) -> Array:
        copied = array.copy()
        copied[index] = value
        return copied

    return replace(
        blocks,
        inner=changed(blocks.inner, place, 0.0),
        cross=changed(blocks.cross, place, 0.0),
        outer=changed(blocks.outer, block, blocks.outer[block] - own),
        rows=changed(blocks.rows, block, blocks.rows[block] - n_rows),
    )


def influence(
    prepared: Prepared, reml: bool, start: Array, estimates: Array, covariance: Array, group: str
) -> Influence:
    """Leave out each group of a level in turn and refit exactly.

    Cook's distance is ``d' C^-1 d / p`` with d the change of the kept coefficients and C their
    covariance in the full fit.
    """
    labels = prepared.design.labels[group]
    kept = prepared.basis.kept
    inverse = np.linalg.inv(covariance)
    codes = prepared.design.codes[group]
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    rows, errors, variances, cooks, converged = [], [], [], [], []
    for place, block in zip(prepared.places[group], prepared.blocks_of(group), strict=True):
        if group == prepared.design.terms[0].level:
            weights = np.ones(len(prepared.blocks.rows))
            weights[block] = 0.0
            result = refit(prepared, reml, start, weights)
        else:
            result = refit(prepared, reml, start, blocks=without(prepared, int(place)))
        change = estimates - result.estimates
        rows.append(result.estimates)
        variances.append(result.variance)
        errors.append(result.errors)
        cooks.append(float(change[kept] @ inverse @ change[kept]) / int(kept.sum()))
        converged.append(result.converged)
    names = pd.Index(prepared.design.names, name="term")
    table = pd.DataFrame(np.array(rows), index=labels, columns=names)
    spread = pd.DataFrame(np.array(errors), index=labels, columns=names)
    change_table = table.rsub(pd.Series(estimates, index=names), axis=1)
    return Influence(
        estimates=table,
        errors=spread,
        dfbeta=change_table,
        dfbetas=change_table / spread,
        variance=pd.DataFrame(
            np.array(variances), index=labels, columns=pd.Index(component_names(prepared))
        ),
        summary=pd.DataFrame(
            {"n_left_out": counts, "converged": converged, "cooks_distance": cooks}, index=labels
        ),
        group=group,
    )
