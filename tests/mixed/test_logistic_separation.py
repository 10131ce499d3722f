"""What has no finite estimate is named, and a ridge gives one that says so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from attunement.mixed import errors, fit_logistic
from attunement.mixed.binary_separation import find_separation
from attunement.mixed.links import LINKS


@pytest.fixture
def data() -> pd.DataFrame:
    generator = np.random.default_rng(11)
    frame = pd.DataFrame(
        {
            "x": generator.normal(size=120),
            "z": generator.normal(size=120),
            "g": np.repeat(np.arange(12), 10),
            "rare": (np.arange(120) % 15 == 0) * 1.0,
        }
    )
    effect = generator.normal(size=12)[frame["g"]]
    return frame.assign(y=generator.uniform(size=120) < 1 / (1 + np.exp(-effect - frame["x"])))


@pytest.mark.parametrize("group", [None, "g"])
@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_complete_separation_names_its_terms_only(
    data: pd.DataFrame, link: str, group: str | None
) -> None:
    with pytest.raises(errors.CompleteSeparation, match="completely separated by: x;"):
        fit_logistic("y ~ z + x", data.assign(y=data["x"] > 0.2), group, link)
    joined = data.assign(y=data["x"] - 2.0 * data["z"] > 0.2)
    with pytest.raises(errors.CompleteSeparation, match="completely separated by: z, x;"):
        fit_logistic("y ~ z + x + rare", joined, group, link)


@pytest.mark.parametrize("group", [None, "g"])
def test_a_category_without_events_is_quasi_complete(data: pd.DataFrame, group: str | None) -> None:
    without = data.assign(y=data["y"] & (data["rare"] == 0.0))
    with pytest.raises(errors.CompleteSeparation, match=r"quasi-completely .* by: rare;"):
        fit_logistic("y ~ x + z + rare", without, group)


@pytest.mark.parametrize("outcome", [0, 1])
@pytest.mark.parametrize("group", [None, "g"])
@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_a_category_with_one_outcome_is_found_under_any_link(
    data: pd.DataFrame, link: str, group: str | None, outcome: int
) -> None:
    drawn = data.assign(kind=np.array(list("abcd"))[np.arange(120) // 3 % 4])
    pure = drawn.assign(y=drawn["y"].where(drawn["kind"] != "c", outcome).astype(int))
    with pytest.raises(errors.CompleteSeparation, match=r"quasi-completely .* by: kind\[T.c\];"):
        fit_logistic("y ~ kind + x", pure, group, link)
    # an offset is part of what makes a row certain
    moved = pure.assign(exposure=4.0)
    with pytest.raises(errors.CompleteSeparation, match=r"by: kind\[T.c\];"):
        fit_logistic("y ~ kind + x", moved, group, link, offset="exposure")


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_rows_all_but_certain_are_estimated_where_nothing_separates(link: str) -> None:
    generator = np.random.default_rng(8)
    x = generator.normal(size=3_000) * 3.0
    share = LINKS[link].mean(1.0 + 1.5 * x)
    frame = pd.DataFrame({"x": x, "y": generator.uniform(size=3_000) < share})
    fit = fit_logistic("y ~ x", frame, link=link)
    assert fit.predict()["estimate"].max() > 1.0 - 1e-6
    assert fit.fixed.loc["x", "estimate"] == pytest.approx(1.5, abs=4 * fit.fixed.loc["x", "se"])


def test_groups_of_one_outcome_each_have_no_finite_variance(data: pd.DataFrame) -> None:
    with pytest.raises(errors.CompleteSeparation, match="variance between groups"):
        fit_logistic("y ~ x", data.assign(y=data["g"] % 2), "g")


def test_groups_of_one_trial_are_refused(data: pd.DataFrame) -> None:
    with pytest.raises(errors.TooManyRandomEffects, match="single trial"):
        fit_logistic("y ~ x", data.assign(g=np.arange(120)), "g")
    pairs = data.assign(g=np.arange(120), n=2, y=data["y"] * 2 - (data["z"] > 0) * data["y"])
    assert fit_logistic("y ~ x", pairs, "g", trials="n").converged


def test_wide_predictors_that_are_not_separated_are_estimated() -> None:
    generator = np.random.default_rng(2)
    x = generator.normal(size=4_000) * 6.0
    y = generator.uniform(size=4_000) < 1 / (1 + np.exp(-3.0 * x))
    fit = fit_logistic("y ~ x", pd.DataFrame({"x": x, "y": y}))
    assert fit.converged
    assert fit.fixed.loc["x", "estimate"] == pytest.approx(3.0, abs=4 * fit.fixed.loc["x", "se"])


def test_separation_is_found_among_many_rows() -> None:
    generator = np.random.default_rng(3)
    columns = np.c_[np.ones(30_000), generator.normal(size=(30_000, 2))]
    events = (columns[:, 1] + 0.1 * columns[:, 2] > 0.3) * 1.0
    found = find_separation(columns, events, 1.0 - events, strict=True)
    assert found is not None
    assert ((columns @ found > 0.0) == (events > 0.0)).all()
    events[np.argmax(columns[:, 1])] = 0.0
    assert find_separation(columns, events, 1.0 - events) is None


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_a_ridge_is_the_penalised_maximum(data: pd.DataFrame, link: str) -> None:
    without = data.assign(y=data["y"] & (data["rare"] == 0.0))
    fit = fit_logistic("y ~ x + rare", without, link=link, ridge=0.5)
    columns = np.c_[np.ones(120), without["x"], without["rare"]]
    scale = columns.std(axis=0)
    y = without["y"].to_numpy(dtype=float)

    def penalised(beta: np.ndarray) -> float:
        eta = columns @ beta
        if link == "logit":
            loglik = y @ eta - np.log1p(np.exp(eta)).sum()
        else:
            loglik = y @ np.log(-np.expm1(-np.exp(eta))) - (1 - y) @ np.exp(eta)
        return -loglik + 0.25 * float(((scale * beta) ** 2).sum())

    best = minimize(penalised, np.zeros(3), method="BFGS", options={"gtol": 1e-8})
    np.testing.assert_allclose(fit.fixed["estimate"], best.x, atol=1e-5)
    assert fit.penalised_loglik == pytest.approx(-best.fun, abs=1e-8)
    assert fit.loglik > fit.penalised_loglik
    assert any("ridge=0.5" in message for message in fit.messages)
    assert any("penalised log-likelihood" in message for message in fit.messages)
    with pytest.raises(errors.NotComparable, match="penalised"):
        fit.compare(fit_logistic("y ~ x", without, link=link))


def test_a_ridge_ignores_offsets_and_scales_of_covariates(data: pd.DataFrame) -> None:
    first = fit_logistic("y ~ x + z", data, "g", ridge=1.0)
    moved = data.assign(x=1e3 + 50.0 * data["x"])
    second = fit_logistic("y ~ x + z", moved, "g", ridge=1.0)
    assert second.penalised_loglik == pytest.approx(first.penalised_loglik, rel=1e-9)
    assert 50.0 * second.fixed.loc["x", "estimate"] == pytest.approx(
        first.fixed.loc["x", "estimate"], rel=1e-5
    )
    free = fit_logistic("y ~ x + z", data, "g")
    assert abs(first.fixed.loc["x", "estimate"]) < abs(free.fixed.loc["x", "estimate"])
    tiny = fit_logistic("y ~ x + z", data, "g", ridge=1e-9)
    np.testing.assert_allclose(tiny.fixed, free.fixed, rtol=1e-5, atol=1e-6)


def test_options_that_mean_nothing_are_refused(data: pd.DataFrame) -> None:
    with pytest.raises(errors.InvalidSpecification, match="ridge"):
        fit_logistic("y ~ x", data, ridge=-1.0)
    with pytest.raises(errors.NotAvailable, match="glmm"):
        fit_logistic("y ~ x", data, ridge=1.0, engine="glmm")
    with pytest.raises(errors.InvalidValues, match="infinite"):
        fit_logistic("y ~ x", data.assign(x=np.where(data["x"] > 1, np.inf, data["x"])))
    with pytest.raises(errors.EmptyData):
        fit_logistic("y ~ x", data.iloc[:0])
    twice = fit_logistic("y ~ x + w", data.assign(w=2.0 * data["x"]), "g")
    assert np.isnan(twice.fixed.loc["w", "estimate"])
    assert any("not estimable" in message for message in twice.messages)


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_a_spread_that_depends_on_the_nodes_is_not_converged(data: pd.DataFrame, link: str) -> None:
    nearly = data.assign(y=data["g"] % 2)
    nearly.loc[7, "y"] = 1
    fits = [fit_logistic("y ~ x", nearly, "g", link, nodes=nodes) for nodes in (25, 60)]
    first, second = (fit.internal.sigma for fit in fits)
    assert min(first, second) > 10.0
    assert abs(np.log(first / second)) > 0.1
    for fit in fits:
        assert not fit.converged
        assert any("11 of 12 groups have events only or" in message for message in fit.messages)
        assert any("no usable estimates" in message for message in fit.messages)
    draws = fits[0].parametric_bootstrap(10, 1)
    assert draws.n_failed + draws.n_not_converged >= 8


def test_a_single_event_does_not_give_a_spread_in_silence() -> None:
    generator = np.random.default_rng(15)
    frame = pd.DataFrame({"g": np.repeat(np.arange(80), 5), "x": generator.normal(size=400)})
    said = 0
    for event in np.flatnonzero(frame["x"].abs().between(1.4, 2.2))[::4]:
        drawn = frame.assign(y=(np.arange(400) == event) * 1, g=generator.permutation(frame["g"]))
        for nodes in (25, 100):
            try:
                fit = fit_logistic("y ~ x", drawn, "g", "cloglog", nodes=nodes)
            except errors.NotConverged as error:
                assert "79 of 80 groups" in str(error)
                said += 1
                continue
            if fit.internal.sigma > 2.0:
                assert any("79 of 80 groups" in message for message in fit.messages)
                said += 1
    assert said > 0


def test_a_large_spread_that_many_groups_support_is_converged() -> None:
    generator = np.random.default_rng(12)
    codes = np.repeat(np.arange(300), 20)
    frame = pd.DataFrame({"g": codes, "x": 3.0 * generator.normal(size=6_000)})
    share = LINKS["logit"].mean(frame["x"] - 1.0 + 12.0 * generator.normal(size=300)[codes])
    fit = fit_logistic("y ~ x", frame.assign(y=generator.uniform(size=6_000) < share), "g")
    assert fit.converged
    assert fit.internal.sigma == pytest.approx(12.0, rel=0.2)
    assert any("rests on the others" in message for message in fit.messages)
