"""The results of a binary model."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from attunement.mixed import binary_resampling
from attunement.mixed.basis import Basis
from attunement.mixed.binary import Binary, BinaryOptimum
from attunement.mixed.design import Design
from attunement.mixed.errors import InvalidSpecification, NotAvailable
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS
from attunement.mixed.new_data import new_columns
from attunement.mixed.resampling import Bootstrap, Influence, Refit, group_weights
from attunement.mixed.results import Fit
from attunement.mixed.tables import fixed_table, variance_table


class LogisticFit(Fit):
    """A fitted binary model; attributes as in `Fit`, and `link`, `group`, `nodes` (0 without a
    group), `node_movement` (NaN unless checked)."""

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
    ) -> None:
        estimates, errors, covariance = user_units(basis, optimum)
        messages = [*design.messages, *optimum.messages]
        if optimum.singular:
            messages.append("singular: the variance between groups is estimated at or near zero")
        covariances = {}
        if group is not None:
            covariances[group] = np.array([[optimum.group_variance]])
        degrees = np.where(basis.kept, np.inf, np.nan)
        super().__init__(
            design,
            fixed_table(design.names, estimates, errors, degrees),
            variance_table(covariances, design.random_names, None),
            covariance,
            optimum.loglik,
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

    def _inverse_link(self, predictor: Array) -> Array:
        return LINKS[self.link].mean(predictor)

    def predict(
        self,
        new_data: pd.DataFrame | None = None,
        level: str = "population",
        interval: str | None = None,
        confidence: float = 0.95,
        scale: str = "probability",
    ) -> pd.DataFrame:
        """Predict at a random intercept of zero.

        Parameters
        ----------
        new_data : rows to predict, by default those of the fit; the offset of the fit is used for
            its own rows, none for new ones.
        level : "population"; other levels raise `NotAvailable`.
        interval : None or "confidence", formed on the scale of the predictor.
        confidence : coverage of the interval. scale : "probability" or "predictor".

        Returns
        -------
        Columns estimate and se (of the predictor), with an interval also ci_low and ci_high.
        """
        if level != "population":
            self._unavailable(f"predict(level={level!r})", "use level='population'")
        if interval not in (None, "confidence") or scale not in ("probability", "predictor"):
            raise InvalidSpecification(f"interval={interval!r}, scale={scale!r}")
        fixed = self.design.fixed if new_data is None else new_columns(self.design, new_data)[0]
        used = fixed[:, self._kept]
        predictor = used @ self.fixed["estimate"].to_numpy()[self._kept]
        if new_data is None and self.binary.offset is not None:
            predictor = predictor + self.binary.offset
        error = np.sqrt(np.einsum("ij,jk,ik->i", used, self._covariance, used))
        width = stats.norm.ppf(0.5 + confidence / 2.0) * error
        shown = {"estimate": predictor, "ci_low": predictor - width, "ci_high": predictor + width}
        if scale == "probability":
            shown = {name: self._inverse_link(values) for name, values in shown.items()}
        table = pd.DataFrame({"estimate": shown["estimate"], "se": error})
        if interval is not None:
            table = table.assign(ci_low=shown["ci_low"], ci_high=shown["ci_high"])
        table.index = pd.Index(self.design.rows) if new_data is None else new_data.index
        return table

    def random_effects(self, level: str) -> pd.DataFrame:
        """Conditional modes by group: the id, term, estimate, se and se_conditional (both from the
        curvature at the mode, coefficients taken as known)."""
        codes = self.binary.codes
        if level != self.group or codes is None:
            raise InvalidSpecification(f"no level {level!r} in this fit")
        binary, optimum = self.binary, self.internal
        rows = codes >= 0
        predictor = binary.columns[rows] @ optimum.coefficients + optimum.modes[codes[rows]]
        if binary.offset is not None:
            predictor = predictor + binary.offset[rows]
        total = (binary.trials * binary.frequency)[rows]
        share = self._inverse_link(predictor)
        # expected information of each row
        each = -LINKS[self.link].values(predictor, share * total, (1.0 - share) * total)[2]
        information = np.bincount(codes[rows], each, len(optimum.modes))
        variance = optimum.group_variance
        error = np.sqrt(variance / (1.0 + variance * information))
        return pd.DataFrame(
            {
                level: self.design.labels[level],
                "term": "Intercept",
                "estimate": optimum.modes,
                "se": error,
                "se_conditional": error,
            }
        )

    def icc(self) -> pd.DataFrame:
        """Intraclass correlation of the latent response (pi^2/3 for logit, pi^2/6 for cloglog)."""
        if self.group is None:
            raise InvalidSpecification("an intraclass correlation needs a level")
        variance = self.internal.group_variance
        share = variance / (variance + np.pi**2 / (3.0 if self.link == "logit" else 6.0))
        return pd.DataFrame(
            {"variance": [variance], "share": [share], "correlation": [share]},
            index=pd.Index([self.group], name="level"),
        )

    def r_squared(self) -> NoReturn:
        """Raises `NotAvailable`."""
        self._unavailable("r_squared of a binary model", "compare likelihoods")

    def residuals(self, kind: str = "population") -> pd.Series:
        """Observed minus predicted proportion at a random intercept of zero, by row position."""
        if kind != "population":
            self._unavailable(f"residuals({kind!r}) of a binary model", "use 'population'")
        predicted = self.predict()["estimate"].to_numpy()
        return pd.Series(
            self.binary.proportion - predicted, index=self.design.rows, name="residual"
        )

    def refit(
        self,
        *,
        terms: object = None,
        cluster_weights: ArrayLike | pd.Series | None = None,
    ) -> Refit:
        """Fit again on the same rows with a weight per group.

        Parameters
        ----------
        cluster_weights : a Series indexed by group ids (absent ids weigh 1), or an array in the
            order of ``random_effects(group)``; rows without a group weigh 1.
        terms : a choice of columns; raises `NotAvailable`.
        """
        self._needs_own_engine("refit")
        if terms is not None:
            self._unavailable("refit(terms=...)", "call fit_logistic with another formula")
        if cluster_weights is None or self.group is None:
            raise InvalidSpecification("refit needs cluster_weights, and a group to weigh")
        weights = group_weights(cluster_weights, self.design.labels[self.group])
        return binary_resampling.Refitter(self).at(weights)

    def _own_group(self, group: str, what: str) -> None:
        self._needs_own_engine(what)
        if group != self.group:
            raise NotAvailable(f"{group!r} is not the group of this fit ({self.group!r})")

    def bootstrap(self, n: int, by: str, seed: int) -> Bootstrap:
        """Cluster bootstrap: resample whole groups with replacement and refit.

        Parameters
        ----------
        n : number of draws. by : the group. seed : of numpy's default generator.
        """
        self._own_group(by, "bootstrap")
        return binary_resampling.bootstrap(self, n, by, seed)

    def influence(self, group: str) -> Influence:
        """Exact leave-one-group-out refits: estimates, errors and convergence by group."""
        self._own_group(group, "influence")
        return binary_resampling.influence(self, group, self._covariance)


def user_units(basis: Basis, optimum: BinaryOptimum) -> tuple[Array, Array, Array]:
    """Coefficients and errors of all columns, and the covariance of the kept ones."""
    covariance = basis.transform @ optimum.covariance @ basis.transform.T
    estimates = np.full(len(basis.kept), np.nan)
    errors = np.full(len(basis.kept), np.nan)
    estimates[basis.kept] = basis.transform @ optimum.coefficients
    errors[basis.kept] = np.sqrt(np.diag(covariance))
    return estimates, errors, covariance
