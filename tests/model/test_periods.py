import pandas as pd
import pytest

from attunement.model.periods import at_landmark, baseline_bands, person_periods
from attunement.study.contracts import conform
from attunement.study.problems import NotEstimable


def dropout(rows, definition="therapist_judgement"):
    frame = pd.DataFrame(rows, columns=["client", "status", "last_time"])
    return {"dropout": conform(frame.assign(definition=definition), "dropout")}


@pytest.fixture
def hazard(specify):
    return specify(
        rows="person_periods", dropout_definition="therapist_judgement", link="logit", landmark=2
    )


ROWS = [
    ("left", "dropped_out", 3),
    ("finished", "stayed", 2),
    ("open", "censored", 2),
    ("long", "stayed", 9),
    ("early", "dropped_out", 0),
    ("unclear", "unknown", 4),
]


def test_person_periods_by_hand(hazard):
    rows = person_periods(dropout(ROWS), hazard)
    found = {client: list(part["event"]) for client, part in rows.groupby("client")}
    assert found == {
        "left": [0, 0, 1],  # the event stands in the last session attended
        "finished": [0, 0],  # a planned ending is no event, but the client was at risk
        "open": [0],  # whether the client comes again after session 2 is not known yet
        "long": [0, 0, 0],  # nobody drops out after session 3: no one is at risk there
    }  # left after intake: before the risk set starts; unknown: cannot be classified


def test_landmark_by_hand(hazard):
    rows = at_landmark(dropout(ROWS), hazard).set_index("client")["event"]
    assert rows.to_dict() == {"left": 1, "finished": 0, "long": 0}


def test_attrition_runs_over_the_declared_assessments(specify):
    attrition = specify(
        rows="person_periods",
        dropout_definition="study_attrition",
        attrition_times=(0, 2, 4, 6),
        link="logit",
    )
    rows = person_periods(
        dropout([("a", "dropped_out", 2), ("b", "stayed", 6), ("c", "dropped_out", 4)],
                "study_attrition"),
        attrition,
    )
    found = {client: list(part["event"]) for client, part in rows.groupby("client")}
    assert found == {"a": [0, 1], "b": [0, 0, 0], "c": [0, 0, 1]}


def test_no_dropout_is_not_estimable(hazard):
    with pytest.raises(NotEstimable, match="nobody dropped out"):
        person_periods(dropout([("a", "stayed", 3)]), hazard)


def test_each_band_holds_ten_events_in_the_order_of_time():
    period = pd.Series(range(1, 13)).repeat(30).reset_index(drop=True)
    event = pd.Series([1.0] * 4 + [0.0] * 26).tolist() * 12
    bands = baseline_bands(period, pd.Series(event))
    events = pd.Series(event).groupby(bands).sum()
    assert (events >= 8).all() and len(events) == 4
    assert list(bands.unique()) == sorted(bands.unique())


def test_few_events_share_one_band():
    period = pd.Series([1, 2, 3])
    assert baseline_bands(period, pd.Series([1.0, 0.0, 1.0])).nunique() == 1
