"""Satterthwaite degrees of freedom: the exact curvature, and what happens at boundaries."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest

from attunement import mixed
from attunement.mixed import LinearFit
from attunement.mixed.kernel import Array
from attunement.mixed.satterthwaite import parameter_hessian, variance_curvature
from attunement.mixed.second_order import second_order, standard_columns
from attunement.mixed.solve import BOUNDARY, Optimum, Problem

fit_linear = partial(mixed.fit_linear, df="satterthwaite")

Draw = Callable[..., pd.DataFrame]

RANDOM = (
    {"outer": "1 + time", "inner": "1 + time"},
    {"outer": "1 || time", "inner": "1 + x"},
    {"outer": "1", "inner": "1 + time + x"},
    {"outer": "0 + time", "inner": "1 || time"},
    {"inner": "1 + time"},
)
DESIGNS = range(30)


def drawn_problem(draw: Draw, seed: int, reml: bool) -> Problem:
    random = RANDOM[seed % len(RANDOM)]
    data = draw(seed, 6, 4, 6, partial=seed % 3 == 0)
    prepared = fit_linear("y ~ time * arm", data, random, df="normal")._prepared
    return Problem(prepared.blocks, prepared.layout, reml)


def point_at(problem: Problem, parameters: Array) -> Optimum:
    return Optimum(parameters, problem.at(parameters), True, False)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("seed", DESIGNS)
def test_the_hessian_is_the_slope_of_the_gradient(seed: int, reml: bool, nested_data: Draw) -> None:
    problem = drawn_problem(nested_data, seed, reml)
    generator = np.random.default_rng(seed)
    parameters = generator.normal(size=problem.layout.n_parameters)
    parameters[generator.random(len(parameters)) < 0.2] = 0.0
    place = point_at(problem, parameters)
    factors, sigma2 = problem.layout.unpack(parameters), place.evaluation.sigma2
    directions = problem.layout.directions(parameters, 0), problem.layout.directions(parameters, 1)
    columns, _ = standard_columns(problem.blocks, place.evaluation)
    sums = second_order(problem.blocks, factors, directions, columns)
    step = 1e-5
    slopes = []
    for move in step * np.eye(len(parameters)):
        ends = [
            problem.gradient(moved, problem.at(moved), sigma2)
            for moved in (parameters + move, parameters - move)
        ]
        slopes.append((ends[0] - ends[1]) / (2 * step))
    size = np.abs(slopes).max()
    found = parameter_hessian(problem, place, sums)
    np.testing.assert_allclose(found, slopes, rtol=1e-6, atol=1e-7 * size)


def degrees_by_definition(fit: LinearFit) -> Array:
    """Satterthwaite's formula from dense matrices and the observed information about the variances
    and covariances, which is that about any other parameters inside the parameter space."""
    design = fit.design
    x, y = design.fixed, design.outcome
    n = len(y)
    v = fit.residual_variance * np.eye(n)
    moves = [np.eye(n)]
    for term in design.terms:
        z, codes = design.random[term.level], design.codes[term.level]
        same = (codes[:, None] == codes) & (codes >= 0)[:, None]
        v = v + np.where(same, z @ fit.level_covariances[term.level] @ z.T, 0.0)
        for i in range(z.shape[1]):
            for j in [i] if term.independent else range(i, z.shape[1]):
                unit = np.zeros((z.shape[1], z.shape[1]))
                unit[i, j] = unit[j, i] = 1.0
                moves.append(np.where(same, z @ unit @ z.T, 0.0))
    inverse = np.linalg.inv(v)
    covariance = np.linalg.inv(x.T @ inverse @ x)
    projection = inverse - inverse @ x @ covariance @ x.T @ inverse
    shown = projection @ y
    of_determinants = projection if fit.reml else inverse
    hessian = [
        [
            2 * shown @ g @ projection @ h @ shown
            - np.trace(of_determinants @ g @ of_determinants @ h)
            for g in moves
        ]
        for h in moves
    ]
    half = inverse @ x @ covariance
    slopes = np.array([np.diag(half.T @ g @ half) for g in moves])
    spread = np.einsum("ki,ki->i", slopes, 2 * np.linalg.solve(np.array(hessian), slopes))
    return 2 * np.diag(covariance) ** 2 / spread


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("seed", DESIGNS)
def test_degrees_of_freedom_inside_the_parameter_space(
    seed: int, reml: bool, nested_data: Draw
) -> None:
    data = nested_data(seed, 10, 4, 6, partial=seed % 3 == 0)
    fit = fit_linear("y ~ time * arm", data, RANDOM[seed % len(RANDOM)], reml)
    if fit.singular:
        assert np.isfinite(fit.fixed["df"]).all()
        assert (fit.fixed["df"] > 0).all()
        return
    np.testing.assert_allclose(fit.fixed["df"], degrees_by_definition(fit), rtol=1e-5)


def test_a_level_without_variance_is_as_if_it_were_left_out(nested_data: Draw) -> None:
    data = nested_data(4, 8, 5, 5)
    # no outer group differs from the others
    data["y"] -= data.groupby("outer")["y"].transform("mean")
    both = fit_linear("y ~ time", data, {"outer": "1", "inner": "1 + time"})
    assert both.level_covariances["outer"].item() == 0.0
    one = fit_linear("y ~ time", data, {"inner": "1 + time"})
    np.testing.assert_allclose(both.fixed["df"], one.fixed["df"], rtol=1e-5)


def test_parameters_at_their_boundary_are_held(nested_data: Draw) -> None:
    problem = drawn_problem(nested_data, 1, reml=True)
    parameters = np.full(problem.layout.n_parameters, 0.5)
    parameters[0] = BOUNDARY / 2
    curvature = variance_curvature(problem, point_at(problem, parameters))
    assert curvature.covariance.shape == (len(parameters), len(parameters))
    assert len(curvature.slopes) == len(parameters)


def test_slopes_are_those_of_the_covariance_of_the_coefficients(nested_data: Draw) -> None:
    problem = drawn_problem(nested_data, 0, reml=True)
    parameters = np.full(problem.layout.n_parameters, 0.5)
    point = problem.at(parameters)
    curvature = variance_curvature(problem, point_at(problem, parameters))
    step = 1e-5
    for index, move in enumerate(step * np.eye(len(parameters))):
        above, below = (problem.at(parameters + sign * move) for sign in (1, -1))
        slope = (above.unscaled_covariance - below.unscaled_covariance) / (2 * step)
        size = np.abs(slope).max()
        np.testing.assert_allclose(
            curvature.slopes[index], point.sigma2 * slope, rtol=1e-6, atol=1e-7 * size
        )
    np.testing.assert_array_equal(curvature.slopes[-1], point.unscaled_covariance)


def test_directions_that_change_nothing_are_left_out(nested_data: Draw) -> None:
    data = nested_data(2, 8, 4, 6).assign(twin=lambda rows: rows["time"])
    one = fit_linear("y ~ time + x", data, {"inner": "0 + time"})
    two = fit_linear("y ~ time + x", data, {"inner": "0 + time || twin"})
    np.testing.assert_allclose(two.fixed["df"], one.fixed["df"], rtol=1e-4)
