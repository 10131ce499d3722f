"""Profiled deviance of a nested linear mixed model from cross products of its blocks.

The model is ``y = X b + Z1 u + Z2 v + e`` with outer effects ``u`` and inner effects ``v``, inner
groups lying inside outer blocks. Once the cross products of every inner group are formed, the
deviance and its gradient no longer touch rows: inner effects are eliminated group by group, then
outer effects block by block, and a Cholesky factor of what remains gives the coefficients
(Bates, Maechler, Bolker and Walker 2015, J. Stat. Softw. 67(1), for the profiled criterion).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Factors = tuple[Array, Array]


@dataclass(frozen=True)
class Blocks:
    """Cross products per inner group, sorted so that groups of one outer block lie together.

    `inner` (C, q2, q2) is Z2'Z2, `inner_cross` (C, q2, d) is Z2'[Z1 X y] and `cross` (C, d, d) is
    [Z1 X y]'[Z1 X y], with d = q1 + p + 1; `rows` (C,) counts rows, `outer_of` (C,) gives the
    block of each inner group and `starts` (T,) the first inner group of each block.
    """

    inner: Array
    inner_cross: Array
    cross: Array
    rows: Array
    outer_of: NDArray[np.intp]
    starts: NDArray[np.intp]
    n_outer_terms: int

    @property
    def n_terms(self) -> int:
        """Number p of fixed-effect columns."""
        return int(self.cross.shape[1]) - self.n_outer_terms - 1


@dataclass(frozen=True)
class Evaluation:
    """Everything that one pass over the blocks yields at given relative covariance factors.

    `score` holds, per level, the parts (A, B) of the gradient in the relative covariance:
    A - B / sigma2. `inner_*` and `outer_*` are Z'V^-1 [X y] (`projected`) and Z'V^-1 Z
    (`information`) per group, V being the relative covariance of the outcome.
    """

    deviance: float
    coefficients: Array
    residual_sum: float
    sigma2: float
    divisor: float
    unscaled_covariance: Array
    score: tuple[tuple[Array, Array], tuple[Array, Array]]
    inner_projected: Array
    inner_information: Array
    inner_outer: Array
    outer_projected: Array
    outer_information: Array


def build_blocks(
    inner_columns: Array,
    outer_columns: Array,
    fixed: Array,
    outcome: Array,
    inner_codes: NDArray[np.intp],
    outer_of: NDArray[np.intp],
) -> tuple[Blocks, NDArray[np.intp]]:
    """Form the blocks from rows.

    Parameters
    ----------
    inner_columns, outer_columns, fixed : (n, q2), (n, q1), (n, p) arrays, free of missing values.
    outcome : (n,) array.
    inner_codes : (n,) integers 0..C-1, every value present.
    outer_of : (C,) integers 0..T-1, the block of each inner group.

    Returns
    -------
    The blocks, and the (C,) order in which inner groups stand in them.
    """
    order = np.argsort(outer_of, kind="stable")
    position = np.empty_like(order)
    position[order] = np.arange(len(order))
    codes = position[inner_codes]
    row_order = np.argsort(codes, kind="stable")
    stacked = np.column_stack([inner_columns, outer_columns, fixed, outcome])[row_order]
    rows = np.bincount(codes, minlength=len(order))
    ends = np.cumsum(rows)
    width = stacked.shape[1]
    products = np.empty((len(order), width, width))
    for group, (start, end) in enumerate(zip(ends - rows, ends, strict=True)):
        part = stacked[start:end]
        products[group] = part.T @ part
    sorted_outer = outer_of[order]
    starts = np.flatnonzero(np.r_[True, np.diff(sorted_outer) != 0])
    dense_outer = np.cumsum(np.r_[True, np.diff(sorted_outer) != 0]) - 1
    q2 = inner_columns.shape[1]
    return (
        Blocks(
            inner=np.ascontiguousarray(products[:, :q2, :q2]),
            inner_cross=np.ascontiguousarray(products[:, :q2, q2:]),
            cross=np.ascontiguousarray(products[:, q2:, q2:]),
            rows=rows.astype(float),
            outer_of=dense_outer.astype(np.intp),
            starts=starts.astype(np.intp),
            n_outer_terms=outer_columns.shape[1],
        ),
        order,
    )


def _swap(array: Array) -> Array:
    return np.swapaxes(array, -1, -2)


def _weighted_gram(stack: Array, weights: Array | None) -> Array:
    scaled = stack if weights is None else stack * np.sqrt(weights)[:, None, None]
    flat = scaled.reshape(stack.shape[0] * stack.shape[1], stack.shape[2])
    return flat.T @ flat


def total_products(
    blocks: Blocks, inner_weights: Array | None = None, outer_weights: Array | None = None
) -> Array:
    """[X y]'[X y] (p + 1, p + 1) of all rows under group weights."""
    part = blocks.cross[:, blocks.n_outer_terms :, blocks.n_outer_terms :]
    if inner_weights is None and outer_weights is None:
        return np.asarray(part.sum(axis=0))
    weights = np.ones(len(blocks.rows)) if inner_weights is None else inner_weights
    if outer_weights is not None:
        weights = weights * outer_weights[blocks.outer_of]
    return np.asarray(np.tensordot(weights, part, axes=1))


def evaluate(
    blocks: Blocks,
    factors: Factors,
    reml: bool,
    inner_weights: Array | None = None,
    outer_weights: Array | None = None,
    products: Array | None = None,
) -> Evaluation:
    """Profiled deviance, coefficients and gradient parts at relative covariance factors.

    Parameters
    ----------
    blocks : cross products.
    factors : lower triangular outer (q1, q1) and inner (q2, q2) factors, in units of the residual
        standard deviation.
    reml : restricted likelihood if true.
    inner_weights, outer_weights : (C,) and (T,) multiplicities of groups; None means one each.
    products : `total_products` of the same weights, if they are at hand.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the weighted fixed-effect columns are not linearly independent.
    """
    outer_factor, inner_factor = factors
    q1, q2, p = blocks.n_outer_terms, blocks.inner.shape[1], blocks.n_terms
    n_inner, n_outer = len(blocks.rows), len(blocks.starts)
    within = np.ones(n_inner) if inner_weights is None else inner_weights
    across = np.ones(n_outer) if outer_weights is None else outer_weights
    weights = within * across[blocks.outer_of]
    n_rows = float(blocks.rows @ weights)

    chol2 = np.linalg.cholesky(np.eye(q2) + inner_factor.T @ blocks.inner @ inner_factor)
    lower2 = np.linalg.inv(chol2) @ inner_factor.T
    reduced2 = lower2 @ blocks.inner_cross
    hat2 = lower2 @ blocks.inner
    log_determinant = 2.0 * float(
        weights @ np.log(np.diagonal(chol2, axis1=1, axis2=2)).sum(axis=1)
    )
    total = total_products(blocks, inner_weights, outer_weights) if products is None else products
    total = total - _weighted_gram(reduced2[:, :, q1:], weights)

    outer_cross = blocks.cross[:, :q1, :] - _swap(reduced2[:, :, :q1]) @ reduced2
    outer_cross = np.add.reduceat(outer_cross * within[:, None, None], blocks.starts, axis=0)
    outer = outer_cross[:, :, :q1]
    chol1 = np.linalg.cholesky(np.eye(q1) + outer_factor.T @ outer @ outer_factor)
    lower1 = np.linalg.inv(chol1) @ outer_factor.T
    reduced1 = lower1 @ outer_cross[:, :, q1:]
    hat1 = lower1 @ outer
    log_determinant += 2.0 * float(
        across @ np.log(np.diagonal(chol1, axis1=1, axis2=2)).sum(axis=1)
    )
    total -= _weighted_gram(reduced1, across)

    chol = np.linalg.cholesky(total[:p, :p])
    if p and np.min(np.diag(chol) ** 2 / np.maximum(np.diag(total)[:p], 1e-300)) < 1e-13:
        raise np.linalg.LinAlgError("fixed-effect columns are linearly dependent")
    root = np.linalg.inv(chol)
    solved = root @ total[:p, p]
    coefficients = root.T @ solved
    residual_sum = float(total[p, p] - solved @ solved)
    divisor = n_rows - p if reml else n_rows
    sigma2 = max(residual_sum, 1e-300) / divisor
    deviance = log_determinant + divisor * (np.log(2.0 * np.pi * sigma2) + 1.0)
    if reml:
        deviance += 2.0 * float(np.log(np.diag(chol)).sum())

    inner_projected = blocks.inner_cross - _swap(hat2) @ reduced2
    inner_outer = inner_projected[:, :, :q1]
    outer_solution = _swap(lower1) @ reduced1
    inner_fixed = inner_projected[:, :, q1:] - inner_outer @ outer_solution[blocks.outer_of]
    through = lower1[blocks.outer_of] @ _swap(inner_outer)
    inner_information = blocks.inner - _swap(hat2) @ hat2 - _swap(through) @ through
    outer_fixed = outer_cross[:, :, q1:] - _swap(hat1) @ reduced1
    outer_information = outer - _swap(hat1) @ hat1

    def score(projected: Array, information: Array, weight: Array) -> tuple[Array, Array]:
        curvature = np.einsum("g,gij->ij", weight, information)
        if reml:
            size, width = projected.shape[:2]
            flat = projected.reshape(size * width, p + 1)[:, :p] @ root.T
            scaled = flat.reshape(size, width, p) * np.sqrt(weight)[:, None, None]
            spread = np.ascontiguousarray(np.moveaxis(scaled, 1, 0)).reshape(width, size * p)
            curvature = curvature - spread @ spread.T
        residual = projected[:, :, p] - projected[:, :, :p] @ coefficients
        return curvature, np.einsum("g,gi,gj->ij", weight, residual, residual)

    return Evaluation(
        deviance=float(deviance),
        coefficients=coefficients,
        residual_sum=residual_sum,
        sigma2=float(sigma2),
        divisor=divisor,
        unscaled_covariance=root.T @ root,
        score=(
            score(outer_fixed, outer_information, across),
            score(inner_fixed, inner_information, weights),
        ),
        inner_projected=inner_fixed,
        inner_information=inner_information,
        inner_outer=inner_outer,
        outer_projected=outer_fixed,
        outer_information=outer_information,
    )
