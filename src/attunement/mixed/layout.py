"""Which entries of the relative covariance factors are free, and factors of given covariances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.kernel import Array, Factors

Entries = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True)
class Layout:
    """Which entries of the two relative covariance factors are free.

    `sizes` are the numbers of outer and inner random columns, `independent` whether each level has
    a diagonal covariance. A parameter vector holds the outer entries, then the inner ones, each
    column by column. The sign of a column of a factor changes nothing, so that no entry needs a
    bound. `orders`, if given, are the orders of random columns in which factors are triangular.
    """

    sizes: tuple[int, int]
    independent: tuple[bool, bool]
    orders: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    @cached_property
    def entries(self) -> tuple[Entries, Entries]:
        """Rows and columns of the free entries of each level."""
        found = []
        for level, size in enumerate(self.sizes):
            order = np.arange(size)
            if self.independent[level]:
                found.append((order, order))
            else:
                if self.orders is not None:
                    order = np.array(self.orders[level], dtype=np.intp)
                columns, rows = np.triu_indices(size)
                found.append((order[rows], columns))
        return found[0], found[1]

    @property
    def n_parameters(self) -> int:
        """Number of free entries over both levels."""
        return sum(len(rows) for rows, _ in self.entries)

    @cached_property
    def on_diagonal(self) -> NDArray[np.bool_]:
        """Which parameters are diagonal entries."""
        return np.concatenate([rows == columns for rows, columns in self.entries])

    @cached_property
    def covariance_directions(self) -> tuple[Array, Array]:
        """Per level (k, q, q), the free entries of the covariance one by one."""
        found = []
        for size, independent in zip(self.sizes, self.independent, strict=True):
            rows, columns = (np.arange(size),) * 2 if independent else np.tril_indices(size)
            each = np.zeros((len(rows), size, size))
            each[np.arange(len(rows)), rows, columns] = 1.0
            each[np.arange(len(rows)), columns, rows] = 1.0
            found.append(each)
        return found[0], found[1]

    def unpack(self, parameters: Array) -> Factors:
        """The outer and inner factors of a parameter vector."""
        factors = []
        start = 0
        for size, (rows, columns) in zip(self.sizes, self.entries, strict=True):
            factor = np.zeros((size, size))
            factor[rows, columns] = parameters[start : start + len(rows)]
            start += len(rows)
            factors.append(factor)
        return factors[0], factors[1]

    def pack(self, matrices: Sequence[Array]) -> Array:
        """The parameter vector of two (lower triangular) matrices."""
        return np.concatenate(
            [matrix[entries] for matrix, entries in zip(matrices, self.entries, strict=True)]
        )

    def upright(self, parameters: Array) -> Array:
        """The same covariances with no diagonal entry below zero."""
        return self.pack(
            [
                factor * np.where(np.diag(factor) < 0.0, -1.0, 1.0)
                for factor in self.unpack(parameters)
            ]
        )

    def pivoted(self, parameters: Array) -> tuple[Layout, Array]:
        """The same covariances by factors triangular in the order of what is left of each variance.

        A factor with a small diagonal entry before a larger one leaves later entries free to turn
        at almost the same covariance, in which a search creeps; in this order it cannot.
        """
        orders, matrices = [], []
        for factor, independent in zip(self.unpack(parameters), self.independent, strict=True):
            left = factor @ factor.T
            order: list[int] = []
            for _ in range(len(factor)):
                free = [index for index in range(len(factor)) if index not in order]
                pivot = free[int(np.argmax(np.diag(left)[free]))]
                order.append(pivot)
                if left[pivot, pivot] > 0.0:
                    left = left - np.outer(left[pivot], left[pivot]) / left[pivot, pivot]
            orders.append(tuple(order))
            turned = factor
            if not independent and len(factor):
                turned = np.empty_like(factor)
                turned[order] = factor_of((factor @ factor.T)[np.ix_(order, order)])
            matrices.append(turned)
        layout = Layout(self.sizes, self.independent, (orders[0], orders[1]))
        return layout, layout.pack(matrices)

    def natural(self, parameters: Array) -> Array:
        """The parameters, in the layout without orders, of the same covariances."""
        matrices = [
            factor if independent or not len(factor) else factor_of(factor @ factor.T)
            for factor, independent in zip(self.unpack(parameters), self.independent, strict=True)
        ]
        return Layout(self.sizes, self.independent).pack(matrices)

    def directions(self, parameters: Array, level: int) -> Array:
        """Derivatives (k, q, q) of a level's relative covariance in its parameters."""
        factor = self.unpack(parameters)[level]
        rows, columns = self.entries[level]
        half = np.zeros((len(rows), *factor.shape))
        half[np.arange(len(rows)), rows] = factor.T[columns]
        return half + np.swapaxes(half, 1, 2)


def factor_of(covariance: Array) -> Array:
    """Lower triangular factor, without a negative diagonal, of a covariance of any rank."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2.0)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    factor = np.linalg.qr(root.T)[1].T
    return np.asarray(factor * np.where(np.diag(factor) < 0.0, -1.0, 1.0))
