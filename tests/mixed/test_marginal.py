"""The quadrature against brute force, other packages, and itself under weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LogisticFit, fit_logistic
from attunement.mixed.binary import Binary
from attunement.mixed.links import LINKS
from attunement.mixed.marginal import Marginal


def draw(seed: int, sigma: float = 0.8, link: str = "logit", alone: int = 0) -> pd.DataFrame:
    """Binary rows in 6 to 25 groups of 2 to 30 rows, optionally with rows without a group."""
    generator = np.random.default_rng(seed)
    sizes = generator.integers(2, 31, int(generator.integers(6, 26)))
    codes = np.repeat(np.arange(len(sizes)), sizes)
    frame = pd.DataFrame(
        {
            "g": np.r_[[f"g{code}" for code in codes], [None] * alone],
            "x": generator.normal(size=len(codes) + alone),
            "arm": np.r_[codes % 2, np.zeros(alone)].astype(float),
        }
    )
    effect = np.r_[sigma * generator.normal(size=len(sizes))[codes], np.zeros(alone)]
    share = LINKS[link].mean(-0.7 + 0.6 * frame["x"].to_numpy() + 0.4 * frame["arm"] + effect)
    frame["y"] = generator.uniform(size=len(frame)) < share
    return frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)


def model_of(fit: LogisticFit, nodes: int) -> Marginal:
    return Marginal(fit.binary, fit.link, nodes)


@pytest.mark.parametrize("link", list(LINKS))
def test_derivatives_of_a_link_are_those_of_its_likelihood(link: str) -> None:
    each = LINKS[link]
    predictor = np.linspace(-6.0, 3.0, 40)
    events, others = np.full(40, 2.0), np.full(40, 3.0)
    step = 1e-5
    low, high = (each.values(predictor + s * step, events, others) for s in (-1.0, 1.0))
    middle = each.values(predictor, events, others)
    for order in (0, 1):
        slope = (high[order] - low[order]) / (2 * step)
        np.testing.assert_allclose(middle[order + 1], slope, rtol=1e-6, atol=1e-8)
    slope = (high[2] - low[2]) / (2 * step)
    np.testing.assert_allclose(each.third(predictor, events, others), slope, rtol=1e-5, atol=1e-7)
    for extreme in (-800.0, 800.0):
        found = each.values(np.array([extreme]), np.ones(1), np.zeros(1))
        assert np.isfinite(found).all() or extreme > 0
    np.testing.assert_allclose(each.mean(each.start(np.array([0.1, 0.9]))), [0.1, 0.9])


@pytest.mark.parametrize("link", list(LINKS))
@pytest.mark.parametrize("nodes", [1, 2, 5, 12])
def test_the_gradient_is_that_of_the_sum_at_any_number_of_nodes(link: str, nodes: int) -> None:
    fit = fit_logistic("y ~ x + arm", draw(1, alone=7), "g", link)
    model = model_of(fit, nodes)
    point = np.array([-0.5, 0.8, 0.2, 1.3])
    gradient = model.value(point).gradient
    for index in range(4):
        step = np.zeros(4)
        step[index] = 1e-5
        slope = (model.value(point + step).value - model.value(point - step).value) / 2e-5
        assert gradient[index] == pytest.approx(slope, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("link", list(LINKS))
def test_the_information_is_the_curvature(link: str) -> None:
    fit = fit_logistic("y ~ x + arm", draw(2, alone=5), "g", link)
    model = model_of(fit, 40)
    point = np.array([-0.5, 0.8, 0.2, 0.9])
    information = model.value(point, information=True).information
    for index in range(4):
        step = np.zeros(4)
        step[index] = 1e-4
        turn = (model.value(point - step).gradient - model.value(point + step).gradient) / 2e-4
        np.testing.assert_allclose(information[index], turn, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("seed", range(30))
def test_agrees_with_glmm(seed: int) -> None:
    link = "cloglog" if seed % 3 == 2 else "logit"
    data = draw(seed + 100, [0.0, 0.3, 1.0, 2.0][seed % 4], link)
    nodes = [25, 11, 5][seed % 3]
    ours = fit_logistic("y ~ x + arm", data, "g", link, nodes)
    theirs = fit_logistic("y ~ x + arm", data, "g", link, nodes, engine="glmm")
    assert (ours.engine, theirs.engine) == ("attunement", "glmm")
    assert ours.converged
    assert ours.loglik >= theirs.loglik - 1e-8 * abs(theirs.loglik)
    assert ours.loglik == pytest.approx(theirs.loglik, rel=1e-6)
    errors = ours.fixed["se"]
    assert ((ours.fixed["estimate"] - theirs.fixed["estimate"]).abs() < 2e-3 * errors).all()
    np.testing.assert_allclose(errors, theirs.fixed["se"], rtol=5e-3)
    both = [fit.variance.loc[0, "sd_or_correlation"] for fit in (ours, theirs)]
    assert both[0] == pytest.approx(both[1], rel=5e-3, abs=5e-3)


def test_a_variance_of_zero_is_named_and_is_the_plain_model() -> None:
    data = draw(3, sigma=0.0)
    data["g"] = np.arange(len(data)) % 9
    data = data.sort_values(["y"]).reset_index(drop=True).assign(g=lambda d: d.index % 9)
    fit = fit_logistic("y ~ x", data, "g")
    assert fit.singular
    assert fit.converged
    assert fit.variance.loc[0, "covariance"] == 0.0
    assert any(message.startswith("singular") for message in fit.messages)
    plain = fit_logistic("y ~ x", data)
    np.testing.assert_allclose(fit.fixed["estimate"], plain.fixed["estimate"], rtol=1e-6)
    assert fit.loglik == pytest.approx(plain.loglik, rel=1e-12)
    assert (fit.random_effects("g")["estimate"] == 0.0).all()


def test_rows_without_a_group_have_no_effect() -> None:
    data = draw(4, alone=40)
    fit = fit_logistic("y ~ x", data, "g")
    assert fit.n_obs == len(data)
    assert any("40 rows without 'g'" in message for message in fit.messages)
    grouped = fit_logistic("y ~ x", data.dropna(subset="g"), "g")
    rest = data[data["g"].isna()]
    predictor = fit.fixed["estimate"].to_numpy()
    sigma = fit.variance.loc[0, "sd_or_correlation"]
    inside = Marginal(grouped.binary, "logit", 25)
    internal = np.linalg.solve(grouped.basis.transform, predictor)
    eta = predictor[0] + predictor[1] * rest["x"]
    share = np.where(rest["y"], 1 / (1 + np.exp(-eta)), 1 / (1 + np.exp(eta)))
    total = inside.value(np.r_[internal, sigma]).value + float(np.log(share).sum())
    assert fit.loglik == pytest.approx(total, rel=1e-9)
    assert len(fit.random_effects("g")) == fit.n_groups["g"]
    weighted = fit.refit(cluster_weights=np.zeros(fit.n_groups["g"]))
    alone = fit_logistic("y ~ x", rest)
    np.testing.assert_allclose(weighted.estimates, alone.fixed["estimate"], rtol=1e-5)
    assert fit.bootstrap(4, "g", 1).n_failed == 0


def test_a_weight_of_two_is_a_copy_of_the_group_and_zero_its_absence() -> None:
    data = draw(5)
    fit = fit_logistic("y ~ x + arm", data, "g", "cloglog")
    twice = pd.concat([data, data[data["g"] == "g1"].assign(g="again")])
    copied = fit_logistic("y ~ x + arm", twice, "g", "cloglog")
    weighted = fit.refit(cluster_weights=pd.Series({"g1": 2.0}))
    assert weighted.converged
    np.testing.assert_allclose(weighted.estimates, copied.fixed["estimate"], rtol=1e-5)
    np.testing.assert_allclose(weighted.errors, copied.fixed["se"], rtol=1e-5)
    result = fit.influence("g")
    assert result.summary["converged"].all()
    for group in ("g0", "g3"):
        reduced = fit_logistic("y ~ x + arm", data[data["g"] != group], "g", "cloglog")
        np.testing.assert_allclose(
            result.estimates.loc[group], reduced.fixed["estimate"], rtol=1e-5
        )
        np.testing.assert_allclose(result.errors.loc[group], reduced.fixed["se"], rtol=1e-5)


def test_a_start_changes_nothing_but_the_time() -> None:
    data = draw(6)
    cold = fit_logistic("y ~ x + arm", data, "g", nodes=20)
    warm = fit_logistic("y ~ x + arm", data, "g", nodes=20, start=cold)
    assert warm.loglik == pytest.approx(cold.loglik, rel=1e-11)
    np.testing.assert_allclose(warm.fixed["se"], cold.fixed["se"], rtol=1e-5)


def test_portions_of_groups_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fit_logistic("y ~ x + arm", draw(7, alone=3), "g")
    point = np.array([-0.5, 0.8, 0.2, 0.9])
    whole = model_of(fit, 15).value(point, information=True)
    monkeypatch.setattr("attunement.mixed.marginal._ROWS_AT_ONCE", 20)
    monkeypatch.setattr("attunement.mixed.marginal._ALONE_AT_ONCE", 2)
    model = model_of(fit, 15)
    parts = model.value(point, information=True)
    assert len(model.weights) == fit.n_groups["g"] + 2
    assert parts.value == pytest.approx(whole.value, rel=1e-13)
    np.testing.assert_allclose(parts.gradient, whole.gradient, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(parts.information, whole.information, rtol=1e-10, atol=1e-12)


def test_what_groups_add_is_remembered_for_any_weights() -> None:
    fit = fit_logistic("y ~ x + arm", draw(7, alone=3), "g")
    point = np.array([-0.5, 0.8, 0.2, 0.9])
    weights = np.arange(fit.n_groups["g"]) % 3.0
    fresh = model_of(fit, 15).weighted(weights).value(point, information=True)
    model = model_of(fit, 15)
    model.remember(point)
    kept = model.weighted(weights).value(point, information=True)
    assert kept.value == pytest.approx(fresh.value, rel=1e-13)
    np.testing.assert_allclose(kept.gradient, fresh.gradient, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(kept.information, fresh.information, rtol=1e-10, atol=1e-12)


def test_quasi_separation_under_weights_is_a_refit_without_estimates() -> None:
    data = draw(8).assign(rare=0.0)
    data.loc[data["g"] == "g0", "rare"] = 1.0
    data.loc[(data["g"] == "g1") & (data["x"] > 0), "rare"] = 1.0
    data.loc[(data["g"] == "g1") & (data["rare"] == 1.0), "y"] = True
    data.loc[data["g"] == "g0", "y"] = False
    fit = fit_logistic("y ~ x + rare", data, "g", nodes=9)
    result = fit.influence("g")
    assert result.estimates.loc["g0"].isna().all()
    assert not result.summary.loc["g0", "converged"]
    assert result.summary.loc["g3", "converged"]


def test_codes_that_no_row_has_keep_their_place() -> None:
    binary = Binary(
        events=np.array([0.0, 1.0, 1.0, 0.0]),
        totals=np.ones(4),
        constant=np.empty(0),
        offset=np.empty(0),
        columns=np.ones((4, 1)),
        codes=np.array([1, 1, 3, 3]),
        order=np.empty(0, dtype=np.intp),
        n_groups=5,
    )
    model = Marginal(binary, "logit", 7)
    assert list(model.present) == [1, 3]
    point = model.value(np.array([0.0, 0.5]))
    assert np.isfinite(point.value)
    assert point.gradient[0] == pytest.approx(0.0, abs=1e-12)
