"""Well-conditioned columns in place of those given, dependent ones left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.errors import NothingEstimable
from attunement.mixed.kernel import Array

_DEPENDENT = 1e-8


@dataclass(frozen=True)
class Basis:
    """Well-conditioned stand-in of the fixed columns: `orthogonal` = kept columns x `transform`.

    `kept` marks the columns that do not depend linearly on earlier ones; `log_determinant` is
    that of `transform`.
    """

    orthogonal: Array
    kept: NDArray[np.bool_]
    transform: Array
    log_determinant: float
    intercept: int | None


def _triangle(columns: Array) -> Array:
    """R of the QR decomposition; from the cross products where they are well conditioned."""
    try:
        r = np.linalg.cholesky(columns.T @ columns).T
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.qr(columns, mode="r"))
    if np.min(np.diag(r)) < 1e-4 * np.sqrt(len(columns)):
        return np.asarray(np.linalg.qr(columns, mode="r"))
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
    spread = np.ptp(fixed, axis=0) if n_rows else np.zeros(n_columns)
    constant = (spread == 0.0) & (fixed[0] != 0.0) if n_columns else np.zeros(0, dtype=bool)
    intercept = int(np.flatnonzero(constant)[0]) if constant.any() else None
    shift = np.zeros(n_columns)
    if intercept is not None:
        shift = fixed.mean(axis=0) / fixed[0, intercept]
        shift[intercept] = 0.0
    centred = fixed - (0.0 if intercept is None else np.outer(fixed[:, intercept], shift))
    length = np.sqrt((centred**2).mean(axis=0))
    size = np.sqrt((fixed**2).mean(axis=0))
    kept = length > 1e-12 * np.maximum(size, 1e-300)
    if intercept is not None:
        order = np.r_[intercept, np.delete(np.arange(n_columns), intercept)]
    else:
        order = np.arange(n_columns)
    scaled = centred / np.where(kept, length, 1.0)
    while True:
        active = order[kept[order]]
        if not len(active):
            raise NothingEstimable(f"no estimable column among: {', '.join(names) or 'none'}")
        r = _triangle(scaled[:, active])
        diagonal = np.abs(np.diag(r)) / np.sqrt(n_rows)
        short = np.flatnonzero(diagonal < _DEPENDENT)
        if len(active) > n_rows:
            short = np.union1d(short, np.arange(n_rows, len(active)))
        if not len(short):
            break
        kept[active[short[0]]] = False
    inverse = np.linalg.inv(r) * np.sqrt(n_rows)
    whole = np.zeros((n_columns, len(active)))
    whole[active] = inverse / length[active][:, None]
    if intercept is not None:
        whole[intercept] -= shift @ whole
    log_determinant = float(np.log(np.abs(np.diag(inverse))).sum() - np.log(length[active]).sum())
    return Basis(scaled[:, active] @ inverse, kept, whole[kept], log_determinant, intercept)
