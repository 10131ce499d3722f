"""Refits and bootstraps of binary models, and what a fit without a group refuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LogisticFit, errors, fit_logistic


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    generator = np.random.default_rng(5)
    codes = np.repeat(np.arange(40), 10)
    frame = pd.DataFrame({"g": codes, "x": generator.normal(size=400), "arm": codes % 2})
    frame["copy"] = 3.0 + 2.0 * frame["x"]
    share = 1 / (1 + np.exp(0.5 - 0.6 * frame["x"] - generator.normal(size=40)[codes]))
    return frame.assign(y=generator.uniform(size=400) < share)


@pytest.mark.parametrize("group", ["g", None])
@pytest.mark.parametrize("link", ["logit", "cloglog"])
@pytest.mark.parametrize(
    ("formula", "terms"),
    [
        ("y ~ x", ["Intercept", "x"]),
        ("y ~ 0 + x + arm", ["arm", "x"]),
        ("y ~ copy", ["Intercept", "copy"]),
        ("y ~ arm", ["Intercept", "arm"]),
    ],
)
def test_a_choice_of_terms_is_the_fit_of_its_formula(
    data: pd.DataFrame, formula: str, terms: list[str], link: str, group: str | None
) -> None:
    full = fit_logistic("y ~ x + arm + copy", data, group, link)
    found = full.refit(terms=terms)
    fresh = fit_logistic(formula, data, group, link)
    assert found.terms == tuple(terms)
    assert list(found.fixed.index) == terms
    assert found.deviance == pytest.approx(fresh.deviance, abs=1e-6)
    expected = fresh.fixed.loc[terms]
    np.testing.assert_allclose(found.fixed["estimate"], expected["estimate"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.fixed["se"], expected["se"], rtol=1e-5)


def test_refits_by_weights_have_all_terms_and_a_deviance(data: pd.DataFrame) -> None:
    fit = fit_logistic("y ~ x + arm + copy", data, "g")
    found = fit.refit(cluster_weights=pd.Series({3: 0.0}))
    fresh = fit_logistic("y ~ x + arm + copy", data[data["g"] != 3], "g")
    assert found.deviance == pytest.approx(fresh.deviance, abs=1e-6)
    assert np.isnan(found.fixed.loc["copy", "estimate"])
    np.testing.assert_allclose(found.fixed["estimate"], fresh.fixed["estimate"], atol=1e-5)


def test_a_ridge_is_no_part_of_the_deviance_of_a_refit(data: pd.DataFrame) -> None:
    fit = fit_logistic("y ~ x + arm", data, "g", ridge=2.0)
    found = fit.refit(terms=["Intercept", "x"])
    fresh = fit_logistic("y ~ x", data, "g", ridge=2.0)
    assert found.deviance == pytest.approx(fresh.deviance, abs=1e-6)
    assert found.deviance < -2.0 * fresh.penalised_loglik
    lost = fit_logistic("y ~ x + copy", data, "g", ridge=2.0)
    with pytest.raises(errors.NotAvailable, match="anew with ridge="):
        lost.refit(terms=["Intercept", "copy"])


def test_many_choices_are_the_refits_of_each(data: pd.DataFrame) -> None:
    fit = fit_logistic("y ~ x + arm", data, "g")
    choices = [["Intercept"], ["Intercept", "arm"], ["x"]]
    for terms, found in zip(choices, fit.refit_each(choices), strict=True):
        pd.testing.assert_frame_equal(found.fixed, fit.refit(terms=terms).fixed, rtol=1e-6)


@pytest.mark.parametrize("terms", [[], ["x", "x"], ["nothing"]])
def test_terms_must_be_columns_of_the_fit(data: pd.DataFrame, terms: list[str]) -> None:
    with pytest.raises(errors.InvalidSpecification, match="must be one of Intercept, x, once"):
        fit_logistic("y ~ x", data, "g").refit(terms=terms)


@pytest.mark.parametrize(
    "ask",
    [
        lambda fit: fit.random_effects(None),
        lambda fit: fit.random_effects("g"),
        lambda fit: fit.influence(None),
        lambda fit: fit.influence("g"),
        lambda fit: fit.bootstrap(3, "g", 1),
        lambda fit: fit.predict(level=None),
        lambda fit: fit.predict(level="g"),
        lambda fit: fit.residuals(None),
        lambda fit: fit.icc(),
        lambda fit: fit.refit(cluster_weights=[1.0]),
    ],
)
def test_a_fit_without_a_group_says_so(
    data: pd.DataFrame, ask: Callable[[LogisticFit], object]
) -> None:
    with pytest.raises(errors.InvalidSpecification, match="the fit has no group"):
        ask(fit_logistic("y ~ x", data))


def test_a_bootstrap_without_a_group_draws_rows(data: pd.DataFrame) -> None:
    fit = fit_logistic("y ~ x", data)
    draws = fit.bootstrap(200, None, 1)
    assert draws.by == "rows"
    np.testing.assert_allclose(draws.table()["se"], fit.fixed["se"], rtol=0.2)


def test_a_bootstrap_says_how_many_draws_it_rests_on(data: pd.DataFrame) -> None:
    # all events of a category lie in one group, which a third of the draws leaves out
    rare = data.assign(kind=(data["g"] < 4) * 1.0)
    rare["y"] = rare["y"] & ((rare["kind"] == 0.0) | (rare["g"] == 2))
    draws = fit_logistic("y ~ x + kind", rare, "g").bootstrap(60, "g", 1)
    table = draws.table()
    assert 5 < draws.n_failed < 40
    assert (table["n_used"] == 60 - draws.n_failed).all()
    assert draws.fixed["kind"].notna().sum() == 60 - draws.n_failed
    assert f"{draws.n_failed} of 60 draws could not be fitted (CompleteSeparation" in str(
        draws.messages
    )
    whole = fit_logistic("y ~ x", data, "g").bootstrap(5, "g", 1)
    assert whole.messages == ()
    assert (whole.table()["n_used"] == 5).all()
