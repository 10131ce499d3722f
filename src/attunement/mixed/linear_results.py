"""The results of a linear mixed model: what it says beyond its tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed import intervals, linear_prediction, parametric, refits, resampling
from attunement.mixed import profile as profiles
from attunement.mixed.block_moments import BlockMoments, block_moments
from attunement.mixed.errors import InvalidSpecification, NotAvailable
from attunement.mixed.kenward_roger import KenwardRoger
from attunement.mixed.kernel import Array, Evaluation
from attunement.mixed.objective import Start
from attunement.mixed.prediction import Modes, modes
from attunement.mixed.prepare import Prepared
from attunement.mixed.projections import Projections, project
from attunement.mixed.results import Fit
from attunement.mixed.satterthwaite import VarianceCurvature
from attunement.mixed.solve import Problem
from attunement.mixed.tables import CONFIDENCE
from attunement.mixed.whitened import StructuredFit


class LinearFit(Fit):
    """A fitted linear (mixed) model; attributes as in `Fit`."""

    def __init__(
        self,
        *args: Any,
        prepared: Prepared,
        parameters: Array,
        point: Evaluation,
        curvature: VarianceCurvature | KenwardRoger | None,
        level_covariances: dict[str, Array],
        residual_variance: float,
        structured: StructuredFit | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._prepared = prepared
        self._parameters = parameters
        self._point = point
        self._curvature = curvature
        self.level_covariances = level_covariances
        self.residual_variance = residual_variance
        self._structured = structured

    @property
    def variance(self) -> pd.DataFrame:
        """Variances and covariances by level, with Wald limits; see `StructuredFit.table`."""
        plain = super().variance
        return plain if self._structured is None else self._structured.table(plain)

    def _df_of(self, vector: Array) -> float:
        if self.df_method == "normal":
            return float("inf")
        if self.df_method == "residual":
            return float(self.n_obs - int(self._kept.sum()))
        if isinstance(self._curvature, KenwardRoger):
            return self._curvature.degrees_of_freedom(vector)
        if self._curvature is None:
            raise NotAvailable(f"Satterthwaite df of a test with engine={self.engine!r}")
        prepared = self._prepared
        internal = prepared.basis.transform.T @ vector
        inner = self._point.sigma2 * self._point.unscaled_covariance
        return self._curvature.degrees_of_freedom(internal, inner)

    def _f_test(self, matrix: Array, values: Array, estimates: Array) -> pd.DataFrame:
        if isinstance(self._curvature, KenwardRoger):
            return self._curvature.f_test(matrix, values, estimates)
        return super()._f_test(matrix, values, estimates)

    @cached_property
    def _projections(self) -> Projections:
        return project(self._prepared.blocks, self._prepared.layout.unpack(self._parameters))

    def _modes(self, level: str) -> Modes:
        return modes(self._prepared, self._parameters, self._point, self._projections, level)

    def _level(self, level: str) -> str:
        if level not in self._prepared.positions:
            raise InvalidSpecification(
                f"no level {level!r} in this fit; levels: {', '.join(self.random) or 'none'}"
            )
        return level

    def random_effects(self, level: str) -> pd.DataFrame:
        """Conditional modes (empirical-Bayes predictions) of one level, long: one row for each
        group and random column.

        Returns
        -------
        Columns: the level's id, term, estimate, se (error of the prediction, coefficients being
        estimated; Henderson 1975), se_conditional (coefficients taken as known, as in lme4).
        """
        found = self._modes(self._level(level))
        names = self.design.random_names[level]
        labels = self.design.labels[level]
        diagonal = range(len(names))
        return pd.DataFrame(
            {
                level: labels.repeat(len(names)),
                "term": np.tile(names, len(labels)),
                "estimate": found.values.ravel(),
                "se": np.sqrt(np.maximum(found.error[:, diagonal, diagonal], 0.0)).ravel(),
                "se_conditional": np.sqrt(
                    np.maximum(found.conditional[:, diagonal, diagonal], 0.0)
                ).ravel(),
            }
        )

    def _conditional_part(self) -> Array:
        total = np.zeros(len(self.design.outcome))
        for level in self.random:
            found = self._modes(level)
            values = found.values[self.design.codes[level]]
            total += (self.design.random[level] * values).sum(axis=1)
        return total

    def _population_part(self) -> Array:
        estimates = self.fixed["estimate"].to_numpy()[self._kept]
        return np.asarray(self.design.fixed[:, self._kept] @ estimates)

    def residuals(self, kind: str = "conditional") -> pd.Series:
        """Residuals by position of the row in the data given.

        Parameters
        ----------
        kind : "conditional" (outcome minus all effects), "population" (outcome minus fixed part),
            "pearson" (conditional, divided by the residual standard deviation of the row) or
            "normalized" (freed of the correlation of residuals, too).
        """
        if kind not in ("conditional", "population", "pearson", "normalized"):
            raise InvalidSpecification(f"unknown kind of residual {kind!r}")
        values = self.design.outcome - self._population_part()
        if kind != "population":
            values = values - self._conditional_part()
        if kind == "normalized" and self._structured is not None:
            values = self._structured.normalized(values) / np.sqrt(self.residual_variance)
        elif kind in ("pearson", "normalized"):
            precision = self._prepared.precision
            values = values / np.sqrt(self.residual_variance)
            values = values if precision is None else values * np.sqrt(precision)
        return pd.Series(values, index=self.design.rows, name="residual")

    def predict(
        self,
        new_data: pd.DataFrame | None = None,
        level: str = "population",
        interval: str | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Predict the outcome.

        Parameters
        ----------
        new_data : rows to predict, by default those of the fit. A missing predictor gives a NaN
            row; an unknown or missing id has an effect of zero with its variance in the error.
        level : "population", or a level of the model: then that level's effects and those of
            levels outside it are added.
        interval : None, "confidence" (of the mean at that level) or "prediction" (of one new
            observation).
        confidence : coverage of the interval, by the normal distribution.

        Returns
        -------
        Columns estimate and se, with an interval also ci_low and ci_high, indexed as `new_data`.
        """
        return linear_prediction.predict(self, new_data, level, interval, confidence)

    def icc(self, confidence: float = CONFIDENCE) -> pd.DataFrame:
        """Intraclass correlations by level: variance, share and correlation, with intervals.

        `share` is the level's part of the total variance, `correlation` that of two observations
        of the same group at that level (it holds the variance of outer levels too). With random
        slopes variances are averaged over the rows that have an id at every level. Limits
        (`share_ci_low` and so on) are by the delta method on the logit scale; NaN where a variance
        is on the boundary.
        """
        return intervals.intraclass_correlations(self, confidence)

    def _variance_limits(self) -> tuple[Array, Array]:
        if self.engine != "attunement":
            return super()._variance_limits()
        found = intervals.components(self)
        if not found.inside.all():
            self.messages.append(intervals.BOUNDARY_MESSAGE)
        return intervals.wald_limits(found, CONFIDENCE)

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
        if null is None:
            return parametric.bootstrap(self, n, seed)
        return parametric.null_distribution(self, null, n, seed)

    def r_squared(self) -> pd.Series:
        """Marginal and conditional R squared (Nakagawa and Schielzeth 2013; with random slopes
        Johnson 2014, Methods Ecol. Evol. 5)."""
        fitted, repeats = self._population_part(), self.design.frequency
        centred = fitted - np.average(fitted, weights=repeats)
        explained = float(np.average(centred**2, weights=repeats))
        grouped = 0.0
        for level, covariance in self.level_covariances.items():
            z = self.design.random[level]
            spread = np.einsum("ij,jk,ik->i", z, covariance, z)
            grouped += float(np.average(spread, weights=repeats))
        total = explained + grouped + self.residual_variance
        return pd.Series(
            {"marginal": explained / total, "conditional": 1.0 - self.residual_variance / total}
        )

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
