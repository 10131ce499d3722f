"""Profiled deviance of a nested linear mixed model, and its slope, from cross products of blocks.

The model is ``y = X b + Z1 u + Z2 v + e`` with outer effects ``u`` and inner effects ``v``, inner
groups lying inside outer blocks. The loops over groups are in `kernels`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.threads import in_threads, over_portions, portions_of

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


@dataclass(frozen=True)
class Lanes:
    """Blocks with their weights, laid out for the compiled loops: `portions` of them, each worth a
    thread, as `kernels.lanes.arrange` gives them."""

    portions: list[tuple[Array, ...]]
    n_terms: int
    sizes: tuple[int, int]

    def n_combinations(self, reml: bool) -> int:
        """Columns whose projections the slope needs: the residual, by REML the coefficients too."""
        return self.n_terms + 1 if reml else 1

    def parts(self) -> tuple[Array, ...]:
        """Arrays for the compiled loops to fill: coefficients (p,), root (p, p) of their unscaled
        covariance, outer and inner score (2, q, q) and squares (q q, q q), and residual sum,
        sigma2, divisor."""
        p, (q1, q2) = self.n_terms, self.sizes
        shapes = (p,), (p, p), (2, q1, q1), (2, q2, q2), (q1 * q1,) * 2, (q2 * q2,) * 2, (3,)
        return tuple(np.zeros(shape) for shape in shapes)


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


def arrange(blocks: Blocks, weights: Array | None = None) -> Lanes:
    """Lay blocks out for evaluation.

    Parameters
    ----------
    blocks : cross products.
    weights : (T,) multiplicities of blocks; None means one each.
    """
    from attunement.mixed.kernels.lanes import arrange as laid_out

    given = np.ones(len(blocks.rows)) if weights is None else np.asarray(weights, dtype=float)
    arrays = (
        blocks.inner, blocks.cross, blocks.outer, blocks.rows, blocks.starts, blocks.has_outer,
        blocks.loading, given,
    )  # fmt: skip
    portions = over_portions(
        lambda first, last: laid_out(first, last, *arrays),
        portions_of(blocks.starts, _GROUPS_AT_ONCE),
    )
    return Lanes(portions, blocks.n_terms, (blocks.loading.shape[1], blocks.inner.shape[1]))


def evaluate(lanes: Lanes, factors: Factors, reml: bool) -> Evaluation:
    """Profiled deviance, coefficients and gradient parts at relative covariance factors.

    Parameters
    ----------
    lanes : cross products, laid out.
    factors : outer (q1, q1) and inner (q2, q2) factors, in units of the residual standard
        deviation.
    reml : restricted likelihood if true.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the weighted fixed-effect columns are not linearly independent.
    """
    parts = lanes.parts()
    deviance = _fill(lanes, factors, reml, parts)
    if np.isnan(deviance):
        raise np.linalg.LinAlgError("fixed-effect columns are linearly dependent")
    return evaluation_of(deviance, parts)


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


def _fill(lanes: Lanes, factors: Factors, reml: bool, parts: tuple[Array, ...]) -> float:
    """Fill the parts of an evaluation, each portion in a thread; the deviance, NaN where the
    coefficients are not estimable."""
    from attunement.mixed.kernels.deviance import eliminate
    from attunement.mixed.kernels.profiled import profile_out, workspace
    from attunement.mixed.kernels.slope import score

    coefficients, root, *sums, numbers = parts

    def remainder(portion: tuple[Array, ...]) -> tuple[float, Array, tuple[Array, ...]]:
        work, total = workspace(portion, lanes.n_combinations(reml)), portion[10].copy()
        return eliminate(portion, *factors, work, total), total, work

    left = in_threads(remainder, lanes.portions)
    deviance, combinations = profile_out(
        np.sum([total for _, total, _ in left], axis=0),
        float(sum(portion[11][0] for portion in lanes.portions)),
        float(sum(value for value, *_ in left)),
        reml,
        coefficients,
        root,
        numbers,
    )

    def slopes(index: int) -> list[Array]:
        own = [np.zeros_like(each) for each in sums]
        score(lanes.portions[index], factors[0], left[index][2], combinations, *own)
        return own

    if not np.isnan(deviance):
        for shares in in_threads(slopes, range(len(left))):
            for whole, share in zip(sums, shares, strict=True):
                whole += share
    return float(deviance)


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
