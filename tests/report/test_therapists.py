"""The tables of the therapists' section: nothing tempting stands without its null."""

import dataclasses

import pandas as pd
import pytest

from attunement.report.grids import focal_grid
from attunement.report.pieces import Grid, Missing
from attunement.report.sections.therapists import tables
from attunement.study.contracts import conform

ROW = {
    "dataset": "small",
    "role": "exploratory",
    "hypothesis_family": "therapists",
    "outcome": "phq9.total",
    "metric": "b",
    "scale": "sd",
    "level": "-",
    "status": "estimated",
    "n_clients": 100,
    "n_therapists": 20,
}


def rows(*changes: dict) -> pd.DataFrame:
    return conform(pd.DataFrame([ROW | change for change in changes]), "estimates")


@pytest.fixture
def with_rows(simulated):
    def made(*changes: dict):
        return dataclasses.replace(
            simulated, tables=simulated.tables | {"estimates": rows(*changes)}
        )

    return made


def test_a_learning_slope_stands_beside_its_null(with_rows):
    name = "best_teacher.phq9_total"
    grids = tables(
        with_rows(
            {
                "specification": name,
                "term": "earlier_off_track",
                "level": "between",
                "estimate": -0.2,
                "p": 0.5,
                "ci_low": -0.9,
                "ci_high": 0.5,
            },
            {
                "specification": name,
                "term": "earlier_off_track_uncorrected",
                "estimate": 0.8,
                "p": 0.04,
            },
            {"specification": name, "term": "earlier_off_track_by_chance", "estimate": 1.0},
        )
    )
    assert len(grids) == 1 and isinstance(grids[0], Grid)
    told = [row[1] for row in grids[0].rows]
    assert told == [
        "Earlier clients not on track, beyond chance",
        "Earlier clients not on track, as it stands",
        "Earlier clients not on track, by chance",
    ]
    assert "Exploratory" in grids[0].note


def test_a_share_has_no_leading_zero_and_zero_is_a_limit(with_rows):
    name = "therapist_dropout.therapist_judgement"
    change = {"specification": name, "level": "therapist", "metric": "sd", "scale": "log"}
    grid = tables(
        with_rows(
            change
            | {
                "term": "therapist_sd_level",
                "estimate": 0.3,
                "ci_low": 0.0,
                "ci_high": 0.6,
                "p": 0.2,
            },
            change
            | {
                "term": "therapist_share",
                "metric": "icc",
                "scale": "raw",
                "estimate": 0.03,
                "ci_low": 0.0,
                "ci_high": 0.1,
                "p": 0.2,
            },
        )
    )[0]
    assert grid.rows[0][2:4] == ["SD = 0.30", "[0.00, 0.60]"]
    assert grid.rows[1][2:4] == ["share = .03", "[.00, .10]"]


def test_what_cannot_be_estimated_has_its_reason(with_rows):
    found = tables(
        with_rows(
            {
                "specification": "caseload.phq9_total",
                "term": "time:case_number_between",
                "level": "between",
                "status": "not estimable",
                "reason": "the order of cases is not recorded",
            }
        )
    )
    assert isinstance(found[0], Missing)
    assert "the order of cases is not recorded" in found[0].sentence


def test_therapists_rows_stand_only_in_their_own_section(with_rows):
    change = {"specification": "caseload.phq9_total", "estimate": 0.1, "level": "between"}
    assert focal_grid(with_rows(change | {"term": "x"}), "exploratory") is None
    # A reader's own model about therapists has no table there.
    other = change | {"term": "x", "specification": "mine.phq9_total"}
    assert focal_grid(with_rows(other), "exploratory") is not None
