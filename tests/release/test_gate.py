"""Nothing that could point at a person leaves confidential data; public data say that they may."""

from __future__ import annotations

import pandas as pd
import pytest

from attunement.release import candidates, gate
from attunement.release.cells import CELLS
from attunement.release.rounding import rounded
from attunement.release.rules import second_cells, therapists_shown
from attunement.release.words import words_without_counts
from attunement.study.config import Release
from attunement.study.contracts import TABLES, conform, empty
from attunement.study.files import csv_text


@pytest.fixture(scope="module")
def found(tables, dataset, instruments):
    return candidates(tables, dataset, instruments)


@pytest.fixture(scope="module")
def confidential(found, disclosure):
    return gate(found, "confidential", disclosure)


def counts_of(name: str, frame: pd.DataFrame) -> pd.Series:
    """Every whole number of a released table, except ranks."""
    columns = [c.name for c in TABLES[name].columns if c.kind == "integer" and c.name != "rank"]
    return pd.concat([frame[column].dropna().astype(int) for column in columns] or [pd.Series()])


def test_the_candidates_hold_what_must_not_leave(found) -> None:
    small = [name for name in CELLS if counts_of(name, found[name]).between(1, 9).any()]
    assert {"description", "participant_flow", "change_classes", "dropout_rates"} <= set(small)


def test_no_released_table_has_a_small_or_unrounded_count(confidential, disclosure) -> None:
    released, _ = confidential
    for name, frame in released.items():
        counts = counts_of(name, frame)
        assert not counts.between(1, disclosure.smallest_cell - 1).any(), name
        assert (counts % disclosure.rounding == 0).all(), name


def test_no_released_table_names_a_client_or_a_therapist(confidential, tables) -> None:
    released, decisions = confidential
    ids = [*tables["clients"]["client"], *tables["therapists"]["therapist"]]
    for name, frame in {**released, "decisions": decisions}.items():
        text = csv_text(frame)
        assert not [one for one in ids if one in text], name


def test_a_single_small_category_takes_a_second_with_it(confidential) -> None:
    gender = confidential[0]["description"].query("variable == 'gender' and group == 'all'")
    withheld = dict(zip(gender["category"], gender["withheld"], strict=True))
    assert withheld == {
        "small category": True,
        "m": True,
        "w": False,
    }  # m (12) is the smallest left
    assert gender.loc[gender["withheld"].astype(bool), "n"].isna().all()


def test_a_small_class_of_change_takes_a_second_with_it(confidential) -> None:
    classes = confidential[0]["change_classes"].set_index("result")
    assert bool(classes.loc["recovered", "withheld"])  # 2 clients
    assert bool(classes.loc["improved", "withheld"])  # 38: the smallest other one
    assert not bool(classes.loc["unchanged", "withheld"])
    assert classes.loc["unchanged", "n_available"] == 90


def test_second_cells_prefer_a_cell_of_somebody() -> None:
    rows = pd.DataFrame(
        {
            "outcome": "a.b",
            "method": "m",
            "result": ["recovered", "improved", "unchanged"],
            "n_clients": [None, 0, 40],
            "withheld": [True, False, False],
        }
    )
    held = {name: empty(name) for name in CELLS} | {
        "change_classes": conform(rows, "change_classes")
    }
    changed, _ = second_cells(held, Release())
    assert list(changed["change_classes"]["withheld"]) == [True, False, True]


def test_those_who_did_not_drop_out_are_a_cell_too(found, disclosure) -> None:
    rates = (
        found["dropout_rates"]
        .iloc[:1]
        .assign(
            group="all",
            n_clients=60,
            n_dropped_out=55,
            n_censored=0,
            n_unknown=0,
            n_before_risk=None,
        )
    )
    released, _ = gate({**found, "dropout_rates": rates}, "confidential", disclosure)
    assert released["dropout_rates"]["withheld"].all()
    assert released["dropout_rates"]["rate"].isna().all()


def test_few_who_meet_one_definition_alone_hide_the_pair(found, disclosure) -> None:
    """The rate's count less those under both would tell them."""
    tables = dict(found)
    tables["dropout_overlap"] = conform(
        pd.DataFrame(
            {
                "definition_1": ["therapist_judgement", "fewer_than_n_sessions"],
                "definition_2": ["no_reliable_change", "no_reliable_change"],
                "n_both": [50, 50],
                "n_either": [103, 100],
                "n_only_1": [50, 25],
                "n_only_2": [3, 25],
                "agreement": [50 / 103, 0.5],
                "withheld": [False, False],
            }
        ),
        "dropout_overlap",
    )
    released, _ = gate(tables, "confidential", disclosure)
    lines = released["dropout_overlap"]
    assert list(lines["withheld"]) == [True, False]
    assert lines.loc[0, ["n_both", "n_either", "n_only_1", "n_only_2", "agreement"]].isna().all()


def test_rates_come_from_rounded_counts(confidential) -> None:
    rates = confidential[0]["dropout_rates"]
    row = rates[(rates["definition"] == "therapist_judgement") & (rates["group"] == "all")].iloc[0]
    assert (row["n_clients"], row["n_dropped_out"]) == (90, 30)
    assert row["rate"] == pytest.approx(30 / 90)
    assert row["ci_low"] < row["rate"] < row["ci_high"]


def test_every_step_of_a_released_curve_holds_a_full_cell(confidential, found) -> None:
    curves = confidential[0]["dropout_curves"]
    assert 0 < len(curves) < len(found["dropout_curves"])
    assert (curves["n_events"] >= 10).all()
    others = curves["n_competing"].dropna()
    assert ((others == 0) | (others >= 10)).all()
    assert (curves["dropped_out"] == curves["dropped_out"].round(2)).all()


def test_a_model_of_few_clients_is_withheld_and_the_others_rounded(confidential) -> None:
    estimates = confidential[0]["estimates"].set_index("term")
    assert estimates.loc["few", "status"] == "withheld"
    assert pd.isna(estimates.loc["few", "estimate"])
    kept = estimates.loc["time"]
    assert (kept["n_obs"], kept["n_clients"]) == (360, 90)
    assert pd.isna(kept["n_therapists"])  # 9
    assert kept["df"] == 85
    assert kept["estimate"] == 0.1235


def test_counts_in_words_are_hidden(confidential) -> None:
    released, _ = confidential
    reasons = released["estimates"].set_index("term")["reason"]
    assert reasons["absent"] == "<10 therapists; differences between therapists need at least 30"
    assert released["availability"]["reason"].iloc[0] == "only <10 clients with ratings"


def test_words_round_larger_counts() -> None:
    frame = conform(
        pd.DataFrame({"topic": ["a"], "available": [False], "reason": ["of 123 clients"]}),
        "availability",
    )
    changed, _ = words_without_counts({"availability": frame}, Release())
    assert changed["availability"]["reason"].iloc[0] == "of about 125 clients"
    again, _ = words_without_counts(changed, Release())
    assert not again  # what is rounded stays as it is


@pytest.mark.parametrize("declared", ["public", "simulated"])
def test_open_data_keep_exact_counts_and_say_so(found, disclosure, declared: str) -> None:
    released, decisions = gate(found, declared, disclosure)
    pd.testing.assert_frame_equal(released["description"], found["description"])
    said = decisions[decisions["rule"] == "declared exception"]
    assert set(said["table"]) == set(released)
    assert set(said["reason"]) == {f"{declared} data: exact counts by declaration"}


def test_what_is_not_declared_open_counts_as_confidential(found, disclosure) -> None:
    released, _ = gate(found, "unheard of", disclosure)
    assert released["description"]["withheld"].any()


def test_every_withheld_table_has_its_decision(confidential) -> None:
    released, decisions = confidential
    for name, frame in released.items():
        if "withheld" in frame.columns and frame["withheld"].any():
            rows = decisions[(decisions["table"] == name) & (decisions["decision"] == "withheld")]
            assert len(rows), name
    assert set(released) == set(decisions["table"])


@pytest.mark.parametrize(
    ("caseloads", "shown"),
    [([10] * 10, 10), ([10] * 9 + [9], 0), ([12] * 11 + [3], 11)],
    ids=["ten of ten", "one too small", "small one left out"],
)
def test_therapists_need_company(caseloads: list[int], shown: int) -> None:
    effects = conform(
        pd.DataFrame(
            {
                "outcome": "phq9.total",
                "rank": range(1, len(caseloads) + 1),
                "effect": 0.0,
                "caseload": [str(size) for size in caseloads],
            }
        ),
        "therapist_effects",
    )
    changed, decisions = therapists_shown({"therapist_effects": effects}, Release())
    assert len(changed["therapist_effects"]) == shown
    if shown:
        assert set(changed["therapist_effects"]["caseload"]) == {"10 to 19"}
        assert list(changed["therapist_effects"]["rank"]) == list(range(1, shown + 1))
    else:
        assert decisions[0]["decision"] == "withheld"
        assert "fewer than 10 therapists" in decisions[0]["reason"]


def test_therapists_of_open_data_need_company_too(found, disclosure) -> None:
    released, _ = gate(found, "public", disclosure)
    assert released["therapist_effects"].empty  # nine therapists


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (12, 10), (12.5, 15), (13, 15), (361, 360)])
def test_rounding(count: float, shown: int) -> None:
    assert rounded(pd.Series([count]), Release()).iloc[0] == shown
