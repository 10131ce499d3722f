"""Change by several methods: cut-offs, Edwards-Nunnally, NHS Talking Therapies, PCOMS."""

import numpy as np
import pandas as pd
import pytest

from attunement.score import score
from attunement.score.change import classify, four_classes
from attunement.score.change_multilevel import Predicted
from attunement.score.criteria import Criterion, edwards_nunnally, jacobson_truax
from attunement.score.cutoffs import jacobson_truax_cutoff
from attunement.study.scales import Fact

ACCEPTED = ["phq9.reliable_change", "gad7.reliable_change", "gad7.total.cutoff_nhs_caseness"]


def _row(out, outcome, method):
    rows = out["change_methods"]
    rows = rows[(rows["client"] == "A") & (rows["outcome"] == outcome)]
    return rows.set_index("method").loc[method]


def test_cutoffs(case):
    """a: two SD of the clinical mean towards health. b: two SD of the functional mean towards
    illness. c: between the means, nearer to the group that varies less.

    | cut-off | better is | clinical M | clinical SD | functional M | functional SD | points |
    |---------|-----------|------------|-------------|--------------|---------------|--------|
    | a       | lower     |         20 |           6 |              |               |      8 |
    | a       | higher    |         18 |           8 |              |               |     34 |
    | b       | lower     |         20 |           6 |            5 |             4 |     13 |
    | b       | higher    |         18 |           8 |           32 |             5 |     22 |
    | c       | lower     |         20 |           6 |            5 |             4 |     11 |
    | c       | higher    |         18 |           8 |           31 |             5 |     26 |
    | c       | lower     |         20 |           5 |           10 |             5 |     15 |
    """
    direction = {"lower": -1, "higher": 1}[case["better is"]]
    functional = (case["functional M"] or np.nan, case["functional SD"] or np.nan)
    found = jacobson_truax_cutoff(
        case["cut-off"], direction, (case["clinical M"], case["clinical SD"]), functional
    )
    assert found == pytest.approx(case["points"])


def test_jacobson_truax(case):
    """SD 5, reliability 0.84: S_diff = 5 * sqrt(2) * sqrt(0.16) = 2.83, 1.96 times that is 5.54
    points. Lower is better; clinical from 15 on (>= 15).

    | first | last | result       |
    |-------|------|--------------|
    |    20 |   14 | recovered    |
    |    21 |   15 | improved     |
    |    20 |   15 | unchanged    |
    |    15 |    9 | recovered    |
    |    14 |    8 | improved     |
    |    14 |   19 | unchanged    |
    |    14 |   20 | deteriorated |
    """
    criterion = Criterion("jacobson_truax", jacobson_truax(5, 0.84), ">", "")
    cutoff = Fact(value=15, comparison=">=", verified=True, source="by hand")
    first, last = np.array([case["first"]]), np.array([case["last"]])
    assert list(classify(first, last, -1, criterion, cutoff)) == [case["result"]]


def test_edwards_nunnally_lower_is_better(case):
    """Intake M 20, SD 5, reliability 0.84. True first score = 20 + 0.84 (first - 20); reliable
    beyond 1.96 * 5 * sqrt(0.16) = 3.92 points. Clinical from 15 on (>= 15).

    | first | last | true first | improvement | result       |
    |-------|------|------------|-------------|--------------|
    |    30 |   24 |       28.4 |         4.4 | improved     |
    |    30 |   25 |       28.4 |         3.4 | unchanged    |
    |    30 |   14 |       28.4 |        14.4 | recovered    |
    |    30 |   32 |       28.4 |        -3.6 | unchanged    |
    |    30 |   33 |       28.4 |        -4.6 | deteriorated |
    |    20 |   16 |         20 |           4 | improved     |
    |    20 |   24 |         20 |          -4 | deteriorated |
    |    10 |    8 |       11.6 |         3.6 | unchanged    |
    |    10 |    7 |       11.6 |         4.6 | improved     |
    |    10 |   15 |       11.6 |        -3.4 | unchanged    |
    |    10 |   16 |       11.6 |        -4.4 | deteriorated |
    """
    assert 20 + 0.84 * (case["first"] - 20) == pytest.approx(case["true first"])
    first, last = np.array([case["first"]]), np.array([case["last"]])
    improvement, points = edwards_nunnally(first, last, -1, 20, 5, 0.84)
    cutoff = Fact(value=15, comparison=">=", verified=True, source="by hand")
    assert points == pytest.approx(3.92)
    assert improvement[0] == pytest.approx(case["improvement"])
    result = four_classes(improvement > points, -improvement > points, first, last, cutoff)
    assert list(result) == [case["result"]]


def test_edwards_nunnally_higher_is_better(case):
    """Intake M 18, SD 8, reliability 0.75. Reliable beyond 1.96 * 8 * sqrt(0.25) = 7.84 points.

    | first | last | true first | improvement | result       |
    |-------|------|------------|-------------|--------------|
    |    10 |   20 |         12 |           8 | improved     |
    |    10 |   19 |         12 |           7 | unchanged    |
    |    10 |    4 |         12 |          -8 | deteriorated |
    |    26 |   32 |         24 |           8 | improved     |
    |    26 |   16 |         24 |          -8 | deteriorated |
    |    26 |   17 |         24 |          -7 | unchanged    |
    """
    assert 18 + 0.75 * (case["first"] - 18) == case["true first"]
    first, last = np.array([case["first"]]), np.array([case["last"]])
    improvement, points = edwards_nunnally(first, last, 1, 18, 8, 0.75)
    assert improvement[0] == pytest.approx(case["improvement"])
    result = four_classes(improvement > points, -improvement > points, first, last, None)
    assert list(result) == [case["result"]]


def test_nhs_talking_therapies(case, studies, instruments):
    """Caseness: PHQ-9 >= 10 or GAD-7 >= 8. Reliable: PHQ-9 by 6, GAD-7 by 4, if the other measure
    does not reliably go the other way. These points are unverified and here accepted by name.
    Recovery: at caseness at first, at last on neither measure; reliable recovery: and reliably
    improved. Who is below caseness at first cannot recover.

    | PHQ 1 | PHQ 2 | GAD 1 | GAD 2 | own class                             | result       |
    |-------|-------|-------|-------|---------------------------------------|--------------|
    |    15 |     9 |    12 |     7 | reliable recovery                     | recovered    |
    |    15 |     9 |     5 |     5 | reliable recovery                     | recovered    |
    |     5 |     5 |    12 |     7 | reliable recovery                     | recovered    |
    |    15 |     9 |    12 |     8 | reliable improvement                  | improved     |
    |    15 |    10 |    12 |     7 | reliable improvement                  | improved     |
    |    18 |    12 |     9 |     9 | reliable improvement                  | improved     |
    |    10 |     9 |     7 |     7 | recovery without reliable improvement | unchanged    |
    |    12 |     9 |     8 |     7 | recovery without reliable improvement | unchanged    |
    |    15 |     9 |     3 |     7 | recovery without reliable improvement | unchanged    |
    |    10 |     9 |     3 |     7 | recovery with reliable deterioration  | deteriorated |
    |    15 |    10 |    12 |     9 | no reliable change                    | unchanged    |
    |    20 |    14 |     9 |    13 | no reliable change                    | unchanged    |
    |    14 |    20 |    12 |     8 | no reliable change                    | unchanged    |
    |    14 |    20 |    12 |    12 | reliable deterioration                | deteriorated |
    |    14 |    14 |    12 |    16 | reliable deterioration                | deteriorated |
    |     9 |     3 |     7 |     7 | reliable improvement below caseness   | improved     |
    |     9 |     8 |     7 |     6 | no reliable change below caseness     | unchanged    |
    |     4 |    10 |     7 |     7 | reliable deterioration below caseness | deteriorated |
    """
    rows = [
        studies.answers("A", session, name, {"total": case[f"{short} {end}"]})
        for session, end in ((0, 1), (5, 2))
        for name, short in (("phq9", "PHQ"), ("gad7", "GAD"))
    ]
    dataset = studies.dataset(outcomes={"primary": "phq9.total", "secondary": ["gad7.total"]})
    out = score(studies.tables(rows), dataset, instruments, ACCEPTED)
    for outcome in ("phq9.total", "gad7.total"):
        row = _row(out, outcome, "nhs_talking_therapies")
        assert row["own_class"].replace("_", " ") == case["own class"]
        assert row["result"] == case["result"]


def test_nhs_who_is_analysed(case, studies, instruments):
    """Two or more scores of both measures, treatment ended, two or more treatment contacts (intake
    is none), as far as sessions and endings are recorded.

    | PHQ-9 scores | GAD-7 scores | attended | ending      | why not                             |
    |--------------|--------------|----------|-------------|-------------------------------------|
    |            2 |            2 | 0 1 2    | completed   |                                     |
    |            2 |            2 | 0 1 2    | dropped_out |                                     |
    |            2 |            2 | 0 1      | completed   | attended fewer than 2 treatment     |
    |            2 |            2 | 0 1 2    | ongoing     | treatment goes on                   |
    |            1 |            2 | 0 1 2    | completed   | fewer than two scores of phq9.total |
    |            2 |            1 | 0 1 2    | completed   | fewer than two scores of gad7.total |
    |            2 |            2 |          | completed   |                                     |
    |            2 |            2 | 0 1 2    |             |                                     |
    """
    rows = [
        studies.answers("A", session, name, {"total": 12.0})
        for name, wanted in (("phq9", "PHQ-9 scores"), ("gad7", "GAD-7 scores"))
        for session in range(int(case[wanted]))
    ]
    came = [] if case["attended"] is None else str(case["attended"]).split()
    sessions = pd.DataFrame(
        [("A", int(number), True) for number in came], columns=["client", "session", "attended"]
    )
    endings = pd.DataFrame([{"client": "A", "ending": case["ending"]}])
    dataset = studies.dataset(outcomes={"primary": "phq9.total", "secondary": ["gad7.total"]})
    tables = studies.tables(rows, sessions=sessions, endings=endings)
    row = _row(score(tables, dataset, instruments, ACCEPTED), "phq9.total", "nhs_talking_therapies")
    if case["why not"] is None:
        assert row["result"] == "unchanged"
    else:
        assert row["result"] == "not evaluated"
        assert row["reason"].startswith(case["why not"])


def test_pcoms(case, studies, instruments):
    """ORS: reliable change is 6 points; clinically significant change is a reliable change from 25
    or below to above 25. Both are verified; the cut-off is PCOMS's whatever the study chooses.

    | first | last | own class                     | result       |
    |-------|------|-------------------------------|--------------|
    |    20 |   26 | clinically significant change | recovered    |
    |    25 |   31 | clinically significant change | recovered    |
    |    20 | 25.9 | no reliable change            | unchanged    |
    |    19 |   25 | reliable change               | improved     |
    |  25.1 | 31.1 | reliable change               | improved     |
    |    24 |   26 | no reliable change            | unchanged    |
    |    20 |   14 | reliable deterioration        | deteriorated |
    |    30 | 24.1 | no reliable change            | unchanged    |
    |    20 |      | not evaluated                 | not evaluated |
    """
    rows = [
        studies.answers("A", session, "ors", {"total": value})
        for session, value in enumerate((case["first"], case["last"]))
        if value is not None
    ]
    dataset = studies.dataset(change={"ors.total": {"cutoff": "a"}})
    row = _row(score(studies.tables(rows), dataset, instruments), "ors.total", "pcoms")
    assert row["own_class"].replace("_", " ") == case["own class"]
    assert row["result"] == case["result"]
    if case["last"] is not None:
        assert (row["criterion"], row["cutoff"]) == (6, 25)


def test_multilevel(case, studies, instruments, monkeypatch):
    """A growth model of all clients predicts the change of this one, with its standard error. It is
    reliable beyond 1.96 of them. Whether somebody recovered is told by first and last score (ORS).

    | predicted change | standard error | 1.96 of them | first | last | result       |
    |------------------|----------------|--------------|-------|------|--------------|
    |                6 |              3 |         5.88 |    20 |   26 | recovered    |
    |                6 |              3 |         5.88 |    20 |   25 | improved     |
    |                6 |              3 |         5.88 |    26 |   32 | improved     |
    |              5.8 |              3 |         5.88 |    20 |   30 | unchanged    |
    |              5.8 |              2 |         3.92 |    20 |   30 | recovered    |
    |               -6 |              3 |         5.88 |    20 |   14 | deteriorated |
    |             -5.8 |              3 |         5.88 |    20 |   14 | unchanged    |
    |                2 |              3 |         5.88 |    20 |   12 | unchanged    |
    """
    one, error = (np.array([case[name]]) for name in ("predicted change", "standard error"))
    monkeypatch.setattr(
        "attunement.score.change_methods.predicted_change", lambda *_: Predicted(one, error)
    )
    rows = [
        studies.answers("A", session, "ors", {"total": case[name]})
        for session, name in enumerate(("first", "last"))
    ]
    row = _row(
        score(studies.tables(rows), studies.dataset(), instruments), "ors.total", "multilevel"
    )
    assert row["criterion"] == pytest.approx(case["1.96 of them"])
    assert row["result"] == case["result"]


def test_published(case, studies, instruments):
    """As PCOMS on the ORS where the study keeps the published cut-off; the table `change` agrees.

    | first | last | result       |
    |-------|------|--------------|
    |    20 |   26 | recovered    |
    |    19 |   25 | improved     |
    |    20 | 25.9 | unchanged    |
    |    20 |   14 | deteriorated |
    """
    rows = [
        studies.answers("A", session, "ors", {"total": value})
        for session, value in enumerate((case["first"], case["last"]))
    ]
    out = score(studies.tables(rows), studies.dataset(), instruments)
    row = _row(out, "ors.total", "published")
    assert row["result"] == row["own_class"] == case["result"] == out["change"]["result"].iloc[0]
