"""Where the criterion of reliable change comes from, and which scores it is put to."""

import numpy as np
import pandas as pd
import pytest

from attunement.score import score
from attunement.score.change import in_treatment
from attunement.score.coefficients import cronbach
from attunement.score.criteria import jacobson_truax


def _phq9(studies, n=40):
    rng = np.random.default_rng(11)
    rows, matrix = [], []
    for client in range(n):
        level = rng.normal(1.6, 0.7)
        for session, drop in ((0, 0.0), (4, 0.9 * (client % 2))):
            values = np.clip(np.round(level - drop + 0.6 * rng.normal(size=9)), 0, 3)
            items = {str(number + 1): value for number, value in enumerate(values)}
            rows.append(studies.answers(f"c{client}", session, "phq9", items))
            if session == 0:
                matrix.append(values)
    return studies.tables(rows), np.array(matrix)


def test_jacobson_truax_from_this_sample(studies, instruments):
    tables, intake = _phq9(studies)
    dataset = studies.dataset(outcomes={"primary": "phq9.total"})
    out = score(tables, dataset, instruments, reliability=False)
    change = out["change"]
    alpha = cronbach(intake).value
    expected = jacobson_truax(intake.sum(axis=1).std(ddof=1), alpha)
    assert set(change["method"]) == {"jacobson_truax"}
    np.testing.assert_allclose(change["criterion"].astype(float), expected)
    assert change["reason"].str.contains(f"alpha {alpha:.2f} at intake in this sample").all()
    assert set(change["result"]) >= {"recovered", "unchanged"}
    reliable = change["improvement"] > expected
    assert change.loc[reliable, "result"].isin(["recovered", "improved"]).all()


def test_an_accepted_reliability_comes_before_that_of_the_sample(studies, instruments):
    tables, intake = _phq9(studies)
    dataset = studies.dataset(outcomes={"primary": "phq9.total"})
    change = score(tables, dataset, instruments, ["phq9.reliability"], reliability=False)["change"]
    expected = jacobson_truax(intake.sum(axis=1).std(ddof=1), 0.89)
    np.testing.assert_allclose(change["criterion"].astype(float), expected)
    assert change["reason"].str.contains("accepted though unverified").all()


def test_first_and_last_while_in_treatment(studies, instruments):
    values = [(0, 10.0, 0), (1, None, 7), (2, 18.0, 14), (5, 30.0, 90)]
    rows = [studies.answers("A", s, "ors", {"total": v}, day=d) for s, v, d in values]
    rows += [studies.answers("A", 2, "ors", {"total": 39.0}, rater="therapist")]
    tables = studies.tables(rows, endings=pd.DataFrame({"client": ["A"], "last_session": [3]}))
    row = score(tables, studies.dataset(), instruments)["change"].iloc[0]
    assert (row["first"], row["last"], row["n_observations"]) == (10, 18, 2)
    assert row["result"] == "improved"


def test_days_tell_it_where_sessions_do_not(studies, instruments):
    rows = [
        studies.answers("A", None, "ors", {"total": v}, time=t, day=d)
        for t, v, d in [(0, 10, 0), (3, 18, 60), (6, 30, 200)]
    ]
    tables = studies.tables(rows, endings=pd.DataFrame({"client": ["A"], "last_day": [100]}))
    assert score(tables, studies.dataset(), instruments)["change"]["last"].tolist() == [18]


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("goals.rating", "a single declared rating has no published criterion"),
        ("cnip.TD_CD", "neither direction of this score is an improvement"),
        ("bdi2.total", "name bdi2.reliable_change or bdi2.reliability under accept_unverified"),
        ("ors.total", "no client has two scores while in treatment"),
    ],
)
def test_what_cannot_be_evaluated_says_why(studies, instruments, outcome, reason):
    name, scale = outcome.split(".")
    sessions = (0,) if name == "ors" else (0, 4)
    rows = [studies.answers("A", s, name, {scale: 3.0}) for s in sessions]
    dataset = studies.dataset(outcomes={"primary": outcome})
    out = score(studies.tables(rows), dataset, instruments)
    known = out["availability"].set_index("topic").loc[f"change.{outcome}"]
    assert not known["available"]
    assert reason in known["reason"]
    assert list(out["change"]["result"]) == ["not evaluated"]


def test_the_alert_of_the_alliance_is_no_clinical_cutoff(studies, instruments):
    rows = [studies.answers("A", s, "srs", {"total": v}) for s, v in ((1, 20.0), (4, 39.0))]
    fact = instruments["ors"].reliable_change
    changed = instruments | {"srs": instruments["srs"].model_copy(update={"reliable_change": fact})}
    dataset = studies.dataset(outcomes={"primary": "srs.total"})
    row = score(studies.tables(rows), dataset, changed)["change"].iloc[0]
    assert row["result"] == "improved"
    assert pd.isna(row["cutoff"])


def test_in_treatment_keeps_what_was_given_until_the_last_session():
    """By session where a score has one, else by day; all where the ending tells nothing."""
    rows = [
        ("A", 3, 21.0, True),  # the last session itself
        ("A", 4, 20.0, False),  # after it, whatever its day says
        ("A", None, 21.0, True),
        ("A", None, 22.0, False),
        ("A", None, None, True),
        ("B", 9, 99.0, True),  # no last session recorded
        ("C", 9, 99.0, True),  # no row of endings
        ("D", None, 8.0, False),  # only a last day
        ("D", 2, 8.0, True),
    ]
    scores = pd.DataFrame(rows, columns=["client", "session", "day", "kept"]).astype(
        {"session": "Int64"}
    )
    endings = pd.DataFrame(
        {
            "client": ["B", "A", "D"],
            "last_session": pd.array([None, 3, None], dtype="Int64"),
            "last_day": [None, 21.0, 7.0],
        }
    )
    found = in_treatment(scores.sample(frac=1, random_state=3), {"endings": endings})
    assert sorted(found.index) == scores.index[scores["kept"]].tolist()
    assert len(in_treatment(scores, {"endings": endings.iloc[:0]})) == len(scores)
