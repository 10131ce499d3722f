"""Rows freed of residual correlation: the usual engine then fits the usual model.

At given residual parameters every row is freed of what its predecessor foretells, after which the
residuals are independent and the cross products, the deviance (plus the logarithm of the
determinant) and the predictions are the usual ones (Pinheiro and Bates 2000, Mixed-Effects Models
in S and S-PLUS, chapter 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import special

from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.kernel import Array
from attunement.mixed.prepare import Prepared, blocks_of_rows
from attunement.mixed.residual import Residual
from attunement.mixed.satterthwaite import VarianceCurvature
from attunement.mixed.solve import Optimum, Problem

_CONFIDENCE = 0.95
_LEVEL = "residual"


class Whitened:
    """One model with a residual structure, at any residual parameters."""

    def __init__(self, prepared: Prepared, residual: Residual, reml: bool) -> None:
        self.base = prepared
        self.residual = residual
        self.reml = reml
        rows = prepared.rows
        columns = (np.column_stack([rows.fixed, rows.others]) - rows.shift) @ rows.transform
        if len(rows.roots):
            columns *= rows.roots[:, None]
        self.columns = np.ascontiguousarray(columns)

    def white(self, columns: Array, parameters: Array) -> tuple[Array, float]:
        """Columns (n, m) freed of correlation, and the logarithm of the determinant of that."""
        from attunement.mixed.kernels.residual import whiten

        own, before = self.residual.weights(parameters)
        result = np.empty_like(columns)
        whiten(columns, self.residual.previous, own, before, result)
        return result, float(np.log(own).sum())

    def at(self, parameters: Array) -> Prepared:
        """The model with independent residuals that is equivalent at residual parameters."""
        columns, log_determinant = self.white(self.columns, parameters)
        base, width = self.base, columns.shape[1]
        ratio = self.residual.ratios(parameters)[self.residual.codes]
        rows = replace(
            base.rows,
            nesting=replace(base.rows.nesting, order=self.residual.order),
            fixed=columns,
            others=np.empty((len(columns), 0)),
            roots=np.empty(0),
            shift=np.zeros(width),
            transform=np.eye(width),
        )
        return replace(
            base,
            rows=rows,
            blocks=blocks_of_rows(rows, base.blocks.n_terms),
            log_precision=base.log_precision + 2.0 * log_determinant,
            precision=1.0 / ratio if base.precision is None else base.precision / ratio,
        )

    def problem(self, parameters: Array) -> tuple[Prepared, Problem]:
        """The equivalent model and its deviance."""
        prepared = self.at(parameters)
        return prepared, Problem(prepared.blocks, prepared.layout, self.reml)


@dataclass(frozen=True)
class StructuredFit:
    """The end of a search: the equivalent model with independent residuals, its optimum,
    the residual parameters, the joint curvature of all variance parameters, the residual ones'
    errors, and whether the range is zero."""

    whitened: Whitened
    prepared: Prepared
    optimum: Optimum
    parameters: Array
    curvature: VarianceCurvature
    errors: Array
    at_zero: bool

    @property
    def residual(self) -> Residual:
        """The residual structure."""
        return self.whitened.residual

    def normalized(self, residuals: Array) -> Array:
        """Residuals (n,) made independent and of one variance."""
        roots = self.whitened.base.rows.roots
        scaled = residuals * roots if len(roots) else residuals
        white, _ = self.whitened.white(np.ascontiguousarray(scaled[:, None]), self.parameters)
        return white[:, 0]

    def variances(self, new_data: pd.DataFrame | None, sigma2: float) -> Array | float:
        """Residual variance of each row of the fit, or of new data that hold the column `by`."""
        ratios, by = sigma2 * self.residual.ratios(self.parameters), self.residual.term.by
        if by is None:
            return sigma2
        if new_data is None:
            return np.asarray(ratios[self.residual.codes])
        if by not in new_data.columns:
            raise InvalidSpecification(f"not in the new data: {by}, which residual variances need")
        known = dict(zip(self.residual.labels, ratios, strict=True))
        unseen = [value for value in new_data[by].dropna().unique().tolist() if value not in known]
        if unseen:
            raise InvalidSpecification(f"column {by!r}: {unseen[0]!r} was not in the fit")
        return np.array([known.get(value, np.nan) for value in new_data[by]], dtype=float)

    def table(self, plain: pd.DataFrame) -> pd.DataFrame:
        """The table of variances with the residual variance by value, and the correlation.

        A row of level "residual correlation" holds AR(1)'s correlation or the exponential's range
        as its `covariance`, then the correlation of two rows one unit apart, and the former's
        limits.
        """
        term, residual = self.residual.term, plain.iloc[-1]
        rows = [residual.to_dict()]
        if term.by is not None:
            mean = float(residual["covariance"])
            quantile, rows = float(special.ndtri(0.5 + _CONFIDENCE / 2.0)), []
            for place, label in enumerate(self.residual.labels):
                value = mean * float(self.residual.ratios(self.parameters)[place])
                factor = np.exp(quantile * self._log_error(place))
                name = f"{term.by} = {label}"
                numbers = value, value**0.5, value / factor, value * factor
                rows.append(dict(zip(plain.columns, (_LEVEL, name, name, *numbers), strict=True)))
        if term.correlation is not None:
            value, low, high = self._correlation()
            near = value
            if term.correlation == "exponential":
                near = float(np.exp(-1.0 / value)) if value > 0.0 else 0.0
            names = f"{_LEVEL} correlation", term.correlation, term.along
            row = (*names, value, near, low, high)
            rows.append(dict(zip(plain.columns, row, strict=True)))
        return pd.concat([plain.iloc[:-1], pd.DataFrame(rows)], ignore_index=True)

    def _log_error(self, place: int) -> float:
        """Error of the logarithm of the residual variance of one value of `by`."""
        codes = self.residual.codes
        share = self.residual.ratios(self.parameters) * np.bincount(codes) / len(codes)
        slope = -share
        slope[place] += 1.0
        slope = slope[1:]
        covariance = self.curvature.covariance
        start = len(covariance) - len(self.parameters) + self.at_zero
        used = np.r_[start - 1, start + np.arange(len(slope))]
        slope = np.r_[1.0 / self.optimum.evaluation.sigma2, slope]
        return float(np.sqrt(slope @ covariance[np.ix_(used, used)] @ slope))

    def _correlation(self) -> tuple[float, float, float]:
        """AR(1)'s correlation or the exponential's range, and limits."""
        last = float(self.parameters[-1])
        width = float(special.ndtri(0.5 + _CONFIDENCE / 2.0)) * float(self.errors[-1])
        value = self.residual.natural(last)
        if not np.isfinite(width):
            return value, float("nan"), float("nan")
        return value, self.residual.natural(last - width), self.residual.natural(last + width)
