"""Life tables by hand: who was at risk after each session, and the share who have dropped out."""

import numpy as np
import pandas as pd
import pytest

from attunement.release.clustered import wilson
from attunement.release.curves import cumulative_incidence

# Six dropped out, six ended otherwise, four go on: sixteen clients.
LEFT = {"dropped_out": [0, 1, 1, 2, 2, 3], "stayed": [1, 2, 2, 3, 3, 3], "censored": [1, 2, 3, 3]}


def test_life_table(case):
    """Sixteen clients by last session. Open cases are at risk before their last session only. Still
    in: before this session. Dropped out by then: the sum of still in x hazard so far.

    | after | at risk | dropped out | ended otherwise | open | hazard | still in | by then |
    |-------|---------|-------------|-----------------|------|--------|----------|---------|
    |     0 |      16 |           1 |               0 |    0 | 0.0625 |        1 |  0.0625 |
    |     1 |      14 |           2 |               1 |    1 | 0.1429 |   0.9375 |  0.1964 |
    |     2 |      10 |           2 |               2 |    1 |    0.2 |   0.7366 |  0.3438 |
    |     3 |       4 |           1 |               3 |    2 |   0.25 |    0.442 |  0.4542 |
    """
    last = pd.Series([float(time) for held in LEFT.values() for time in held])
    status = pd.Series([name for name, held in LEFT.items() for _ in held])
    curve = cumulative_incidence(last, status).set_index("time")
    row = curve.loc[case["after"]]
    counts = ["n_at_risk", "n_events", "n_competing", "n_censored"]
    columns = ["at risk", "dropped out", "ended otherwise", "open"]
    assert row[counts].tolist() == [case[name] for name in columns]
    assert row["n_events"] / row["n_at_risk"] == pytest.approx(case["hazard"], abs=5e-5)
    assert row["dropped_out"] == pytest.approx(case["by then"], abs=1e-4)
    earlier = curve.loc[curve.index < case["after"]]
    staying = (1 - (earlier["n_events"] + earlier["n_competing"]) / earlier["n_at_risk"]).prod()
    assert staying == pytest.approx(case["still in"], abs=1e-4)


def test_planned_endings_compete(case):
    """The same clients; of those who ended otherwise all but the last after session 3 ended as
    planned. Three shares add up to 1: dropped out, ended as planned or otherwise, still in.

    | after | at risk | planned | still in | planned by then |
    |-------|---------|---------|----------|-----------------|
    |     0 |      16 |       0 |        1 |               0 |
    |     1 |      14 |       1 |   0.9375 |           0.067 |
    |     2 |      10 |       2 |   0.7366 |          0.2143 |
    |     3 |       4 |       2 |    0.442 |          0.4353 |
    """
    last = pd.Series([float(time) for held in LEFT.values() for time in held])
    status = pd.Series([name for name, held in LEFT.items() for _ in held])
    planned = (status == "stayed") & (np.arange(len(status)) != 11)
    curve = cumulative_incidence(last, status, planned=planned).set_index("time")
    row = curve.loc[case["after"]]
    assert (row["n_at_risk"], row["n_planned"]) == (case["at risk"], case["planned"])
    assert row["planned"] == pytest.approx(case["planned by then"], abs=1e-4)
    step = case["still in"] * case["planned"] / case["at risk"]
    earlier = curve.loc[curve.index < case["after"], "planned"]
    assert row["planned"] == pytest.approx(
        (earlier.iloc[-1] if len(earlier) else 0) + step, abs=1e-4
    )


def test_interval_of_a_rate(case):
    """Wilson's 95% interval, in percent. Where clients of a therapist are alike (design effect 2),
    forty of them count like twenty.

    | dropped out | of | design effect | rate | low  | high |
    |-------------|----|---------------|------|------|------|
    |          10 | 40 |             1 |   25 | 14.2 | 40.2 |
    |          10 | 40 |             2 |   25 | 11.2 | 46.9 |
    |           5 | 20 |             1 |   25 | 11.2 | 46.9 |
    |           0 | 20 |             1 |    0 |    0 | 16.1 |
    |          20 | 20 |             1 |  100 | 83.9 |  100 |
    """
    low, high = wilson(case["dropped out"], case["of"], case["design effect"])
    assert 100 * case["dropped out"] / case["of"] == case["rate"]
    assert (100 * low, 100 * high) == pytest.approx((case["low"], case["high"]), abs=0.05)
