"""The candidate tables, number by number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attunement.release import candidates
from attunement.release.accommodation import accommodation_summary
from attunement.release.dropout import dropout_overlap, wilson
from attunement.release.labels import scores_of
from attunement.study.contracts import conform, empty
from attunement.study.layout import OUTPUTS


@pytest.fixture(scope="module")
def found(tables, dataset, instruments):
    return candidates(tables, dataset, instruments)


def test_every_released_table_has_a_candidate(found) -> None:
    wanted = {name.removesuffix(".csv") for name in OUTPUTS["release"]}
    assert wanted - {"decisions", "about.json"} == set(found) - {"category_counts"}


def test_a_dataset_without_anything_gives_empty_tables(dataset, instruments) -> None:
    bare = {"clients": conform(pd.DataFrame({"client": ["a"]}), "clients")}
    found = candidates(bare, dataset, instruments)
    assert found["profiles"].empty
    assert found["trajectories"].empty
    assert set(found["dropout_rates"]["reason"]) == {
        "no client can be classified under this definition"
    }


def test_wilson_against_the_published_example() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I: 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20)[0] == 0
    assert wilson(20, 20)[1] == 1
    assert np.isnan(wilson(0, 0)).all()


def test_rates_by_arm_add_up(found) -> None:
    rates = found["dropout_rates"].query("definition == 'therapist_judgement'").set_index("group")
    assert rates.loc["all", "n_dropped_out"] == 30
    assert rates.loc["new", "n_clients"] + rates.loc["usual", "n_clients"] == 90
    # Delivery is first rated in session 1: those who left after intake are counted.
    early = [k for k in range(90) if k % 7 == 0 and k % 3 == 0]
    assert rates.loc["all", "n_before_risk"] == len(early)


def test_open_cases_are_not_in_the_rate(found) -> None:
    rates = found["dropout_rates"].query("definition == 'missed_last_appointment'")
    row = rates[rates["group"] == "all"].iloc[0]
    assert (row["n_clients"], row["n_dropped_out"], row["n_censored"]) == (86, 4, 4)


def test_overlap_counts_those_whom_both_classify() -> None:
    rows = [
        ("a", "therapist_judgement", "dropped_out"),
        ("a", "missed_last_appointment", "dropped_out"),
        ("b", "therapist_judgement", "dropped_out"),
        ("b", "missed_last_appointment", "stayed"),
        ("c", "therapist_judgement", "dropped_out"),
        ("c", "missed_last_appointment", "unknown"),
        ("d", "therapist_judgement", "stayed"),
        ("d", "missed_last_appointment", "stayed"),
    ]
    dropout = conform(pd.DataFrame(rows, columns=["client", "definition", "status"]), "dropout")
    row = dropout_overlap({"dropout": dropout}).iloc[0]
    assert (row["n_both"], row["n_either"], row["agreement"]) == (1, 2, 0.5)
    assert (row["n_only_1"], row["n_only_2"]) == (1, 0)
    assert dropout_overlap({"dropout": empty("dropout")}).empty


def test_table_one_lists_levels_in_order_and_by_arm(found) -> None:
    lines = found["description"]
    arm = lines[(lines["variable"] == "arm") & (lines["group"] == "all")]
    assert list(arm["category"]) == ["usual", "new"]
    assert lines["group"].nunique() == 3
    age = lines[(lines["variable"] == "age") & (lines["group"] == "all")].iloc[0]
    assert (age["label"], age["n"], age["mean"]) == ("age (years)", 90, 34.5)
    gender = lines[(lines["variable"] == "gender") & (lines["group"] == "all")]
    assert dict(zip(gender["category"], gender["n"], strict=True)) == {"m": 12, "w": 75, "x": 3}


def test_trajectories_are_of_those_who_are_left(found) -> None:
    lines = found["trajectories"].query("group == 'all'").set_index("time")
    assert lines.loc[0, "n_clients"] == 90
    assert lines.loc[7, "n_clients"] == 12  # k % 7 == 6
    assert lines["label"].iloc[0] == "Patient Health Questionnaire-9 (PHQ-9)"


def test_profiles_hold_shares_of_strong_preferences(found) -> None:
    profiles = found["profiles"].set_index(["dimension", "role"])
    wanted = profiles.loc[("td_cd", "preference")]
    assert wanted["n_clients"] == 90
    assert wanted["strong_first"] == pytest.approx(12 / 90)
    assert wanted["label"] == "therapist directiveness to client directiveness"


def test_classes_of_change_count_everybody(found) -> None:
    classes = found["change_classes"].set_index("result")["n_clients"]
    assert dict(classes) == {
        "recovered": 2,
        "improved": 38,
        "unchanged": 50,
        "deteriorated": 0,
        "not evaluated": 0,
    }


def test_accommodation_splits_between_and_within() -> None:
    rows = pd.DataFrame(
        {
            "client": ["a", "a", "b", "b", "c"],
            "session": [1, 2, 1, 2, 1],
            "rater": "client",
            "scoring": "strong_met",
            "dimension": "all",
            "value": [0.2, 0.4, 0.6, 0.8, None],
            "n_dimensions": 1,
            "no_strong_preference": [False, False, False, False, True],
        }
    )
    row = accommodation_summary({"accommodation": conform(rows, "accommodation")}).iloc[0]
    assert (row["n_clients"], row["n_sessions"], row["n_no_strong_preference"]) == (2, 4, 1)
    assert row["mean"] == pytest.approx(0.5)
    assert row["sd_between"] == pytest.approx(np.sqrt(0.08))
    assert row["sd_within"] == pytest.approx(np.sqrt(0.02))


def test_a_signed_gap_has_two_sides() -> None:
    rows = pd.DataFrame(
        {
            "client": ["a", "a", "b", "b"],
            "session": [1, 2, 1, 2],
            "rater": "client",
            "scoring": "signed_gap",
            "dimension": "td_cd",
            "value": [0.4, -0.2, 1.0, 0.6],
            "n_dimensions": 1,
        }
    )
    row = accommodation_summary({"accommodation": conform(rows, "accommodation")}).iloc[0]
    assert (row["dimension"], row["n_clients"], row["n_sessions"]) == ("td_cd", 2, 4)
    # Client a: (.4 + 0) / 2 too much, (0 + .2) / 2 too little; client b: .8 and 0.
    assert row["too_much"] == pytest.approx((0.2 + 0.8) / 2)
    assert row["too_little"] == pytest.approx((0.1 + 0.0) / 2)
    assert row["mean"] == pytest.approx(row["too_much"] - row["too_little"])


def test_conflicts_are_counted_without_their_values(found) -> None:
    row = found["conflict_counts"].iloc[0]
    assert row["n_rows"] == 2
    assert "secret" not in found["conflict_counts"].to_csv()


def test_the_flow_goes_on_to_who_is_analysed(tables, dataset, instruments) -> None:
    preferences = tables["preferences"].copy()
    # One dimension missing is not a full set; neither are two dimensions on different occasions.
    preferences.loc[preferences["client"] == "secret-001", "preference"] = [np.nan, 0.5]
    later = preferences["client"].eq("secret-002") & preferences["dimension"].eq("td_cd")
    preferences.loc[later, "from_session"] = 5
    accommodation = tables["accommodation"].copy()
    accommodation.loc[accommodation["client"] == "secret-003", "value"] = None
    observed = accommodation.assign(rater="observer", value=0.5)
    held = tables | {
        "preferences": preferences,
        "accommodation": pd.concat([accommodation, observed], ignore_index=True),
    }
    flow = candidates(held, dataset, instruments)["participant_flow"].set_index("step")
    assert list(flow.index) == [
        "clients",
        "rated",
        "scored.preferences",
        "scored.accommodation",
        "analysed.fall.phq9_total",
    ]
    assert flow.loc["scored.preferences", "n_clients"] == 88
    row = flow.loc["scored.accommodation"]
    assert (row["n_clients"], row["n_therapists"], row["n_rows"]) == (89, 9, 178)
    row = flow.loc["analysed.fall.phq9_total"]
    assert (row["n_clients"], row["n_therapists"], row["n_rows"]) == (88, 9, 361)
    assert row["label"] == "analysed: fall.phq9_total"


def test_the_flow_counts_scores_of_the_outcome_not_answers(tables, dataset, instruments) -> None:
    outcome = dataset.outcomes.primary
    answered = pd.DataFrame(
        {
            "step": ["with_outcome", "with_two_outcomes"],
            "label": "with an answer",
            "n_clients": 90,
            "n_therapists": 9,
            "n_rows": 999,
        }
    )
    scores = tables["scores"].copy()
    lost = scores["client"].eq("secret-001") & (scores["instrument"] == outcome.partition(".")[0])
    scores.loc[lost, "value"] = np.nan
    held = tables | {"scores": scores, "flow": conform(answered, "flow")}
    flow = candidates(held, dataset, instruments)["participant_flow"].set_index("step")
    mine = scores_of(outcome, scores, dataset)
    sizes = mine.groupby("client").size()
    assert "secret-001" not in sizes.index
    row = flow.loc["with_outcome"]
    assert row["label"] == f"with at least one {outcome}"
    assert (row["n_clients"], row["n_rows"]) == (len(sizes), len(mine))
    row = flow.loc["with_two_outcomes"]
    assert (row["n_clients"], row["n_rows"]) == ((sizes > 1).sum(), sizes[sizes > 1].sum())
    assert row["n_rows"] < 999


def test_the_flow_names_no_preferences_where_none_are_declared(
    tables, dataset, instruments
) -> None:
    plain = dataset.model_copy(update={"preference": None, "delivery": None})
    flow = candidates(tables, plain, instruments)["participant_flow"]
    assert not flow["step"].str.startswith("scored.").any()


def test_an_outcome_is_told_by_its_own_informant(tables, dataset, instruments) -> None:
    """Therapists rate the same instrument, worse and earlier: they change nothing."""
    therapists = tables["scores"].assign(rater="therapist", occasion=0, time=0.0, value=27.0)
    therapists = therapists.drop_duplicates("client")
    both = conform(pd.concat([therapists, tables["scores"]], ignore_index=True), "scores")
    second = dataset.responses[0].model_copy(update={"rater": "therapist"})
    rated = dataset.model_copy(update={"responses": [*dataset.responses, second]})
    alone, found = (
        candidates(tables | {"scores": scores}, one, instruments)
        for scores, one in ((tables["scores"], dataset), (both, rated))
    )
    for name in ("description", "trajectories"):
        pd.testing.assert_frame_equal(found[name], alone[name])
    turned = dataset.model_copy(update={"responses": [second, *dataset.responses]})
    first = candidates(tables | {"scores": both}, turned, instruments)["description"]
    row = first.query("level == 'outcome' and group == 'all'").iloc[0]
    assert (row["n"], row["mean"]) == (90, 27)
