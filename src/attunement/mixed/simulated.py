"""Outcomes drawn from a linear mixed model, by their cross products alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attunement.mixed.kernel import Array, Blocks, Factors

_RANK = 1e-10


def _swap(array: Array) -> Array:
    return np.swapaxes(array, -1, -2)


def _roots(gram: Array, size: Array) -> tuple[Array, Array, Array]:
    """Symmetric root, its pseudo-inverse, and the projection on the range, of matrices (g, q, q)
    whose entries are sums of terms of a `size` (g,).

    All three are unique: unlike vectors, they do not turn with rounding.
    """
    values, vectors = np.linalg.eigh(gram)
    usable = values > _RANK * np.maximum(size, 1e-300)[:, None]
    spread = np.sqrt(np.where(usable, values, 1.0))
    scaled = vectors * (usable * spread)[..., None, :], vectors * (usable / spread)[..., None, :]
    kept = vectors * usable[..., None, :]
    return scaled[0] @ _swap(vectors), scaled[1] @ _swap(vectors), kept @ _swap(vectors)


class Simulator:
    """Draws of Z2'y, A'y and y'y under ``y = A mean + Z1 u + Z2 v + e``.

    The residuals act on the cross products as a normal vector whose covariance is that of the
    columns, and a chi-squared of what the columns leave: the draw is exact, costs as much as there
    are groups, and follows the order of the groups, not that of the rows in them.

    Parameters
    ----------
    blocks : cross products of the model.
    mean : (m - 1,) coefficients of the columns of A.
    factors : outer (q1, k1) and inner (q2, k2) factors of the covariances, in internal units.
    sigma2 : residual variance in internal units.
    """

    def __init__(self, blocks: Blocks, mean: Array, factors: Factors, sigma2: float) -> None:
        self.blocks, self.mean, self.factors = blocks, mean, factors
        self.sigma = float(np.sqrt(sigma2))
        self.cross, self.gram = blocks.cross[:, :, :-1], blocks.outer[:, :-1, :-1]
        self.inner_root, inverse, self.inner_kept = _roots(
            blocks.inner, np.trace(blocks.inner, axis1=1, axis2=2)
        )
        self.through = inverse @ self.cross
        rest = self.gram - self._by_block(_swap(self.through) @ self.through)
        self.rest_root, _, self.rest_kept = _roots(rest, np.trace(self.gram, axis1=1, axis2=2))
        ranks = self._by_block(np.trace(self.inner_kept, axis1=1, axis2=2).round())
        ranks += np.trace(self.rest_kept, axis1=1, axis2=2).round()
        self.left_over = np.maximum(blocks.rows - ranks, 0.0)

    def _by_block(self, values: Array) -> Array:
        return np.asarray(np.add.reduceat(values, self.blocks.starts[:-1], axis=0))

    def draw(self, generator: np.random.Generator) -> Blocks:
        """The blocks with the cross products of another outcome."""
        blocks = self.blocks
        outer_factor, inner_factor = self.factors
        n_blocks, n_groups = len(blocks.rows), len(blocks.inner)
        u = generator.normal(size=(n_blocks, outer_factor.shape[1])) @ outer_factor.T
        v = generator.normal(size=(n_groups, inner_factor.shape[1])) @ inner_factor.T
        w = self.sigma * generator.normal(size=(n_groups, len(inner_factor)))
        x = self.sigma * generator.normal(size=(n_blocks, len(self.mean)))
        beyond = 2.0 * self.sigma**2 * generator.standard_gamma(self.left_over / 2.0)

        def times(matrices: Array, vectors: Array) -> Array:
            return np.asarray((matrices @ vectors[..., None])[..., 0])

        def dot(first: Array, second: Array) -> Array:
            return np.asarray((first * second).sum(axis=-1))

        inner_noise = times(self.inner_root, w)
        noise = self._by_block(times(_swap(self.through), w)) + times(self.rest_root, x)
        a = self.mean + (u * blocks.has_outer[:, None]) @ blocks.loading[:-1].T
        products = times(self.gram, a) + self._by_block(times(_swap(self.cross), v)) + noise
        inner_products = times(blocks.inner, v) + inner_noise
        inner_products += times(self.cross, a[blocks.outer_of])
        within = dot(v, inner_products + inner_noise) + dot(w, times(self.inner_kept, w))
        square = self._by_block(within) + dot(a, products + noise)
        square += dot(x, times(self.rest_kept, x)) + beyond

        cross, outer = blocks.cross.copy(), blocks.outer.copy()
        cross[:, :, -1] = inner_products
        outer[:, :-1, -1] = outer[:, -1, :-1] = products
        outer[:, -1, -1] = square
        return replace(blocks, cross=cross, outer=outer)
