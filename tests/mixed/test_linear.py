"""Linear fits against a dense covariance matrix and against other packages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest

from attunement import mixed
from attunement.mixed.errors import NotComparable
from attunement.mixed.solve import Problem

# standard errors as the covariance of the outcome has them, not adjusted as by default
fit_linear = partial(mixed.fit_linear, df="satterthwaite")

SLOPES = {"outer": "1 + time", "inner": "1 + time"}
RANDOM_PARTS = [
    SLOPES,
    {"outer": "1", "inner": "1 + time"},
    {"outer": "1 || time", "inner": "1 || time"},
    {"outer": "0 + time", "inner": "1"},
    {"inner": "1 + x"},
    {"outer": "1"},
]


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("part", range(len(RANDOM_PARTS)))
@pytest.mark.parametrize("reml", [True, False])
def test_deviance_equals_the_dense_one(
    part: int, partial: bool, reml: bool, nested_data: Callable, dense_deviance: Callable
) -> None:
    data = nested_data(10 + part, partial=partial)
    fit = fit_linear(
        "y ~ time * arm + x", data, RANDOM_PARTS[part], reml=reml, missing_innermost="no effect"
    )
    assert fit.n_obs == len(data)
    assert fit.converged
    assert fit.deviance == pytest.approx(dense_deviance(fit), rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_no_start_finds_a_lower_deviance(seed: int, nested_data: Callable) -> None:
    data = nested_data(seed, partial=seed % 2 == 0)
    fit = fit_linear("y ~ time + arm", data, SLOPES)
    problem = Problem(fit._prepared.blocks, fit._prepared.layout, True)
    best = fit._point.deviance
    generator = np.random.default_rng(seed)
    for _ in range(4):
        start = generator.normal(size=6)
        found = problem.at(problem.search(start).x).deviance
        assert found >= best - 1e-9 * abs(best)


def test_gradient_is_that_of_the_deviance(nested_data: Callable) -> None:
    fit = fit_linear("y ~ time", nested_data(3, partial=True), SLOPES)
    problem = Problem(fit._prepared.blocks, fit._prepared.layout, True)
    point = np.array([0.6, 0.2, 0.4, 0.8, -0.1, 0.5])
    gradient = problem.gradient(point, problem.at(point))
    for index in range(6):
        step = np.zeros(6)
        step[index] = 1e-6
        slope = (problem.at(point + step).deviance - problem.at(point - step).deviance) / 2e-6
        assert gradient[index] == pytest.approx(slope, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("reml", [True, False])
def test_agrees_with_glmm(reml: bool, nested_data: Callable) -> None:
    data = nested_data(5, outer=12, inner=6, rows=7)
    ours = fit_linear("y ~ time * arm + x", data, SLOPES, reml=reml)
    theirs = fit_linear("y ~ time * arm + x", data, SLOPES, reml=reml, engine="glmm")
    assert ours.deviance <= theirs.deviance + 1e-7
    assert ours.deviance == pytest.approx(theirs.deviance, rel=1e-8)
    columns = ["estimate", "se"]
    np.testing.assert_allclose(ours.fixed[columns], theirs.fixed[columns], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(ours.fixed["df"], theirs.fixed["df"], rtol=5e-3)
    assert ours.n_parameters == 12


@pytest.mark.parametrize("random", [{"outer": "1 + time"}, {"outer": "1", "inner": "1"}])
def test_agrees_with_statsmodels(random: dict[str, str], nested_data: Callable) -> None:
    data = nested_data(8, outer=12, inner=5, rows=7)
    ours = fit_linear("y ~ time + x", data, random, df="normal")
    theirs = fit_linear("y ~ time + x", data, random, df="normal", engine="statsmodels")
    np.testing.assert_allclose(
        ours.fixed["estimate"], theirs.fixed["estimate"], rtol=1e-4, atol=1e-4
    )
    np.testing.assert_allclose(ours.fixed["se"], theirs.fixed["se"], rtol=1e-2)
    assert ours.deviance == pytest.approx(theirs.deviance, rel=1e-6)


def test_least_squares_and_a_test_of_two_terms(nested_data: Callable) -> None:
    import statsmodels.formula.api as smf

    data = nested_data(4)
    ours = fit_linear("y ~ time * arm + x", data, reml=False)
    theirs = smf.ols("y ~ time * arm + x", data).fit()
    table = ours.fixed.loc[theirs.params.index]
    np.testing.assert_allclose(table["estimate"], theirs.params, rtol=1e-8)
    np.testing.assert_allclose(table["se"], theirs.bse, rtol=1e-8)
    np.testing.assert_allclose(table["p"], theirs.pvalues, rtol=1e-6)
    assert ours.loglik == pytest.approx(theirs.llf)
    row = ours.test("arm = 0, time:arm = 0").iloc[0]
    reference = theirs.f_test("arm = 0, time:arm = 0")
    assert row["F"] == pytest.approx(float(reference.fvalue))
    assert row["p"] == pytest.approx(float(reference.pvalue))
    assert ours.test("2*time - x = .5")["p"].iloc[0] == pytest.approx(
        float(theirs.f_test("2*time - x = .5").pvalue)
    )


def test_f_test_agrees_with_glmm(nested_data: Callable) -> None:
    import glmm

    data = nested_data(5, outer=12, inner=6, rows=7)
    ours = fit_linear("y ~ time + arm + x", data, SLOPES)
    theirs = glmm.fit(data, "y ~ time + arm + x + (1 + time | outer) + (1 + time | inner)")
    record = theirs.contrast_test(np.eye(4)[1:3]).to_pandas().iloc[0]
    row = ours.test("time = 0, arm = 0").iloc[0]
    assert row["F"] == pytest.approx(record["F value"], rel=1e-3)
    assert row["df_den"] == pytest.approx(record["DenDF"], rel=1e-2)


def test_a_large_offset_and_scale_move_nothing(nested_data: Callable) -> None:
    data = nested_data(6, partial=True)
    plain = fit_linear("y ~ time * arm + x", data, SLOPES)
    moved = data.assign(time=data["time"] + 1e5, x=data["x"] * 1e6 - 1e5)
    shifted = fit_linear("y ~ time * arm + x", moved, SLOPES)
    log_scale = -2 * np.log(1e-6)
    assert shifted.deviance - log_scale == pytest.approx(plain.deviance, rel=1e-8)
    assert shifted.fixed.loc["time:arm", "estimate"] == pytest.approx(
        plain.fixed.loc["time:arm", "estimate"], rel=1e-5
    )


def test_precision_weights_equal_the_dense_deviance(
    nested_data: Callable, dense_deviance: Callable
) -> None:
    data = nested_data(7)
    weights = np.random.default_rng(1).uniform(0.5, 2.0, len(data))
    fit = fit_linear("y ~ time", data, {"inner": "1"}, precision=weights)
    assert fit.deviance == pytest.approx(dense_deviance(fit), rel=1e-9)


def test_missing_rows_are_dropped_and_counted_and_order_is_free(nested_data: Callable) -> None:
    data = nested_data(9)
    holed = data.copy()
    holed.loc[[0, 3], "y"] = np.nan
    holed.loc[5, "inner"] = None
    holed.loc[7, "x"] = np.nan
    fit = fit_linear("y ~ x", holed, {"outer": "1", "inner": "1"})
    assert fit.n_dropped == 4
    assert "4 of" in fit.messages[0]
    again = data.drop(index=[0, 3, 5, 7]).sort_values("y").set_index("x", drop=False)
    again["inner"] = pd.Categorical(again["inner"])
    other = fit_linear("y ~ x", again, {"outer": "1", "inner": "1"})
    assert other.deviance == pytest.approx(fit.deviance, rel=1e-12)


def test_a_dependent_column_is_named_and_is_a_nan_row(nested_data: Callable) -> None:
    data = nested_data(2).assign(twice=lambda frame: 2 * frame["x"] + 1)
    fit = fit_linear("y ~ x + twice + time", data, {"inner": "1"})
    assert np.isnan(fit.fixed.loc["twice", "estimate"])
    assert any("twice" in message for message in fit.messages)
    plain = fit_linear("y ~ x + time", data, {"inner": "1"})
    assert fit.deviance == pytest.approx(plain.deviance, rel=1e-10)


def test_singular_fit_is_reported() -> None:
    generator = np.random.default_rng(4)
    data = pd.DataFrame({"y": generator.normal(size=60), "g": np.tile(np.arange(10), 6)})
    data["y"] -= data.groupby("g")["y"].transform("mean")
    fit = fit_linear("y ~ 1", data, {"g": "1"})
    assert fit.singular
    assert fit.converged
    assert fit.variance.loc[0, "covariance"] == pytest.approx(0.0, abs=1e-6)


def test_compare_refuses_reml_with_other_fixed_effects(nested_data: Callable) -> None:
    data = nested_data(1)
    small, large = (fit_linear(f, data, {"inner": "1"}) for f in ("y ~ time", "y ~ time + x"))
    with pytest.raises(NotComparable, match="reml=False"):
        small.compare(large)
    small, large = (
        fit_linear(f, data, {"inner": "1"}, reml=False) for f in ("y ~ time", "y ~ time + x")
    )
    table = large.compare(small)
    assert table.loc[1, "chi2"] == pytest.approx(small.deviance - large.deviance)
    wider = fit_linear("y ~ time", data, {"inner": "1 + time"})
    assert fit_linear("y ~ time", data, {"inner": "1"}).compare(wider).loc[1, "df"] == 2


@pytest.mark.parametrize("random", [{"outer": "1 + time", "inner": "1"}, {"inner": "1"}, None])
def test_a_frequency_stands_for_repeated_rows(random: dict | None, nested_data: Callable) -> None:
    data = nested_data(4, outer=7, inner=4)
    data["count"] = np.random.default_rng(1).integers(1, 4, len(data))
    repeated = data.loc[data.index.repeat(data["count"])].sample(frac=1.0, random_state=2)
    short = fit_linear("y ~ time + x", data, random, frequency="count")
    long = fit_linear("y ~ time + x", repeated, random)
    assert short.n_obs == long.n_obs == data["count"].sum()
    assert short.deviance == pytest.approx(long.deviance, rel=1e-9)
    assert short.bic == pytest.approx(long.bic, rel=1e-9)
    np.testing.assert_allclose(short.fixed, long.fixed, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(short.variance["covariance"], long.variance["covariance"], rtol=1e-4)
    np.testing.assert_allclose(short.r_squared(), long.r_squared(), rtol=1e-4)


def test_without_a_choice_of_df_the_adjustment_of_kenward_and_roger_is_used_where_it_exists(
    nested_data: Callable,
) -> None:
    data = nested_data(4, outer=7, inner=4)
    random = {"outer": "1", "inner": "1"}
    assert mixed.fit_linear("y ~ time", data, random).df_method == "kenward-roger"
    assert mixed.fit_linear("y ~ time", data).df_method == "residual"
    for other in ({"reml": False}, {"engine": "glmm"}):
        fit = mixed.fit_linear("y ~ time", data, random, **other)
        assert fit.df_method == "satterthwaite"
        assert any("no Kenward-Roger" in message for message in fit.messages)


def test_an_outer_id_missing_in_some_rows_of_a_group_is_refused(nested_data: Callable) -> None:
    data = nested_data(31, 10, 5, 7)
    data["outer"] = data["outer"].where(data.index % 3 > 0)
    with pytest.raises(mixed.FitError, match="'inner' ids have an 'outer' in some rows and none"):
        fit_linear("y ~ x", data, {"outer": "1", "inner": "1"})


@pytest.mark.parametrize("term", ["bs(x, 4)", "center(x)", "scale(x)", "poly(x, 2)"])
def test_a_column_may_stand_within_a_function_only(term: str, nested_data: Callable) -> None:
    data = nested_data(3, 8, 4, 6)
    data.loc[[0, 5], "x"] = np.nan
    fit = fit_linear(f"y ~ {term}", data, {"inner": "1"})
    assert fit.n_dropped == 2
    shown = fit.predict(data.head(8))["estimate"]
    assert shown.isna().sum() == 2
    kept = shown.dropna()
    np.testing.assert_allclose(kept, fit.predict()["estimate"].loc[kept.index], rtol=1e-9)
