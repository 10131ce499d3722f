"""The slope of the deviance at one point under any weights of blocks, without a pass over groups.

Refits under weights all start at the same point. What each block adds there to the deviance and
its slope is formed once; the first step of every refit is then a sum over blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.mixed.kernel import Array, Blocks
from attunement.mixed.layout import Layout
from attunement.mixed.objective import Start
from attunement.mixed.projections import project, sums_of_squares
from attunement.mixed.search import positive_inverse
from attunement.mixed.solve import Problem


@dataclass(frozen=True)
class BlockMoments:
    """What each of T blocks adds at a parameter vector.

    `left` (T, (p + 1)^2) is what remains of [X y]'[X y] after both levels; per level,
    `informations` (T, q q) are sums of Z'V^-1 Z, `squares` (T, (q (p + 1))^2) those of the products
    of the entries of Z'V^-1 [X y]. `inverse` (k, k) is the inverse Hessian with all weights one.
    """

    blocks: Blocks
    layout: Layout
    reml: bool
    parameters: Array
    left: Array
    informations: tuple[Array, Array]
    squares: tuple[Array, Array]
    inverse: Array

    def first_step(self, weights: Array) -> Start:
        """The start that a Newton step under weights (T,) of blocks leads to.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the weighted fixed columns are not linearly independent.
        """
        p = self.blocks.n_terms
        total = (weights @ self.left).reshape(p + 1, p + 1)
        np.linalg.cholesky(total[:p, :p])
        spread = np.linalg.inv(total[:p, :p])
        coefficients = spread @ total[:p, p]
        n_rows = float(weights @ self.blocks.rows)
        divisor = n_rows - p if self.reml else n_rows
        sigma2 = max(float(total[p, p] - total[:p, p] @ coefficients), 1e-300) / divisor
        residual = np.append(-coefficients, 1.0)
        parts = []
        factors = self.layout.unpack(self.parameters)
        for factor, information, squares in zip(
            factors, self.informations, self.squares, strict=True
        ):
            q = len(factor)
            products = (weights @ squares).reshape(q, p + 1, q, p + 1)
            slope = (weights @ information).reshape(q, q)
            if self.reml:
                slope = slope - np.tensordot(products[:, :p, :, :p], spread, ([1, 3], [0, 1]))
            slope = slope - residual @ products.transpose(0, 2, 1, 3) @ residual / sigma2
            parts.append(2.0 * slope @ factor)
        gradient = self.layout.pack(parts)
        step = -self.inverse @ gradient
        moved = self.parameters + step / float(np.max(np.abs(step), initial=1.0))
        return Start(moved, self.inverse, (self.parameters, gradient))


def block_moments(problem: Problem, parameters: Array) -> BlockMoments:
    """Form what each block adds at a parameter vector.

    Parameters
    ----------
    problem : blocks without weights. parameters : (k,), the end of a search.
    """
    blocks = problem.blocks
    factors = problem.layout.unpack(parameters)
    shown = project(blocks, factors)
    n_blocks, each = len(blocks.rows), np.arange(len(blocks.rows) + 1)
    # one row of all entries a group, so that the squares are products of entries
    outer, inner = (
        part.reshape(len(part), 1, -1) for part in (shown.outer_projected, shown.inner_projected)
    )
    sums = np.add.reduceat(shown.inner_information, blocks.starts[:-1], axis=0)
    return BlockMoments(
        blocks=blocks,
        layout=problem.layout,
        reml=problem.reml,
        parameters=parameters,
        left=shown.left.reshape(n_blocks, -1),
        informations=(shown.outer_information.reshape(n_blocks, -1), sums.reshape(n_blocks, -1)),
        squares=(
            sums_of_squares(outer, each).reshape(n_blocks, -1),
            sums_of_squares(inner, blocks.starts).reshape(n_blocks, -1),
        ),
        inverse=positive_inverse(problem.hessian(parameters)),
    )
