"""What the data do not tell about dropout is said, not made up."""

import pandas as pd

from attunement.score import score
from attunement.study.contracts import DROPOUT_DEFINITIONS

ABSENT = {
    "therapist_judgement": "no therapist judgement recorded",
    "missed_last_appointment": "no last appointment recorded",
    "protocol_not_completed": "no planned number of sessions recorded",
    "fewer_than_n_sessions": ("fewer_than_n_sessions is not set under dropout in dataset.yaml"),
    "no_reliable_change": (
        "change on the primary outcome is not evaluated: "
        "no client has two scores while in treatment"
    ),
    "below_expected": (
        "no expected trajectory: 0 clients have a score after their first while in treatment"
    ),
    "study_attrition": "no schedule of assessments declared",
}


def _reasons(out):
    return out["availability"].set_index("topic")["reason"]


def test_nothing_known(studies, instruments):
    tables = studies.tables([studies.answers("A", 0, "ors", {"total": 20})])
    out = score(tables, studies.dataset(), instruments)
    assert len(out["dropout"]) == 0
    assert set(ABSENT) == set(DROPOUT_DEFINITIONS)
    for definition, reason in ABSENT.items():
        assert _reasons(out)[f"dropout.{definition}"] == reason


def test_sessions_and_endings_may_be_absent_in_part(studies, instruments):
    scores = [studies.answers("A", s, "ors", {"total": v}) for s, v in ((0, 20), (3, 30))]
    dataset = studies.dataset(dropout={"fewer_than_n_sessions": 3})
    reasons = _reasons(score(studies.tables(scores), dataset, instruments))
    assert reasons["dropout.fewer_than_n_sessions"] == (
        "sessions are not declared under sessions: in dataset.yaml"
    )
    sessions = {"source": "file", "columns": {"client": "client", "session": "session"}}
    listed = studies.dataset(dropout={"fewer_than_n_sessions": 3}, sessions=sessions)
    reasons_listed = _reasons(score(studies.tables(scores), listed, instruments))
    assert reasons_listed["dropout.fewer_than_n_sessions"] == "no sessions recorded"
    assert reasons["dropout.no_reliable_change"] == "no endings recorded"
    endings = pd.DataFrame({"client": ["A"], "sessions_planned": [8], "ending": ["completed"]})
    reasons = _reasons(score(studies.tables(scores, endings=endings), dataset, instruments))
    assert reasons["dropout.protocol_not_completed"] == "no last session recorded"
    endings = pd.DataFrame({"client": ["A"], "last_appointment": ["missed"]})
    out = score(studies.tables(scores, endings=endings), dataset, instruments)
    assert out["dropout"]["status"].tolist() == ["dropped_out"]
    sessions = pd.DataFrame({"client": ["A"], "session": [1]})
    reasons = _reasons(score(studies.tables(scores, sessions), dataset, instruments))
    assert reasons["dropout.fewer_than_n_sessions"] == "no endings recorded"
    sessions = pd.DataFrame({"client": ["A"] * 4, "session": [1, 2, 3, 4]})
    out = score(studies.tables(scores, sessions), dataset, instruments)
    assert out["dropout"].empty  # a rate of those alone who have stayed would be 0%


def test_a_last_session_without_an_ending_may_be_the_last_so_far(studies, instruments):
    endings = pd.DataFrame({"client": ["A", "B"], "last_session": [2, None]})
    sessions = pd.DataFrame({"client": ["A", "A", "B"], "session": [1, 2, 1]})
    tables = studies.tables(
        [studies.answers(c, 0, "ors", {"total": 20}) for c in "AB"], sessions, endings
    )
    out = score(tables, studies.dataset(dropout={"fewer_than_n_sessions": 3}), instruments)
    assert out["dropout"].empty
    known = out["availability"].set_index("topic")
    assert known.loc["dropout.fewer_than_n_sessions", "reason"] == "no endings recorded"


def test_assessments_before_the_schedule_begins(studies, instruments):
    """They are no part of the study: the client was lost, but after no due assessment."""
    tables = studies.tables([studies.answers("A", 1, "ors", {"total": 20}, time=-1.0)])
    dataset = studies.dataset(dropout={"study_attrition_times": [0, 6]})
    out = score(tables, dataset, instruments)
    assert out["dropout"]["status"].tolist() == ["dropped_out"]
    assert out["dropout"]["last_time"].isna().all()


def test_no_assessment_of_anybody(studies, instruments):
    tables = studies.tables([studies.answers("A", 1, "srs", {"total": 20})])
    dataset = studies.dataset(dropout={"study_attrition_times": [0, 6]})
    reason = _reasons(score(tables, dataset, instruments))["dropout.study_attrition"]
    assert reason == "no assessments of the primary outcome recorded"
