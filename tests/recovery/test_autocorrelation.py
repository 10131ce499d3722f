"""What independent residuals cost where sessions are autocorrelated: stored studies found again."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "recovery"))

from autocorrelation import STUDIES, fits  # noqa: E402


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(ROOT / "docs" / "autocorrelation.csv").set_index(["term", "model"])


def test_the_first_ten_studies_are_found_again():
    stored = pd.read_csv(ROOT / "docs" / "autocorrelation_first_studies.csv")
    again = pd.DataFrame([row for number in range(10) for row in fits(number)])
    names = ["study", "model", "term", "converged", "singular"]
    assert again[names].equals(stored[names])
    for column in again.columns.drop(names):
        np.testing.assert_allclose(again[column], stored[column], rtol=1e-8, atol=1e-8)


def test_modelled_autocorrelation_gives_intervals_what_they_promise(table):
    assert (table["studies"] == STUDIES).all()
    assert (table["not_converged"] == 0.0).all()
    modelled = table.xs("AR(1)", level="model")
    assert modelled["coverage"].between(93.0, 97.0).all()
    assert (abs(modelled["mean_se"] / modelled["spread"] - 1.0) < 0.07).all()


def test_independent_residuals_claim_too_much_of_what_drifts(table):
    plain = table.xs("independent", level="model")
    assert plain.loc["session", "coverage"] < 90.0
    assert plain.loc["drift", "coverage"] < 94.0
    sloped = table.xs("independent, random slope", level="model")
    assert sloped.loc["session", "coverage"] > 93.0
