"""Change by several methods beside the one that models use."""

import numpy as np
import pandas as pd
import pytest

from attunement.score import score
from attunement.score.criteria import edwards_nunnally, jacobson_truax
from attunement.study.contracts import METHODS_OF_CHANGE

NORMS = {"mean": 31.0, "sd": 5.0, "source": "made for a test"}


def _clinic(studies, clients=40, sessions=6, instrument="ors", better=1):
    """Clients who improve at different speeds; a total each session."""
    rng = np.random.default_rng(8)
    rows = []
    for client in range(clients):
        start, speed = rng.normal(18, 5), rng.normal(1.2, 1.0)
        for session in range(sessions):
            value = float(np.clip(start + better * speed * session + rng.normal(0, 1.5), 0, 27))
            rows.append(studies.answers(f"c{client}", session, instrument, {"total": value}))
    return studies.tables(rows)


def _by_method(out, outcome):
    rows = out["change_methods"]
    return dict(list(rows[rows["outcome"] == outcome].groupby("method")))


def test_every_client_has_a_row_for_every_method(studies, instruments):
    tables = _clinic(studies)
    out = score(tables, studies.dataset(), instruments, ["ors.reliability"])
    found = _by_method(out, "ors.total")
    assert set(found) == set(METHODS_OF_CHANGE) - {"nhs_talking_therapies"}
    for rows in found.values():
        assert rows["client"].tolist() == tables["clients"]["client"].tolist()
        assert (rows["result"] != "not evaluated").all()
    assert found["published"]["result"].tolist() == out["change"]["result"].tolist()
    assert found["pcoms"]["result"].tolist() == out["change"]["result"].tolist()


def test_points_of_jacobson_truax_and_edwards_nunnally(studies, instruments):
    out = score(_clinic(studies), studies.dataset(), instruments, ["ors.reliability"])
    found = _by_method(out, "ors.total")
    first, last = (found["published"][end].to_numpy() for end in ("first", "last"))
    sd, mean = first.std(ddof=1), first.mean()
    assert found["jacobson_truax"]["criterion"].iloc[0] == pytest.approx(jacobson_truax(sd, 0.93))
    improvement, points = edwards_nunnally(first, last, 1, mean, sd, 0.93)
    rows = found["edwards_nunnally"]
    np.testing.assert_allclose(rows["improvement"], improvement)
    np.testing.assert_allclose(rows["criterion"], points)
    assert (rows["result"].isin(["improved", "recovered"]) == (improvement > points)).all()


def test_direction_of_the_multilevel_method(studies, instruments):
    """The same scores where lower is better: who improved has deteriorated."""
    dataset = studies.dataset(outcomes={"primary": "phq9.total"})
    up = score(_clinic(studies), studies.dataset(), instruments)
    down = score(_clinic(studies, instrument="phq9"), dataset, instruments)
    one = _by_method(up, "ors.total")["multilevel"]
    two = _by_method(down, "phq9.total")["multilevel"]
    np.testing.assert_allclose(one["improvement"], -two["improvement"], rtol=1e-5)
    np.testing.assert_allclose(one["criterion"], two["criterion"], rtol=1e-5)
    better = one["result"].isin(["improved", "recovered"]).to_numpy()
    assert better.sum() > 10
    assert (better == (two["result"] == "deteriorated").to_numpy()).all()


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"cutoff": "a"}, "cut-off a: M "),
        ({"cutoff": "b", "functional": NORMS}, "functional M 31, SD 5 (made for a test)"),
        ({"cutoff": "c", "functional": NORMS}, "cut-off c: M "),
    ],
)
def test_a_declared_cutoff_holds_for_all_methods_but_those_with_their_own(
    studies, instruments, rule, reason
):
    dataset = studies.dataset(change={"ors.total": rule})
    out = score(_clinic(studies), dataset, instruments, ["ors.reliability"])
    found = _by_method(out, "ors.total")
    first = found["published"]["first"]
    mean, sd = first.mean(), first.std(ddof=1)
    expected = {"a": mean + 2 * sd, "b": 31 - 2 * 5, "c": (5 * mean + sd * 31) / (sd + 5)}
    for method in ("published", "jacobson_truax", "edwards_nunnally", "multilevel"):
        assert found[method]["cutoff"].iloc[0] == pytest.approx(expected[rule["cutoff"]])
    assert found["pcoms"]["cutoff"].iloc[0] == 25
    assert out["change"]["cutoff"].iloc[0] == pytest.approx(expected[rule["cutoff"]])
    assert reason in out["change"]["reason"].iloc[0]


def test_norms_on_the_wrong_side_give_no_cutoff(studies, instruments):
    rule = {"cutoff": "c", "functional": NORMS | {"mean": 5.0}}
    out = score(_clinic(studies), studies.dataset(change={"ors.total": rule}), instruments)
    row = out["change"].iloc[0]
    assert pd.isna(row["cutoff"])
    assert "the functional mean is not better than intake's" in row["reason"]
    assert "recovered" not in set(out["change"]["result"])


def test_a_computed_cutoff_needs_clients(studies, instruments):
    dataset = studies.dataset(change={"ors.total": {"cutoff": "a"}})
    row = score(_clinic(studies, clients=9), dataset, instruments)["change"].iloc[0]
    assert "cut-off a: fewer than 10 scores at intake" in row["reason"]


def test_the_nhs_rule_says_what_it_lacks(studies, instruments):
    dataset = studies.dataset(outcomes={"primary": "phq9.total", "secondary": ["gad7.total"]})
    alone = [studies.answers("A", s, "phq9", {"total": 12.0}) for s in (0, 4)]
    both = alone + [studies.answers("A", s, "gad7", {"total": 12.0}) for s in (0, 4)]
    for rows, accepted, reason in (
        (alone, [], "the rule reads phq9.total and gad7.total: no scores of gad7.total"),
        (both, [], "phq9.reliable_change is not verified: name it under accept_unverified"),
        (both, ["phq9.reliable_change"], "gad7.total.cutoff_nhs_caseness is not verified"),
    ):
        out = score(studies.tables(rows), dataset, instruments, accepted)
        row = _by_method(out, "phq9.total")["nhs_talking_therapies"].iloc[0]
        assert row["result"] == row["own_class"].replace("_", " ") == "not evaluated"
        assert row["reason"].startswith(reason)


def test_without_reliability_the_others_still_judge(studies, instruments):
    """Totals only, and no accepted reliability: two methods are refused, two are not."""
    out = score(_clinic(studies), studies.dataset(), instruments)
    found = _by_method(out, "ors.total")
    for method in ("jacobson_truax", "edwards_nunnally"):
        assert set(found[method]["result"]) == {"not evaluated"}
        assert found[method]["reason"].iloc[0].startswith("no items are recorded")
        assert "ors.reliability is not verified: name it" in found[method]["reason"].iloc[0]
    for method in ("published", "multilevel"):
        assert "not evaluated" not in set(found[method]["result"])


def test_another_anxiety_measure_has_its_own_cutoff_for_caseness(studies, instruments):
    rule = {"nhs_with": "pcl5.total"}
    dataset = studies.dataset(
        outcomes={"primary": "phq9.total", "secondary": ["pcl5.total"]}, change={"phq9.total": rule}
    )
    rows = [
        studies.answers("A", s, name, {"total": value})
        for name, values in (("phq9", (5.0, 5.0)), ("pcl5", (60.0, 5.0)))
        for s, value in enumerate(values)
    ]
    out = score(studies.tables(rows), dataset, instruments, ["phq9.reliable_change"])
    row = _by_method(out, "pcl5.total")["nhs_talking_therapies"].iloc[0]
    assert row["own_class"] == "reliable_recovery"
    known = instruments["pcl5"].scales["total"]
    assert (row["cutoff"], row["criterion"]) == (known.cutoff.value, known.reliable_change.value)


def test_what_is_no_scale_with_a_direction_has_no_rows(studies, instruments):
    rows = [studies.answers("A", s, "goals", {"rating": 3.0}) for s in (0, 4)]
    dataset = studies.dataset(outcomes={"primary": "goals.rating"})
    assert score(studies.tables(rows), dataset, instruments)["change_methods"].empty


def test_many_studies_in_memory_leave_it_out(studies, instruments):
    out = score(_clinic(studies, clients=3), studies.dataset(), instruments, reliability=False)
    assert out["change_methods"].empty
    assert len(out["change"]) == 3
