"""The results of a binary model."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from attunement.mixed.basis import Basis
from attunement.mixed.design import Design
from attunement.mixed.errors import FitError, InvalidSpecification, NotAvailable
from attunement.mixed.kernel import Array
from attunement.mixed.new_data import new_columns
from attunement.mixed.quadrature import Binary, BinaryOptimum, maximise
from attunement.mixed.resampling import Bootstrap, Influence
from attunement.mixed.results import Fit
from attunement.mixed.tables import fixed_table, variance_table

Codes = NDArray[np.intp]


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
    ) -> None:
        estimates, errors, covariance = _user_units(basis, optimum)
        messages = [*design.messages, *optimum.messages]
        if optimum.singular:
            messages.append("singular: the variance between groups is estimated at or near zero")
        covariances = {}
        if group is not None:
            covariances[group] = np.array([[optimum.group_variance]])
            messages.append("intervals of variances are not available: ci_low and ci_high are NaN")
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
            "attunement",
        )
        self.basis = basis
        self.binary = binary
        self.internal = optimum
        self.link = link
        self.nodes = nodes
        self.node_movement = node_movement
        self.group = group

    def _inverse_link(self, predictor: Array) -> Array:
        if self.link == "logit":
            return np.asarray(expit(predictor))
        return np.asarray(-np.expm1(-np.exp(np.minimum(predictor, 700.0))))

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
        predictor = binary.columns @ optimum.coefficients + optimum.modes[codes]
        if binary.offset is not None:
            predictor = predictor + binary.offset
        share = np.clip(self._inverse_link(predictor), 1e-12, 1.0 - 1e-12)
        if self.link == "logit":
            each = share * (1.0 - share)
        else:
            each = (np.log1p(-share) * (1.0 - share)) ** 2 / (share * (1.0 - share))
        information = np.bincount(
            codes, each * binary.trials * binary.frequency, len(optimum.modes)
        )
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

    def refit(self, *, terms: object = None, cluster_weights: object = None) -> NoReturn:
        """Raises `NotAvailable`."""
        self._unavailable("refit of a binary model", "call fit_logistic")

    def _again(self, rows: Codes, codes: Codes | None) -> tuple[Array, Array, float, bool]:
        """Estimates, errors, group variance and convergence on other rows; NaN if impossible."""
        size = len(self._kept)
        part = self.binary.take(rows, codes)
        begin = (self.internal.coefficients, float(np.sqrt(self.internal.group_variance)))
        try:
            found = maximise(part, self.link, max(self.nodes, 1), begin)
        except FitError:
            return np.full(size, np.nan), np.full(size, np.nan), float("nan"), False
        estimates, errors, _ = _user_units(self.basis, found)
        return estimates, errors, found.group_variance, found.converged

    def _group_codes(self, group: str) -> Codes:
        if group != self.group or self.binary.codes is None:
            raise NotAvailable(f"{group!r} is not the group of this fit ({self.group!r})")
        return self.binary.codes

    def bootstrap(self, n: int, by: str, seed: int) -> Bootstrap:
        """Cluster bootstrap: resample whole groups with replacement and refit."""
        codes = self._group_codes(by)
        members = [np.flatnonzero(codes == code) for code in range(int(codes.max()) + 1)]
        generator = np.random.default_rng(seed)
        fixed, variance, settled = [], [], 0
        for _ in range(n):
            drawn = generator.integers(0, len(members), len(members))
            rows = np.concatenate([members[code] for code in drawn])
            fresh = np.repeat(np.arange(len(drawn)), [len(members[code]) for code in drawn])
            estimates, _, spread, converged = self._again(rows, fresh)
            fixed.append(estimates)
            variance.append(spread)
            settled += int(converged)
        table = pd.DataFrame(np.reshape(fixed, (n, -1)), columns=self.fixed.index)
        failed = int(table.loc[:, self._kept].isna().any(axis=1).sum())
        return Bootstrap(
            fixed=table,
            variance=pd.DataFrame({f"{by}: Intercept, Intercept": variance}),
            estimates=self.fixed["estimate"],
            by=by,
            seed=seed,
            n_failed=failed,
            n_not_converged=n - settled - failed,
        )

    def influence(self, group: str) -> Influence:
        """Exact leave-one-group-out refits."""
        codes = self._group_codes(group)
        labels = self.design.labels[group]
        full = self.fixed["estimate"].to_numpy()
        inverse = np.linalg.inv(self._covariance)
        rows, scaled, variance, summary = [], [], [], []
        for code in range(len(labels)):
            left = np.flatnonzero(codes != code)
            again = np.unique(codes[left], return_inverse=True)[1]
            estimates, errors, spread, converged = self._again(left, again)
            change = full - estimates
            kept = change[self._kept]
            rows.append(estimates)
            scaled.append(change / errors)
            variance.append(spread)
            summary.append(
                (len(codes) - len(left), converged, float(kept @ inverse @ kept) / len(kept))
            )
        names = self.fixed.index
        table = pd.DataFrame(np.array(rows), index=labels, columns=names)
        return Influence(
            estimates=table,
            dfbeta=table.rsub(self.fixed["estimate"], axis=1),
            dfbetas=pd.DataFrame(np.array(scaled), index=labels, columns=names),
            variance=pd.DataFrame({f"{group}: Intercept, Intercept": variance}, index=labels),
            summary=pd.DataFrame(
                summary, index=labels, columns=["n_left_out", "converged", "cooks_distance"]
            ),
            group=group,
        )


def _user_units(basis: Basis, optimum: BinaryOptimum) -> tuple[Array, Array, Array]:
    covariance = basis.transform @ optimum.covariance @ basis.transform.T
    estimates = np.full(len(basis.kept), np.nan)
    errors = np.full(len(basis.kept), np.nan)
    estimates[basis.kept] = basis.transform @ optimum.coefficients
    errors[basis.kept] = np.sqrt(np.diag(covariance))
    return estimates, errors, covariance
