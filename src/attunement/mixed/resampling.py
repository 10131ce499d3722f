"""Refits under group weights: cluster bootstrap and exact leave-one-group-out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed.errors import FitError, NotAvailable
from attunement.mixed.kernel import Array
from attunement.mixed.prediction import index_of_groups
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
    inner_weights: Array | None = None,
    outer_weights: Array | None = None,
) -> Refit:
    """Fit again under group weights from a nearby start."""
    size = len(prepared.basis.kept)
    problem = Problem(prepared.blocks, prepared.layout, reml, inner_weights, outer_weights)
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
    grouped = np.zeros(len(prepared.blocks.starts), dtype=bool)
    places = index_of_groups(prepared, by)
    grouped[places if prepared.positions[by] == 0 else prepared.blocks.outer_of[places]] = True
    generator = np.random.default_rng(seed)
    fixed, variance, settled = [], [], 0
    strata = [np.flatnonzero(grouped), np.flatnonzero(~grouped)]
    for _ in range(n):
        weights = np.zeros(len(grouped))
        for stratum in strata:
            if len(stratum):
                drawn = generator.choice(stratum, size=len(stratum))
                np.add.at(weights, drawn, 1.0)
        result = refit(prepared, reml, start, outer_weights=weights)
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


def influence(
    prepared: Prepared, reml: bool, start: Array, estimates: Array, covariance: Array, group: str
) -> Influence:
    """Leave out each group of a level in turn and refit exactly.

    Cook's distance is ``d' C^-1 d / p`` with d the change of the kept coefficients and C their
    covariance in the full fit.
    """
    blocks = prepared.blocks
    places = index_of_groups(prepared, group)
    labels = prepared.design.labels[group]
    kept = prepared.basis.kept
    inverse = np.linalg.inv(covariance)
    counts = np.bincount(
        prepared.design.codes[group][prepared.design.codes[group] >= 0], minlength=len(labels)
    )
    is_outer = prepared.positions[group] == 0 or len(blocks.starts) == len(blocks.rows)
    rows, errors, variances, cooks, converged = [], [], [], [], []
    for place in places:
        if is_outer:
            block = place if prepared.positions[group] == 0 else blocks.outer_of[place]
            across = np.ones(len(blocks.starts))
            across[block] = 0.0
            result = refit(prepared, reml, start, outer_weights=across)
        else:
            within = np.ones(len(blocks.rows))
            within[place] = 0.0
            result = refit(prepared, reml, start, inner_weights=within)
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
