"""Predictions, effects, intervals, refits and comparisons of binary models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.integrate import quad

from attunement.mixed import LogisticFit, errors, fit_logistic
from attunement.mixed.links import LINKS


def draw(seed: int = 1, sigma: float = 1.0, link: str = "logit") -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    codes = np.repeat(np.arange(30), generator.integers(5, 20, 30))
    frame = pd.DataFrame({"x": generator.normal(size=len(codes)), "arm": codes % 2, "g": codes})
    effect = sigma * generator.normal(size=30)[codes]
    share = LINKS[link].mean(-0.5 + 0.8 * frame["x"] + 0.4 * frame["arm"] + effect)
    frame["y"] = generator.uniform(size=len(codes)) < share
    return frame.sample(frac=1.0, random_state=seed)


@pytest.fixture(scope="module", params=["logit", "cloglog"])
def fit(request: pytest.FixtureRequest) -> LogisticFit:
    return fit_logistic("y ~ x + arm", draw(link=request.param), "g", request.param)


def test_a_marginal_prediction_is_averaged_over_groups(fit: LogisticFit) -> None:
    new = pd.DataFrame({"x": [0.0, 2.0, -1.0], "arm": [0.0, 1.0, 1.0]})
    beta, sigma = fit.fixed["estimate"].to_numpy(), fit.internal.sigma
    eta = np.c_[np.ones(3), new] @ beta
    found = fit.predict(new, level="marginal")["estimate"]
    for place, value in zip(eta, found, strict=True):

        def density(v: float, place: float = place) -> float:
            return float(LINKS[fit.link].mean(np.array(place + sigma * v)) * stats.norm.pdf(v))

        assert value == pytest.approx(quad(density, -10, 10)[0], rel=1e-7)
    population = fit.predict(new)["estimate"]
    np.testing.assert_allclose(population, LINKS[fit.link].mean(eta), rtol=1e-12)
    assert ((found - population).abs() > 1e-3).any()


def test_the_error_of_a_marginal_prediction_is_by_the_delta_method(fit: LogisticFit) -> None:
    new = pd.DataFrame({"x": [0.5], "arm": [1.0]})
    transform = fit.basis.transform
    outward = np.zeros((4, 4))
    outward[:3, :3], outward[3, 3] = transform, 1.0
    covariance = outward @ fit.internal.covariance @ outward.T
    point = np.r_[fit.fixed["estimate"], fit.internal.sigma]

    def shown(parameters: np.ndarray) -> float:
        v = np.linspace(-8.5, 8.5, 401)
        weights = stats.norm.pdf(v) / stats.norm.pdf(v).sum()
        eta = np.array([1.0, 0.5, 1.0]) @ parameters[:3]
        share = LINKS[fit.link].mean(eta + parameters[3] * v) @ weights
        return float(LINKS[fit.link].start(share))

    slope = np.array(
        [(shown(point + step) - shown(point - step)) / 2e-5 for step in 1e-5 * np.eye(4)]
    )
    expected = float(np.sqrt(slope @ covariance @ slope))
    table = fit.predict(new, "marginal", "confidence", scale="predictor")
    assert table.loc[0, "se"] == pytest.approx(expected, rel=1e-5)
    width = table.loc[0, "ci_high"] - table.loc[0, "estimate"]
    assert width == pytest.approx(stats.norm.ppf(0.975) * expected, rel=1e-5)


def test_a_prediction_for_a_group_is_at_its_mode(fit: LogisticFit) -> None:
    modes = fit.random_effects("g").set_index("g")
    new = pd.DataFrame({"x": [0.3] * 3, "arm": [1.0] * 3, "g": [3.0, 999.0, np.nan]})
    table = fit.predict(new, "g", "confidence", scale="predictor")
    base = fit.predict(new, scale="predictor")
    assert table.loc[0, "estimate"] == pytest.approx(
        base.loc[0, "estimate"] + modes.loc[3, "estimate"], abs=1e-12
    )
    assert table.loc[1, "estimate"] == base.loc[1, "estimate"]
    assert table.loc[1, "se"] == pytest.approx(np.hypot(base.loc[1, "se"], fit.internal.sigma))
    assert table.loc[2, "se"] == pytest.approx(base.loc[2, "se"])
    own = fit.predict(level="g")["estimate"]
    assert fit.residuals("g").abs().mean() < fit.residuals().abs().mean()
    assert own.between(0.0, 1.0).all()
    with pytest.raises(errors.InvalidSpecification, match="level"):
        fit.predict(level="nobody")


def test_errors_of_effects_are_the_curvature_and_the_movement_of_modes(fit: LogisticFit) -> None:
    modes = fit.random_effects("g").set_index("g")
    beta, sigma = fit.fixed["estimate"].to_numpy(), fit.internal.sigma
    design = fit.design

    def slope_at(u: float, beta: np.ndarray, rows: np.ndarray) -> tuple[float, float]:
        y = design.outcome[rows]
        _, first, second = LINKS[fit.link].values(design.fixed[rows] @ beta + u, y, 1.0 - y)
        return float(first.sum()) - u / sigma**2, float(second.sum()) - 1.0 / sigma**2

    def mode(beta: np.ndarray, rows: np.ndarray) -> float:
        u = 0.0
        for _ in range(60):
            first, second = slope_at(u, beta, rows)
            u -= first / second
        return u

    for label in (0, 7, 20):
        rows = design.codes["g"] == list(design.labels["g"]).index(label)
        u = mode(beta, rows)
        assert modes.loc[label, "estimate"] == pytest.approx(u, abs=1e-8)
        variance = -1.0 / slope_at(u, beta, rows)[1]
        assert modes.loc[label, "se_conditional"] == pytest.approx(np.sqrt(variance), rel=1e-7)
        moved = np.array(
            [(mode(beta + s, rows) - mode(beta - s, rows)) / 2e-5 for s in 1e-5 * np.eye(3)]
        )
        total = variance + moved @ fit.vcov.to_numpy() @ moved
        assert modes.loc[label, "se"] == pytest.approx(np.sqrt(total), rel=1e-5)


def test_limits_of_the_spread_and_of_the_correlation(fit: LogisticFit) -> None:
    row = fit.variance.iloc[0]
    error = float(np.sqrt(fit.internal.covariance[-1, -1])) / row["sd_or_correlation"]
    assert np.log(row["ci_high"] / row["covariance"]) == pytest.approx(2.0 * 1.959964 * error)
    assert row["ci_low"] < row["covariance"] < row["ci_high"]
    within = np.pi**2 / (3.0 if fit.link == "logit" else 6.0)
    icc = fit.icc().loc["g"]
    assert icc["share"] == pytest.approx(row["covariance"] / (row["covariance"] + within))
    assert icc["share_ci_low"] == pytest.approx(row["ci_low"] / (row["ci_low"] + within))
    assert icc["share_ci_low"] < icc["share"] < icc["share_ci_high"]


def test_a_choice_of_terms_and_weights_is_that_of_the_smaller_fit(fit: LogisticFit) -> None:
    weights = pd.Series({0: 0.0, 3: 2.0})
    both = fit.refit(terms=["Intercept", "x"], cluster_weights=weights)
    small = fit_logistic("y ~ x", draw(link=fit.link), "g", fit.link)
    expected = small.refit(cluster_weights=weights)
    np.testing.assert_allclose(both.estimates, expected.estimates, atol=1e-6)
    np.testing.assert_allclose(both.errors, expected.errors, rtol=1e-5)
    assert both.deviance == pytest.approx(expected.deviance, abs=1e-6)


def test_a_variance_is_tested_on_its_boundary(fit: LogisticFit) -> None:
    data = draw(link=fit.link)
    plain = fit_logistic("y ~ x + arm", data, link=fit.link)
    table = fit.compare(plain)
    statistic = plain.deviance - fit.deviance
    assert table.loc[1, "p_boundary"] == pytest.approx(0.5 * stats.chi2.sf(statistic, 1))
    assert table.loc[1, "p"] == pytest.approx(stats.chi2.sf(statistic, 1))
    assert "half chi2(0) and half chi2(1)" in table.loc[1, "note"]
    less = fit_logistic("y ~ x", data, link=fit.link)
    statistic = less.deviance - fit.deviance
    expected = 0.5 * (stats.chi2.sf(statistic, 1) + stats.chi2.sf(statistic, 2))
    assert fit.compare(less).loc[1, "p_boundary"] == pytest.approx(expected)
    # with a group but fewer parameters it is no special case: what is said of it stands
    wide = fit_logistic("y ~ x * arm + I(x**2)", data, link=fit.link)
    narrow = fit_logistic("y ~ x", data, "g", link=fit.link)
    other = narrow.compare(wide)
    assert np.isnan(other.loc[1, "p_boundary"])
    assert "nested" in other.loc[1, "note"]
    same = fit_logistic("y ~ x", data, "g", link=fit.link)
    assert same.compare(fit).loc[1, "p"] == pytest.approx(
        stats.chi2.sf(same.deviance - fit.deviance, 1)
    )
    with pytest.raises(errors.NotComparable, match="nodes"):
        fit.compare(fit_logistic("y ~ x", data, "g", fit.link, nodes=9))
    with pytest.raises(errors.NotComparable, match="offset"):
        fit.compare(fit_logistic("y ~ x", data, "g", fit.link, offset="x"))


def test_at_the_boundary_the_variance_has_no_interval_and_p_is_one() -> None:
    data = draw(4).sort_values("y", ignore_index=True)
    data["g"] = data.index % 9
    fit = fit_logistic("y ~ x", data, "g")
    assert fit.singular
    assert fit.variance[["ci_low", "ci_high"]].isna().all(axis=None)
    assert any("no Wald limits" in message for message in fit.messages)
    assert fit.compare(fit_logistic("y ~ x", data)).loc[1, "p_boundary"] == 1.0
    assert (fit.random_effects("g")["estimate"] == 0.0).all()
    assert fit.bootstrap(3, "g", 1).n_failed == 0
    profile = fit.profile(["g: Intercept, Intercept"])
    assert profile.loc["g: Intercept, Intercept", "ci_low"] == 0.0
    share, upper = fit.profile_icc().loc["g"], profile["ci_high"].iloc[0] ** 2
    assert (share["share"], share["share_ci_low"]) == (0.0, 0.0)
    assert share["share_ci_high"] == pytest.approx(upper / (upper + np.pi**2 / 3))
    assert profile.loc["g: Intercept, Intercept", "ci_high"] > 0.0
    assert "zero" in profile.loc["g: Intercept, Intercept", "status"]
    marginal = fit.predict(level="marginal")["estimate"]
    np.testing.assert_allclose(marginal, fit.predict()["estimate"], rtol=1e-10)


def test_a_parametric_bootstrap_recovers_what_it_draws_from(fit: LogisticFit) -> None:
    draws = fit.parametric_bootstrap(120, seed=4)
    assert draws.n_failed == 0
    again = fit.parametric_bootstrap(120, seed=4)
    pd.testing.assert_frame_equal(draws.fixed, again.fixed)
    table = draws.table()
    assert ((table["se"] / fit.fixed["se"] - 1.0).abs() < 0.3).all()
    assert (table["bias"].abs() < 0.5 * table["se"]).all()
    spread = np.sqrt(draws.variance.iloc[:, 0])
    assert spread.mean() == pytest.approx(fit.internal.sigma, rel=0.15)
    alone = fit_logistic("y ~ x", draw(link=fit.link), link=fit.link)
    assert alone.parametric_bootstrap(20, 1).n_failed == 0


def test_a_share_without_an_upper_limit_ends_at_one(
    fit: LogisticFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Near the boundary the upper limit of a standard deviation may be infinite, or its square."""
    for upper in (np.inf, 1e200):
        limits = np.array([0.1, upper])
        monkeypatch.setattr("attunement.mixed.binary.sd_interval", lambda *_, found=limits: found)
        table = fit.icc().loc["g"]
        assert table["share_ci_high"] == 1.0
        assert 0.0 < table["share_ci_low"] < table["share"] < 1.0
