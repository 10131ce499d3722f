"""Refits of a binary model under group weights: cluster bootstrap and leave-one-group-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attunement.mixed.errors import FitError
from attunement.mixed.kernel import Array
from attunement.mixed.marginal import Marginal
from attunement.mixed.quadrature import maximise
from attunement.mixed.resampling import Bootstrap, Influence, Refit

if TYPE_CHECKING:
    from attunement.mixed.logistic_results import LogisticFit


class Refitter:
    """A fitted binary model ready to be fitted again under weights."""

    def __init__(self, fit: LogisticFit) -> None:
        self.fit = fit
        self.model = Marginal(fit.binary, fit.link, max(fit.nodes, 1))
        sigma = float(np.sqrt(fit.internal.group_variance))
        self.begin = (fit.internal.coefficients, sigma)
        if sigma > 0.0:
            self.model.modes = fit.internal.modes[self.model.present] / sigma

    def at(self, groups: Array, alone: Array | None = None) -> Refit:
        """Fit under a weight per group and per row without a group; NaN if impossible."""
        from attunement.mixed.logistic_results import user_units

        basis = self.fit.basis
        missing = np.full(len(basis.kept), np.nan)
        try:
            found = maximise(self.model.weighted(groups, alone), self.begin)
        except FitError:
            return Refit(missing, missing, np.full(1, np.nan), False, False)
        estimates, errors, _ = user_units(basis, found)
        return Refit(estimates, errors, np.array([found.group_variance]), found.converged, True)


def bootstrap(fit: LogisticFit, n: int, by: str, seed: int) -> Bootstrap:
    """Resample whole groups with replacement and refit; rows without a group are resampled apart,
    one by one."""
    refitter = Refitter(fit)
    n_groups = fit.binary.n_groups
    n_alone = len(fit.binary.proportion) - refitter.model.n_grouped
    generator = np.random.default_rng(seed)
    fixed, variance, settled = [], [], 0
    for _ in range(n):
        drawn = np.bincount(generator.integers(0, n_groups, n_groups), minlength=n_groups)
        alone: Array | None = None
        if n_alone:
            rows = np.bincount(generator.integers(0, n_alone, n_alone), minlength=n_alone)
            alone = rows.astype(float)
        result = refitter.at(drawn.astype(float), alone)
        fixed.append(result.estimates)
        variance.append(float(result.variance[0]))
        settled += int(result.converged)
    table = pd.DataFrame(np.reshape(fixed, (n, -1)), columns=fit.fixed.index)
    failed = int(table.loc[:, fit.basis.kept].isna().any(axis=1).sum())
    return Bootstrap(
        fixed=table,
        variance=pd.DataFrame({f"{by}: Intercept, Intercept": variance}),
        estimates=fit.fixed["estimate"],
        by=by,
        seed=seed,
        n_failed=failed,
        n_not_converged=n - settled - failed,
    )


def influence(fit: LogisticFit, group: str, covariance: Array) -> Influence:
    """Leave out each group in turn and refit exactly."""
    refitter = Refitter(fit)
    labels = fit.design.labels[group]
    codes = fit.design.codes[group]
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    full, kept = fit.fixed["estimate"].to_numpy(), fit.basis.kept
    inverse = np.linalg.inv(covariance)
    results, cooks = [], []
    for code in range(len(labels)):
        weights = np.ones(len(labels))
        weights[code] = 0.0
        result = refitter.at(weights)
        change = (full - result.estimates)[kept]
        results.append(result)
        cooks.append(float(change @ inverse @ change) / int(kept.sum()))
    names = fit.fixed.index
    estimates, errors = (
        pd.DataFrame(np.array([getattr(r, name) for r in results]), index=labels, columns=names)
        for name in ("estimates", "errors")
    )
    moved = estimates.rsub(fit.fixed["estimate"], axis=1)
    return Influence(
        estimates=estimates,
        errors=errors,
        dfbeta=moved,
        dfbetas=moved / errors,
        variance=pd.DataFrame(
            {f"{group}: Intercept, Intercept": [float(r.variance[0]) for r in results]},
            index=labels,
        ),
        summary=pd.DataFrame(
            {
                "n_left_out": counts,
                "converged": [r.converged for r in results],
                "cooks_distance": cooks,
            },
            index=labels,
        ),
        group=group,
    )
