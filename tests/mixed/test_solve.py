"""The search for variance parameters on near-singular designs: nothing better is ever missed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import fit_linear
from attunement.mixed.solve import Problem
from attunement.simulate.sessions import small_study

LEVELS = [("outer",), ("inner",), ("outer", "inner")]
# here a factor in the order of the columns leaves two entries free to turn
CREEPING = 574
SLOPES = ["1", "1 + time", "1 + time + x"]


def near_singular(seed: int) -> tuple[pd.DataFrame, dict[str, str]]:
    """Rows whose random effects have variances at, near or above zero, and a random part for them.

    Slopes are often a multiple of the intercept (correlation 1) or absent.
    """
    generator = np.random.default_rng(seed)
    levels = LEVELS[seed % 3]
    sizes = {"outer": int(generator.integers(5, 14)), "inner": int(generator.integers(3, 7))}
    occasions = int(generator.integers(4, 8))
    codes = np.indices((sizes["outer"], sizes["inner"], occasions)).reshape(3, -1)
    keep = generator.uniform(size=codes.shape[1]) < 0.9
    outer, inner, time = codes[:, keep]
    frame = pd.DataFrame(
        {
            "outer": [f"o{code}" for code in outer],
            "inner": [f"{code}.{part}" for code, part in zip(outer, inner, strict=True)],
            "time": time / (occasions - 1),
            "x": generator.normal(size=len(time)),
        }
    )
    outcome = 0.3 * frame["time"] + generator.normal(size=len(frame))
    random = {}
    for level in levels:
        width = int(generator.integers(1, 4))
        random[level] = SLOPES[width - 1]
        n_groups = frame[level].nunique()
        effects = generator.normal(size=(n_groups, 3))
        effects[:, 1] += generator.choice([0.0, 3.0]) * effects[:, 0]
        effects *= generator.choice([0.0, 0.05, 0.3, 1.0], size=3)
        z = np.column_stack([np.ones(len(frame)), frame["time"], frame["x"]])
        outcome += (z * effects[pd.factorize(frame[level])[0]]).sum(axis=1)
    return frame.assign(y=outcome), random


@pytest.mark.parametrize("block", range(10))
def test_near_singular_fits_are_at_least_as_good_as_those_of_glmm(block: int) -> None:
    singular = 0
    seeds = [*range(15 * block, 15 * block + 15), *([CREEPING] if block == 0 else [])]
    for seed in seeds:
        data, random = near_singular(seed)
        reml = seed % 2 == 0
        ours = fit_linear("y ~ time + x", data, random, reml, df="normal")
        theirs = fit_linear("y ~ time + x", data, random, reml, df="normal", engine="glmm")
        assert ours.converged, seed
        assert ours.deviance <= theirs.deviance + 1e-8 * abs(theirs.deviance), seed
        singular += ours.singular
    assert singular >= 3


@pytest.mark.parametrize("seed", range(1, 30, 4))
def test_a_start_without_variance_is_left_where_variance_is_wanted(
    seed: int, nested_data: Callable
) -> None:
    """A column of zeros in a factor has a gradient of zero, minimum or not."""
    data = nested_data(seed, outer=8, inner=5)
    fit = fit_linear("y ~ time + x", data, {"outer": "1", "inner": "1 + time + x"}, df="normal")
    problem = Problem(fit._prepared.blocks, fit._prepared.layout, True)
    start = fit._parameters.copy()
    start[-3:] = 0.0
    start[0] = 0.0
    assert problem.solve(np.zeros(7)).evaluation.deviance == pytest.approx(
        fit._point.deviance, abs=1e-5
    )
    again = problem.solve(start)
    assert again.converged
    assert again.evaluation.deviance == pytest.approx(fit._point.deviance, abs=1e-6)


def test_no_minimum_is_claimed_at_a_saddle(nested_data: Callable) -> None:
    fit = fit_linear("y ~ time", nested_data(2), {"inner": "1 + time"}, df="normal")
    problem = Problem(fit._prepared.blocks, fit._prepared.layout, True)
    nothing = np.zeros(3)
    assert np.all(problem.gradient(nothing, problem.at(nothing)) == 0.0)
    assert problem._added_variance(nothing, problem.at(nothing)) is not None
    assert problem._added_variance(fit._parameters, fit._point) is None


def test_variances_that_vanish_are_zero_and_named(nested_data: Callable) -> None:
    generator = np.random.default_rng(4)
    data = nested_data(3, outer=8, inner=5)
    means = data.groupby("inner")["y"].transform("mean")
    data["y"] = data["y"] - means + 0.01 * generator.normal(size=len(data))
    fit = fit_linear("y ~ 1", data, {"outer": "1", "inner": "1"})
    assert fit.converged
    assert fit.singular
    assert any(message.startswith("singular") for message in fit.messages)
    assert (fit.variance["covariance"].iloc[:2] == 0.0).all()


@pytest.mark.parametrize("study", [192, 1518])
def test_variance_in_one_direction_may_turn_towards_another(study: int) -> None:
    """These searches came to rest with a slope variance that could not covary with intercepts."""
    random = {"therapist": "1 + time", "client": "1 + time"}
    formula = "outcome ~ alliance + time + severity + arm + experience + training + time:arm"
    fit = fit_linear(formula, small_study(10, study), random, df="normal")
    problem = Problem(fit._prepared.blocks, fit._prepared.layout, True)
    for start in (0.05, 0.3, 1.5):
        other = problem.solve(np.where(problem.layout.on_diagonal, start, 0.1))
        assert fit._point.deviance <= other.evaluation.deviance + 1e-7
