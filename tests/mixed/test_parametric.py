"""Simulated outcomes have the moments of the model; nested models live in the larger one's sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LinearFit, fit_linear, parametric
from attunement.mixed.embedded import Embedded
from attunement.mixed.errors import NotAvailable, NotComparable
from attunement.mixed.solve import Problem

SLOPES = {"outer": "1 + time", "inner": "1 + time"}
NESTED = {"outer": "1", "inner": "1"}


def fit_of(data: pd.DataFrame, formula: str = "y ~ time * arm", **options: Any) -> LinearFit:
    settings: dict[str, Any] = {"random": SLOPES, "df": "normal"} | options
    return fit_linear(formula, data, **settings)


def test_draws_have_the_moments_of_the_model(nested_data: Callable) -> None:
    data = nested_data(26, 6, 3, 5, partial=True)
    data["precision"] = np.linspace(0.5, 2.0, len(data))
    fit = fit_of(data, random={"outer": "1 + x", "inner": "1 + time"}, precision="precision")
    simulator = Embedded(fit, fit).simulator()
    generator = np.random.default_rng(1)
    draws = [simulator.draw(generator) for _ in range(4000)]
    n_draws = len(draws)

    # rows in the order of the kernel, and the sums as linear maps of the weighted outcome
    prepared, design = fit._prepared, fit.design
    rows, nesting = prepared.rows, prepared.rows.nesting
    order, root = nesting.order, np.sqrt(prepared.precision)[nesting.order]
    columns = rows.columns() * root[:, None]
    group = np.repeat(np.arange(len(nesting.has_inner)), np.diff(nesting.row_starts))
    block = prepared.blocks.outer_of[group]
    v = np.eye(len(order)) * fit.residual_variance
    for level, covariance in fit.level_covariances.items():
        codes, z = design.codes[level][order], design.random[level][order] * root[:, None]
        same = (codes[:, None] == codes[None, :]) & (codes >= 0)[:, None]
        v += np.where(same, z @ covariance @ z.T, 0.0)
    v /= prepared.scale**2
    mean = root * (fit._population_part()[order] - prepared.centre) / prepared.scale
    inner = columns @ rows.inner_loading
    maps = [inner[:, k] * (group == c) for c in range(group.max() + 1) for k in range(2)]
    maps += [a * (block == t) for t in range(block.max() + 1) for a in columns[:, :-1].T]
    linear = np.array(maps)

    drawn = np.array(
        [np.r_[each.cross[:, :, -1].ravel(), each.outer[:, :-1, -1].ravel()] for each in draws]
    )
    centre, spread = linear @ mean, linear @ v @ linear.T
    size = np.sqrt(np.diag(spread))
    assert np.abs((drawn.mean(axis=0) - centre) / size).max() < 4.5 / np.sqrt(n_draws)
    correlation = np.cov((drawn / size).T) - spread / np.outer(size, size)
    assert np.abs(correlation).max() < 5.5 * np.sqrt(2.0 / n_draws)
    squares = np.array([each.outer[:, -1, -1] for each in draws])
    for t, values in enumerate(squares.T):
        m, part = mean[block == t], v[np.ix_(block == t, block == t)]
        variance = 4.0 * m @ part @ m + 2.0 * np.trace(part @ part)
        assert abs(values.mean() - m @ m - np.trace(part)) < 4.5 * np.sqrt(variance / n_draws)
        assert values.var() == pytest.approx(variance, rel=0.3)
    # nothing that a real outcome could not have given
    for each in draws[:50]:
        assert np.linalg.eigvalsh(each.outer).min() > -1e-9


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("y ~ time * arm", {"random": SLOPES}),
        ("y ~ time * arm", {"random": {"inner": "1 || time"}}),
        ("y ~ arm", {"random": {"outer": "0 + time"}}),
        ("y ~ time", {"random": {"outer": "1", "inner": "1 + time"}}),
        ("y ~ 1", {"random": None}),
        ("y ~ 0 + arm", {"random": {"inner": "1"}}),
    ],
)
@pytest.mark.parametrize("reml", [True, False])
def test_a_nested_fit_has_its_deviance_in_the_sums_of_the_larger(
    formula: str, options: dict[str, Any], reml: bool, nested_data: Callable
) -> None:
    data = nested_data(26, 12, 3, 5)
    large = fit_of(data, reml=reml)
    small = fit_of(data, formula, reml=reml, **options)
    embedded = Embedded(large, small)
    problem = Problem(embedded.blocks(large._prepared.blocks), embedded.layout, reml)
    point = problem.at(embedded.parameters)
    deviance = point.deviance + 2.0 * point.divisor * np.log(large._prepared.scale)
    if formula == "y ~ time * arm" or not reml:
        own = small.deviance + (2.0 * large._prepared.basis.log_determinant if reml else 0.0)
        assert deviance == pytest.approx(own, rel=1e-9)
    gradient = problem.gradient(embedded.parameters, point)
    assert np.abs(gradient).max(initial=0.0) < 1e-2


def test_draws_depend_neither_on_the_order_of_rows_in_groups_nor_on_threads(
    nested_data: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = nested_data(26, 12, 3, 5, partial=True)
    first = fit_of(data).parametric_bootstrap(12, 4)
    # groups stay in their order of appearance, to which draws belong
    last = data.index.isin(data.drop_duplicates("inner").index)
    moved = pd.concat([data[last], data[~last].iloc[::-1]])
    second = fit_of(moved).parametric_bootstrap(12, 4)
    np.testing.assert_allclose(first.fixed, second.fixed, rtol=1e-4, atol=1e-5)
    monkeypatch.setattr(parametric, "n_threads", lambda: 1)
    again = fit_of(data).parametric_bootstrap(12, 4)
    pd.testing.assert_frame_equal(first.fixed, again.fixed, check_exact=True)
    pd.testing.assert_frame_equal(first.variance, again.variance, check_exact=True)
    assert not first.fixed.equals(fit_of(data).parametric_bootstrap(12, 5).fixed)


def test_a_frequency_draws_as_many_rows(nested_data: Callable) -> None:
    data = nested_data(26, 8, 3, 5)
    data["copies"] = 1 + np.arange(len(data)) % 3
    counted = fit_of(data, random=NESTED, frequency="copies")
    repeated = fit_of(data.loc[data.index.repeat(data["copies"])], random=NESTED)
    first, second = (Embedded(each, each).simulator() for each in (counted, repeated))
    np.testing.assert_array_equal(first.left_over, second.left_over)
    draws = [each.parametric_bootstrap(300, 1).table()["se"] for each in (counted, repeated)]
    np.testing.assert_allclose(draws[0], draws[1], rtol=0.2)
    pd.testing.assert_frame_equal(counted.profile(), repeated.profile(), rtol=1e-5)
    pd.testing.assert_frame_equal(counted.icc(), repeated.icc(), rtol=1e-5)


def test_a_bootstrap_gives_errors_near_those_of_the_model(nested_data: Callable) -> None:
    fit = fit_of(nested_data(23, 25, 3, 4), "y ~ time", random=NESTED)
    result = fit.parametric_bootstrap(300, 1)
    table, variances = result.table(), result.variance_table()
    assert result.n_failed == result.n_not_converged == 0
    np.testing.assert_allclose(table["se"], fit.fixed["se"], rtol=0.2)
    np.testing.assert_allclose(table["bias"], 0.0, atol=4.0 * table["se"].max() / np.sqrt(300))
    assert list(variances.columns) == list(fit.variance.columns)
    assert (variances["ci_low"] <= variances["covariance"]).all()
    assert (variances["covariance"] <= variances["ci_high"]).all()
    narrow = result.variance_table(confidence=0.5)
    assert (narrow["ci_low"] > variances["ci_low"]).all()


def test_least_squares_is_simulated_too(nested_data: Callable) -> None:
    fit = fit_linear("y ~ time + x", nested_data(3), reml=False)
    result = fit.parametric_bootstrap(400, 2)
    np.testing.assert_allclose(result.table()["se"], fit.fixed["se"], rtol=0.15)
    draws = result.variance["residual"] / fit.residual_variance
    size = fit.n_obs - 3
    assert draws.mean() == pytest.approx(1.0, abs=4.0 * np.sqrt(2.0 / size / 400))
    assert draws.var() == pytest.approx(2.0 / size, rel=0.4)


def test_the_null_distribution_of_a_variance_is_zero_half_the_time(nested_data: Callable) -> None:
    data = nested_data(26, 30, 3, 4)
    large = fit_of(data, "y ~ time", random=NESTED)
    small = fit_of(data, "y ~ time", random={"inner": "1"})
    result = large.parametric_bootstrap(300, 1, null=small)
    assert result.statistic == pytest.approx(small.deviance - large.deviance)
    assert result.n_failed == result.n_not_converged == 0
    extreme = int((result.draws >= result.statistic).sum())
    assert result.p == pytest.approx((1 + extreme) / 301)
    assert 0.42 < (result.draws < 1e-6).mean() < 0.65
    # a statistic of zero is never rare
    flat = data.assign(y=data["y"] - data.groupby("outer")["y"].transform("mean"))
    large, small = (fit_of(flat, "y ~ 1", random=each.random) for each in (large, small))
    assert large.parametric_bootstrap(20, 1, null=small).p == 1.0


def test_fits_that_are_not_nested_are_refused(nested_data: Callable) -> None:
    data = nested_data(26, 12, 3, 5)
    large = fit_of(data, "y ~ time", random={"outer": "1 || time"}, reml=False)
    refused = {
        "fixed part": fit_of(data, "y ~ x", random=None, reml=False),
        "'inner'": fit_of(data, "y ~ time", random={"inner": "1"}, reml=False),
        "'outer'": fit_of(data, "y ~ 1", random={"outer": "0 + x"}, reml=False),
        "fewer": fit_of(data, "y ~ time * x", random={"outer": "1"}, reml=False),
        "weigh": fit_of(data, "y ~ 1", random=None, reml=False, precision=data["time"] + 1.0),
        "REML": fit_of(data, "y ~ time", random={"outer": "1"}),
        "rows": fit_of(data.iloc[1:], "y ~ time", random={"outer": "1"}, reml=False),
    }
    for word, null in refused.items():
        with pytest.raises(NotComparable, match=word):
            large.parametric_bootstrap(2, 1, null=null)
    with pytest.raises(NotAvailable):
        fit_of(data, "y ~ time", random=NESTED, engine="glmm").parametric_bootstrap(2, 1)
