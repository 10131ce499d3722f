"""Reliable and clinically significant change (Jacobson & Truax 1991)."""

import numpy as np
import pandas as pd
import pytest

from attunement.score import score
from attunement.score.change import classify
from attunement.score.criteria import Criterion, jacobson_truax


def _change(case, studies, instruments, instrument, accepted):
    occasions = [
        studies.answers("A", session, instrument, {"total": total})
        for session, total in enumerate((case["first"], case["last"]))
        if total is not None
    ]
    dataset = studies.dataset(outcomes={"primary": f"{instrument}.total"})
    change = score(studies.tables(occasions), dataset, instruments, accepted)["change"]
    row = change.fillna({"improvement": -99, "cutoff": -99}).iloc[0]
    improvement = -99 if case["improvement"] is None else case["improvement"]
    assert (row["result"], row["improvement"]) == (case["result"], improvement)
    return row


def test_ors(case, studies, instruments):
    """Higher is better. Reliable from 6 points on (verified). Clinical at 25 or below.

    | first | last | improvement | result        |
    |-------|------|-------------|---------------|
    |    20 | 25.9 |         5.9 | unchanged     |
    |    20 |   26 |           6 | recovered     |
    |    19 |   25 |           6 | improved      |
    |    25 |   31 |           6 | recovered     |
    |  25.1 | 31.1 |           6 | improved      |
    |  19.1 | 25.1 |           6 | recovered     |
    |    10 |   20 |          10 | improved      |
    |    20 |   14 |          -6 | deteriorated  |
    |    30 | 24.1 |        -5.9 | unchanged     |
    |    30 |   20 |         -10 | deteriorated  |
    |    20 |   20 |           0 | unchanged     |
    |    20 |      |             | not evaluated |
    """
    row = _change(case, studies, instruments, "ors", [])
    assert row["clinical_first"] == (case["first"] <= 25)
    if case["last"] is not None:
        assert (row["method"], row["criterion"], row["cutoff"]) == ("published", 6, 25)
    else:
        assert row["reason"] == "fewer than two scores while in treatment"


def test_phq9_accepted(case, studies, instruments):
    """Lower is better. Six points are unverified, here accepted by name. Clinical from 10 on.

    | first | last | improvement | result       |
    |-------|------|-------------|--------------|
    |    15 |    9 |           6 | recovered    |
    |    16 |   10 |           6 | improved     |
    |    10 |    4 |           6 | recovered    |
    |     9 |    3 |           6 | improved     |
    |    15 |   10 |           5 | unchanged    |
    |    10 |   16 |          -6 | deteriorated |
    |     4 |    9 |          -5 | unchanged    |
    """
    row = _change(case, studies, instruments, "phq9", ["phq9.reliable_change"])
    assert (row["method"], row["criterion"], row["cutoff"]) == ("accepted", 6, 10)
    assert "unverified" in row["reason"]


def test_bdi2_accepted_without_cutoff(case, studies, instruments):
    """Lower is better. Nine points accepted; no cut-off accepted: nobody can be called recovered.

    | first | last | improvement | result       |
    |-------|------|-------------|--------------|
    |    30 |    5 |          25 | improved     |
    |    30 |   21 |           9 | improved     |
    |    30 |   22 |           8 | unchanged    |
    |    20 |   29 |          -9 | deteriorated |
    """
    row = _change(case, studies, instruments, "bdi2", ["bdi2.reliable_change"])
    assert pd.isna(row["clinical_first"])
    assert row["cutoff"] == -99
    assert "nobody can be called recovered" in row["reason"]


def test_bdi2_nothing_accepted(case, studies, instruments):
    """Only totals, and no fact that anyone verified: change is not evaluated.

    | first | last | improvement | result        |
    |-------|------|-------------|---------------|
    |    30 |    5 |             | not evaluated |
    |    20 |   29 |             | not evaluated |
    """
    row = _change(case, studies, instruments, "bdi2", [])
    assert row["reason"].startswith(
        "no verified criterion; name bdi2.reliable_change or bdi2.reliability"
    )


def test_jacobson_truax_points(case):
    """1.96 * sqrt(2) * SD * sqrt(1 - r).

    |   sd | reliability | points |
    |------|-------------|--------|
    |    5 |        0.84 |  5.544 |
    |   10 |        0.91 |  8.316 |
    |   10 |        0.75 | 13.859 |
    |    1 |           0 |  2.772 |
    """
    assert jacobson_truax(case["sd"], case["reliability"]) == pytest.approx(
        case["points"], abs=0.0005
    )


def test_jacobson_truax_classes(case):
    """A change must be larger than the criterion, here 5.5 points, lower is better, no cut-off.

    | first | last | result       |
    |-------|------|--------------|
    |    20 | 14.4 | improved     |
    |    20 | 14.5 | unchanged    |
    |    20 | 25.5 | unchanged    |
    |    20 | 25.6 | deteriorated |
    """
    criterion = Criterion("jacobson_truax", 5.5, ">", "")
    found = classify(np.array([case["first"]]), np.array([case["last"]]), -1, criterion, None)
    assert list(found) == [case["result"]]
