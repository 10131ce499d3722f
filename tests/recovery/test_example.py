"""The example's stored studies: rerun the first four, and judge all of them against the targets."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.challenge.known_truth import coverage, studies
from attunement.challenge.recovery import FIRST_STUDY
from attunement.study.strict import read_yaml

ROOT = Path(__file__).parents[2]
MAIN = (
    "trajectory.ors_total",
    "growth.ors_total.distance",
    "lagged.ors_total.distance",
    "change.ors_total.distance",
    "hazard.therapist_judgement.distance",
)


@pytest.fixture(scope="module")
def stored():
    return pd.read_csv(ROOT / "docs" / "recovery_example.csv")


@pytest.fixture(scope="module")
def table(stored):
    truth = read_yaml(ROOT / "data" / "example" / "truth.yaml")
    return coverage(stored, pd.DataFrame(truth["targets"]))


@pytest.mark.parametrize(
    ("first", "count"),
    [(0, 4), pytest.param(4, 196, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])],
)
def test_stored_studies_are_found_again(stored, first, count):
    seeds = list(range(FIRST_STUDY + first, FIRST_STUDY + first + count))
    again = studies(ROOT, "example", seeds, cores=2).reset_index(drop=True)
    before = stored[stored["seed"].isin(seeds)].reset_index(drop=True)
    keys = ["seed", "specification", "term", "status"]
    assert again[keys].astype(str).equals(before[keys].astype(str))
    for column in ("estimate", "se", "ci_low", "ci_high"):
        assert np.allclose(again[column], before[column], rtol=1e-8, atol=1e-8, equal_nan=True)


def test_there_are_two_hundred_studies(stored):
    assert stored["seed"].nunique() == 200


def test_intervals_of_the_main_coefficients_hold_their_targets(table):
    main = table[table["specification"].isin(MAIN)]
    assert len(main) >= 6
    error = 3.5 * np.sqrt(0.95 * 0.05 / main["n_studies"])
    assert (main["coverage"] >= 0.95 - error).all(), main[["specification", "term", "coverage"]]
    assert 0.94 - 0.01 <= main["coverage"].mean() <= 0.98


def test_no_main_coefficient_is_biased(table):
    main = table[table["specification"].isin(MAIN)]
    monte_carlo = 3 * np.hypot(main["sd_error"] / np.sqrt(main["n_studies"]), main["target_se"])
    assert (main["mean_error"].abs() <= np.maximum(0.02, monte_carlo)).all()


def test_mean_coverage_over_all_coefficients(table):
    well_covered = table[table["n_studies"] >= 100]
    assert 0.93 <= well_covered["coverage"].mean() <= 0.98
