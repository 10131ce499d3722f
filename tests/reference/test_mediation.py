"""Mediation within clients against two models of lme4 and a Monte Carlo interval made in R."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from attunement.model.mediation import paths, rows_of

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "recovery"))

from process_worlds import sessions_world, specification  # noqa: E402

VALUES = pd.read_csv(HERE / "mediation_values.csv").set_index("term")


@pytest.fixture(scope="module")
def sessions() -> pd.DataFrame:
    return pd.read_csv(HERE / "mediation_sessions.csv")


@pytest.fixture(scope="module")
def rows(sessions: pd.DataFrame) -> pd.DataFrame:
    planned = specification("next_session", df="normal")
    return rows_of(paths(sessions, planned, "srs_total"), "srs_total", 1_000_000).set_index("term")


def test_the_sessions_are_those_of_the_world_that_the_script_names(sessions: pd.DataFrame) -> None:
    world = sessions_world(11, 0.5, 0.3, direct=0.2, clients=120, sessions=10, slope_sd=0.35)
    pd.testing.assert_frame_equal(sessions, world, atol=1e-6, rtol=0, check_dtype=False)


@pytest.mark.parametrize("term", ["path_a", "path_b", "direct", "total"])
def test_paths_are_those_of_lme4(rows: pd.DataFrame, term: str) -> None:
    assert rows.loc[term, "estimate"] == pytest.approx(VALUES.loc[term, "estimate"], rel=1e-4)
    assert rows.loc[term, "se"] == pytest.approx(VALUES.loc[term, "se"], rel=1e-3)


def test_the_indirect_effect_and_its_limits_are_those_drawn_in_r(rows: pd.DataFrame) -> None:
    found, expected = rows.loc["indirect"], VALUES.loc["indirect"]
    assert found["estimate"] == pytest.approx(expected["estimate"], rel=1e-4)
    assert found["se"] == pytest.approx(expected["se"], rel=5e-3)
    for limit in ("ci_low", "ci_high"):
        assert found[limit] == pytest.approx(expected[limit], rel=5e-3)


def test_the_bound_of_the_covariance_is_the_product_of_the_slopes_standard_deviations(
    rows: pd.DataFrame,
) -> None:
    bound = rows.loc["slope_covariance_bound", "estimate"]
    assert bound == pytest.approx(VALUES.loc["slope_covariance_bound", "estimate"], rel=2e-3)
