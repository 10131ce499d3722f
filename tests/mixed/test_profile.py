"""Profile limits satisfy their definition, shown by other fits and by another minimisation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq, minimize
from scipy.special import ndtri

from attunement.mixed import LinearFit, fit_linear
from attunement.mixed.errors import InvalidSpecification, NotAvailable
from attunement.mixed.held import Held, HeldDeviance

SLOPES = {"outer": "1 + time", "inner": "1 + time"}
NESTED = {"outer": "1", "inner": "1"}
CRITICAL = ndtri(0.975) ** 2


def dense_fit(fit: LinearFit, name: str, held: float) -> float:
    """Least deviance of a random-intercepts-and-slopes fit with one quantity held, from whole
    covariance matrices; standard deviations and correlations are the parameters."""
    design, names = fit.design, fit.variance
    x, y = design.fixed, design.outcome
    shown = [
        "residual" if row.level == "residual" else f"{row.level}: {row.term_1}, {row.term_2}"
        for row in names.itertuples()
    ]
    start = names["sd_or_correlation"].to_numpy()
    free = [index for index, each in enumerate(shown) if each != name]

    def deviance(parameters: np.ndarray) -> float:
        values = np.empty(len(shown))
        values[free], values[shown.index(name)] = parameters, held
        v = np.eye(len(y)) * values[-1] ** 2
        place = 0
        for level in fit.random:
            codes, z = design.codes[level], design.random[level]
            size = z.shape[1]
            covariance = np.zeros((size, size))
            spread = np.array([values[place + k * (k + 3) // 2] for k in range(size)])
            for second in range(size):
                for first in range(second + 1):
                    value = values[place] if first != second else 1.0
                    product = value * spread[first] * spread[second]
                    covariance[first, second] = covariance[second, first] = product
                    place += 1
            same = (codes[:, None] == codes[None, :]) & (codes >= 0)[:, None]
            v += np.where(same, z @ covariance @ z.T, 0.0)
        inverse = np.linalg.inv(v)
        information = x.T @ inverse @ x
        residual = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
        value = np.linalg.slogdet(v)[1] + residual @ inverse @ residual
        n = len(y) - (x.shape[1] if fit.reml else 0)
        value += n * np.log(2.0 * np.pi)
        return float(value + (np.linalg.slogdet(information)[1] if fit.reml else 0.0))

    correlations = (names["term_1"] != names["term_2"]).to_numpy()[free]

    def unbounded(parameters: np.ndarray) -> float:
        return deviance(np.where(correlations, np.tanh(parameters), np.exp(parameters)))

    inner = np.arctanh(np.clip(start[free], -0.9, 0.9))
    start = np.where(correlations, inner, np.log(np.maximum(start[free], 0.05)))
    found = minimize(unbounded, start, jac="3-point", options={"gtol": 1e-4})
    return float(found.fun)


@pytest.mark.parametrize(
    ("reml", "names", "expected"),
    [(False, None, 7), (True, ["inner: time, time", "residual"], 3)],
)
def test_limits_of_spreads_raise_the_dense_deviance_by_the_critical_value(
    reml: bool, names: list[str] | None, expected: int, nested_data: Callable
) -> None:
    fit = fit_linear("y ~ time", nested_data(26, 12, 3, 5, partial=True), SLOPES, reml=reml)
    table = fit.profile(names)
    table = table[table["scale"] != "coefficient"]
    seen = 0
    for name, row in table.iterrows():
        assert row["scale"] == ("correlation" if "Intercept, time" in str(name) else "sd")
        for side, word in (("ci_low", "lower"), ("ci_high", "upper")):
            if word in row["status"]:
                assert row[side] in (0.0, -1.0, 1.0)
                continue
            seen += 1
            rise = dense_fit(fit, str(name), row[side]) - fit.deviance
            assert rise == pytest.approx(CRITICAL, abs=1e-4), (name, side)
    assert seen == expected


def test_limits_of_coefficients_are_those_of_fits_with_the_coefficient_held(
    nested_data: Callable,
) -> None:
    data = nested_data(26, 12, 3, 5, partial=True)
    fit = fit_linear("y ~ time * arm", data, SLOPES)
    least = fit_linear("y ~ time * arm", data, SLOPES, reml=False)
    table = fit.profile(["arm", "Intercept", "time"], confidence=0.9)
    assert list(table.index) == ["arm", "Intercept", "time"]
    for term, column in (("arm", data["arm"]), ("Intercept", 1.0), ("time", data["time"])):
        assert table.loc[term, "estimate"] == pytest.approx(
            least.fixed.loc[term, "estimate"], rel=1e-5
        )
        for side in ("ci_low", "ci_high"):
            rest = data.assign(y=data["y"] - table.loc[term, side] * column)
            formula = f"y ~ time * arm - {1 if term == 'Intercept' else term}"
            other = fit_linear(formula, rest, SLOPES, reml=False)
            assert other.deviance - least.deviance == pytest.approx(ndtri(0.95) ** 2, abs=1e-5)


@pytest.mark.parametrize("reml", [True, False])
def test_the_residual_of_least_squares_solves_its_equation(
    reml: bool, nested_data: Callable
) -> None:
    data = nested_data(3)
    fit = fit_linear("y ~ time", data, reml=reml)
    squares, size = float((fit.residuals() ** 2).sum()), len(data) - (2 if reml else 0)

    def rise(spread: float) -> float:
        ratio = squares / size / spread**2
        return size * (ratio - 1.0 - np.log(ratio)) - CRITICAL

    row = fit.profile("residual").iloc[0]
    estimate = np.sqrt(squares / size)
    assert row["estimate"] == pytest.approx(estimate)
    assert row["ci_low"] == pytest.approx(brentq(rise, 0.3 * estimate, estimate), rel=1e-6)
    assert row["ci_high"] == pytest.approx(brentq(rise, estimate, 3.0 * estimate), rel=1e-6)
    term = fit.profile("time").iloc[0]
    root = np.sqrt(np.expm1(CRITICAL / len(data)) * squares)
    column = data["time"] - data["time"].mean()
    assert term["ci_high"] - term["estimate"] == pytest.approx(
        root / np.sqrt((column**2).sum()), rel=1e-6
    )


def test_limits_follow_units_and_not_the_order_of_rows(nested_data: Callable) -> None:
    data = nested_data(26, 12, 3, 5, partial=True)
    random = {"outer": "1", "inner": "1 + time"}
    ours = fit_linear("y ~ time + x", data, random).profile()
    changed = data.sample(frac=1.0, random_state=1)
    changed = changed.assign(
        y=1e6 * changed["y"], time=1e-3 * changed["time"] + 50.0, x=1e-3 * changed["x"] + 1e3
    )
    theirs = fit_linear("y ~ time + x", changed, random).profile()
    limits = ["estimate", "ci_low", "ci_high"]
    for name, factor in {
        "time": 1e9,
        "x": 1e9,
        "outer: Intercept, Intercept": 1e6,
        "inner: time, time": 1e9,
        "residual": 1e6,
    }.items():
        expected = factor * ours.loc[name, limits].to_numpy(dtype=float)
        np.testing.assert_allclose(
            theirs.loc[name, limits].to_numpy(dtype=float), expected, rtol=1e-5
        )
    again = fit_linear("y ~ time + x", data.iloc[::-1], random).profile()
    pd.testing.assert_frame_equal(ours, again, rtol=1e-6)


def test_a_spread_at_zero_has_an_upper_limit_and_its_correlation_none(
    nested_data: Callable,
) -> None:
    data = nested_data(5, outer=10)
    data["y"] -= data.groupby("outer")["y"].transform("mean")
    fit = fit_linear("y ~ time", data, {"outer": "1 + x", "inner": "1"})
    table = fit.profile()
    row = table.loc["outer: Intercept, Intercept"]
    assert row["estimate"] == row["ci_low"] == 0.0
    assert row["status"] == "lower: the estimate is the boundary 0"
    rise = dense_fit(
        fit_linear("y ~ time", data, NESTED), "outer: Intercept, Intercept", row["ci_high"]
    )
    assert rise >= fit.deviance + CRITICAL - 1e-4
    correlation = table.loc["outer: Intercept, x"]
    assert correlation[["estimate", "ci_low", "ci_high"]].isna().all()
    assert correlation["status"] == "a standard deviation is zero"


@pytest.mark.parametrize("seed", [3, 12, 20])
def test_every_search_settles_near_singular_fits(seed: int, nested_data: Callable) -> None:
    data = nested_data(seed, outer=6, inner=3, rows=4)
    table = fit_linear("y ~ time", data, SLOPES, reml=seed % 2 == 0).profile()
    assert not table["status"].str.contains("settle|rise|lower deviance").any()
    known = table.dropna(subset=["estimate"])
    assert (known["ci_low"] <= known["estimate"]).all()
    assert (known["estimate"] <= known["ci_high"]).all()


@pytest.mark.parametrize("seed", [0, 6])
def test_a_search_does_not_start_from_another_valley(seed: int, nested_data: Callable) -> None:
    """Far from the estimate a standard deviation of zero fits best: nothing leads back."""
    fit = fit_linear("y ~ time", nested_data(seed, 10, 3, 4), {"inner": "1 + time"})
    prepared = fit._prepared
    estimate = float(fit.variance["sd_or_correlation"][1])

    def deviance() -> HeldDeviance:
        held = Held(prepared.positions["inner"], prepared.recode["inner"])
        found = HeldDeviance(prepared.blocks, prepared.layout, True, held)
        found.start_at(estimate, prepared.layout.unpack(fit._parameters), fit._point.sigma2)
        return found

    near, far = 0.8 * estimate, -0.95 * np.sign(estimate)
    once, twice = deviance(), deviance()
    assert twice(far) > once(near) + 1.0
    assert twice(near) == pytest.approx(once(near), abs=1e-8)


def test_what_cannot_be_profiled_is_said(nested_data: Callable) -> None:
    data = nested_data(26, 12, 3, 5)
    fit = fit_linear("y ~ time", data, NESTED)
    with pytest.raises(InvalidSpecification, match="outer: Intercept, Intercept"):
        fit.profile("arm")
    with pytest.raises(NotAvailable):
        fit_linear("y ~ time", data, NESTED, engine="glmm").profile()
