"""A smaller model expressed in the cross products of a larger one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from attunement.mixed.errors import NotComparable
from attunement.mixed.kernel import Blocks, recombine
from attunement.mixed.layout import Layout
from attunement.mixed.simulated import Simulator

if TYPE_CHECKING:
    from attunement.mixed.linear_results import LinearFit


class Embedded:
    """A fit expressed in the cross products of a larger one on the same rows.

    `fixed` (m, p) gives its fixed columns, `outcome` (m,) its outcome, `loadings` its outer and
    inner random columns in those of the larger; `layout` and `parameters` its random part at the
    kernel's levels of the larger.
    """

    def __init__(self, large: LinearFit, small: LinearFit) -> None:
        ours, theirs = large._prepared, small._prepared
        self.large = ours
        self.residual_variance = small.residual_variance
        if large._structured is not small._structured:
            raise NotComparable("null= needs independent residuals in both fits")
        if not _same_weights(large, small):
            raise NotComparable("the fits weigh rows differently")
        span = ours.basis.orthogonal.T @ theirs.basis.orthogonal / len(large.design.outcome)
        if not np.allclose(span.T @ span, np.eye(span.shape[1]), atol=1e-6):
            raise NotComparable("null= is not nested: its fixed part holds other columns")
        width = ours.blocks.outer.shape[1]
        self.fixed = np.zeros((width, span.shape[1]))
        self.fixed[: len(span)] = np.linalg.qr(span)[0]
        # the larger model's outcome may be centred where the smaller has no constant to make up for
        self.outcome = np.zeros(width)
        self.outcome[: len(span)] = ours.basis.orthogonal.mean(axis=0)
        self.outcome *= (ours.centre - theirs.centre) / ours.scale
        self.outcome[-1] = 1.0
        fitted = (small._population_part() - ours.centre) / ours.scale
        self.mean = np.zeros(width - 1)
        self.mean[: len(span)] = ours.basis.orthogonal.T @ fitted / len(fitted)

        self.loadings = [np.zeros((size, 0)) for size in ours.layout.sizes]
        factors = [np.zeros((0, 0)), np.zeros((0, 0))]
        independent = [False, False]
        own = theirs.layout.unpack(small._parameters)
        for term in small.design.terms:
            position = ours.positions.get(term.level)
            columns = _places(large, small, term.level)
            if position is None or columns is None:
                raise NotComparable(f"null= is not nested: its random part of {term.level!r}")
            inverse = np.linalg.inv(ours.recode[term.level])
            self.loadings[position] = inverse[:, columns] @ theirs.recode[term.level]
            factors[position] = own[theirs.positions[term.level]]
            independent[position] = term.independent
        self.layout = Layout((len(factors[0]), len(factors[1])), (independent[0], independent[1]))
        self.parameters = self.layout.pack(factors)
        self.factors = [
            loading @ factor for loading, factor in zip(self.loadings, factors, strict=True)
        ]

    def simulator(self) -> Simulator:
        """Outcomes drawn from the estimates of the smaller fit."""
        sigma2 = self.residual_variance / self.large.scale**2
        outer, inner = (np.sqrt(sigma2) * factor for factor in self.factors)
        return Simulator(self.large.blocks, self.mean, (outer, inner), sigma2)

    def blocks(self, blocks: Blocks) -> Blocks:
        """The cross products of the smaller model's columns."""
        outer, inner = self.loadings
        chosen = replace(
            blocks,
            inner=np.ascontiguousarray(inner.T @ blocks.inner @ inner),
            cross=np.ascontiguousarray(inner.T @ blocks.cross),
            loading=np.ascontiguousarray(blocks.loading @ outer),
        )
        return recombine(chosen, self.fixed, self.outcome)


def _same_weights(first: LinearFit, second: LinearFit) -> bool:
    pairs = (
        (first.design.frequency, second.design.frequency),
        (first._prepared.precision, second._prepared.precision),
    )
    return all(
        (one is None and other is None)
        or (one is not None and other is not None and np.array_equal(one, other))
        for one, other in pairs
    )


def _places(large: LinearFit, small: LinearFit, level: str) -> list[int] | None:
    """Where the smaller fit's random columns of a level stand in the larger's, if they do."""
    if level not in large.random or not np.array_equal(
        large.design.codes[level], small.design.codes[level]
    ):
        return None
    ours = next(term for term in large.design.terms if term.level == level)
    theirs = next(term for term in small.design.terms if term.level == level)
    known, names = large.design.random_names[level], small.design.random_names[level]
    if not set(names) <= set(known):
        return None
    if ours.independent and not theirs.independent and len(names) > 1:
        return None
    return [known.index(name) for name in names]
