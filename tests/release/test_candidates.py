"""The candidate tables, number by number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attunement.release import candidates
from attunement.release.accommodation import accommodation_summary
from attunement.release.curves import kaplan_meier
from attunement.release.dropout import dropout_overlap, wilson
from attunement.study.contracts import conform, empty
from attunement.study.layout import OUTPUTS


@pytest.fixture(scope="module")
def found(tables, dataset, instruments):
    return candidates(tables, dataset, instruments)


def test_every_released_table_has_a_candidate(found) -> None:
    wanted = {name.removesuffix(".csv") for name in OUTPUTS["release"]}
    assert wanted - {"decisions", "about.json"} == set(found)


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


def test_kaplan_meier_by_hand() -> None:
    last = pd.Series([1, 1, 2, 2, 3, 3.0])
    status = pd.Series(
        ["dropped_out", "stayed", "dropped_out", "censored", "dropped_out", "stayed"]
    )
    curve = kaplan_meier(last, status)
    # After session 2 the open case is not at risk: what it does next is not known.
    assert list(curve["n_at_risk"]) == [6, 3, 2]
    assert list(curve["n_events"]) == [1, 1, 1]
    assert curve["staying"].to_numpy() == pytest.approx([5 / 6, 5 / 6 * 2 / 3, 5 / 6 * 2 / 3 / 2])
    spread = 1.959963985 * np.sqrt(1 / (6 * 5)) / abs(np.log(5 / 6))
    assert curve["ci_low"].iloc[0] == pytest.approx((5 / 6) ** np.exp(spread))
    assert curve["ci_high"].iloc[0] == pytest.approx((5 / 6) ** np.exp(-spread))


def test_kaplan_meier_agrees_with_statsmodels() -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    random = np.random.default_rng(3)
    last = pd.Series(random.integers(0, 12, 200).astype(float))
    out = pd.Series(random.random(200) < 0.4)
    curve = kaplan_meier(last, out.map({True: "dropped_out", False: "stayed"}))
    other = SurvfuncRight(last, out.astype(int))
    ours = curve[curve["n_events"] > 0]
    assert ours["staying"].to_numpy() == pytest.approx(other.surv_prob)


def test_nobody_left_has_no_interval() -> None:
    curve = kaplan_meier(pd.Series([1.0, 2.0]), pd.Series(["stayed", "stayed"]))
    assert list(curve["staying"]) == [1, 1]
    assert curve[["ci_low", "ci_high"]].isna().all(axis=None)


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


def test_conflicts_are_counted_without_their_values(found) -> None:
    row = found["conflict_counts"].iloc[0]
    assert row["n_rows"] == 2
    assert "secret" not in found["conflict_counts"].to_csv()
