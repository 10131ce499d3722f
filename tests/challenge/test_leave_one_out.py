"""Leaving a therapist out must be the refit that anyone would do by hand."""

import numpy as np
import pandas as pd
import pytest

from attunement.challenge import leave_one_therapist_out
from attunement.challenge.leave_one_out import Family, families
from attunement.mixed import fit_linear
from attunement.study.contracts import conform, empty
from attunement.study.specification import Specification


@pytest.fixture
def tables():
    random = np.random.default_rng(11)
    clients = pd.DataFrame({"client": [f"c{i:02d}" for i in range(40)]})
    clients["therapist"] = [f"t{i % 5}" for i in range(40)]
    scores = clients[["client"]].merge(pd.DataFrame({"occasion": range(5)}), how="cross")
    client = scores["client"].str[1:].astype(int)
    # Clients of therapist t0 alone improve: without t0 little is left.
    scores["value"] = (
        random.normal(0, 1, 40)[client]
        + random.normal(0, 1, len(scores))
        + 3.0 * scores["occasion"] * (client % 5 == 0)
    )
    scores = scores.assign(
        time=scores["occasion"].astype(float),
        session=scores["occasion"],
        rater="client",
        instrument="ors",
        scale="total",
        n_items=4,
        n_answered=4,
    )
    availability = pd.DataFrame({"topic": ["outcome.ors.total"], "available": [True]})
    return {
        "clients": conform(clients, "clients"),
        "scores": conform(scores, "scores"),
        "endings": empty("endings"),
        "availability": conform(availability, "availability"),
    }


SPECIFICATION = Specification(
    dataset="small",
    name="trajectory.ors_total",
    question="?",
    estimand="e",
    rows="occasions",
    outcome="ors.total",
    outcome_scale="raw",
    improvement=1,
    formula="outcome ~ time",
    random=(("therapist", "1"), ("client", "1")),
    levels=(("time", "within"),),
    role="confirmatory",
)


def test_refits_equal_refits_by_hand(tables):
    summary, refits = leave_one_therapist_out(tables, SPECIFICATION)
    assert len(refits) == 5 and refits["converged"].all()
    frame = tables["scores"].merge(tables["clients"][["client", "therapist"]], on="client")
    frame["outcome"], frame["time"] = frame["value"], frame["time"].astype(float)
    for _, row in refits.iterrows():
        by_hand = fit_linear(
            "outcome ~ time",
            frame[frame["therapist"] != row["therapist"]],
            random={"therapist": "1", "client": "1"},
        )
        assert row["estimate"] == pytest.approx(by_hand.fixed.loc["time", "estimate"], abs=1e-5)
        assert row["se"] == pytest.approx(by_hand.fixed.loc["time", "se"], rel=1e-3)
    assert summary["lowest"].iloc[0] == pytest.approx(refits["estimate"].min())
    assert summary["highest"].iloc[0] == pytest.approx(refits["estimate"].max())


def test_the_therapist_who_carries_the_result_is_seen(tables):
    summary, _ = leave_one_therapist_out(tables, SPECIFICATION)
    row = summary.iloc[0]
    assert row["estimate"] > 0.4 and row["lowest"] < 0.2
    assert row["significance_changes"] == 1


def test_a_refit_is_judged_by_the_p_that_the_answer_is_judged_by(tables):
    """A coefficient never below .05 once adjusted lies on no other side where p alone does."""
    rng = np.random.default_rng(5)
    noise = rng.normal(0, 2.5, len(tables["scores"]))
    scores = tables["scores"].assign(value=tables["scores"]["value"] + noise)
    tables = tables | {"scores": scores}
    alone, refits = leave_one_therapist_out(tables, SPECIFICATION)
    assert 0 < (refits["p"] < 0.05).sum() < 5
    assert alone["significance_changes"].iloc[0] > 0
    # Among as many others it is not below .05 with anybody left out, nor with nobody.
    family = Family("holm", {"time": [0.9] * 2000})
    assert family.judged("time", refits["p"].min()) > 0.05
    summary, _ = leave_one_therapist_out(tables, SPECIFICATION, family)
    assert summary["significance_changes"].iloc[0] == 0
    assert Family("holm", {"time": [0.2, 0.3, 0.4]}).judged("time", 0.02) == pytest.approx(0.08)


def test_the_family_of_a_coefficient_is_that_of_the_plan():
    other = SPECIFICATION.model_copy(update={"name": "b", "levels": (("x", "-"), ("y", "-"))})
    apart = SPECIFICATION.model_copy(update={"name": "c", "family": "elsewhere"})
    rows = pd.DataFrame(
        {
            "specification": [SPECIFICATION.name, "b", "b", "b", "c"],
            "term": ["time", "x", "y", "z", "time"],
            "hypothesis_family": ["f", "f", "f", "f", "elsewhere"],
            "role": "confirmatory",
            "p": [0.01, 0.02, 0.03, 0.04, 0.05],
        }
    )
    found = families(rows, [SPECIFICATION, other, apart], "holm")
    assert found[SPECIFICATION.name].others == {"time": [0.02, 0.03]}
    assert found["b"].others == {"x": [0.01, 0.03], "y": [0.01, 0.02]}
    assert found["c"].judged("time", 0.04) == 0.04


def test_without_therapists_there_is_a_reason(tables):
    clients = tables["clients"].assign(therapist=pd.Series([None] * 40, dtype="str"))
    summary, refits = leave_one_therapist_out(
        tables | {"clients": conform(clients, "clients")}, SPECIFICATION
    )
    assert summary["reason"].tolist() == ["no therapists recorded"] and refits.empty
