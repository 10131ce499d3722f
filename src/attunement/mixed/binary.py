"""Rows of a binary model in the order of its groups, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtri

from attunement.mixed.basis import Basis
from attunement.mixed.kernel import Array
from attunement.mixed.tables import CONFIDENCE

_ROWS_AT_ONCE = 16_384


@dataclass(frozen=True)
class Binary:
    """Rows in internal units, those of one group together and those without a group last.

    `events` and `totals` (n,) are numbers of trials, each times the frequency of its row;
    `constant` (n,) the logarithm of the binomial coefficients, times the frequency; `columns`
    (n, p) are orthogonalised; `codes` (n,) ascend, then -1; `order` (n,) gives the place of each
    row among those given. `offset`, `constant` and `order` are empty where there is none.
    """

    events: Array
    totals: Array
    constant: Array
    offset: Array
    columns: Array
    codes: NDArray[np.intp]
    order: NDArray[np.intp]
    n_groups: int

    @property
    def n_grouped(self) -> int:
        """Number of rows that have a group."""
        return int((self.codes >= 0).sum())

    def in_given_order(self, values: Array) -> Array:
        """Values (n, ...) of the rows as they were given."""
        if not len(self.order):
            return values
        result = np.empty_like(values)
        result[self.order] = values
        return result


@dataclass(frozen=True)
class BinaryOptimum:
    """Coefficients (p,), standard deviation between groups, their covariance (p + 1, p + 1) with
    zeros for a deviation of zero, and how the search ended."""

    coefficients: Array
    sigma: float
    covariance: Array
    loglik: float
    converged: bool
    singular: bool
    messages: list[str]


def binary_rows(
    basis: Basis,
    proportion: Array,
    trials: Array | None,
    frequency: Array | None,
    offset: Array | None,
    codes: NDArray[np.intp] | None,
    n_groups: int,
) -> Binary:
    """Rows (n,) as given, brought into the order of their groups.

    Parameters
    ----------
    basis : of the fixed columns.
    proportion, trials, frequency, offset : (n,); None stands for ones, or no offset.
    codes : (n,) from 0, -1 for a row without a group; None for a model without groups.
    """
    n_rows = len(proportion)
    codes = np.full(n_rows, -1) if codes is None else codes
    order = np.empty(0, dtype=np.intp)
    key = np.where(codes < 0, n_groups, codes)
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")

    def sort(values: Any) -> Any:
        return values[order] if len(order) else values

    events, totals, constant = proportion, np.ones(n_rows), np.empty(0)
    if trials is not None:
        events, totals = trials * proportion, trials
        constant = gammaln(totals + 1.0) - gammaln(events + 1.0) - gammaln(totals - events + 1.0)
    if frequency is not None:
        events, totals = events * frequency, totals * frequency
        constant = constant * frequency if len(constant) else constant
    columns = np.empty((n_rows, basis.internal.shape[1]))
    for start in range(0, n_rows, _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        fixed = basis.fixed[order[part]] if len(order) else basis.fixed[part]
        np.matmul(fixed - basis.shift, basis.internal, out=columns[part])
    return Binary(
        events=np.require(sort(events), float, ["C", "W"]),
        totals=np.require(sort(totals), float, ["C", "W"]),
        constant=sort(constant) if len(constant) else constant,
        offset=np.empty(0) if offset is None else np.require(sort(offset), float, ["C", "W"]),
        columns=columns,
        codes=np.ascontiguousarray(sort(codes)),
        order=order,
        n_groups=n_groups,
    )


def user_units(basis: Basis, optimum: BinaryOptimum) -> tuple[Array, Array, Array]:
    """Coefficients and errors of all columns, and the covariance of the kept ones."""
    covariance = basis.transform @ optimum.covariance[:-1, :-1] @ basis.transform.T
    estimates = np.full(len(basis.kept), np.nan)
    errors = np.full(len(basis.kept), np.nan)
    estimates[basis.kept] = basis.transform @ optimum.coefficients
    errors[basis.kept] = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return estimates, errors, covariance


def variance_interval(optimum: BinaryOptimum, confidence: float = CONFIDENCE) -> Array:
    """Limits (2,) of the variance between groups; near the boundary the upper one is infinite."""
    with np.errstate(over="ignore"):
        return sd_interval(optimum, confidence) ** 2


def sd_interval(optimum: BinaryOptimum, confidence: float = CONFIDENCE) -> Array:
    """Limits (2,) of the standard deviation between groups, normal on the log scale."""
    error = float(np.sqrt(optimum.covariance[-1, -1]))
    if optimum.singular or not error > 0.0:
        return np.full(2, np.nan)
    width = float(ndtri(0.5 + confidence / 2.0)) * error / optimum.sigma
    with np.errstate(over="ignore"):  # near the boundary the upper limit may be infinite
        return np.asarray(optimum.sigma * np.exp([-width, width]))
