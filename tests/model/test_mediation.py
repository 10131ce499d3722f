from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from attunement.model import analyse, prepare
from attunement.model.measures import measure
from attunement.model.mediation import Paths, _said
from attunement.study.contracts import TABLES

WITHIN = (
    "outcome ~ time + accommodation_within + preference_td_cd_within + delivery_td_cd_within"
    " + accommodation_between"
)


@pytest.fixture
def within(specify):
    return specify(
        name="mediation_within.x",
        rows="next_session",
        analysis="mediation",
        settings=(("mediator", "srs.total"), ("draws", "2000")),
        formula=WITHIN,
        random=(("therapist", "1"), ("client", "1")),
        levels=(("indirect", "within"),),
        outcome_informant="client",
    )


def test_a_mediation_has_paths_effects_and_no_share_of_nothing(rated, tables, within):
    spec = within.model_copy(update={"random": (("therapist", "1"),)})
    rows = analyse(rated(tables), spec).estimates
    assert list(rows.columns) == TABLES["estimates"].names
    by_term = rows.set_index("term")
    expected = {"indirect", "path_a", "path_b", "direct", "total", "proportion"}
    assert expected <= set(by_term.index)
    a, b = by_term.loc["path_a", "estimate"], by_term.loc["path_b", "estimate"]
    assert by_term.loc["indirect", "estimate"] == pytest.approx(a * b)
    assert by_term.loc["indirect", "metric"] == "ab"
    assert set(by_term["level"]) == {"within"}
    assert by_term.loc["proportion", "status"] == "not estimable"
    assert "not clearly different from zero" in by_term.loc["proportion", "reason"]
    assert rows["informant"].unique().tolist() == [
        "delivery: client; mediator: client; outcome: client (same informant)"
    ]


def test_every_path_is_estimated_on_the_rows_with_all_three(rated, tables, within):
    held = rated(tables)
    scores = held["scores"]
    gone = (scores["instrument"] == "srs") & (scores["session"] == 2)
    held["scores"] = scores[~gone].reset_index(drop=True)
    frame = prepare(held, within, measure(held, "srs.total").rows)
    assert 2 not in set(frame["session"])
    for name in ("accommodation", "srs_total"):
        centre = frame.groupby("client")[f"{name}_within"].mean()
        assert np.allclose(centre, 0)


def test_the_unit_of_accommodation_does_not_change_with_the_mediator(rated, tables, within):
    held = rated(tables)
    with_mediator = prepare(held, within, measure(held, "srs.total").rows)
    without = prepare(held, within)
    both = with_mediator.merge(without, on=["client", "session"])
    again = both["accommodation_within_x"] - both["accommodation_within_y"]
    # Only the client's mean moves with the sessions kept, not the unit.
    assert np.allclose(again.groupby(both["client"]).std(ddof=0), 0)


def test_the_same_seed_gives_the_same_rows(rated, tables, within):
    spec = within.model_copy(update={"random": (("therapist", "1"),)})
    one, two = (analyse(rated(tables), spec).estimates for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    other = analyse(rated(tables), spec.model_copy(update={"seed": 1})).estimates
    assert one["ci_low"].iloc[0] != other["ci_low"].iloc[0]


def test_what_is_absent_is_the_reason(tables, within):
    rows = analyse(tables, within).estimates
    assert rows["status"].tolist() == ["not estimable"]
    assert rows["reason"].tolist() == ["no ratings of srs.total"]
    unnamed = within.model_copy(update={"settings": ()})
    assert "names no measures" in analyse(tables, unnamed).estimates["reason"].iloc[0]


def test_a_measure_rated_now_and_then_takes_slopes_away_and_says_so(rated, tables, within):
    held = rated(tables)
    scores = held["scores"]
    often = (scores["instrument"] != "srs") | (scores["session"] % 2 == 1)
    held["scores"] = scores[often].reset_index(drop=True)
    spec = within.model_copy(update={"random": (("client", "1 + accommodation_within"),)})
    found = analyse(held, spec)
    rows = found.estimates.set_index("term")
    assert len(rows) and rows["n_obs"].iloc[0] < 3 * rows["n_clients"].iloc[0]
    assert np.isfinite(rows.loc["indirect", "estimate"])
    said = "too few sessions to let slopes differ between clients: accommodation on "
    assert rows["reason"].str.contains(said, regex=False).all()
    slopes = set(found.variance.loc[found.variance["level"] == "client", "term_1"])
    assert "accommodation_within" not in slopes
    # What the rows carry stays: the slope of the measure goes after that of accommodation.
    twice = rows["n_obs"].iloc[0] > 2 * rows["n_clients"].iloc[0]
    assert ("srs_total_within" in slopes) == twice


def test_between_clients_it_rests_on_clients(rated, tables, within):
    spec = within.model_copy(
        update={
            "rows": "clients",
            "formula": "outcome ~ outcome_first + accommodation_between + preference_td_cd_between",
            "random": (("therapist", "1"),),
        }
    )
    rows = analyse(rated(tables), spec).estimates
    assert set(rows["level"]) == {"between"}
    assert "slope_covariance_bound" not in set(rows["term"])
    assert (rows["n_obs"] == rows["n_clients"]).all()


def test_what_is_said_of_a_fit_is_said_in_its_rows(rated, tables, within):
    """Paths whose own fit is on a boundary tell so, whatever the fit of the outcome tells."""
    spec = within.model_copy(
        update={
            "rows": "clients",
            "formula": "outcome ~ outcome_first + accommodation_between + preference_td_cd_between",
            "random": (("therapist", "1"),),
        }
    )
    fine = SimpleNamespace(converged=True, singular=False, messages=[])
    worse = SimpleNamespace(converged=True, singular=True, messages=["singular: a variance"])
    held = Paths(worse, fine, worse, None, spec)
    assert _said(held, "path_a") == "model of the mediator: singular: a variance"
    assert _said(held, "path_b") == ""
    assert _said(held, "indirect") == "model of the mediator: singular: a variance"
    assert _said(held, "total") == "model of the total effect: singular: a variance"
    rows = analyse(rated(tables), spec).estimates
    singular = rows["status"] == "singular"
    assert rows.loc[singular, "reason"].notna().all()
