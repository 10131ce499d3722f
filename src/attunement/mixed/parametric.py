"""Parametric bootstrap of a linear fit, and of a likelihood-ratio statistic under its null."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attunement.mixed.embedded import Embedded
from attunement.mixed.errors import NotComparable
from attunement.mixed.hypotheses import compare_fits
from attunement.mixed.objective import Start
from attunement.mixed.refits import Refit, refit
from attunement.mixed.resampling import Bootstrap, collect
from attunement.mixed.solve import Problem
from attunement.mixed.tables import CONFIDENCE, require_confidence
from attunement.mixed.threads import n_threads

if TYPE_CHECKING:
    from attunement.mixed.linear_results import LinearFit

# the statistic is zero where both models fit alike; what rounding makes of it counts as equal
_EQUAL = 1e-6
# fall of the deviance still expected at which the search of a draw ends
_ENOUGH = 1e-8


@dataclass(frozen=True)
class ParametricBootstrap(Bootstrap):
    """Estimates of every draw, as in `Bootstrap`, and the variance table of the fit."""

    shown: pd.DataFrame

    def variance_table(self, confidence: float = CONFIDENCE) -> pd.DataFrame:
        """The variance table with percentile limits of variances and covariances."""
        require_confidence(confidence)
        tail = (1.0 - confidence) / 2.0
        return self.shown.assign(
            ci_low=self.variance.quantile(tail).to_numpy(),
            ci_high=self.variance.quantile(1.0 - tail).to_numpy(),
        )


@dataclass(frozen=True)
class NullDistribution:
    """A likelihood-ratio statistic, its draws under the smaller model, and
    ``p = (1 + draws at least as large) / (1 + draws)`` over the draws in which both models could
    be fitted (Davison and Hinkley 1997, Bootstrap Methods and their Application, chapter 4)."""

    statistic: float
    draws: pd.Series
    p: float
    seed: int
    n_failed: int
    n_not_converged: int


def _over_draws(task: Callable[[np.random.Generator], Any], n: int, seed: int) -> list[Any]:
    """Results of a task for `n` generators, one a draw, in threads."""
    children = np.random.SeedSequence(seed).spawn(n)
    with ThreadPoolExecutor(n_threads()) as pool:
        return list(pool.map(lambda child: task(np.random.default_rng(child)), children))


def bootstrap(fit: LinearFit, n: int, seed: int) -> ParametricBootstrap:
    """Simulate outcomes from the estimates of a fit and fit again."""
    prepared = fit._prepared
    simulator = Embedded(fit, fit).simulator()
    inverse = fit._moments.inverse if len(fit._parameters) else None
    start = Start(fit._parameters, inverse)

    def draw(generator: np.random.Generator) -> Refit:
        blocks = simulator.draw(generator)
        return refit(prepared, fit.reml, start, None, blocks, _ENOUGH)

    draws = _over_draws(draw, n, seed)
    found = collect(prepared, draws, fit.fixed["estimate"].to_numpy(), "model", seed)
    # 1 but without random effects, where the residual variance shown is the unbiased one
    factor = fit.residual_variance / (prepared.scale**2 * fit._point.sigma2)
    variance = found.variance.assign(residual=factor * found.variance["residual"])
    return ParametricBootstrap(**(vars(found) | {"variance": variance}), shown=fit._variance)


def null_distribution(large: LinearFit, null: LinearFit, n: int, seed: int) -> NullDistribution:
    """Simulate outcomes from a nested fit, fit both models to each, and compare.

    Raises
    ------
    NotComparable
        If the fits cannot be compared, or `null` is not nested in `large`.
    """
    compare_fits(large, null)
    if null.n_parameters >= large.n_parameters:
        raise NotComparable("null= must have fewer parameters than the fit")
    embedded = Embedded(large, null)
    simulator = embedded.simulator()

    def draw(generator: np.random.Generator) -> tuple[float, bool]:
        blocks = simulator.draw(generator)
        larger = Problem(blocks, large._prepared.layout, large.reml)
        smaller = Problem(embedded.blocks(blocks), embedded.layout, large.reml)
        try:
            first = larger.solve(large._parameters, _ENOUGH)
            second = smaller.solve(embedded.parameters, _ENOUGH)
        except np.linalg.LinAlgError:
            return float("nan"), False
        fall = second.evaluation.deviance - first.evaluation.deviance
        return max(fall, 0.0), first.converged and second.converged

    results = _over_draws(draw, n, seed)
    draws = pd.Series([statistic for statistic, _ in results], name="chi2", dtype=float)
    statistic = max(null.deviance - large.deviance, 0.0)
    failed = int(draws.isna().sum())
    extreme = int((draws >= statistic - _EQUAL).sum())
    return NullDistribution(
        statistic=statistic,
        draws=draws,
        p=(1 + extreme) / (1 + n - failed),
        seed=seed,
        n_failed=failed,
        n_not_converged=n - failed - sum(settled for _, settled in results),
    )
