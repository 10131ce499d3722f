"""Second-order sums against dense covariance matrices of small drawn models."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from attunement.mixed.kernel import Array, Blocks, arrange, evaluate
from attunement.mixed.layout import Layout
from attunement.mixed.second_order import SecondOrder, second_order, standard_columns

DESIGNS = range(40)


@dataclass(frozen=True)
class Drawn:
    """Rows of a model, scaled by the roots of their precisions, and what belongs to them."""

    fixed: Array
    outcome: Array
    outer: Array
    inner: Array
    outer_ids: Array
    inner_ids: Array
    blocks: Blocks
    layout: Layout
    parameters: Array

    @property
    def directions(self) -> tuple[Array, Array]:
        return self.layout.directions(self.parameters, 0), self.layout.directions(
            self.parameters, 1
        )

    def spread(self, level: int, matrix: Array) -> Array:
        """Z matrix Z' of a level over all rows (n, n)."""
        z, ids = ((self.outer, self.outer_ids), (self.inner, self.inner_ids))[level]
        return np.where(ids[:, None] == ids, z @ matrix @ z.T, 0.0)

    @property
    def derivatives(self) -> list[Array]:
        """The derivative (n, n) of V in each parameter."""
        return [
            self.spread(level, direction)
            for level in (0, 1)
            for direction in self.directions[level]
        ]

    @property
    def covariance(self) -> Array:
        """V (n, n), the relative covariance of the outcome."""
        factors = self.layout.unpack(self.parameters)
        spreads = [self.spread(level, f @ f.T) for level, f in enumerate(factors)]
        return np.eye(len(self.outcome)) + spreads[0] + spreads[1]


@cache
def draw(seed: int) -> Drawn:
    """Blocks with 0 to 3 outer and inner random columns, within or outside the span of the fixed
    ones, correlated or not; some blocks without an outer effect, some parameters at zero."""
    generator = np.random.default_rng(seed)
    q1, q2 = int(generator.integers(0, 4)), int(generator.integers(0, 4))
    p, n_extra = int(generator.integers(1, 5)), int(generator.integers(0, 2))
    n_blocks = int(generator.integers(2, 6))
    counts = generator.integers(1, 4, n_blocks) if q1 else np.ones(n_blocks, dtype=int)
    sizes = generator.integers(1, 7, int(counts.sum()))
    outer_of = np.repeat(np.arange(n_blocks), counts)
    inner_ids = np.repeat(np.arange(len(sizes)), sizes)
    outer_ids = outer_of[inner_ids]
    n = len(inner_ids)
    roots = np.sqrt(generator.uniform(0.3, 3.0, n))[:, None]
    columns = roots * np.column_stack([np.ones(n), generator.normal(size=(n, p + n_extra))])
    loading = np.vstack([generator.normal(size=(p + n_extra, q1)), np.zeros((1, q1))])
    has_outer = (generator.random(n_blocks) < 0.7).astype(float)
    inner = roots * generator.normal(size=(n, q2))

    def gram(first: Array, second: Array, ids: Array, count: int) -> Array:
        return np.array([first[ids == g].T @ second[ids == g] for g in range(count)])

    blocks = Blocks(
        inner=gram(inner, inner, inner_ids, len(sizes)),
        cross=gram(inner, columns, inner_ids, len(sizes)),
        outer=gram(columns, columns, outer_ids, n_blocks),
        rows=np.bincount(outer_ids).astype(float),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        has_outer=has_outer,
        loading=loading,
        n_terms=p,
    )
    layout = Layout((q1, q2), (bool(generator.random() < 0.4), bool(generator.random() < 0.4)))
    parameters = generator.normal(size=layout.n_parameters)
    parameters = np.where(generator.random(len(parameters)) < 0.2, 0.0, parameters)
    return Drawn(
        fixed=columns[:, :p],
        outcome=columns[:, -1],
        outer=columns @ loading * has_outer[outer_ids][:, None],
        inner=inner,
        outer_ids=outer_ids,
        inner_ids=inner_ids,
        blocks=blocks,
        layout=layout,
        parameters=layout.upright(parameters),
    )


def sums_of(drawn: Drawn) -> tuple[SecondOrder, Array]:
    """Second-order sums of the standard columns, and these columns over all rows (n, p + 1)."""
    factors = drawn.layout.unpack(drawn.parameters)
    point = evaluate(arrange(drawn.blocks), factors, True)
    columns, _ = standard_columns(drawn.blocks, point)
    p = drawn.blocks.n_terms
    shown = drawn.fixed @ columns[:p] + np.outer(drawn.outcome, columns[-1])
    return second_order(drawn.blocks, factors, drawn.directions, columns), shown


def close(found: Array, wanted: Array) -> None:
    np.testing.assert_allclose(
        found, wanted, rtol=1e-8, atol=1e-8 * np.abs(wanted).max(initial=1.0)
    )


@pytest.mark.parametrize("seed", DESIGNS)
def test_the_sums_are_those_of_the_dense_matrices(seed: int) -> None:
    drawn = draw(seed)
    sums, columns = sums_of(drawn)
    inverse, moves = np.linalg.inv(drawn.covariance), drawn.derivatives
    half = inverse @ columns
    size, r = len(moves), columns.shape[1]
    close(sums.first, np.reshape([half.T @ g @ half for g in moves], (size, r, r)))
    second = [[half.T @ g @ inverse @ h @ half for h in moves] for g in moves]
    close(sums.second, np.reshape(second, (size, size, r, r)))
    close(sums.trace, np.reshape([np.trace(inverse @ g) for g in moves], size))
    traces = [[np.trace(inverse @ g @ inverse @ h) for h in moves] for g in moves]
    close(sums.traces, np.reshape(traces, (size, size)))


@pytest.mark.parametrize("seed", DESIGNS)
def test_standard_columns_are_orthonormal_and_the_residual_is_apart_from_them(seed: int) -> None:
    drawn = draw(seed)
    _, columns = sums_of(drawn)
    products = columns.T @ np.linalg.inv(drawn.covariance) @ columns
    close(products[:-1, :-1], np.eye(len(products) - 1))
    close(products[:-1, -1], np.zeros(len(products) - 1))


@pytest.mark.parametrize("seed", DESIGNS)
def test_projected_traces_are_those_of_the_dense_projection(seed: int) -> None:
    drawn = draw(seed)
    sums, columns = sums_of(drawn)
    inverse, moves = np.linalg.inv(drawn.covariance), drawn.derivatives
    half = inverse @ columns[:, :-1]
    projection = inverse - half @ half.T
    dense = [[np.trace(projection @ g @ projection @ h) for h in moves] for g in moves]
    close(sums.projected_traces(columns.shape[1] - 1), np.reshape(dense, sums.traces.shape))


def test_sums_over_portions_are_the_sums_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    seed = next(seed for seed in DESIGNS if min(draw(seed).layout.sizes) >= 2)
    whole, _ = sums_of(draw(seed))
    monkeypatch.setattr("attunement.mixed.second_order._GROUPS_AT_ONCE", 1)
    parts, _ = sums_of(draw(seed))
    np.testing.assert_allclose(parts.second, whole.second, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(parts.traces, whole.traces, rtol=1e-12)
