"""Periods at risk against a plain loop, and the two clocks of the table."""

import numpy as np
import pandas as pd

from attunement.score.dropout_periods import periods_at_risk, person_periods
from attunement.study.contracts import conform


def test_rows_against_a_loop() -> None:
    rng = np.random.default_rng(1)
    last = np.where(rng.random(50) < 0.1, np.nan, rng.integers(0, 9, 50).astype(float))
    censored = rng.random(50) < 0.3
    for times in (np.arange(1.0, 9.0), np.array([0.0, 3.0, 6.0]), np.zeros(0)):
        expected = [
            (place, time)
            for place in range(50)
            for time in times
            if time <= last[place] and not (censored[place] and time >= last[place])
        ]
        place, period = periods_at_risk(last, censored, times)
        assert list(zip(place, period, strict=True)) == expected


def test_assessments_have_a_clock_of_their_own(studies) -> None:
    rows = [
        ("a", "therapist_judgement", "dropped_out", 2.0, False),
        ("b", "therapist_judgement", "stayed", 1.0, None),
        ("c", "therapist_judgement", "stayed", None, True),
        ("a", "study_attrition", "dropped_out", 3.0, False),
        ("b", "study_attrition", "stayed", 6.0, None),
        ("c", "study_attrition", "dropped_out", None, True),
    ]
    columns = ["client", "definition", "status", "last_time", "planned_ending"]
    dropout = conform(pd.DataFrame(rows, columns=columns), "dropout")
    dataset = studies.dataset(dropout={"study_attrition_times": [0, 3, 6]})
    table = person_periods(dropout, pd.DataFrame({"client": ["a", "b", "c"]}), dataset)
    found = table[["client", "clock", "period", "therapist_judgement", "study_attrition"]]
    assert found.fillna("-").to_numpy().tolist() == [
        ["a", "session", 1.0, "at_risk", "-"],
        ["a", "session", 2.0, "dropped_out", "-"],
        ["b", "session", 1.0, "other_ending", "-"],
        ["a", "assessment", 0.0, "-", "at_risk"],
        ["a", "assessment", 3.0, "-", "dropped_out"],
        ["b", "assessment", 0.0, "-", "at_risk"],
        ["b", "assessment", 3.0, "-", "at_risk"],
    ]
    assert person_periods(dropout.iloc[:0], pd.DataFrame({"client": ["a"]}), dataset).empty
