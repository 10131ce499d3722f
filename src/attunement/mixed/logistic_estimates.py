"""The estimates of a binary model, and what follows from them without another fit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attunement.mixed import logistic_prediction
from attunement.mixed.basis import Basis
from attunement.mixed.binary import Binary, BinaryOptimum, user_units, variance_interval
from attunement.mixed.binary_averages import Averages, average_probabilities
from attunement.mixed.design import Design
from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.kernel import Array
from attunement.mixed.logistic_comparison import compare_binary
from attunement.mixed.marginal import Marginal
from attunement.mixed.results import Fit
from attunement.mixed.tables import CONFIDENCE, fixed_table, variance_table


class LogisticEstimates(Fit):
    """A fitted binary model; attributes as in `Fit`, and `link`, `group`, `nodes` (0 without a
    group), `node_movement` (NaN unless checked), `penalised_loglik` (what a ridge leaves of
    `loglik`; equal to it without one), `offset` (its column, if it was given as one). Limits in
    `variance` are by a normal approximation on the logarithm; NaN at zero."""

    def __init__(
        self,
        design: Design,
        *,
        basis: Basis,
        binary: Binary,
        optimum: BinaryOptimum,
        link: str,
        nodes: int,
        node_movement: float,
        group: str | None,
        engine: str,
        penalty: Array | None = None,
        offset: str | None = None,
    ) -> None:
        estimates, errors, covariance = user_units(basis, optimum)
        messages = [*design.messages, *optimum.messages]
        if optimum.singular:
            messages.append(
                "singular: the variance between groups is estimated at or near zero, and has no"
                " Wald limits: see profile()"
            )
        covariances = {} if group is None else {group: np.array([[optimum.sigma**2]])}
        variance = variance_table(covariances, design.random_names, None)
        if group is not None:
            variance[["ci_low", "ci_high"]] = variance_interval(optimum)
        penalised, loglik = optimum.loglik, optimum.loglik
        if penalty is not None:
            loglik += 0.5 * float(optimum.coefficients @ penalty @ optimum.coefficients)
            messages.append(
                f"penalised log-likelihood {penalised:.6f}, of which {loglik:.6f} is the data's"
            )
        super().__init__(
            design,
            fixed_table(design.names, estimates, errors, np.where(basis.kept, np.inf, np.nan)),
            variance,
            covariance,
            loglik,
            int(basis.kept.sum()) + (group is not None),
            optimum.converged,
            optimum.singular,
            messages,
            False,
            "normal",
            engine,
        )
        self.basis = basis
        self.binary = binary
        self.internal = optimum
        self.link = link
        self.nodes = nodes
        self.node_movement = node_movement
        self.group = group
        self.penalty = penalty
        self.penalised_loglik = penalised
        self.offset = offset

    @cached_property
    def _model(self) -> Marginal:
        return Marginal(self.binary, self.link, max(self.nodes, 1), self.penalty)

    def predict(
        self,
        new_data: pd.DataFrame | None = None,
        level: str = "population",
        interval: str | None = None,
        confidence: float = CONFIDENCE,
        scale: str = "probability",
        offset: str | ArrayLike | None = None,
        unknown: str = "refuse",
    ) -> pd.DataFrame:
        """Predict probabilities, or predictors, of rows.

        Parameters
        ----------
        new_data : rows to predict, by default those of the fit. A missing predictor or offset
            gives a NaN row.
        level : "population": at a group effect of zero, which is no average over groups;
            "marginal": averaged over the normal distribution of group effects; the name of the
            group: at the conditional mode of each row's group, an unknown group at zero with the
            variance between groups in its error, a missing id at zero.
        interval : None or "confidence", formed on the scale of the predictor.
        confidence : coverage of the interval. scale : "probability" or "predictor" (for
            "marginal" the link of the averaged probability).
        offset : of new rows, if the fit has one: a column of `new_data`, one number a row, or one
            for all. By default the column that the fit had; where it had numbers without a name,
            those of new rows must be given (0 for none).
        unknown : as in linear fits, "refuse" or "allow" data of which no id is known.

        Returns
        -------
        Columns estimate and se, both on `scale` (the error of a probability is by the delta
        method), with an interval also ci_low and ci_high. The error of a conditional mode takes
        the variance between groups as known.

        Raises
        ------
        InvalidSpecification
            For an unknown level, interval or scale, and for an offset that is missing or that the
            fit does not have.
        """
        return logistic_prediction.predict(
            self, new_data, level, interval, confidence, scale, offset, unknown
        )

    def _require_group(self, what: str) -> str:
        if self.group is None:
            raise InvalidSpecification(f"{what}: the fit has no group; fit it with group=")
        return self.group

    def random_effects(self, level: str) -> pd.DataFrame:
        """Conditional modes by group: the id, term, estimate, se (coefficients estimated) and
        se_conditional (coefficients known), both from the curvature at the mode with the variance
        between groups taken as known."""
        self._require_group("random_effects")
        if level != self.group:
            raise InvalidSpecification(
                f"no level {level!r} in this fit; its group is {self.group!r}"
            )
        found = logistic_prediction.group_effects(self)
        moved = np.einsum("gi,ij,gj->g", found.slopes, self._covariance, found.slopes)
        return pd.DataFrame(
            {
                level: self.design.labels[level],
                "term": "Intercept",
                "estimate": found.modes,
                "se": np.sqrt(found.variance + moved),
                "se_conditional": np.sqrt(found.variance),
            }
        )

    def averages(self, tables: Sequence[pd.DataFrame]) -> Averages:
        """Average the marginal probabilities of the rows of each table (standardisation).

        Parameters
        ----------
        tables : rows to predict, each table the same rows with a predictor set to some value; the
            values of predictors are taken as given, no predictor may be missing.

        Returns
        -------
        `estimates` (k,), a probability per table, averaged over its rows and the distribution of
        group effects, and their joint `covariance` (k, k) by the delta method, from which errors
        of differences and ratios follow. The error of the standard deviation between groups, and
        its covariance with the coefficients, are in it.
        """
        return average_probabilities(self, tables)

    @property
    def latent_variance(self) -> float:
        """Variance within groups of the latent response."""
        return float(np.pi**2 / (3.0 if self.link == "logit" else 6.0))

    def icc(self) -> pd.DataFrame:
        """Intraclass correlation of the latent response, whose variance within groups is pi^2/3
        for logit and pi^2/6 for cloglog; columns as in `LinearFit.icc`."""
        self._require_group("icc")
        within = self.latent_variance
        variance = np.r_[self.internal.sigma**2, variance_interval(self.internal)]
        with np.errstate(divide="ignore"):  # no variance is no share, an infinite one all of it
            share = 1.0 / (1.0 + within / variance)
        parts = {
            f"{part}{limit}": value
            for part in ("share", "correlation")
            for limit, value in zip(("", "_ci_low", "_ci_high"), share, strict=True)
        }
        return pd.DataFrame(
            {"variance": variance[0]} | parts, index=pd.Index([self.group], name="level")
        )

    def compare(self, other: Fit) -> pd.DataFrame:
        """Likelihood-ratio comparison with a nested fit of the same rows.

        Where only one of the two has a group, its variance is on the boundary under the smaller
        model, and `p_boundary`, that of an equal mixture of chi-squared with ``df - 1`` and with
        `df` degrees of freedom, holds in place of `p` (Self and Liang 1987, J. Am. Stat. Assoc.
        82).

        Raises
        ------
        NotComparable
            For other rows, links, nodes or offsets, and for penalised fits.
        """
        return compare_binary(self, other)

    def r_squared(self) -> NoReturn:
        """Raises `NotAvailable`."""
        self._unavailable("r_squared of a binary model", "compare likelihoods")

    def residuals(self, kind: str = "population") -> pd.Series:
        """Observed minus predicted proportion by row position: at a group effect of zero
        ("population"), or at the conditional modes (the name of the group)."""
        predicted = self.predict(level=kind)["estimate"].to_numpy()
        proportion = self.binary.in_given_order(self.binary.events / self.binary.totals)
        return pd.Series(proportion - predicted, index=self.design.index, name="residual")
