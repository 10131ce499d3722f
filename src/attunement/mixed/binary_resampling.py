"""Refits of a binary model: under group weights, of drawn outcomes, with fewer columns."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attunement.mixed.binary import user_units
from attunement.mixed.errors import FitError, InvalidSpecification
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS
from attunement.mixed.marginal import Marginal
from attunement.mixed.quadrature import maximise
from attunement.mixed.refits import Refit
from attunement.mixed.resampling import Bootstrap, Influence
from attunement.mixed.threads import n_threads

if TYPE_CHECKING:
    from attunement.mixed.logistic_results import LogisticFit


class Refitter:
    """A fitted binary model ready to be fitted again, from its own maximum, on one thread."""

    def __init__(self, fit: LogisticFit) -> None:
        self.fit = fit
        sigma = fit.internal.sigma
        # a search that starts at a variance of zero would stay there
        self.begin = (fit.internal.coefficients, max(sigma, 0.1) if fit.group else 0.0)
        self.model = fit._model.weighted(None)
        self.model.remember(np.r_[self.begin[0], self.begin[1]])
        self.model.threaded = False

    def of(self, model: Marginal, errors: bool, free: Array | None = None) -> Refit:
        """Fit a variant of the model; NaN if impossible."""
        basis = self.fit.basis
        missing = np.full(len(basis.kept), np.nan)
        start = self.begin
        if free is not None:
            start = (free @ (free.T @ start[0]), start[1])
        try:
            found = maximise(model, start, free, errors)
        except FitError:
            return Refit(missing, missing, np.full(1, np.nan), False, False)
        estimates, spread, _ = user_units(basis, found)
        variance = np.array([found.sigma**2])
        return Refit(estimates, spread if errors else missing, variance, found.converged, True)

    def map(self, task: Callable[[int], Refit], n: int) -> list[Refit]:
        """Refits in threads, in order."""
        with ThreadPoolExecutor(n_threads()) as pool:
            return list(pool.map(task, range(n)))


def refit(fit: LogisticFit, weights: Array | None, terms: list[str] | None) -> Refit:
    """Fit again under group weights, with a choice of columns."""
    refitter = Refitter(fit)
    model = refitter.model.weighted(weights)
    if terms is None:
        return refitter.of(model, True)
    names = np.array(fit.design.names, dtype=object)[fit.basis.kept]
    unknown = [name for name in terms if name not in names]
    if unknown or not terms:
        raise InvalidSpecification(f"no estimable terms {unknown}; terms: {', '.join(names)}")
    chosen = np.isin(names, np.array(terms, dtype=object))
    # directions of the internal coefficients along which those of all other columns stay zero
    free = np.linalg.qr(np.linalg.inv(fit.basis.transform)[:, chosen])[0]
    found = refitter.of(model, True, free)
    left_out = np.flatnonzero(fit.basis.kept)[~chosen]
    found.estimates[left_out] = found.errors[left_out] = np.nan
    return found


def _bootstrap(fit: LogisticFit, results: list[Refit], by: str, seed: int) -> Bootstrap:
    size = (len(results), len(fit.fixed))
    table = pd.DataFrame(
        np.reshape([result.estimates for result in results], size), columns=fit.fixed.index
    )
    variance = [float(result.variance[0]) for result in results]
    failed = sum(not result.estimable for result in results)
    return Bootstrap(
        fixed=table,
        variance=pd.DataFrame(
            {} if fit.group is None else {f"{fit.group}: Intercept, Intercept": variance}
        ),
        estimates=fit.fixed["estimate"],
        by=by,
        seed=seed,
        n_failed=failed,
        n_not_converged=len(results) - failed - sum(result.converged for result in results),
    )


def bootstrap(fit: LogisticFit, n: int, by: str, seed: int) -> Bootstrap:
    """Resample whole groups with replacement and refit; rows without a group are resampled apart,
    one by one."""
    refitter = Refitter(fit)
    n_groups = fit.binary.n_groups
    n_alone = len(fit.binary.events) - fit.binary.n_grouped
    generator = np.random.default_rng(seed)
    draws = []
    for _ in range(n):
        drawn = np.bincount(generator.integers(0, n_groups, n_groups), minlength=n_groups)
        draws.append((drawn.astype(float), generator.spawn(1)[0] if n_alone else None))

    def task(index: int) -> Refit:
        drawn, own = draws[index]
        alone: Array | None = None
        if own is not None:
            rows = np.bincount(own.integers(0, n_alone, n_alone), minlength=n_alone)
            alone = rows.astype(float)
        return refitter.of(refitter.model.weighted(drawn, alone), False)

    return _bootstrap(fit, refitter.map(task, n), by, seed)


def parametric_bootstrap(fit: LogisticFit, n: int, seed: int) -> Bootstrap:
    """Draw outcomes, with new effects of the groups, from the fitted model and refit."""
    refitter = Refitter(fit)
    binary, optimum = fit.binary, fit.internal
    predictor = binary.columns @ optimum.coefficients
    if len(binary.offset):
        predictor += binary.offset
    generators = np.random.default_rng(seed).spawn(n)
    trials = np.round(binary.totals).astype(np.int64)
    codes = binary.codes

    def task(index: int) -> Refit:
        own = generators[index]
        # the last one is that of rows without a group, whose code is -1
        effects = np.r_[optimum.sigma * own.normal(size=binary.n_groups), 0.0]
        share = LINKS[fit.link].mean(predictor + effects[codes])
        events = own.binomial(trials, share).astype(float)
        return refitter.of(refitter.model.with_events(events), False)

    return _bootstrap(fit, refitter.map(task, n), "parametric", seed)


def influence(fit: LogisticFit, group: str) -> Influence:
    """Leave out each group in turn and refit exactly."""
    refitter = Refitter(fit)
    labels = fit.design.labels[group]
    counts = np.bincount(fit.binary.codes[: fit.binary.n_grouped], minlength=len(labels))
    kept = fit.basis.kept

    def task(code: int) -> Refit:
        weights = np.ones(len(labels))
        weights[code] = 0.0
        return refitter.of(refitter.model.weighted(weights), True)

    results = refitter.map(task, len(labels))
    estimates, errors = (
        pd.DataFrame(
            np.array([getattr(result, name) for result in results]),
            index=labels,
            columns=fit.fixed.index,
        )
        for name in ("estimates", "errors")
    )
    moved = estimates.rsub(fit.fixed["estimate"], axis=1)
    change = moved.to_numpy()[:, kept]
    cooks = np.einsum("gi,ij,gj->g", change, np.linalg.inv(fit._covariance), change)
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
                "cooks_distance": cooks / int(kept.sum()),
            },
            index=labels,
        ),
        group=group,
    )
