"""Likelihood ratios of variances: which mixture holds, and how often it rejects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import chdtrc

from attunement.mixed import LinearFit, fit_linear
from attunement.mixed.boundary import boundary_p
from attunement.mixed.errors import NotComparable

FIXED = "y ~ time"


@pytest.fixture(scope="module")
def data(nested_data: Callable) -> pd.DataFrame:
    return nested_data(26, 14, 3, 5)


def fit_of(data: pd.DataFrame, random: dict[str, str] | None, **options: Any) -> LinearFit:
    settings: dict[str, Any] = {"formula": FIXED, "df": "normal"} | options
    return fit_linear(data=data, random=random, **settings)


MIXTURES = {
    "a first level": (None, {"inner": "1"}, 1),
    "an outer level": ({"inner": "1"}, {"outer": "1", "inner": "1"}, 1),
    "an inner level": ({"outer": "1"}, {"outer": "1", "inner": "1"}, 1),
    "a slope with its covariance": ({"inner": "1"}, {"inner": "1 + time"}, 2),
    "a slope without": ({"inner": "1"}, {"inner": "1 || time"}, 1),
    "a slope beside an outer level": (
        {"outer": "1", "inner": "1"},
        {"outer": "1", "inner": "1 + time"},
        2,
    ),
    "a slope and all covariances": ({"inner": "1 || time"}, {"inner": "1 + time + x"}, 4),
}


@pytest.mark.parametrize("case", MIXTURES)
@pytest.mark.parametrize("reml", [True, False])
def test_one_added_column_is_tested_by_a_mixture(case: str, reml: bool, data: pd.DataFrame) -> None:
    small_part, large_part, df = MIXTURES[case]
    small, large = (fit_of(data, part, reml=reml) for part in (small_part, large_part))
    assert not small.singular
    row = large.compare(small).iloc[1]
    assert row["df"] == df
    statistic = max(row["chi2"], 0.0)
    lower = chdtrc(df - 1, statistic) if df > 1 else float(statistic == 0.0)
    assert row["p_boundary"] == pytest.approx(0.5 * (lower + chdtrc(df, statistic)))
    assert row["p_boundary"] < row["p"]
    assert f"half chi2({df - 1}) and half chi2({df})" in row["note"]
    pd.testing.assert_frame_equal(large.compare(small), small.compare(large))


NO_MIXTURE = {
    "2 variances": (None, {"outer": "1", "inner": "1"}, {}),
    "2 variances are added": ({"inner": "1"}, {"inner": "1 + time + x"}, {}),
    "fixed and random parts differ": (None, {"inner": "1"}, {"formula": "y ~ 1", "reml": False}),
    "no variance is added: p holds": ({"inner": "1 || time"}, {"inner": "1 + time"}, {}),
    "not nested": ({"outer": "1"}, {"inner": "1 + time"}, {}),
    "the groups of 'outer'": ({"outer": "1"}, {"inner": "1 || time"}, {}),
    "no test; compare AIC or BIC": (
        {"inner": "1 + time"},
        {"outer": "1", "inner": "1 || time"},
        {},
    ),
}


@pytest.mark.parametrize("note", NO_MIXTURE)
def test_elsewhere_there_is_no_mixture_and_a_note(note: str, data: pd.DataFrame) -> None:
    small_part, large_part, options = NO_MIXTURE[note]
    small = fit_of(data, small_part, **options)
    large = fit_of(data, large_part, reml=small.reml)
    row = large.compare(small).iloc[1]
    assert np.isnan(row["p_boundary"])
    assert note in row["note"]
    simulate = "variances" in note or "differ" in note
    assert ("parametric_bootstrap(n, seed, null=...)" in row["note"]) == simulate


def test_coefficients_alone_are_tested_by_chi_squared(data: pd.DataFrame) -> None:
    random = {"outer": "1", "inner": "1"}
    small = fit_of(data, random, reml=False)
    large = fit_of(data, random, reml=False, formula="y ~ time + x + arm")
    row = large.compare(small).iloc[1]
    assert row["p"] == pytest.approx(chdtrc(2, row["chi2"]))
    assert row["note"] == "no variance is added: p holds"
    with pytest.raises(NotComparable, match="fixed effects"):
        fit_of(data, random).compare(fit_of(data, random, formula="y ~ time + x + arm"))


def test_another_residual_structure_is_named(data: pd.DataFrame) -> None:
    random = {"outer": "1", "inner": "1"}
    row = fit_of(data, random).compare(fit_of(data, random, residual="by:arm")).iloc[1]
    assert row["p"] == pytest.approx(chdtrc(1, row["chi2"]))
    assert np.isnan(row["p_boundary"])
    assert "residual structures differ" in row["note"]


def test_a_singular_smaller_fit_has_no_mixture(data: pd.DataFrame) -> None:
    flat = data.assign(y=data["y"] - data.groupby("outer")["y"].transform("mean"))
    small = fit_of(flat, {"outer": "1"}, formula="y ~ 1")
    large = fit_of(flat, {"outer": "1", "inner": "1"}, formula="y ~ 1")
    assert small.singular
    row = large.compare(small).iloc[1]
    assert np.isnan(row["p_boundary"])
    assert "singular" in row["note"]


def rejections(small: LinearFit, large: LinearFit, n: int, seed: int) -> tuple[float, float]:
    """How often the mixture and chi-squared reject a true null at .05."""
    df = large.n_parameters - small.n_parameters
    draws = large.parametric_bootstrap(n, seed, null=small).draws
    mixture = np.array([boundary_p(small, large, value, df)[0] for value in draws])
    return float((mixture < 0.05).mean()), float((chdtrc(df, draws) < 0.05).mean())


def null_data(seed: int, groups: int = 40, rows: int = 5) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), rows)
    time = np.tile(np.arange(rows), groups).astype(float)
    effect = generator.normal(size=groups)[group]
    return pd.DataFrame(
        {"y": effect + generator.normal(size=len(group)), "time": time, "group": group}
    )


def test_the_mixture_rejects_a_true_null_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(9)
    data = null_data(9).assign(y=generator.normal(size=200))
    small, large = fit_of(data, None), fit_of(data, {"group": "1"})
    mixture, plain = rejections(small, large, 600, 1)
    # standard error .009: 0 to 3 of them off for the mixture, chi-squared at about half
    assert 0.025 < mixture < 0.075
    assert plain < 0.7 * mixture


@pytest.mark.slow
@pytest.mark.parametrize("reml", [True, False])
def test_the_mixture_of_a_slope_is_near_nominal_where_chi_squared_is_conservative(
    reml: bool,
) -> None:
    data = null_data(10, groups=60)
    small, large = (fit_of(data, {"group": part}, reml=reml) for part in ("1", "1 + time"))
    mixture, plain = rejections(small, large, 4000, 2)
    assert mixture == pytest.approx(0.05, abs=0.012)
    assert plain == pytest.approx(0.035, abs=0.012)
    assert plain < mixture
