"""The results of a binary model: its estimates, and what needs other fits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed import binary_refits, binary_resampling, logistic_profile
from attunement.mixed.binary_resampling import BinaryBootstrap
from attunement.mixed.errors import InvalidSpecification, NotAvailable
from attunement.mixed.logistic_estimates import LogisticEstimates
from attunement.mixed.options import require_draws
from attunement.mixed.refits import Refit, group_weights
from attunement.mixed.resampling import Influence
from attunement.mixed.tables import CONFIDENCE


class LogisticFit(LogisticEstimates):
    """A fitted binary model; attributes as in `LogisticEstimates`."""

    def refit(
        self,
        *,
        terms: Sequence[str] | None = None,
        cluster_weights: ArrayLike | pd.Series | None = None,
    ) -> Refit:
        """Fit again on the same rows with a choice of columns, a weight per group, or both.

        Parameters
        ----------
        terms : columns of this fit (the index of `fixed`) to keep, others are left out; columns
            that this fit found dependent may be among them. The group stays.
        cluster_weights : a Series indexed by group ids (absent ids weigh 1), or an array in the
            order of ``random_effects(group)``; rows without a group weigh 1.

        Returns
        -------
        Estimates and standard errors of the terms asked for, in their order, the variance between
        groups and the deviance; NaN if it cannot be fitted.

        Raises
        ------
        InvalidSpecification
            If neither is given, a term is unknown, or there is no group to weigh.
        """
        self._needs_own_engine("refit")
        if terms is None and cluster_weights is None:
            raise InvalidSpecification("refit needs terms or cluster_weights")
        weights = None
        if cluster_weights is not None:
            group = self._require_group("refit(cluster_weights=)")
            weights = group_weights(cluster_weights, self.design.labels[group])
        return binary_refits.refit(self, weights, terms)

    def refit_each(self, choices: Sequence[Sequence[str]]) -> list[Refit]:
        """Fit again with each of many choices of columns, as `refit` does with one; in threads."""
        self._needs_own_engine("refit_each")
        return binary_refits.refit_each(self, choices)

    def _own_group(self, group: str | None, what: str) -> None:
        self._needs_own_engine(what)
        if group != self._require_group(what):
            raise NotAvailable(f"{group!r} is not the group of this fit ({self.group!r})")

    def bootstrap(self, n: int, by: str | None, seed: int) -> BinaryBootstrap:
        """Cluster bootstrap: resample whole groups with replacement and refit.

        Parameters
        ----------
        n : number of draws. by : the group; None in a fit without one, whose rows are then drawn
            one by one as if they were independent of each other. seed : of numpy's default
            generator.

        Returns
        -------
        As of `LinearFit.bootstrap`; its `table()` has the number of draws used in `n_used`, and
        `messages` says how many could not be fitted, and why.
        """
        if self.group is None and by is None:
            self._needs_own_engine("bootstrap")
        else:
            self._own_group(by, "bootstrap")
        require_draws(n, seed)
        return binary_resampling.bootstrap(self, n, by, seed)

    def parametric_bootstrap(self, n: int, seed: int) -> BinaryBootstrap:
        """Draw outcomes from the fitted model, effects of groups included, and refit.

        Parameters
        ----------
        n : number of draws. seed : of numpy's default generator.
        """
        self._needs_own_engine("parametric_bootstrap")
        require_draws(n, seed)
        return binary_resampling.parametric_bootstrap(self, n, seed)

    def influence(self, group: str) -> Influence:
        """Exact leave-one-group-out refits: estimates, errors and convergence by group."""
        self._own_group(group, "influence")
        return binary_resampling.influence(self, group)

    def profile(
        self, terms: str | Sequence[str] | None = None, confidence: float = CONFIDENCE
    ) -> pd.DataFrame:
        """Profile likelihood intervals: all other parameters are maximised over at each value.

        Parameters
        ----------
        terms : coefficients, and ``"<group>: Intercept, Intercept"`` for the standard deviation
            between groups; by default all.
        confidence : coverage of the interval.

        Returns
        -------
        By parameter: estimate, ci_low, ci_high, scale ("coefficient" or "sd") and status ("", or
        why a limit is NaN or at zero).
        """
        self._needs_own_engine("profile")
        return logistic_profile.profile(self, terms, confidence)

    def profile_icc(self, confidence: float = CONFIDENCE) -> pd.DataFrame:
        """Intraclass correlation of the latent response with profile likelihood limits.

        Those of the standard deviation between groups, beside the fixed variance within (see
        `icc`).

        Returns
        -------
        As of `LinearFit.profile_icc`.
        """
        self._needs_own_engine("profile_icc")
        group = self._require_group("profile_icc")
        found = self.profile(f"{group}: Intercept, Intercept", confidence).iloc[0]
        squares = np.array([found[name] for name in ("estimate", "ci_low", "ci_high")], float) ** 2
        parts = dict(
            zip(
                ("share", "share_ci_low", "share_ci_high"),
                squares / (squares + self.latent_variance),
                strict=True,
            )
        )
        index = pd.Index([group], name="level")
        return pd.DataFrame(parts | {"status": found["status"]}, index=index)
