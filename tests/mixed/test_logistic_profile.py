"""Profile intervals of binary models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attunement.mixed import errors, fit_logistic


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    generator = np.random.default_rng(8)
    codes = np.repeat(np.arange(14), 9)
    effect = 0.9 * generator.normal(size=14)[codes]
    x = generator.normal(size=len(codes))
    y = generator.uniform(size=len(codes)) < 1 / (1 + np.exp(-(0.7 * x + effect)))
    return pd.DataFrame({"x": x, "g": codes, "y": y, "arm": codes % 2})


@pytest.mark.parametrize("link", ["logit", "cloglog"])
@pytest.mark.parametrize("nodes", [25, 1])
def test_at_a_limit_the_deviance_has_risen_by_the_quantile(
    data: pd.DataFrame, link: str, nodes: int
) -> None:
    fit = fit_logistic("y ~ x + arm", data, "g", link, nodes)
    table = fit.profile(["x"], confidence=0.9)
    for limit in ("ci_low", "ci_high"):
        # holding the coefficient at its limit is the same as an offset in its place
        held = fit_logistic(
            "y ~ arm", data, "g", link, nodes, offset=table.loc["x", limit] * data["x"]
        )
        rise = held.deviance - fit.deviance
        assert rise == pytest.approx(stats.chi2.ppf(0.9, 1), abs=1e-5)
    assert table.loc["x", "status"] == ""


def test_the_spread_has_a_profile_of_its_own(data: pd.DataFrame) -> None:
    from attunement.mixed.binary_search import climb, coefficients_only
    from attunement.mixed.marginal import Marginal

    fit = fit_logistic("y ~ x", data, "g")
    table = fit.profile()
    assert list(table.index) == ["Intercept", "x", "g: Intercept, Intercept"]
    model = Marginal(fit.binary, "logit", 25)
    for limit in ("ci_low", "ci_high"):
        value = table.loc["g: Intercept, Intercept", limit]
        if value == 0.0:
            continue
        start = np.r_[fit.internal.coefficients, value]
        top = climb(model, start, coefficients_only(np.eye(2)))
        rise = -2.0 * (top.value + model.log_constant) - fit.deviance
        assert rise == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-5)
    assert (table["ci_low"] < table["estimate"]).all()
    assert (table["estimate"] < table["ci_high"]).all()


def test_without_a_group_it_is_the_profile_of_a_plain_model(data: pd.DataFrame) -> None:
    fit = fit_logistic("y ~ x", data)
    table = fit.profile()
    assert list(table.index) == ["Intercept", "x"]
    held = fit_logistic("y ~ 1", data, offset=table.loc["x", "ci_low"] * data["x"])
    assert held.deviance - fit.deviance == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-5)
    with pytest.raises(errors.InvalidSpecification, match="nobody"):
        fit.profile(["nobody"])


def test_a_limit_that_does_not_exist_is_said(data: pd.DataFrame) -> None:
    few = data.assign(rare=(np.arange(len(data)) == 5) * 1.0)
    few["rare"] = np.where(np.arange(len(data)) == 40, 1.0, few["rare"])
    few.loc[5, "y"], few.loc[40, "y"] = True, False
    fit = fit_logistic("y ~ rare", few, "g")
    table = fit.profile(["rare"])
    assert np.isfinite(table.loc["rare", ["ci_low", "ci_high"]].astype(float)).all()
    # one row, an event, has a covariate: no estimate exists but for a slight ridge, and above it
    # the likelihood hardly falls
    tied = fit_logistic("y ~ rare", few.drop(index=40), "g", ridge=1e-7)
    shown = tied.profile(["rare"])
    assert np.isfinite(shown.loc["rare", "ci_low"])
