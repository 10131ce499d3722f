"""Blocks laid out in bundles of lanes: whatever their sizes and weights, the same deviance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import fit_linear
from attunement.mixed import kernel as kernels
from attunement.mixed.kernel import Evaluation, arrange, evaluate
from attunement.mixed.prepare import Prepared

BOTH = {"outer": "1 + time", "inner": "1 + time"}
FACTORS = np.array([[0.5, 0.0], [0.2, 0.4]]), np.array([[0.9, 0.0], [-0.3, 0.6]])
# of groups in a block: bundles of 64 lanes end within blocks, and with one
SIZES = [64, 1, 63, 20, 2, 1, 1, 130]


def rows(sizes: list[int], seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    outer = np.repeat(np.arange(len(sizes)), sizes)
    per_group = generator.integers(1, 7, size=len(outer))
    inner = np.repeat(np.arange(len(outer)), per_group)
    frame = pd.DataFrame({"outer": outer[inner], "inner": inner})
    frame["time"] = generator.integers(0, 6, size=len(frame)) / 5.0
    frame["x"] = generator.normal(size=len(frame))
    frame["y"] = frame["time"] + generator.normal(size=len(outer))[inner]
    return frame.assign(y=frame["y"] + generator.normal(size=len(frame)))


def prepared_of(data: pd.DataFrame, random: dict[str, str]) -> Prepared:
    return fit_linear("y ~ time * x", data, random, df="normal")._prepared


def dense(prepared: Prepared, weights: np.ndarray, reml: bool) -> tuple[float, np.ndarray]:
    """Deviance and coefficients from the covariance matrix of the rows, block by block."""
    made = prepared.rows
    columns, starts = made.columns(), made.nesting.row_starts
    p = prepared.blocks.n_terms
    outer, inner = (FACTORS[0], FACTORS[1]) if made.outer_loading.shape[1] else (None, FACTORS[1])
    information, solved, square, log_determinant, n = np.zeros((p, p)), np.zeros(p), 0.0, 0.0, 0.0
    for block, weight in enumerate(weights):
        groups = range(*made.nesting.block_starts[block : block + 2])
        begin, end = starts[groups[0]], starts[groups[-1] + 1]
        a = columns[begin:end]
        v = np.eye(end - begin)
        for group in groups:
            place = slice(starts[group] - begin, starts[group + 1] - begin)
            z = a[place] @ made.inner_loading
            v[place, place] += z @ inner @ inner.T @ z.T
        if outer is not None and made.nesting.has_outer[block]:
            z = a @ made.outer_loading
            v += z @ outer @ outer.T @ z.T
        inverse = np.linalg.inv(v)
        x, y = a[:, :p], a[:, -1]
        information += weight * x.T @ inverse @ x
        solved += weight * x.T @ inverse @ y
        square += weight * y @ inverse @ y
        log_determinant += weight * np.linalg.slogdet(v)[1]
        n += weight * len(y)
    coefficients = np.linalg.solve(information, solved)
    divisor = n - p if reml else n
    sigma2 = (square - solved @ coefficients) / divisor
    deviance = log_determinant + divisor * (1.0 + np.log(2.0 * np.pi * sigma2))
    return deviance + reml * np.linalg.slogdet(information)[1], coefficients


def of(prepared: Prepared, weights: np.ndarray | None, reml: bool = True) -> Evaluation:
    q1 = prepared.blocks.loading.shape[1]
    factors = FACTORS if q1 else (np.zeros((0, 0)), FACTORS[1])
    return evaluate(arrange(prepared.blocks, weights), factors, reml)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("kind", ["one each", "some none", "fractions"])
@pytest.mark.parametrize("random", [BOTH, {"inner": "1 + time"}])
def test_the_deviance_is_that_of_the_rows(random: dict[str, str], kind: str, reml: bool) -> None:
    prepared = prepared_of(rows(SIZES, 1), random)
    generator, size = np.random.default_rng(2), len(prepared.blocks.rows)
    weights = {
        "one each": np.ones(size),
        "some none": generator.integers(0, 3, size=size).astype(float),
        "fractions": generator.uniform(0.1, 2.0, size=size),
    }[kind]
    found = of(prepared, weights, reml)
    deviance, coefficients = dense(prepared, weights, reml)
    assert found.deviance == pytest.approx(deviance, rel=1e-12)
    np.testing.assert_allclose(found.coefficients, coefficients, rtol=1e-9)


def test_weights_are_repetitions() -> None:
    data = rows(SIZES, 3)
    weights = np.array([1.0, 0.0, 2.0, 1.0, 3.0, 0.0, 1.0, 1.0])
    weighed = of(prepared_of(data, BOTH), weights)
    prepared = prepared_of(data, BOTH)
    chosen = np.repeat(np.arange(len(weights)), weights.astype(int))
    starts = prepared.blocks.starts
    groups = np.concatenate([np.arange(starts[t], starts[t + 1]) for t in chosen])
    repeated = kernels.Blocks(
        inner=prepared.blocks.inner[groups],
        cross=prepared.blocks.cross[groups],
        outer=prepared.blocks.outer[chosen],
        rows=prepared.blocks.rows[chosen],
        starts=np.concatenate([[0], np.cumsum(np.diff(starts)[chosen])]),
        has_outer=prepared.blocks.has_outer[chosen],
        loading=prepared.blocks.loading,
        n_terms=prepared.blocks.n_terms,
    )
    expected = evaluate(arrange(repeated), FACTORS, True)
    assert weighed.deviance == pytest.approx(expected.deviance, rel=1e-12)
    pairs = (*weighed.score, weighed.squares), (*expected.score, expected.squares)
    for ours, theirs in zip(*pairs, strict=True):
        np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-9, atol=1e-9)


def test_portions_in_threads_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepared_of(rows(SIZES, 4), BOTH)
    whole = of(prepared, None)
    monkeypatch.setattr(kernels, "_GROUPS_AT_ONCE", 40)
    assert len(arrange(prepared.blocks).portions) > 2
    parts = of(prepared, None)
    assert parts.deviance == pytest.approx(whole.deviance, rel=1e-13)
    for level in (0, 1):
        for ours, theirs in zip(parts.score[level], whole.score[level], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)
