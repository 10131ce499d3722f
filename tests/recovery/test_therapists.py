"""Responsiveness and learning are found where they are, and in 5% where they are not."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "recovery"))

from therapists import FIRST_SEED, WORLDS, one_study, shares  # noqa: E402

NOTHING_THERE = [
    ("delivery ignores preferences", "session:preference_between"),
    ("a fixed style that fits", "session:preference_between"),
    ("fitting from the first session on", "session:preference_between"),
    ("delivery ignores preferences", "gap_before"),
    ("a fixed style that fits", "gap_before"),
    ("no learning", "earlier_off_track"),
]


@pytest.fixture(scope="module")
def stored():
    return pd.read_csv(ROOT / "docs" / "therapists.csv")


@pytest.fixture(scope="module")
def found(stored):
    return shares(stored).set_index(["world", "term"])


@pytest.mark.parametrize("many", [2, pytest.param(10, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", WORLDS)
def test_the_first_studies_are_found_again(stored, name, many):
    again = pd.concat([one_study(name, seed) for seed in range(FIRST_SEED, FIRST_SEED + many)])
    before = stored[(stored["world"] == name) & (stored["seed"] < FIRST_SEED + many)]
    keys = ["world", "seed", "term", "status"]
    assert (
        again[keys].astype(str).to_numpy().tolist() == before[keys].to_numpy().astype(str).tolist()
    )
    for column in ("estimate", "se", "p"):
        np.testing.assert_allclose(
            again[column].astype(float), before[column], rtol=1e-7, atol=1e-8
        )


@pytest.mark.parametrize(("world", "term"), NOTHING_THERE)
def test_nothing_is_found_more_often_than_chance_allows(found, world, term):
    row = found.loc[(world, term)]
    assert row["studies"] == 200
    # 3.5 Monte Carlo errors about .05.
    assert abs(row["found"] - 0.05) <= 3.5 * np.sqrt(0.05 * 0.95 / row["studies"])
    if term == "gap_before":
        # Who gets what is wanted stays longer, which leaves a trace here: under a hundredth of
        # what the form as it stands would claim.
        assert abs(row["mean"]) < 0.01 * found.loc[(world, "gap_before_uncorrected"), "mean"]
    else:
        assert abs(row["mean"]) <= 3.5 * row["spread"] / np.sqrt(row["studies"])


def test_the_tempting_forms_find_what_is_not_there(found):
    for world in ("delivery ignores preferences", "a fixed style that fits"):
        assert found.loc[(world, "gap_before_uncorrected"), "found"] == 1.0
    assert found.loc[("no learning", "earlier_off_track_uncorrected"), "found"] > 0.5


def test_what_is_there_is_found(found):
    there = found.loc[("delivery converges", "session:preference_between")]
    assert there["found"] > 0.4 and there["mean"] > 0.05
    taught = found.loc[("learning", "earlier_off_track")]
    # A large effect, seldom seen: sixty therapists are few for this question.
    assert taught["found"] > 0.15 and taught["mean"] > 3.5 * taught["spread"] / np.sqrt(50)


def test_errors_are_as_large_as_estimates_scatter(found):
    for name, term in [*NOTHING_THERE, ("learning", "earlier_off_track")]:
        row = found.loc[(name, term)]
        if term == "gap_before":
            assert np.isnan(row["mean_se"]), "the null's spread is not that of the excess"
            continue
        assert row["mean_se"] == pytest.approx(row["spread"], rel=0.2), (name, term)
