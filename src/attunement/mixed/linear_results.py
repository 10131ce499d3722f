"""The results of a linear mixed model: what it says, and what fitting again says of it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed import parametric, refits, resampling, shares
from attunement.mixed import profile as profiles
from attunement.mixed.block_moments import BlockMoments, block_moments
from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.linear_estimates import LinearEstimates
from attunement.mixed.objective import Start
from attunement.mixed.options import require_draws
from attunement.mixed.solve import Problem
from attunement.mixed.tables import CONFIDENCE
from attunement.mixed.threads import n_threads


class LinearFit(LinearEstimates):
    """A fitted linear (mixed) model; attributes as in `Fit`."""

    def profile(
        self, terms: str | Sequence[str] | None = None, confidence: float = CONFIDENCE
    ) -> pd.DataFrame:
        """Profile likelihood intervals of coefficients, standard deviations and correlations.

        Coefficients are profiled by maximum likelihood, whatever the fit used; standard deviations
        and correlations by the criterion of the fit, restricted or full likelihood (lme4 fits again
        by maximum likelihood instead).

        Parameters
        ----------
        terms : names of parameters (of coefficients, or as in the bootstrap's `variance`), by
            default all.
        confidence : coverage of the intervals.

        Returns
        -------
        By parameter: estimate (where the criterion profiled is least), ci_low, ci_high, scale
        ("coefficient", "sd", "correlation") and status, which says why a limit is none or is the
        end of the range.
        """
        self._needs_own_engine("profile")
        return profiles.profile(self, terms, confidence)

    def profile_icc(self, confidence: float = CONFIDENCE) -> pd.DataFrame:
        """Intraclass correlations of random intercepts with profile likelihood limits.

        Unlike those of `icc`, which are symmetric on the logit scale and reach from nothing to
        everything where a variance is small, these hold at the boundary, too.

        Returns
        -------
        By level: share (its part of the total variance), share_ci_low, share_ci_high, status ("",
        or why there is no upper limit).

        Raises
        ------
        NotAvailable
            With random slopes, precisions or structured residuals.
        """
        self._needs_own_engine("profile_icc")
        return shares.profile_shares(self, confidence)

    def parametric_bootstrap(
        self, n: int, seed: int, null: LinearFit | None = None
    ) -> parametric.ParametricBootstrap | parametric.NullDistribution:
        """Simulate outcomes from a fit and fit again.

        Parameters
        ----------
        n : number of draws. seed : of numpy's default generator.
        null : a fit nested in this one; outcomes are then simulated from it and both models fitted
            to each.

        Returns
        -------
        Estimates of every draw; with `null` the distribution of the likelihood-ratio statistic
        under it, and the p value.

        Raises
        ------
        NotComparable
            If `null` is not nested in this fit, or the two cannot be compared (see `compare`).
        """
        self._needs_own_engine("parametric_bootstrap")
        require_draws(n, seed)
        if null is None:
            return parametric.bootstrap(self, n, seed)
        return parametric.null_distribution(self, null, n, seed)

    @cached_property
    def _moments(self) -> BlockMoments:
        prepared = self._prepared
        problem = Problem(prepared.blocks, prepared.layout, self.reml)
        return block_moments(problem, self._parameters)

    def bootstrap(self, n: int, by: str, seed: int) -> resampling.Bootstrap:
        """Cluster bootstrap: resample groups of the outermost level with replacement and refit.

        Parameters
        ----------
        n : number of draws. by : the outermost level. seed : of numpy's default generator.
        """
        self._needs_own_engine("bootstrap")
        require_draws(n, seed)
        estimates = self.fixed["estimate"].to_numpy()
        return resampling.bootstrap(self._prepared, self._moments, estimates, n, by, seed)

    def influence(self, group: str) -> resampling.Influence:
        """Exact leave-one-group-out refits at one level: estimates, errors and convergence by
        group."""
        self._needs_own_engine("influence")
        return resampling.influence(
            self._prepared,
            self._moments,
            self.fixed["estimate"].to_numpy(),
            self._covariance,
            self._level(group),
        )

    def refit_each(self, choices: Sequence[Sequence[str]]) -> list[refits.Refit]:
        """Fit again with each of many choices of columns, as `refit` does with one; in threads."""
        self._needs_own_engine("refit_each")
        start = Start(self._parameters, self._moments.inverse)
        with ThreadPoolExecutor(n_threads()) as pool:
            return list(
                pool.map(
                    lambda terms: refits.refit_terms(self._prepared, self.reml, start, terms),
                    choices,
                )
            )

    def refit(
        self,
        *,
        terms: Sequence[str] | None = None,
        cluster_weights: ArrayLike | pd.Series | None = None,
    ) -> refits.Refit:
        """Fit again on the same cross products.

        Parameters
        ----------
        terms : columns of this fit (the index of `fixed`) to keep, others are left out; columns
            that this fit found dependent may be among them. The random part stays.
        cluster_weights : a Series indexed by the ids of the outermost level (absent ids weigh 1),
            or an array in the order of ``random_effects(level)``; rows without an id weigh 1.

        Raises
        ------
        InvalidSpecification
            If neither or both are given, or a term is unknown.
        """
        self._needs_own_engine("refit")
        if terms is not None and cluster_weights is None:
            start = Start(self._parameters, self._moments.inverse)
            return refits.refit_terms(self._prepared, self.reml, start, terms)
        if cluster_weights is None or terms is not None or not self.random:
            raise InvalidSpecification(
                "refit needs either terms, or cluster_weights and a level to weigh"
            )
        level = next(iter(self.random))
        values = refits.group_weights(cluster_weights, self.design.labels[level])
        weights = np.ones(len(self._prepared.blocks.rows))
        weights[self._prepared.blocks_of(level)] = values
        return refits.refit(self._prepared, self.reml, self._parameters, weights)
