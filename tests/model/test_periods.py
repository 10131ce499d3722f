import numpy as np
import pandas as pd
import pytest

from attunement.model.periods import (
    at_landmark,
    baseline_bands,
    baseline_spline,
    person_periods,
)
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


PLANNED = [
    ("finished", "stayed", 3, True),
    ("moved", "stayed", 2, False),  # another ending, not on record as planned
    ("left", "dropped_out", 1, False),
    ("told", "dropped_out", 2, True),  # a dropout under this definition, whatever is on record
    ("open", "censored", 3, None),
    ("enough", "stayed", 4, None),  # can no longer drop out; how it will end is not known yet
]


def planned_tables():
    columns = ["client", "status", "last_time", "planned_ending"]
    frame = pd.DataFrame(PLANNED, columns=columns).assign(definition="therapist_judgement")
    endings = pd.DataFrame({"client": ["open", "enough"], "ending": "ongoing"})
    return {"dropout": conform(frame, "dropout"), "endings": conform(endings, "endings")}


def test_planned_endings_are_the_event_and_dropouts_compete(hazard):
    planned = hazard.model_copy(update={"settings": (("cause", "planned_ending"),)})
    rows = person_periods(planned_tables(), planned)
    found = {client: list(part["event"]) for client, part in rows.groupby("client")}
    assert found == {
        "finished": [0, 0, 1],
        "moved": [0, 0],
        "left": [0],
        "told": [0, 0],
        "open": [0, 0],
        "enough": [0, 0, 0],  # through session 3, the last with an event: no one is at risk later
    }
    after = at_landmark(planned_tables(), planned).set_index("client")["event"]
    assert after.to_dict() == {"finished": 1, "moved": 0, "told": 0}


def test_no_planned_ending_is_told_apart_from_no_dropout(hazard):
    planned = hazard.model_copy(update={"settings": (("cause", "planned_ending"),)})
    tables = dropout(ROWS) | {"endings": planned_tables()["endings"]}
    with pytest.raises(NotEstimable, match="has a planned ending"):
        person_periods(tables, planned)
    with pytest.raises(ValueError, match="'moved' is none of dropout, planned_ending"):
        person_periods(tables, hazard.model_copy(update={"settings": (("cause", "moved"),)}))


def test_the_spline_is_cubic_inside_and_linear_beyond_its_knots():
    period = pd.Series(np.arange(1.0, 41.0))
    event = pd.Series((period >= 3) & (period <= 20), dtype=float)
    basis = baseline_spline(period, event)
    time = np.log1p(period)
    assert list(basis) == ["baseline_1", "baseline_2", "baseline_3"]
    assert np.allclose(basis["baseline_1"], time)
    before, after = period <= 3, period >= 20
    assert (basis.loc[before, ["baseline_2", "baseline_3"]] == 0).all(axis=None)
    for column in ("baseline_2", "baseline_3"):
        held, at = basis.loc[after, column], time[after]
        assert np.allclose(np.polyval(np.polyfit(at, held, 1), at), held)
        inside = ~before & ~after
        line = np.polyval(np.polyfit(time[inside], basis.loc[inside, column], 1), time[inside])
        assert np.abs(line - basis.loc[inside, column]).max() > 0.01


def test_a_spline_needs_events_at_four_times():
    period = pd.Series([1.0, 2, 3, 4, 5])
    with pytest.raises(NotEstimable, match="fewer than 4 periods"):
        baseline_spline(period, pd.Series([1.0, 1, 0, 0, 1]))
