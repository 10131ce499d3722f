"""What each group shows of the coefficients and the outcome, given the variances."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.kernel import Array, Blocks, Factors


@dataclass(frozen=True)
class Projections:
    """Z'V^-1 [X y] (`_projected`), Z'V^-1 Z (`_information`) per group, V being the relative
    covariance of the outcome; `inner_outer` (C, q2, q1) is Z2'V_c^-1 Z1 within the variance of the
    inner groups alone, `left` (T, p + 1, p + 1) what remains of [X y]'[X y] after both levels."""

    inner_projected: Array
    inner_information: Array
    inner_outer: Array
    outer_projected: Array
    outer_information: Array
    left: Array


def _swap(array: Array) -> Array:
    return np.swapaxes(array, -1, -2)


def _halves(gram: Array, factor: Array) -> Array:
    """``chol^-1 factor'`` with ``chol chol' = I + factor' gram factor``, per group."""
    chol = np.linalg.cholesky(np.eye(len(factor)) + factor.T @ gram @ factor)
    return np.asarray(np.linalg.inv(chol) @ factor.T)


def sums_of_squares(stack: Array, starts: NDArray[np.int64]) -> Array:
    """Per block (T, m, m), the sum over its groups of ``s's``, `stack` (C, q, m) holding all s."""
    width = stack.shape[2]
    result = np.empty((len(starts) - 1, width, width))
    for block, (begin, end) in enumerate(pairwise(starts)):
        part = stack[begin:end].reshape((end - begin) * stack.shape[1], width)
        np.matmul(part.T, part, out=result[block])
    return result


def project(blocks: Blocks, factors: Factors) -> Projections:
    """Project the columns of every group at relative covariance factors.

    Parameters
    ----------
    blocks : cross products.
    factors : outer (q1, q1) and inner (q2, q2) factors.
    """
    outer_factor, inner_factor = factors
    width = blocks.outer.shape[1]
    shown = [*range(blocks.n_terms), width - 1]
    half2 = _halves(blocks.inner, inner_factor)
    hat2 = half2 @ blocks.inner
    reduced2 = half2 @ blocks.cross
    within = blocks.cross - _swap(hat2) @ reduced2

    left = blocks.outer - sums_of_squares(reduced2, blocks.starts)
    outer_cross = blocks.loading.T @ left * blocks.has_outer[:, None, None]
    outer = outer_cross @ blocks.loading
    half1 = _halves(outer, outer_factor)
    hat1 = half1 @ outer
    reduced1 = half1 @ outer_cross[:, :, shown]
    solution = _swap(half1) @ reduced1

    inner_outer = within @ blocks.loading * blocks.has_outer[blocks.outer_of][:, None, None]
    through = half1[blocks.outer_of] @ _swap(inner_outer)
    return Projections(
        inner_projected=within[:, :, shown] - inner_outer @ solution[blocks.outer_of],
        inner_information=blocks.inner - _swap(hat2) @ hat2 - _swap(through) @ through,
        inner_outer=inner_outer,
        outer_projected=outer_cross[:, :, shown] - outer @ solution,
        outer_information=outer - _swap(hat1) @ hat1,
        left=left[:, shown][:, :, shown] - _swap(reduced1) @ reduced1,
    )
