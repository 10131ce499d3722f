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
        dropout(
            [("a", "dropped_out", 2), ("b", "stayed", 6), ("c", "dropped_out", 4)],
            "study_attrition",
        ),
        attrition,
    )
    found = {client: list(part["event"]) for client, part in rows.groupby("client")}
    assert found == {"a": [0, 1], "b": [0, 0, 0], "c": [0, 0, 1]}


def test_no_dropout_is_not_estimable(hazard):
    with pytest.raises(NotEstimable, match="nobody dropped out"):
        person_periods(dropout([("a", "stayed", 3)]), hazard)


@pytest.mark.parametrize(
    ("events", "bands"),
    [
        ([0, 30, 5], [30 + 5]),  # a period without events joins the next, a small rest the last
        ([18, 2], [20]),
        ([10, 10, 10], [10, 10, 10]),
        ([40, 30, 20, 20, 15, 10, 5], [40, 30, 40, 30]),  # a sixth of 140 is 23.3
        ([3], [3]),
    ],
)
def test_bands_by_hand(events, bands):
    period = pd.Series(range(len(events))).repeat(60).reset_index(drop=True)
    event = pd.Series([float(row < count) for count in events for row in range(60)])
    found = baseline_bands(period, event)
    held = event.groupby(found).sum()
    assert held.tolist() == bands
    assert list(found.unique()) == sorted(found.unique())
