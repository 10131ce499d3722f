"""Known truth for how and for whom: indirect effects and moderation found again, nulls kept."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.model.estimate import fit, supported
from attunement.model.groups import compared
from attunement.model.mediation import paths, rows_of
from attunement.model.moderation import rows_of as moderation_rows

sys.path.insert(0, str(Path(__file__).parent))

from process_worlds import (
    clients_world,
    moderated_world,
    sessions_world,
    specification,
)

A, B = 0.5, 0.3
WORLDS = {"next_session": sessions_world, "clients": clients_world}
FAST, LONG = 16, 200
STUDIES = [FAST, pytest.param(LONG, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]


def studies(rows, number, a, b):
    """The rows of many studies by term; degrees of freedom are normal, which is quick."""
    planned = specification(rows, df="normal")
    found = [
        rows_of(paths(WORLDS[rows](seed, a, b), planned, "srs_total"), "srs_total", 2000)
        for seed in range(number)
    ]
    return pd.concat(found).set_index("term")


def held(found, term, value):
    rows = found.loc[term]
    return float(((rows["ci_low"] <= value) & (value <= rows["ci_high"])).mean())


@pytest.mark.parametrize("number", STUDIES)
@pytest.mark.parametrize("rows", WORLDS)
def test_an_effect_that_goes_by_way_of_the_alliance_alone_is_found_and_held(
    rows, number, record_property
):
    found = studies(rows, number, A, B)
    estimates = found.loc["indirect", "estimate"].astype(float)
    error = estimates.std(ddof=1) / np.sqrt(number)
    assert abs(estimates.mean() - A * B) < 3.5 * error
    direct = found.loc["direct", "estimate"].astype(float)
    assert abs(direct.mean()) < 3.5 * direct.std(ddof=1) / np.sqrt(number)
    coverage = held(found, "indirect", A * B)
    record_property("figure", f"indirect {rows}: held by {coverage:.3f} of {number} intervals")
    assert coverage >= 0.95 - 3.5 * np.sqrt(0.95 * 0.05 / number)


@pytest.mark.parametrize("number", STUDIES)
@pytest.mark.parametrize(("a", "b"), [(0.0, 0.0), (A, 0.0), (0.0, B)])
@pytest.mark.parametrize("rows", WORLDS)
def test_no_indirect_effect_is_found_no_more_than_in_five_of_a_hundred(
    rows, a, b, number, record_property
):
    found = studies(rows, number, a, b)
    false = 1 - held(found, "indirect", 0.0)
    record_property("figure", f"indirect {rows}, a = {a}, b = {b}: {false:.3f} of {number} false")
    assert false <= 0.05 + 3.5 * np.sqrt(0.05 * 0.95 / number)


def test_what_goes_together_between_clients_makes_no_indirect_effect_within():
    found = studies("next_session", FAST, 0.0, 0.0)
    estimates = found.loc["indirect", "estimate"].astype(float)
    assert abs(estimates).max() < 0.05


def test_the_covariance_of_clients_own_paths_lies_within_the_bound_that_is_told():
    frame = sessions_world(3, A, B, clients=300, sessions=20, slope_sd=0.3, slope_correlation=0.8)
    planned = specification("next_session", df="normal")
    rows = rows_of(paths(frame, planned, "srs_total"), "srs_total", 500).set_index("term")
    assert rows.loc["slope_covariance_bound", "estimate"] == pytest.approx(0.09, abs=0.03)
    assert rows.loc["slope_covariance_bound", "estimate"] >= 0.8 * 0.09 - 0.02


def slopes(seed, difference):
    frame = moderated_world(seed, difference)
    found = compared(frame, "gender", 10)
    planned = specification(
        "clients", formula="outcome ~ accommodation_between * gender", df="normal", levels=()
    )
    fitted = fit(supported(found.clients, planned), planned)
    return moderation_rows(fitted, "gender", found).set_index("term")


def test_slopes_of_groups_are_found_again():
    found = [slopes(seed, 0.4)["estimate"] for seed in range(FAST)]
    mean = pd.concat(found, axis=1).mean(axis=1)
    assert mean["accommodation_between:gender[T.man]"] == pytest.approx(0.4, abs=0.1)
    assert mean["accommodation_between:gender[woman]"] == pytest.approx(0.3, abs=0.06)
    assert mean["accommodation_between:gender[man]"] == pytest.approx(0.7, abs=0.1)


@pytest.mark.parametrize(
    "number", [40, pytest.param(LONG, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_moderation_that_is_not_there_is_found_in_five_of_a_hundred(number, record_property):
    term = "accommodation_between:gender[T.man]"
    false = np.mean([slopes(seed, 0.0).loc[term, "p"] < 0.05 for seed in range(number)])
    record_property("figure", f"moderation: {false:.3f} of {number} false")
    assert abs(false - 0.05) <= 3.5 * np.sqrt(0.05 * 0.95 / number)
