"""When a flag is up: alerts of the alliance, and whether ORS scores can be trusted."""

import numpy as np
import pandas as pd
import pytest

from attunement.score import score
from attunement.score.expected import Outcome, limits


def _numbers(cell):
    return [] if cell is None else [float(number) for number in str(cell).split()]


def _flag(out, flag):
    rows = out["flags"]
    held = rows[(rows["client"] == "A") & (rows["flag"] == flag)]
    return " ".join("up" if flagged else "down" for flagged in held["flagged"]) or None


def test_alliance(case, studies, instruments):
    """SRS: an alert below 36 overall, and one below 9 on any item. No alert of a drop: no number of
    points is published. Missing items alert nobody, nor is a score made without all four.

    | items           | score | alert | item alert |
    |-----------------|-------|-------|------------|
    | 9 9 9 9         |    36 | down  | down       |
    | 9 9 9 8.9       |  35.9 | up    | up         |
    | 10 10 10 8      |    38 | down  | up         |
    | 10 9 9 9        |    37 | down  | down       |
    | 0 0 0 0         |     0 | up    | up         |
    | 10 10 10        |       |       |            |
    """
    values = _numbers(case["items"])
    items = {str(k + 1): value for k, value in enumerate(values)}
    out = score(
        studies.tables([studies.answers("A", 1, "srs", items)]), studies.dataset(), instruments
    )
    assert _flag(out, "alliance_alert") == case["alert"]
    assert _flag(out, "alliance_item_alert") == case["item alert"]
    if case["score"] is not None:
        row = out["flags"].query("flag == 'alliance_alert'").iloc[0]
        assert round(row["value"], 6) == case["score"]
        assert row["limit"] == 36


def test_border_of_the_expected_trajectory(case):
    """Not on track: worse than the border, so many standard deviations (.67 for percentile 25, 1.28
    for percentile 10) on the worse side of the expected score, but within the range of the scale.

    | better is | expected | SD | percentile | border | score | on track |
    |-----------|----------|----|------------|--------|-------|----------|
    | higher    |       24 |  6 |         25 |  19.95 |    20 | yes      |
    | higher    |       24 |  6 |         25 |  19.95 |  19.9 | no       |
    | higher    |       24 |  6 |         10 |  16.31 |  19.9 | yes      |
    | higher    |       24 |  6 |         50 |     24 |    24 | yes      |
    | higher    |        3 |  6 |         25 |      0 |     0 | yes      |
    | lower     |       10 |  4 |         25 |   12.7 |    12 | yes      |
    | lower     |       10 |  4 |         25 |   12.7 |    13 | no       |
    | lower     |       26 |  4 |         25 |     27 |    27 | yes      |
    """
    direction, top = {"higher": (1, 40.0), "lower": (-1, 27.0)}[case["better is"]]
    outcome = Outcome("score", direction, 0.0, top)
    mean, sd = np.array([case["expected"]]), np.array([case["SD"]])
    border = limits(mean, sd, outcome, case["percentile"])[0]
    assert border == pytest.approx(case["border"], abs=0.005)
    behind = direction * (border - case["score"]) > 1e-9
    assert ("no" if behind else "yes") == case["on track"]


def test_validity(case, studies, instruments):
    """ORS: first score above 32; fewer than two scores; a sawtooth of four changes in turn, each of
    6 points or more against the one before.

    | ORS totals                | above 32 | fewer than two | sawtooth |
    |---------------------------|----------|----------------|----------|
    |                           |          | up             |          |
    | 20                        | down     | up             | down     |
    | 32 20                     | down     | down           | down     |
    | 32.1 20                   | up       | down           | down     |
    | 20 33                     | down     | down           | down     |
    | 20 26 20 26 20            | down     | down           | up       |
    | 20 26 20 26               | down     | down           | down     |
    | 20 26 20 26 21            | down     | down           | down     |
    | 20 14 20 14 20            | down     | down           | up       |
    | 20 26 32 26 20            | down     | down           | down     |
    | 20 26 20 20 26 20         | down     | down           | down     |
    | 10 10 20 10 20 10 10      | down     | down           | up       |
    | 10 20 10 20 15 25 10      | down     | down           | down     |
    """
    totals = _numbers(case["ORS totals"])
    rows = [studies.answers("A", s, "ors", {"total": value}) for s, value in enumerate(totals)]
    # The next client's swings are no part of the first one's.
    rows += [studies.answers("B", s, "ors", {"total": v}) for s, v in enumerate((30, 10, 30))]
    tables = studies.tables(rows, clients=["A", "B"])
    found = score(tables, studies.dataset(), instruments)["validity_flags"]
    held = found[found["client"] == "A"].set_index("flag")["flagged"]
    names = {
        "above 32": "first_above_32",
        "fewer than two": "fewer_than_two_scores",
        "sawtooth": "sawtooth",
    }
    for column, flag in names.items():
        told = None if pd.isna(held[flag]) else "up" if held[flag] else "down"
        assert told == case[column], flag
