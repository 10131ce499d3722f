"""Kenward-Roger tests against their definition on dense matrices, in the user's units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LinearFit, fit_linear
from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.kenward_roger import KenwardRoger, kenward_roger
from attunement.mixed.kernel import Array
from attunement.mixed.solve import Problem

Draw = Callable[..., pd.DataFrame]

PARTS = ("1", "1 + time", "1 || time", "0 + time", "1 + x", "1 + time + x", "0 + time || x")
FORMULAS = ("y ~ time * arm", "y ~ time + x", "y ~ arm", "y ~ 0 + time + x")
DESIGNS = range(36)


@dataclass(frozen=True)
class Dense:
    """Kenward and Roger (1997) of a fit, written out with n x n matrices."""

    adjusted: Array
    covariance: Array
    moves: Array
    spread: Array

    def f_test(self, matrix: Array, estimates: Array) -> tuple[float, float]:
        """Scaled F and its denominator degrees of freedom, by the paper's formulas."""
        r = len(matrix)
        inner = np.linalg.inv(matrix @ self.covariance @ matrix.T)
        theta = matrix.T @ inner @ matrix @ self.covariance
        turned = [theta @ move @ self.covariance for move in self.moves]
        k = range(len(turned))
        a1 = sum(
            self.spread[i, j] * np.trace(turned[i]) * np.trace(turned[j]) for i in k for j in k
        )
        a2 = sum(self.spread[i, j] * np.trace(turned[i] @ turned[j]) for i in k for j in k)
        b = (a1 + 6 * a2) / (2 * r)
        g = ((r + 1) * a1 - (r + 4) * a2) / ((r + 2) * a2)
        c1, c2, c3 = (c / (3 * r + 2 * (1 - g)) for c in (g, r - g, r + 2 - g))
        mean = 1 / (1 - a2 / r)
        variance = 2 / r * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
        rho = variance / (2 * mean**2)
        df = 4 + (r + 2) / (r * rho - 1)
        shown = matrix @ estimates
        wald = shown @ np.linalg.solve(matrix @ self.adjusted @ matrix.T, shown) / r
        return df / (mean * (df - 2)) * wald, df


def written_out(fit: LinearFit) -> Dense:
    """The adjustment of a fit from its whole covariance matrix."""
    design = fit.design
    x, precision = design.fixed, fit._prepared.precision
    n = len(x)
    residual = np.eye(n) if precision is None else np.diag(1 / precision)
    v = fit.residual_variance * residual
    directions = []
    for term in design.terms:
        z, codes = design.random[term.level], design.codes[term.level]
        same = (codes[:, None] == codes) & (codes >= 0)[:, None]
        v = v + np.where(same, z @ fit.level_covariances[term.level] @ z.T, 0.0)
        for i in range(z.shape[1]):
            for j in [i] if term.independent else range(i, z.shape[1]):
                unit = np.zeros((z.shape[1], z.shape[1]))
                unit[i, j] = unit[j, i] = 1.0
                directions.append(np.where(same, z @ unit @ z.T, 0.0))
    directions.append(residual)
    inverse = np.linalg.inv(v)
    covariance = np.linalg.inv(x.T @ inverse @ x)
    projection = inverse - inverse @ x @ covariance @ x.T @ inverse
    information = [
        [np.trace(projection @ g @ projection @ h) for h in directions] for g in directions
    ]
    spread = 2 * np.linalg.inv(np.array(information))
    half = inverse @ x
    moves = np.array([half.T @ g @ half for g in directions])
    bend = sum(
        spread[i, j] * half.T @ g @ projection @ h @ half
        for i, g in enumerate(directions)
        for j, h in enumerate(directions)
    )
    return Dense(covariance + 2 * covariance @ bend @ covariance, covariance, moves, spread)


@pytest.fixture(scope="module")
def fit_of(nested_data: Draw) -> Callable[[int], LinearFit]:
    """A fit by Kenward-Roger of a drawn design: one or two levels, some rows without an outer id,
    some with known precisions."""

    @cache
    def fit(seed: int) -> LinearFit:
        generator = np.random.default_rng(seed)
        data = nested_data(seed, 7, 4, 6, partial=bool(generator.random() < 0.4))
        inner, outer = generator.choice(PARTS, 2)
        random = {"inner": inner} if generator.random() < 0.2 else {"outer": outer, "inner": inner}
        precision = generator.uniform(0.3, 3.0, len(data)) if generator.random() < 0.4 else None
        formula = FORMULAS[seed % len(FORMULAS)]
        return fit_linear(formula, data, random, df="kenward-roger", precision=precision)

    return fit


@pytest.mark.parametrize("seed", DESIGNS)
def test_standard_errors_and_degrees_of_freedom_are_those_written_out(
    seed: int, fit_of: Callable[[int], LinearFit]
) -> None:
    fit = fit_of(seed)
    dense = written_out(fit)
    np.testing.assert_allclose(fit.vcov, dense.adjusted, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(fit.fixed["se"], np.sqrt(np.diag(dense.adjusted)), rtol=1e-8)
    estimates = fit.fixed["estimate"].to_numpy()
    wanted = [dense.f_test(row[None], estimates)[1] for row in np.eye(len(estimates))]
    np.testing.assert_allclose(fit.fixed["df"], wanted, rtol=1e-7)


@pytest.mark.parametrize("seed", DESIGNS)
def test_scaled_f_of_several_coefficients_is_that_written_out(
    seed: int, fit_of: Callable[[int], LinearFit]
) -> None:
    fit = fit_of(seed)
    matrix = np.eye(len(fit.fixed))[-2:]
    statistic, df = written_out(fit).f_test(matrix, fit.fixed["estimate"].to_numpy())
    row = fit.test(matrix).iloc[0]
    assert row["F"] == pytest.approx(statistic, rel=1e-7)
    assert row["df_den"] == pytest.approx(df, rel=1e-7)


def test_one_coefficient_by_f_is_its_t_test(fit_of: Callable[[int], LinearFit]) -> None:
    fit = fit_of(0)
    row, time = fit.test("time = 0").iloc[0], fit.fixed.loc["time"]
    assert row["F"] == pytest.approx(time["t"] ** 2, rel=1e-10)
    assert row["df_den"] == pytest.approx(time["df"], rel=1e-10)
    assert row["p"] == pytest.approx(time["p"], rel=1e-8)


def test_singular_fits_are_among_those_drawn(fit_of: Callable[[int], LinearFit]) -> None:
    states = [fit_of(seed).singular for seed in DESIGNS]
    assert 3 <= sum(states) <= len(states) - 3


def test_units_of_the_outcome_and_of_time_change_nothing(nested_data: Draw) -> None:
    data = nested_data(5, 8, 4, 6)
    random = {"outer": "1 + time", "inner": "1 + time"}
    plain = fit_linear("y ~ time * arm", data, random, df="kenward-roger").fixed
    data["y"] *= 1e4
    data["time"] = 3e3 + data["time"] * 1e-2
    turned = fit_linear("y ~ time * arm", data, random, df="kenward-roger").fixed
    slopes = ["time", "time:arm"]
    np.testing.assert_allclose(turned.loc[slopes, "df"], plain.loc[slopes, "df"], rtol=1e-5)
    np.testing.assert_allclose(turned.loc[slopes, "se"], 1e6 * plain.loc[slopes, "se"], rtol=1e-5)


def test_cross_products_of_twice_the_rows_give_what_the_rows_given_twice_do(
    nested_data: Draw,
) -> None:
    data = nested_data(3, 8, 4, 6)
    random = {"outer": "1", "inner": "1 + time"}
    fit = fit_linear("y ~ time * arm", data, random)
    twice = fit_linear(
        "y ~ time * arm", pd.concat([data, data], ignore_index=True), random, df="kenward-roger"
    )
    prepared, blocks = fit._prepared, fit._prepared.blocks
    doubled = replace(
        blocks,
        inner=2.0 * blocks.inner,
        cross=2.0 * blocks.cross,
        outer=2.0 * blocks.outer,
        rows=2.0 * blocks.rows,
    )
    problem = Problem(doubled, prepared.layout, reml=True)
    transform = prepared.scale * prepared.basis.transform
    found = kenward_roger(problem, problem.solve(), transform)
    errors = np.sqrt(np.diag(found.adjusted_covariance))
    np.testing.assert_allclose(errors, twice.fixed["se"], rtol=1e-5)
    df = [found.degrees_of_freedom(row) for row in np.eye(len(errors))]
    np.testing.assert_allclose(df, twice.fixed["df"], rtol=1e-5)


def test_parameters_that_the_data_do_not_tell_apart_count_as_one(nested_data: Draw) -> None:
    data = nested_data(2, 8, 4, 6).assign(twin=lambda rows: rows["time"])
    one = fit_linear("y ~ time + x", data, {"inner": "0 + time"}, df="kenward-roger")
    two = fit_linear("y ~ time + x", data, {"inner": "0 + time || twin"}, df="kenward-roger")
    assert not one.messages
    assert any("generalised inverse" in message for message in two.messages)
    np.testing.assert_allclose(two.fixed[["se", "df"]], one.fixed[["se", "df"]], rtol=1e-6)


def test_dependent_equations_are_refused(fit_of: Callable[[int], LinearFit]) -> None:
    with pytest.raises(InvalidSpecification, match="depend on each other"):
        fit_of(0).test("time = 0, 2*time = 0")


def test_without_random_effects_degrees_of_freedom_are_residual(nested_data: Draw) -> None:
    data = nested_data(1)
    fit = fit_linear("y ~ time", data, df="kenward-roger")
    assert fit.fixed.loc["time", "df"] == len(data) - 2


def test_known_variances_give_a_chi_squared() -> None:
    known = KenwardRoger(np.eye(2), np.eye(2), np.ones((1, 2, 2)), np.zeros((1, 1)))
    row = known.f_test(np.eye(2), np.zeros(2), np.array([1.0, 2.0])).iloc[0]
    assert row["df_den"] == np.inf
    assert row["p"] == pytest.approx(np.exp(-2.5))


def test_a_breakdown_of_the_approximation_gives_no_p() -> None:
    # the variance has a standard error of several times its own size
    vague = KenwardRoger(np.eye(2), np.eye(2), np.diag([1.0, 0.0])[None], np.full((1, 1), 10.0))
    row = vague.f_test(np.eye(2), np.zeros(2), np.array([1.0, 2.0])).iloc[0]
    assert row["df_den"] < 0.0
    assert np.isnan(row["p"])
