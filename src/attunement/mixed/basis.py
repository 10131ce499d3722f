"""Well-conditioned columns in place of those given, dependent ones left out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.errors import NothingEstimable
from attunement.mixed.kernel import Array

_DEPENDENT = 1e-8
_ROWS_AT_ONCE = 16_384


@dataclass(frozen=True)
class Basis:
    """Well-conditioned stand-in O of the fixed columns X: O = (X - shift) @ internal, O'O = n I.

    O is also the kept columns times `transform` (p, p), whose log determinant is
    `log_determinant`; `kept` marks the columns that do not depend linearly on earlier ones, and
    X = O @ `backward` (p, all columns). `intercept` is the place of a constant column.
    """

    fixed: Array
    kept: NDArray[np.bool_]
    shift: Array
    internal: Array
    transform: Array
    backward: Array
    log_determinant: float
    intercept: int | None

    @cached_property
    def orthogonal(self) -> Array:
        """O (n, p)."""
        result = np.empty((len(self.fixed), self.internal.shape[1]))
        for part in _portions(len(self.fixed)):
            np.matmul(self.fixed[part] - self.shift, self.internal, out=result[part])
        return result


def _portions(n_rows: int) -> list[slice]:
    return [slice(start, start + _ROWS_AT_ONCE) for start in range(0, n_rows, _ROWS_AT_ONCE)]


def means(columns: Array) -> Array:
    """Means (k,) of columns (n, k); not finite where a value is not."""
    total = np.zeros(columns.shape[1])
    for part in _portions(len(columns)):
        total += np.ones(len(columns[part])) @ columns[part]
    return total / max(len(columns), 1)


def mean_sizes(columns: Array) -> Array:
    """Means (k,) of the absolute values of columns (n, k); not finite where a value is not."""
    total = np.zeros(columns.shape[1])
    for part in _portions(len(columns)):
        total += np.ones(len(columns[part])) @ np.abs(columns[part])
    return total / max(len(columns), 1)


def products(columns: Array, shift: Array) -> Array:
    """Cross products (k, k) of columns (n, k) less their shifts (k,)."""
    total = np.zeros((columns.shape[1], columns.shape[1]))
    for part in _portions(len(columns)):
        moved = columns[part] - shift
        total += moved.T @ moved
    return total


def constant_column(fixed: Array, deviations: Array, sizes: Array) -> int | None:
    """The first column (of n, k) that is the same number, not 0, in every row."""
    for index in np.flatnonzero(deviations <= 1e-12 * sizes):
        if fixed[0, index] != 0.0 and np.ptp(fixed[:, index]) == 0.0:
            return int(index)
    return None


def _triangle(
    gram: Array, fixed: Array, active: NDArray[np.intp], shift: Array, length: Array
) -> Array:
    """R of the QR decomposition of scaled columns; from their cross products where these are well
    conditioned."""
    size = length[active]
    try:
        r = np.linalg.cholesky(gram[np.ix_(active, active)] / np.outer(size, size)).T
    except np.linalg.LinAlgError:
        r = np.zeros((1, 1))
    if np.min(np.diag(r)) < 1e-4 * np.sqrt(len(fixed)):
        r = np.asarray(np.linalg.qr((fixed[:, active] - shift[active]) / size, mode="r"))
    return np.asarray(r)


def orthogonal_basis(fixed: Array, names: list[str]) -> Basis:
    """Centre, scale and orthogonalise columns, dropping each that depends on earlier ones.

    Centring happens inside only, and only where the columns hold a constant one, so that an
    offset of any size in a covariate leaves the deviance as it is.

    Raises
    ------
    NothingEstimable
        If no column is left.
    """
    n_rows, n_columns = fixed.shape
    centre = means(fixed)
    gram = products(fixed, centre)
    sizes = np.sqrt(np.diag(gram) / n_rows + centre**2)
    deviations = np.sqrt(np.diag(gram) / n_rows)
    intercept = constant_column(fixed, deviations, sizes)
    shift = centre.copy()
    if intercept is None:
        shift[:] = 0.0
        gram += n_rows * np.outer(centre, centre)
    else:
        shift[intercept] = 0.0
        gram[intercept] = gram[:, intercept] = 0.0
        gram[intercept, intercept] = n_rows * centre[intercept] ** 2
    length = np.sqrt(np.diag(gram) / n_rows)
    kept = length > 1e-12 * np.maximum(sizes, 1e-300)
    order = np.arange(n_columns)
    if intercept is not None:
        order = np.r_[intercept, np.delete(order, intercept)]
    while True:
        active = order[kept[order]]
        if not len(active):
            raise NothingEstimable(f"no estimable column among: {', '.join(names) or 'none'}")
        r = _triangle(gram, fixed, active, shift, length)
        diagonal = np.abs(np.diag(r)) / np.sqrt(n_rows)
        short = np.flatnonzero(diagonal < _DEPENDENT)
        if len(active) > n_rows:
            short = np.union1d(short, np.arange(n_rows, len(active)))
        if not len(short):
            break
        kept[active[short[0]]] = False
    size = length[active]
    inverse = np.linalg.inv(r) * np.sqrt(n_rows)
    internal = np.zeros((n_columns, len(active)))
    internal[active] = inverse / size[:, None]
    backward = internal.T @ gram / n_rows
    backward[:, active] = r / np.sqrt(n_rows) * size
    whole = internal.copy()
    if intercept is not None:
        relative = shift / fixed[0, intercept]
        whole[intercept] -= relative @ internal
        backward += np.outer(backward[:, intercept], relative)
    return Basis(
        fixed=fixed,
        kept=kept,
        shift=shift,
        internal=internal,
        transform=whole[kept],
        backward=backward,
        log_determinant=float(np.log(np.abs(np.diag(inverse))).sum() - np.log(size).sum()),
        intercept=intercept,
    )
