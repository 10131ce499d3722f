"""What a linear mixed model says: its tables, random effects and predictions."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from attunement.mixed import intervals, linear_prediction
from attunement.mixed.errors import InvalidSpecification, NotAvailable
from attunement.mixed.kenward_roger import KenwardRoger
from attunement.mixed.kernel import Array, Evaluation
from attunement.mixed.prediction import Modes, modes
from attunement.mixed.prepare import Prepared
from attunement.mixed.projections import Projections, project
from attunement.mixed.results import Fit
from attunement.mixed.satterthwaite import VarianceCurvature
from attunement.mixed.tables import CONFIDENCE
from attunement.mixed.whitened import StructuredFit


class LinearEstimates(Fit):
    """Estimates, tests and predictions of a fitted linear (mixed) model."""

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
        """Residuals of the rows of the fit, indexed as in the data given.

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
        return pd.Series(values, index=self.design.index, name="residual")

    def predict(
        self,
        new_data: pd.DataFrame | None = None,
        level: str = "population",
        interval: str | None = None,
        confidence: float = CONFIDENCE,
        unknown: str = "refuse",
    ) -> pd.DataFrame:
        """Predict the outcome.

        Parameters
        ----------
        new_data : rows to predict, by default those of the fit. A missing predictor gives a NaN
            row. An id that the fit did not see has an effect of zero with its variance in the
            error; so has a missing id at the innermost level, unless the fit kept rows without
            one. A missing id at the outer level means, as in the fit, no effect and no variance.
        level : "population", or a level of the model: then that level's effects and those of
            levels outside it are added.
        interval : None, "confidence" (of the mean at that level) or "prediction" (of one new
            observation; with `precision` that of the row, of the same column of new data, or 1).
        confidence : coverage of the interval, by the normal distribution.
        unknown : "refuse" data of which no id is known at a level whose effects are asked for,
            which may be a slip; "allow" takes all of them as new groups.

        Returns
        -------
        Columns estimate and se, with an interval also ci_low and ci_high, indexed as `new_data`.

        Raises
        ------
        InvalidSpecification
            For values, ids and columns that the fit cannot place; see `new_data.new_columns`.
        """
        return linear_prediction.predict(self, new_data, level, interval, confidence, unknown)

    def icc(self, confidence: float = CONFIDENCE) -> pd.DataFrame:
        """Intraclass correlations by level: variance, share and correlation, with intervals.

        `share` is the level's part of the total variance, `correlation` that of two observations
        of the same group at that level (it holds the variance of outer levels too). With random
        slopes variances are averaged over the rows that have an id at every level, with `precision`
        the residual variance is averaged over all rows. Limits
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
        if found.undetermined.any() and intervals.FLAT_MESSAGE not in self.messages:
            self.messages.append(intervals.FLAT_MESSAGE)
        return intervals.wald_limits(found, CONFIDENCE)

    def r_squared(self) -> pd.Series:
        """Marginal and conditional R squared (Nakagawa and Schielzeth 2013; with random slopes
        Johnson 2014, Methods Ecol. Evol. 5); with `precision` the mean residual variance of the
        rows counts."""
        fitted, repeats = self._population_part(), self.design.frequency
        centred = fitted - np.average(fitted, weights=repeats)
        explained = float(np.average(centred**2, weights=repeats))
        grouped = 0.0
        for level, covariance in self.level_covariances.items():
            z = self.design.random[level]
            spread = np.einsum("ij,jk,ik->i", z, covariance, z)
            grouped += float(np.average(spread, weights=repeats))
        residual = self.mean_residual_share * self.residual_variance
        total = explained + grouped + residual
        return pd.Series({"marginal": explained / total, "conditional": 1.0 - residual / total})

    @property
    def mean_residual_share(self) -> float:
        """Mean residual variance of the rows, in units of that of a row with precision 1."""
        if self._prepared.precision is None:
            return 1.0
        return float(np.average(1.0 / self._prepared.precision, weights=self.design.frequency))
