"""What the planned models find in worlds of known truth: stored, within limits, found again."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "recovery"))

import worlds_page  # noqa: E402
from worlds import FIRST_SEED, FIRST_STUDIES, TARGETS, WORLDS, one_study  # noqa: E402

STUDIES = 1000


@pytest.fixture(scope="module")
def whole():
    return pd.read_csv(ROOT / "docs" / "worlds.csv", keep_default_na=True)


@pytest.fixture(scope="module")
def table(whole):
    """What is judged: all but the naive forms that stand beside."""
    return whole[~whole["naive"]]


@pytest.fixture(scope="module")
def stored():
    return pd.read_csv(ROOT / "docs" / "worlds_first_studies.csv")


def found_again(stored, name, count):
    again = pd.concat([one_study(name, FIRST_SEED + place) for place in range(count)])
    before = stored[(stored["world"] == name) & (stored["seed"] < FIRST_SEED + count)]
    assert again["term"].tolist() == before["term"].tolist()
    for column in ("estimate", "se", "ci_low", "ci_high"):
        np.testing.assert_allclose(
            again[column].astype(float), before[column].astype(float), rtol=1e-6, atol=1e-7
        )


@pytest.mark.parametrize("name", ["nothing", "through the alliance", "direction of mismatch"])
def test_the_first_study_is_found_again(stored, name):
    found_again(stored, name, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_the_first_studies_are_found_again(stored, name):
    found_again(stored, name, FIRST_STUDIES)


def test_naive_forms_find_what_is_not_there(whole):
    by_term = whole[whole["naive"]].groupby("term")["found"].min()
    room = 3.5 * np.sqrt(0.05 * 0.95 / STUDIES)
    named = ["gap_before_uncorrected", "earlier_off_track_uncorrected", "time:too_much_between"]
    assert (by_term[named] > 0.05 + room).all()


def test_every_world_has_its_studies(table):
    assert set(table["world"]) == set(WORLDS)
    # Where a study cannot support a question it says so; most can.
    assert (table["studies"] + table["without"] == STUDIES).all()
    assert (table["studies"] >= 0.8 * STUDIES).all()


def test_nothing_is_found_where_nothing_is(table):
    null = table[table["null"]]
    room = 3.5 * np.sqrt(0.05 * 0.95 / null["studies"])
    assert (null["found"] <= 0.05 + room).all()
    # Without a verdict, which needs more than one coefficient, as often as chance has it.
    tested = null[(null["metric"] != "verdict") & (null["singular"] <= 0.05)]
    assert (tested["found"] >= 0.05 - room[tested.index]).all()


def test_intervals_hold_what_they_promise(table):
    told = table[table["coverage"].notna()]
    room = 3.5 * np.sqrt(0.05 * 0.95 / told["studies"])
    assert (told["coverage"] >= 0.95 - room).all()
    assert ((told["coverage"] <= 0.95 + room) | (told["singular"] > 0.05)).all()
    assert 0.94 <= told["coverage"].mean() <= 0.96


def test_estimates_are_unbiased(table):
    told = table[table["metric"] != "verdict"]
    unit = np.where(told["metric"].isin(worlds_page.RATIOS), worlds_page.LOG_ODDS, 1.0)
    assert (told["bias"].abs() <= np.maximum(0.02 * unit, 3 * told["bias_error"])).all()


def test_what_differs_from_nothing_is_judged_by_a_target(table):
    targets = pd.read_csv(TARGETS).set_index(["world", "specification", "term"])["estimate"]
    asked = table[~table["null"]].set_index(["world", "specification", "term"])["truth"]
    np.testing.assert_allclose(asked, targets.loc[asked.index], rtol=1e-5)


def test_the_truth_is_told_in_the_unit_of_each_study():
    one = {
        "world": "d = .28", "specification": "lagged", "term": "accommodation_within",
        "metric": "b", "se": 0.01, "p": 0.01, "status": "estimated",
    }  # fmt: skip
    aimed = pd.DataFrame([one | {"estimate": 0.2, "se": 0.0, "unit": 2.0}])
    found = {"estimate": 0.1, "ci_low": 0.08, "ci_high": 0.12, "seed": 1, "unit": 1.0}
    made = worlds_page.summary(pd.DataFrame([one | found] * 2), aimed, {"d = .28": ()})
    assert made["truth"].item() == 0.2
    assert made["bias"].item() == pytest.approx(0)
    assert made["coverage"].item() == 1
    ratio = pd.DataFrame([one | found | {"metric": "hOR", "estimate": 1.1}] * 2)
    asked = aimed.assign(metric="hOR", estimate=1.21)
    again = worlds_page.summary(ratio, asked, {"d = .28": ()})
    assert again["bias"].item() == pytest.approx(0)


def test_the_page_tells_the_table(whole):
    page = (ROOT / "docs" / "worlds.md").read_text(encoding="utf-8")
    again = worlds_page.page(whole.assign(specification=whole["specification"].fillna("")), 1, "")
    lines = [line for line in again.splitlines() if line.startswith("| ")]
    assert lines
    assert all(line in page for line in lines)


@pytest.mark.parametrize(
    ("world", "specification"),
    [
        ("nothing", "growth.ors_total.distance"),
        ("d = .28", "hazard.therapist_judgement.distance"),
    ],
)
def test_a_table_that_was_tampered_with_is_not_kept(table, world, specification):
    row = table[(table["world"] == world) & (table["specification"] == specification)].copy()
    assert worlds_page.kept(row).all()
    assert not worlds_page.kept(row.assign(coverage=0.90, singular=0.5)).any()
    assert not worlds_page.kept(row.assign(bias=0.3)).any()
