"""The study of coverage: its first fits are found again, and its table holds what it promises.

The tables are made by `make coverage`.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "benchmark"))

from coverage_fits import TERMS, half_width, rows_of_studies  # noqa: E402
from coverage_page import target_of  # noqa: E402
from coverage_pbkrtest import agreement, rows_by_pbkrtest  # noqa: E402
from coverage_table import coverage_table, fits_table  # noqa: E402

from attunement.simulate.sessions import STUDY  # noqa: E402

THERAPISTS = (10, 20, 50)


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(ROOT / "docs" / "coverage.csv")


@pytest.fixture(scope="module")
def own(table):
    return table[(table["studies_of"] == "all") & (table["method"] == "kenward-roger")]


@pytest.mark.parametrize("therapists", THERAPISTS)
def test_the_first_ten_studies_are_found_again(therapists):
    stored = pd.read_csv(ROOT / "docs" / "coverage_first_studies.csv")
    stored = stored[stored["therapists"] == therapists].reset_index(drop=True)
    again = rows_of_studies(therapists, 0, 10)
    flags = ["study", "term", "converged", "singular", "lower_elsewhere"]
    assert again[flags].equals(stored[flags])
    for column in again.columns.drop(flags):
        assert np.allclose(again[column], stored[column], rtol=1e-8, atol=1e-8), column


def test_there_are_five_thousand_studies_of_each_kind(own):
    assert list(own.groupby("therapists")["term"].agg(list)) == [list(TERMS)] * len(THERAPISTS)
    assert sorted(own["therapists"].unique()) == list(THERAPISTS)
    assert (own["studies"] == 5_000).all()


def test_kenward_roger_intervals_hold_the_truth_as_often_as_they_say(own):
    lowest, highest = zip(*map(target_of, own["term"]), strict=True)
    outside = ~own["coverage"].between(pd.Series(lowest, own.index), pd.Series(highest, own.index))
    assert own.loc[outside, ["therapists", "term", "coverage"]].empty
    assert (own["without"] == 0).all()


def test_every_fit_converged_and_none_falsely(own):
    assert (own["not_converged"] == 0).all()
    assert (own["false_converged"] == 0).all()


def test_estimates_are_not_biased(own):
    error = own["sd_of_error"] / np.sqrt(own["studies"])
    assert (own["mean_error"].abs() < 4.0 * error).all()


def test_wald_intervals_of_few_therapists_are_too_narrow(table):
    few = table[(table["studies_of"] == "all") & (table["therapists"] == 10)]
    share = few[few["varies"] == "therapists"].set_index(["term", "method"])["coverage"]
    for term in ("experience", "training"):
        assert share[term, "wald"] < share[term, "kenward-roger"] - 0.01


def test_pbkrtest_covers_alike_on_the_same_studies(table):
    same = table[table["studies_of"] == "pbkrtest"].set_index(["term", "method"])
    for term in TERMS:
        ours, theirs = same.loc[(term, "kenward-roger")], same.loc[(term, "pbkrtest")]
        assert ours["studies"] == theirs["studies"] >= 100
        assert abs(ours["coverage"] - theirs["coverage"]) <= 1.0 / ours["studies"] + 1e-9


@pytest.mark.r
def test_kenward_roger_is_pbkrtests_in_a_singular_fit_too():
    ours, theirs = rows_of_studies(10, 0, 3), rows_by_pbkrtest(10, 0, 3)
    apart = agreement(ours, theirs)
    assert ours["singular"].any() and not ours["singular"].all()
    assert max(apart["se"], apart["df"], apart["se_singular"], apart["df_singular"]) < 1e-5
    assert apart["lower"] < 1e-7


def test_shares_are_counted_by_hand():
    rows = pd.DataFrame(
        {
            "therapists": 10,
            "study": range(4),
            "term": "alliance",
            "estimate": STUDY.coefficients["alliance"] + np.array([0.0, 1.97, -2.3, 1.0]),
            "se": 1.0,
            "df_satterthwaite": 10.0,  # 2.228 standard errors
            "se_kenward_roger": 1.2,
            "df_kenward_roger": [10.0, 10.0, 10.0, np.nan],
            "converged": [True, True, False, True],
            "singular": [True, False, False, False],
            "lower_elsewhere": [False, True, True, False],
        }
    )
    by = coverage_table(rows).set_index("method")
    assert by["coverage"].to_dict() == {"kenward-roger": 0.75, "satterthwaite": 0.75, "wald": 0.5}
    assert by["without"].to_dict() == {"kenward-roger": 1, "satterthwaite": 0, "wald": 0}
    assert by.loc["wald", "mean_half_width"] == pytest.approx(1.959964, abs=1e-6)
    ends = fits_table(rows).loc[10]
    assert ends.to_dict() == {
        "studies": 4.0, "singular": 0.25, "not_converged": 1.0, "false_converged": 1.0,
    }  # fmt: skip


def test_an_interval_needs_positive_degrees_of_freedom():
    widths = half_width(np.ones(4), np.array([np.inf, 10.0, 0.0, -3.0]))
    assert widths[:2] == pytest.approx([1.959964, 2.228139], abs=1e-6)
    assert np.isnan(widths[2:]).all()
