"""Refits of a binary model to drawn groups or outcomes, and without each group."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attunement.mixed.binary_refits import Refitter
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS
from attunement.mixed.refits import Refit
from attunement.mixed.resampling import Bootstrap, Influence
from attunement.mixed.tables import CONFIDENCE

if TYPE_CHECKING:
    from attunement.mixed.logistic_estimates import LogisticEstimates


@dataclass(frozen=True)
class BinaryBootstrap(Bootstrap):
    """As `Bootstrap`; `messages` says how many draws could not be fitted, and why."""

    messages: tuple[str, ...] = ()

    def table(self, confidence: float = CONFIDENCE) -> pd.DataFrame:
        """By term: as `Bootstrap.table`, and `n_used`, the draws that it rests on."""
        return super().table(confidence).assign(n_used=self.fixed.notna().sum())


def _collect(
    refitter: Refitter, results: list[Refit], by: str | None, seed: int
) -> BinaryBootstrap:
    fit, n_draws = refitter.fit, len(results)
    table = pd.DataFrame(
        np.reshape([result.estimates for result in results], (n_draws, len(fit.fixed))),
        columns=fit.fixed.index,
    )
    variance = [float(result.variance[0]) for result in results]
    failed = sum(not result.estimable for result in results)
    unsettled = n_draws - failed - sum(result.converged for result in results)
    messages = []
    if failed:
        counts = sorted(Counter(refitter.failures).items())
        reasons = ", ".join(f"{name} {count}" for name, count in counts)
        messages.append(
            f"{failed} of {n_draws} draws could not be fitted ({reasons}): errors and limits rest"
            " on the others, which are no random choice of them"
        )
    if unsettled:
        messages.append(f"{unsettled} of {n_draws} draws did not converge and are included")
    return BinaryBootstrap(
        fixed=table,
        variance=pd.DataFrame(
            {} if fit.group is None else {f"{fit.group}: Intercept, Intercept": variance}
        ),
        estimates=fit.fixed["estimate"],
        by="rows" if by is None else by,
        seed=seed,
        n_failed=failed,
        n_not_converged=unsettled,
        messages=tuple(messages),
    )


def bootstrap(fit: LogisticEstimates, n: int, by: str | None, seed: int) -> BinaryBootstrap:
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

    return _collect(refitter, refitter.map(task, n), by, seed)


def parametric_bootstrap(fit: LogisticEstimates, n: int, seed: int) -> BinaryBootstrap:
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

    return _collect(refitter, refitter.map(task, n), "parametric", seed)


def influence(fit: LogisticEstimates, group: str) -> Influence:
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
