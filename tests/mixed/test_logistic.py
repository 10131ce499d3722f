"""Binary models against statsmodels and against brute-force integration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from attunement.mixed import LogisticFit, errors, fit_logistic
from attunement.mixed.links import LINKS


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    generator = np.random.default_rng(3)
    codes = np.repeat(np.arange(25), 14)
    frame = pd.DataFrame({"x": generator.normal(size=350), "g": [f"g{code}" for code in codes]})
    effect = generator.normal(size=25)[codes]
    rate = 1 / (1 + np.exp(-(-0.8 + 0.7 * frame["x"] + effect)))
    return frame.assign(y=generator.uniform(size=350) < rate, arm=(codes % 2).astype(float))


def integrated(fit: LogisticFit) -> float:
    """The marginal log-likelihood of a fit by adaptive integration over each group."""
    beta = fit.fixed["estimate"].to_numpy()
    spread = float(fit.variance.loc[0, "sd_or_correlation"])
    predictor = fit.design.fixed @ beta
    total = 0.0
    for code in range(fit.n_groups["g"]):
        rows = fit.design.codes["g"] == code
        eta, y = predictor[rows], fit.design.outcome[rows]

        def joint(u: float, eta: np.ndarray = eta, y: np.ndarray = y) -> float:
            share = LINKS[fit.link].mean(eta + spread * u)
            return float(np.prod(np.where(y == 1, share, 1 - share)) * np.exp(-u * u / 2))

        total += np.log(quad(joint, -9, 9, epsabs=1e-16, epsrel=1e-10, limit=200)[0])
    return total - fit.n_groups["g"] * 0.5 * np.log(2 * np.pi)


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_the_likelihood_is_the_integral(data: pd.DataFrame, link: str) -> None:
    fit = fit_logistic("y ~ x + arm", data, "g", link=link, check_nodes=True)
    assert fit.converged
    assert fit.loglik == pytest.approx(integrated(fit), rel=1e-7)
    assert fit.nodes == 25
    assert fit.node_movement < 0.01
    assert np.isinf(fit.fixed["df"]).all()
    assert fit.n_parameters == 4


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_without_a_group_it_is_a_generalised_linear_model(data: pd.DataFrame, link: str) -> None:
    import statsmodels.api as sm

    family = sm.families.Binomial(
        sm.families.links.Logit() if link == "logit" else sm.families.links.CLogLog()
    )
    offset = np.linspace(-0.5, 0.5, len(data))
    matrix = sm.add_constant(data[["x", "arm"]])
    theirs = sm.GLM(data["y"].astype(float), matrix, family, offset=offset).fit()
    ours = fit_logistic("y ~ x + arm", data, link=link, offset=offset)
    np.testing.assert_allclose(ours.fixed["estimate"], theirs.params, rtol=1e-5)
    np.testing.assert_allclose(ours.fixed["se"], theirs.bse, rtol=1e-5)
    assert ours.loglik == pytest.approx(theirs.llf, rel=1e-8)
    assert ours.nodes == 0
    assert np.isnan(ours.node_movement)


def test_frequency_and_trials_stand_for_repeated_rows(data: pd.DataFrame) -> None:
    plain = fit_logistic("y ~ arm", data, "g")
    cells = data.groupby(["g", "arm", "y"]).size().rename("count").reset_index()
    weighted = fit_logistic("y ~ arm", cells, "g", frequency="count")
    assert weighted.loglik == pytest.approx(plain.loglik, rel=1e-9)
    np.testing.assert_allclose(weighted.fixed["se"], plain.fixed["se"], rtol=1e-4)
    counts = data.groupby(["g", "arm"])["y"].agg(["sum", "size"]).reset_index()
    counted = fit_logistic("sum ~ arm", counts, "g", trials="size")
    shares = counts.assign(share=counts["sum"] / counts["size"])
    shared = fit_logistic("share ~ arm", shares, "g", trials="size")
    np.testing.assert_allclose(counted.fixed["estimate"], plain.fixed["estimate"], rtol=1e-4)
    assert shared.loglik == pytest.approx(counted.loglik, rel=1e-9)
    twice = fit_logistic("sum ~ arm", counts, trials="size", frequency=np.full(len(counts), 2))
    once = fit_logistic("sum ~ arm", counts, trials="size")
    assert twice.loglik == pytest.approx(2 * once.loglik, rel=1e-9)


def test_offsets_in_a_covariate_move_nothing(data: pd.DataFrame) -> None:
    plain = fit_logistic("y ~ x", data, "g")
    moved = fit_logistic("y ~ x", data.assign(x=data["x"] + 1e5), "g")
    assert moved.loglik == pytest.approx(plain.loglik, rel=1e-9)
    assert moved.fixed.loc["x", "estimate"] == pytest.approx(
        plain.fixed.loc["x", "estimate"], rel=1e-5
    )


def test_refits_and_modes(data: pd.DataFrame) -> None:
    fit = fit_logistic("y ~ x", data, "g", nodes=11)
    result = fit.influence("g")
    reduced = fit_logistic("y ~ x", data[data["g"] != "g3"], "g", nodes=11)
    np.testing.assert_allclose(
        result.estimates.loc["g3"], reduced.fixed["estimate"], rtol=1e-3, atol=1e-4
    )
    first, second = fit.bootstrap(5, "g", 1), fit.bootstrap(5, "g", 1)
    pd.testing.assert_frame_equal(first.fixed, second.fixed)
    modes = fit.random_effects("g")
    assert list(modes["g"]) == list(dict.fromkeys(data["g"]))
    assert (modes["se"] > 0).all()
    assert 0 < fit.icc().loc["g", "share"] < 1
    new = pd.DataFrame({"x": [0.0, np.nan]}, index=["a", "b"])
    predicted = fit.predict(new, interval="confidence")
    assert predicted.loc["a", "ci_low"] < predicted.loc["a", "estimate"] < 1
    assert predicted.loc["b"].isna().all()
    assert fit.test("x = 0")["F"].iloc[0] == pytest.approx(fit.fixed.loc["x", "t"] ** 2)
    smaller = fit_logistic("y ~ 1", data, "g", nodes=11)
    assert fit.compare(smaller).loc[1, "p"] < 0.01


@pytest.mark.parametrize("kind", ["object", "boolean", "Int64"])
def test_numbers_and_truth_values_of_any_type_are_outcomes(data: pd.DataFrame, kind: str) -> None:
    plain = fit_logistic("y ~ x", data, "g")
    as_numbers = data.assign(y=data["y"].astype(int if kind != "boolean" else bool).astype(kind))
    assert fit_logistic("y ~ x", as_numbers, "g").loglik == plain.loglik


@pytest.mark.parametrize("kind", ["category", "text", "digits", "categories of numbers", "mixed"])
def test_text_and_categories_are_no_outcome(data: pd.DataFrame, kind: str) -> None:
    words = pd.Series(np.where(data["y"], "yes", "no"), index=data.index)
    column = {
        "category": words.astype("category"),
        "text": words,
        "digits": data["y"].astype(int).astype(str),
        "categories of numbers": data["y"].astype(int).astype("category"),
        "mixed": data["y"].astype(int).astype(object).where(data["x"] < 1, "no"),
    }[kind]
    with pytest.raises(errors.InvalidValues, match=r"the outcome 'y' holds .* 1 for the event"):
        fit_logistic("y ~ x", data.assign(y=column), "g")
