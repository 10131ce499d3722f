"""Profiled deviance of a nested linear mixed model, and its slope, from cross products of blocks.

The model is ``y = X b + Z1 u + Z2 v + e`` with outer effects ``u`` and inner effects ``v``, inner
groups lying inside outer blocks. The loops over groups are in `kernels`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.threads import over_portions, portions_of

Array = NDArray[np.float64]
Factors = tuple[Array, Array]

# the number of portions depends on the data alone, so that sums do not depend on the machine
_GROUPS_AT_ONCE = 12_288


@dataclass(frozen=True)
class Blocks:
    """Cross products per inner group and per block of inner groups.

    A (n, m) holds the p fixed columns, outer random columns outside their span, and the outcome
    last. `inner` (C, q2, q2) is Z2'Z2 and `cross` (C, q2, m) Z2'A of each inner group, `outer`
    (T, m, m) A'A and `rows` (T,) the rows of each block; block t has the inner groups from
    ``starts[t]`` to ``starts[t + 1]``. Z1 = A @ `loading` (m, q1) in blocks where `has_outer` (T,)
    is 1, and zero where it is 0.
    """

    inner: Array
    cross: Array
    outer: Array
    rows: Array
    starts: NDArray[np.int64]
    has_outer: Array
    loading: Array
    n_terms: int

    @cached_property
    def outer_of(self) -> NDArray[np.int64]:
        """The block (C,) of each inner group."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.starts))

    @cached_property
    def between(self) -> Array:
        """Z2'Z1 (C, q2, q1) of each inner group, as if its block had an outer effect."""
        return np.ascontiguousarray(self.cross @ self.loading)

    @cached_property
    def arrays(self) -> tuple[Any, ...]:
        """All arrays, as the compiled loops take them."""
        products = self.inner, self.cross, self.outer, self.between
        return *products, self.rows, self.starts, self.has_outer, self.loading

    def weights(self, given: Array | None) -> Array:
        """The multiplicity (T,) of each block, one each where none is given."""
        return np.ones(len(self.rows)) if given is None else given

    @cached_property
    def portions(self) -> list[tuple[int, int]]:
        """First and last block of portions of the blocks that are worth a thread each."""
        return portions_of(self.starts, _GROUPS_AT_ONCE)


@dataclass(frozen=True)
class Evaluation:
    """Everything that one pass over the blocks yields at given relative covariance factors.

    `score` holds, per level, the parts (A, B) of the gradient in the relative covariance:
    A - B / sigma2; `squares` the sums over groups of the products of the entries of Z'V^-1 Z,
    (q q, q q) per level, V being the relative covariance of the outcome.
    """

    deviance: float
    coefficients: Array
    residual_sum: float
    sigma2: float
    divisor: float
    unscaled_covariance: Array
    score: tuple[tuple[Array, Array], tuple[Array, Array]]
    squares: tuple[Array, Array]


def evaluate(
    blocks: Blocks, factors: Factors, reml: bool, weights: Array | None = None
) -> Evaluation:
    """Profiled deviance, coefficients and gradient parts at relative covariance factors.

    Parameters
    ----------
    blocks : cross products.
    factors : outer (q1, q1) and inner (q2, q2) factors, in units of the residual standard
        deviation.
    reml : restricted likelihood if true.
    weights : (T,) multiplicities of blocks; None means one each.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the weighted fixed-effect columns are not linearly independent.
    """
    if len(blocks.portions) > 1:
        return _evaluate_in_portions(blocks, factors, reml, weights)
    from attunement.mixed.kernels.whole import evaluate as whole

    parts = parts_of(blocks)
    deviance = whole(
        *factors,
        reml,
        blocks.n_terms,
        blocks.arrays,
        blocks.weights(weights),
        np.empty(blocks.inner.shape),
        parts,
    )
    if np.isnan(deviance):
        raise np.linalg.LinAlgError("fixed-effect columns are linearly dependent")
    return evaluation_of(deviance, parts)


def parts_of(blocks: Blocks) -> tuple[Array, ...]:
    """Arrays for the compiled loops to fill, as `kernels.whole.evaluate` lists them."""
    p, q1, q2 = blocks.n_terms, blocks.loading.shape[1], blocks.inner.shape[1]
    sizes = (p,), (p, p), (2, q1, q1), (2, q2, q2), (q1 * q1, q1 * q1), (q2 * q2, q2 * q2), (3,)
    return tuple(np.zeros(size) for size in sizes)


def evaluation_of(deviance: float, parts: tuple[Array, ...]) -> Evaluation:
    """The evaluation whose parts the compiled loops have filled."""
    coefficients, root, outer_score, inner_score, outer_squares, inner_squares, numbers = parts
    return Evaluation(
        deviance=float(deviance),
        coefficients=coefficients,
        residual_sum=float(numbers[0]),
        sigma2=float(numbers[1]),
        divisor=float(numbers[2]),
        unscaled_covariance=root.T @ root,
        score=((outer_score[0], outer_score[1]), (inner_score[0], inner_score[1])),
        squares=(outer_squares, inner_squares),
    )


def _evaluate_in_portions(
    blocks: Blocks, factors: Factors, reml: bool, weights: Array | None
) -> Evaluation:
    from attunement.mixed.kernels.deviance import eliminate
    from attunement.mixed.kernels.slope import score

    outer_factor, inner_factor = factors
    q1, q2, p = len(outer_factor), len(inner_factor), blocks.n_terms
    width = blocks.outer.shape[1]
    multiplicity = blocks.weights(weights)
    outer_cross = np.empty((len(blocks.rows), q1, width))
    halves = np.empty(blocks.inner.shape)
    shared = (blocks.starts, blocks.has_outer, blocks.loading, multiplicity, halves, outer_cross)

    def remainder(first: int, last: int) -> tuple[float, Array]:
        total = np.zeros((width, width))
        value = eliminate(
            first, last, outer_factor, inner_factor, blocks.inner, blocks.cross, blocks.outer,
            *shared, total,
        )  # fmt: skip
        return value, total

    parts = over_portions(remainder, blocks.portions)
    log_determinant = float(sum(value for value, _ in parts))
    chosen = [*range(p), width - 1]
    total = sum(part for _, part in parts)[np.ix_(chosen, chosen)]
    total = total + np.triu(total, 1).T
    n_rows = float(blocks.rows @ multiplicity)

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

    spread = p if reml else 0
    combinations = np.zeros((width, 4 * (spread // 4 + 1)))
    combinations[:p, :spread] = root.T[:, :spread]
    combinations[:p, -1] = -coefficients
    combinations[-1, -1] = 1.0

    def slopes(first: int, last: int) -> list[Array]:
        sizes = (2, q1, q1), (2, q2, q2), (q1 * q1, q1 * q1), (q2 * q2, q2 * q2)
        sums = [np.zeros(size) for size in sizes]
        score(
            first, last, outer_factor, blocks.inner, blocks.cross, blocks.between,
            *shared, combinations, *sums,
        )  # fmt: skip
        return sums

    outer_score, inner_score, outer_squares, inner_squares = (
        np.sum(each, axis=0) for each in zip(*over_portions(slopes, blocks.portions), strict=True)
    )
    scores = [np.array([_whole(each) for each in level]) for level in (outer_score, inner_score)]
    squares = _whole(outer_squares), _whole(inner_squares)
    numbers = np.array([residual_sum, sigma2, divisor])
    return evaluation_of(float(deviance), (coefficients, root, *scores, *squares, numbers))


def _whole(lower: Array) -> Array:
    return np.asarray(np.tril(lower) + np.tril(lower, -1).T)


def recombine(blocks: Blocks, fixed: Array, outcome: Array | None = None) -> Blocks:
    """The cross products of another model on the same rows, random columns being the same.

    Parameters
    ----------
    blocks : cross products of A.
    fixed : (m, p) with orthonormal columns; the new fixed columns are ``A @ fixed``.
    outcome : (m,), the new outcome is ``A @ outcome``; None keeps it.
    """
    width = blocks.outer.shape[1]
    target = np.eye(width)[-1] if outcome is None else outcome
    outside = blocks.loading - fixed @ (fixed.T @ blocks.loading)
    vectors, sizes, _ = np.linalg.svd(outside, full_matrices=False)
    extra = vectors[:, sizes > 1e-10 * max(float(np.abs(blocks.loading).max(initial=0.0)), 1e-300)]
    spanning = np.column_stack([fixed, extra])
    matrix = np.column_stack([spanning, target])
    loading = np.zeros((matrix.shape[1], blocks.loading.shape[1]))
    loading[:-1] = spanning.T @ blocks.loading
    return replace(
        blocks,
        cross=np.ascontiguousarray(blocks.cross @ matrix),
        outer=np.ascontiguousarray(matrix.T @ blocks.outer @ matrix),
        loading=loading,
        n_terms=fixed.shape[1],
    )
