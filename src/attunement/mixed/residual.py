"""Residuals that differ in variance between groups of rows or are correlated within a client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attunement.mixed.design import Design
from attunement.mixed.errors import InvalidSpecification, InvalidValues
from attunement.mixed.kernel import Array
from attunement.mixed.nesting import Nesting

CORRELATIONS = ("ar1", "exponential")
# a correlation this close to one over a whole group leaves nothing to tell it from an effect
_ENDLESS = 0.999
# the parameter that stands for a range of zero
NO_CORRELATION = -500.0
NO_VARIANCE = 1e-9
_FEWEST = 3


@dataclass(frozen=True)
class ResidualTerm:
    """What `residual` asks for: the column `by` whose values differ in variance, the kind of
    correlation and the column `along` of positions; None where not asked for."""

    by: str | None = None
    correlation: str | None = None
    along: str | None = None

    def columns(self, data: pd.DataFrame) -> dict[str, Array]:
        """One number a row for each column used, NaN where missing: codes, positions.

        Raises
        ------
        InvalidSpecification, InvalidValues
            If a column is absent, occurs twice, or holds positions that are no finite numbers.
        """
        for name in (self.by, self.along):
            if name is not None and name not in data.columns:
                raise InvalidSpecification(f"residual: no column {name!r} in the data")
            if name is not None and isinstance(data[name], pd.DataFrame):
                raise InvalidSpecification(f"column {name!r} occurs more than once in the data")
        found = {}
        if self.by is not None:
            codes = pd.factorize(data[self.by], sort=True)[0].astype(float)
            found["residual by"] = np.where(codes < 0, np.nan, codes)
        if self.along is not None:
            try:
                positions = data[self.along].astype("Float64").to_numpy(float, na_value=np.nan)
            except (TypeError, ValueError):
                raise InvalidValues(f"residual: {self.along!r} must hold numbers") from None
            if np.isinf(positions).any():
                raise InvalidValues(f"residual: {self.along!r} holds infinite values")
            found["residual along"] = positions
        return found


def parse_residual(text: str) -> ResidualTerm | None:
    """Read ``"independent"`` (None), ``"by:arm"``, ``"ar1:session"``, ``"exponential:day"`` or
    ``"by:arm + ar1:session"``.

    Raises
    ------
    InvalidSpecification
    """
    if not isinstance(text, str):
        raise InvalidSpecification(f"residual={text!r}; give it as text, such as 'ar1:session'")
    if text.strip() == "independent":
        return None
    asked: dict[str, str] = {}
    for part in text.split("+"):
        kind, colon, column = (piece.strip() for piece in part.partition(":"))
        if kind not in ("by", *CORRELATIONS) or not colon or not column:
            raise InvalidSpecification(
                f"residual={text!r}: {part.strip()!r} is none of 'independent', 'by:column',"
                " 'ar1:column', 'exponential:column'"
            )
        place = "by" if kind == "by" else "correlation"
        if place in asked:
            raise InvalidSpecification(f"residual={text!r} holds two parts of the same sort")
        asked[place] = column if kind == "by" else f"{kind}:{column}"
    correlation, _, along = asked.get("correlation", "").partition(":")
    return ResidualTerm(asked.get("by"), correlation or None, along or None)


@dataclass(frozen=True)
class Residual:
    """Residual covariance ``sigma2 D^1/2 R D^1/2`` of the rows of a design, in parameters.

    `codes` (n,) are the values of `by` with `labels`; `previous` (n,) is the row before each in
    its innermost group, -1 for the first, and `gap` (n,) the distance to it; `order` (n,) lists
    rows by group and position. A parameter vector holds the logarithms of the variances of all
    values but the first relative to the first, then the correlation: atanh of AR(1)'s, or the
    logit of the correlation at the median gap. D has mean one over the rows.
    """

    term: ResidualTerm
    codes: NDArray[np.intp]
    labels: list[Any]
    order: NDArray[np.int64]
    previous: NDArray[np.int64]
    gap: Array
    longest: float

    @property
    def n_parameters(self) -> int:
        """Number of parameters besides sigma2."""
        return len(self.labels) - 1 + (self.term.correlation is not None)

    @property
    def typical(self) -> float:
        """The median gap."""
        return float(np.median(self.gap[self.previous >= 0]))

    def ratios(self, parameters: Array) -> Array:
        """Variance of each value of `by`, the mean over rows being one."""
        raw = np.exp(np.concatenate([[0.0], parameters[: len(self.labels) - 1]]))
        return np.asarray(raw / np.mean(raw[self.codes]))

    def natural(self, parameter: float) -> float:
        """AR(1)'s correlation or the exponential's range, of the last parameter."""
        if self.term.correlation == "ar1":
            return float(np.tanh(parameter))
        if parameter <= NO_CORRELATION:
            return 0.0
        return self.typical / float(np.logaddexp(0.0, -parameter))

    def parameter_of(self, correlation: float) -> float:
        """The last parameter at a correlation of rows one median gap (AR(1): one) apart."""
        if self.term.correlation == "ar1":
            return float(np.arctanh(correlation))
        return float(np.log(correlation / (1.0 - correlation)))

    def log_correlation(self, parameter: float, gap: Any) -> Any:
        """Logarithm of the size of the correlation of rows that far apart."""
        value = self.natural(parameter)
        if self.term.correlation == "ar1":
            return gap * np.log(max(abs(value), 1e-300))
        return -gap / max(value, 1e-300)

    def is_beyond(self, parameters: Array) -> bool:
        """Whether a variance is as good as none, or rows stay correlated over the longest group,
        as under a random intercept."""
        ratios = self.ratios(parameters)
        if ratios.min() < NO_VARIANCE * ratios.max():
            return True
        if self.term.correlation is None:
            return False
        return bool(self.log_correlation(parameters[-1], self.longest) > np.log(_ENDLESS))

    def weights(self, parameters: Array) -> tuple[Array, Array]:
        """What makes rows independent: a row is multiplied by `own` (n,), and its predecessor
        times `before` (n,) taken off."""
        own = 1.0 / np.sqrt(self.ratios(parameters))[self.codes]
        before = np.zeros(len(own))
        if self.term.correlation is None:
            return own, before
        later = np.flatnonzero(self.previous >= 0)
        gap = self.gap[later]
        log_size = self.log_correlation(parameters[-1], gap)
        correlation = np.exp(log_size)
        if self.natural(parameters[-1]) < 0.0:
            correlation = np.where(gap % 2.0 == 1.0, -correlation, correlation)
        left = 1.0 / np.sqrt(-np.expm1(2.0 * log_size))
        before[later] = correlation * left * own[self.previous[later]]
        own[later] *= left
        return own, before


def _by_codes(
    term: ResidualTerm, data: pd.DataFrame, rows: NDArray[np.intp], codes: Array
) -> tuple[NDArray[np.intp], list[Any]]:
    _, first, place, counts = np.unique(
        codes, return_index=True, return_inverse=True, return_counts=True
    )
    labels = data[term.by].iloc[rows[first]].tolist()
    if len(labels) == 1:
        raise InvalidSpecification(f"residual: {term.by!r} is {labels[0]!r} in all rows")
    if counts.min() < _FEWEST:
        few = int(np.argmin(counts))
        raise InvalidSpecification(
            f"residual: {term.by!r} is {labels[few]!r} in {counts[few]} rows; at least"
            f" {_FEWEST} are needed"
        )
    return place.astype(np.intp), labels


def residual_of(
    term: ResidualTerm,
    data: pd.DataFrame,
    design: Design,
    kept: dict[str, Array],
    nesting: Nesting,
) -> Residual:
    """The residual structure of the rows of a design.

    Parameters
    ----------
    term, data : what is asked for, and where.
    design, kept : the rows kept, and `ResidualTerm.columns` of them.
    nesting : the order of the rows' innermost groups.

    Raises
    ------
    InvalidSpecification
        If AR(1)'s positions are no whole numbers, a group has two rows at one position, there
        is no group, or a value of `by` has too few rows.
    """
    n_rows = len(design.outcome)
    codes, labels = np.zeros(n_rows, dtype=np.intp), [None]
    if term.by is not None:
        codes, labels = _by_codes(term, data, design.rows, kept["residual by"])
    order = nesting.order if len(nesting.order) else np.arange(n_rows)
    previous, gap, longest = np.full(n_rows, -1, dtype=np.int64), np.zeros(n_rows), 0.0
    if term.correlation is not None:
        if not design.terms:
            raise InvalidSpecification(
                f"residual: {term.correlation!r} needs a level within which rows are correlated,"
                " such as random={'client': '1'}"
            )
        level, along = design.terms[-1].level, kept["residual along"]
        fractions = np.flatnonzero(along != np.round(along))
        if term.correlation == "ar1" and len(fractions):
            raise InvalidSpecification(
                f"residual: 'ar1' counts in whole numbers; {term.along!r} holds"
                f" {len(fractions)} others (first: {along[fractions[0]]:g}). For times of any"
                f" distance use 'exponential:{term.along}'"
            )
        group = np.repeat(np.arange(len(nesting.row_starts) - 1), np.diff(nesting.row_starts))
        order = order[np.lexsort((along[order], group))]
        later = np.flatnonzero(group[1:] == group[:-1]) + 1
        previous[order[later]] = order[later - 1]
        gap[order[later]] = along[order[later]] - along[order[later - 1]]
        if len(twice := order[later][gap[order[later]] == 0.0]):
            name = design.labels[level][design.codes[level][twice[0]]]
            raise InvalidSpecification(
                f"residual: {len(twice)} rows stand at the same {term.along!r} as another row of"
                f" their {level!r} (first: {name!r} at {along[twice[0]]:g})"
            )
        longest = float(np.bincount(group, gap[order]).max())
    return Residual(term, codes, labels, order, previous, gap, longest)
