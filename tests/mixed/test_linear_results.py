"""Predictions, random effects and refits of linear fits against dense algebra."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest

from attunement import mixed
from attunement.mixed import LinearFit

# standard errors as the covariance of the outcome has them, not adjusted as by default
fit_linear = partial(mixed.fit_linear, df="satterthwaite")

SLOPES = {"outer": "1 + time", "inner": "1 + time"}


def henderson(fit: LinearFit) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Solution and error covariance of the mixed model equations, and their design matrix."""
    design = fit.design
    pieces, blocks = [design.fixed], [np.zeros((design.fixed.shape[1],) * 2)]
    for level, covariance in fit.level_covariances.items():
        z, codes = design.random[level], design.codes[level]
        for group in range(len(design.labels[level])):
            pieces.append(z * (codes == group)[:, None])
            blocks.append(np.linalg.inv(covariance))
    whole = np.hstack(pieces)
    penalty = np.zeros((whole.shape[1],) * 2)
    start = 0
    for block in blocks:
        stop = start + len(block)
        penalty[start:stop, start:stop] = block
        start = stop
    inverse = np.linalg.inv(whole.T @ whole / fit.residual_variance + penalty)
    return inverse @ whole.T @ design.outcome / fit.residual_variance, inverse, whole


@pytest.fixture(scope="module", params=[False, True])
def fit(request: pytest.FixtureRequest, nested_data: Callable) -> LinearFit:
    found = fit_linear("y ~ time * arm", nested_data(21, 15, 5, 6, partial=request.param), SLOPES)
    assert not found.singular
    return found


def test_modes_and_errors_solve_hendersons_equations(fit: LinearFit) -> None:
    solution, inverse, _ = henderson(fit)
    errors = np.sqrt(np.diag(inverse))
    start = fit.design.fixed.shape[1]
    for level in SLOPES:
        table = fit.random_effects(level)
        stop = start + len(table)
        np.testing.assert_allclose(table["estimate"], solution[start:stop], rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(table["se"], errors[start:stop], rtol=1e-6)
        assert (table["se_conditional"] <= table["se"] + 1e-12).all()
        start = stop


@pytest.mark.parametrize("own", [True, False])
def test_predictions_and_errors_at_every_level(fit: LinearFit, own: bool) -> None:
    solution, inverse, whole = henderson(fit)
    p = fit.design.fixed.shape[1]
    outer = 2 * len(fit.design.labels["outer"])
    data = None
    if not own:
        data = fit.design.frame.drop(columns="y").copy()
        for level in SLOPES:
            codes = fit.design.codes[level]
            ids = fit.design.labels[level].to_numpy(dtype=object)[codes]
            data[level] = pd.Series(ids).where(codes >= 0, None).to_numpy()
    for level, width in (("population", p), ("outer", p + outer), ("inner", whole.shape[1])):
        part = whole[:, :width]
        table = fit.predict(data, level=level)
        np.testing.assert_allclose(table["estimate"], part @ solution[:width], rtol=1e-6)
        variance = np.einsum("ij,jk,ik->i", part, inverse[:width, :width], part)
        np.testing.assert_allclose(table["se"], np.sqrt(variance), rtol=1e-6)
    wide = fit.predict(data, level="population", interval="prediction")
    narrow = fit.predict(data, level="population", interval="confidence")
    assert ((wide["ci_high"] - wide["ci_low"]) > (narrow["ci_high"] - narrow["ci_low"])).all()


def test_an_unknown_id_predicts_as_the_population_with_more_error(fit: LinearFit) -> None:
    new = pd.DataFrame({"time": [1.0], "arm": [0.0], "outer": ["nobody"], "inner": ["none"]})
    population = fit.predict(new)
    conditional = fit.predict(new, level="outer", unknown="allow")
    assert conditional["estimate"].iloc[0] == pytest.approx(population["estimate"].iloc[0])
    assert conditional["se"].iloc[0] > population["se"].iloc[0]


@pytest.mark.parametrize("level", ["outer", "inner"])
def test_leaving_out_a_group_equals_a_fit_without_it(fit: LinearFit, level: str) -> None:
    data = fit.design.frame.copy()
    for name in SLOPES:
        codes = fit.design.codes[name]
        ids = fit.design.labels[name].to_numpy(dtype=object)[codes]
        data[name] = pd.Series(ids).where(codes >= 0, None).to_numpy()
    result = fit.influence(level)
    assert len(result.estimates) == fit.n_groups[level]
    assert result.summary["converged"].all()
    group = fit.design.labels[level][1]
    reduced = fit_linear("y ~ time * arm", data[data[level] != group], SLOPES)
    np.testing.assert_allclose(
        result.estimates.loc[group], reduced.fixed["estimate"], rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(result.errors.loc[group], reduced.fixed["se"], rtol=1e-4)
    assert result.summary.loc[group, "n_left_out"] == (data[level] == group).sum()


def test_a_weight_of_two_equals_a_copy_of_the_group(nested_data: Callable) -> None:
    data = nested_data(22, 8, 4, 6)
    fit = fit_linear("y ~ time", data, SLOPES)
    twice = data[data["outer"] == "T3"].assign(outer="copy", inner=lambda d: d["inner"] + "copy")
    copied = fit_linear("y ~ time", pd.concat([data, twice]), SLOPES)
    weighted = fit.refit(cluster_weights=pd.Series({"T3": 2.0}))
    np.testing.assert_allclose(weighted.estimates, copied.fixed["estimate"], rtol=1e-4)
    np.testing.assert_allclose(weighted.errors, copied.fixed["se"], rtol=1e-3)


def test_bootstrap_is_seeded_and_near_the_model_error(nested_data: Callable) -> None:
    fit = fit_linear("y ~ time", nested_data(23, 25, 3, 4), {"outer": "1", "inner": "1"})
    first, second = (fit.bootstrap(60, "outer", seed) for seed in (1, 1))
    pd.testing.assert_frame_equal(first.fixed, second.fixed)
    table = first.table()
    assert first.n_failed == 0
    assert (table["ci_low"] < table["ci_high"]).all()
    assert table.loc["time", "se"] == pytest.approx(fit.fixed.loc["time", "se"], rel=0.6)


def test_shares_of_variance_and_a_warm_start(nested_data: Callable) -> None:
    data = nested_data(24, 10, 5, 5)
    fit = fit_linear("y ~ time", data, {"outer": "1", "inner": "1"})
    values = fit.variance.set_index("level")["covariance"]
    table = fit.icc()
    assert table.loc["outer", "share"] == pytest.approx(values["outer"] / values.sum())
    assert table.loc["inner", "correlation"] == pytest.approx(1 - values["residual"] / values.sum())
    assert 0 < fit.r_squared()["marginal"] < fit.r_squared()["conditional"] < 1
    residual = fit.residuals()
    fitted = fit.predict(level="inner")["estimate"]
    np.testing.assert_allclose(residual + fitted, fit.design.outcome, rtol=1e-10)
    warm = fit_linear("y ~ time", data, {"outer": "1", "inner": "1"}, df="normal", start=fit)
    assert warm.deviance == pytest.approx(fit.deviance, rel=1e-10)
    assert np.isinf(warm.fixed["df"]).all()
