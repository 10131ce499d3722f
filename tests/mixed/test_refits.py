"""Refits on the same cross products are the fits that one would make from the rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from attunement.mixed import fit_linear
from attunement.mixed.block_moments import block_moments
from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.solve import Problem

RANDOM = {"outer": "1 + time", "inner": "1 + time"}


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(
    ("formula", "terms"),
    [
        ("y ~ time", ["Intercept", "time"]),
        ("y ~ 0 + time + x", ["time", "x"]),
        ("y ~ x + time:arm", ["Intercept", "x", "time:arm"]),
        ("y ~ copy", ["Intercept", "copy"]),
    ],
)
def test_a_choice_of_columns_is_the_fit_of_its_formula(
    formula: str, terms: list[str], reml: bool, nested_data: Callable
) -> None:
    data = nested_data(5, outer=9, inner=5, partial=True)
    data["copy"] = 3.0 + 2.0 * data["x"]
    full = fit_linear("y ~ time * arm + x + copy", data, RANDOM, reml, df="normal")
    ours = full.refit(terms=terms)
    fresh = fit_linear(formula, data, RANDOM, reml, df="normal")
    assert ours.converged
    assert ours.deviance == pytest.approx(fresh.deviance, abs=1e-7)
    expected = fresh.fixed.loc[terms]
    np.testing.assert_allclose(ours.fixed["estimate"], expected["estimate"], rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(ours.fixed["se"], expected["se"], rtol=2e-5)
    np.testing.assert_allclose(ours.variance, fresh.variance["covariance"], rtol=1e-3, atol=1e-5)


def test_a_dependent_column_is_not_estimable_in_a_refit_either(nested_data: Callable) -> None:
    data = nested_data(5)
    data["copy"] = 3.0 + 2.0 * data["x"]
    fit = fit_linear("y ~ time + x + copy", data, {"inner": "1"})
    both = fit.refit(terms=["Intercept", "x", "copy"])
    assert np.isnan(both.fixed.loc["copy", "estimate"])
    assert np.isfinite(both.fixed.loc[["Intercept", "x"], "estimate"]).all()


@pytest.mark.parametrize("terms", [[], ["time", "time"], ["nothing"]])
def test_terms_must_be_columns_of_the_fit(terms: list[str], nested_data: Callable) -> None:
    fit = fit_linear("y ~ time", nested_data(5), {"inner": "1"})
    with pytest.raises(InvalidSpecification):
        fit.refit(terms=terms)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("levels", [("outer", "inner"), ("outer",), ("inner",)])
def test_the_first_step_of_a_refit_is_that_of_newton(
    levels: tuple[str, ...], reml: bool, nested_data: Callable
) -> None:
    data = nested_data(11, outer=12, inner=5, partial=len(levels) == 2)
    fit = fit_linear("y ~ time + x", data, dict.fromkeys(levels, "1 + time"), reml, df="normal")
    blocks, layout = fit._prepared.blocks, fit._prepared.layout
    moments = block_moments(Problem(blocks, layout, reml), fit._parameters)
    weights = np.random.default_rng(3).integers(0, 3, len(blocks.rows)).astype(float)
    weighted = Problem(blocks, layout, reml, weights)
    slope = weighted.gradient(fit._parameters, weighted.at(fit._parameters))
    step = -moments.inverse @ slope
    expected = fit._parameters + step / max(1.0, float(np.max(np.abs(step))))
    np.testing.assert_allclose(
        moments.first_step(weights).parameters, expected, rtol=1e-6, atol=1e-9
    )


def test_a_group_of_the_inner_level_left_out_is_a_fit_without_its_rows(
    nested_data: Callable,
) -> None:
    data = nested_data(8, outer=6, inner=4)
    found = fit_linear("y ~ time", data, RANDOM, df="normal").influence("inner")
    for name in found.estimates.index[:4]:
        fresh = fit_linear("y ~ time", data[data["inner"] != name], RANDOM, df="normal")
        np.testing.assert_allclose(
            found.estimates.loc[name], fresh.fixed["estimate"], rtol=1e-4, atol=1e-4
        )
        np.testing.assert_allclose(found.errors.loc[name], fresh.fixed["se"], rtol=1e-3)


def test_many_choices_are_the_refits_of_each(nested_data: Callable) -> None:
    fit = fit_linear("y ~ time * arm + x", nested_data(5, outer=9), RANDOM, df="normal")
    choices = [["Intercept"], ["Intercept", "time"], ["Intercept", "arm", "x"]]
    for terms, found in zip(choices, fit.refit_each(choices), strict=True):
        assert found.fixed.equals(fit.refit(terms=terms).fixed)
