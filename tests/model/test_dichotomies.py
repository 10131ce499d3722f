import numpy as np
import pandas as pd
import pytest

from attunement.model import analyse
from attunement.model.dichotomies import classified
from attunement.study.contracts import conform
from attunement.study.problems import NotEstimable

CLASSES = np.array(["deteriorated", "unchanged", "improved", "recovered"])


def changed(tables, results):
    clients = tables["clients"]["client"]
    rows = pd.DataFrame({"client": clients, "outcome": "ors.total", "method": "published"})
    return tables | {"change": conform(rows.assign(result=results, reason="by hand"), "change")}


@pytest.fixture
def four(tables):
    """The classes in turn: six clients in each."""
    return changed(tables, CLASSES[np.arange(24) // 6])


@pytest.fixture
def dichotomy(specify):
    def make(least):
        return specify(
            name=f"dichotomies.{least}",
            rows="clients",
            analysis="dichotomies",
            settings=(("dichotomy", least),),
            formula="event ~ accommodation_between",
            random=(),
            link="logit",
            df="normal",
            levels=(("accommodation_between", "between"),),
        )

    return make


@pytest.mark.parametrize(
    ("least", "events"), [("unchanged", 18), ("improved", 12), ("recovered", 6)]
)
def test_each_dichotomy_counts_its_class_and_the_better_ones(four, dichotomy, least, events):
    rows = classified(four, dichotomy(least))
    assert rows["event"].sum() == events and len(rows) == 24
    estimates = analyse(four, dichotomy(least)).estimates
    assert estimates["n_events"].dropna().unique().tolist() == [events]


def test_clients_not_evaluated_are_left_out(tables, dichotomy):
    results = CLASSES[np.arange(24) // 6].copy().astype(object)
    results[:6] = "not evaluated"
    assert len(classified(changed(tables, results), dichotomy("improved"))) == 18
    nobody = changed(tables, ["not evaluated"] * 24)
    with pytest.raises(NotEstimable, match="no classes of change: by hand"):
        classified(nobody, dichotomy("improved"))


def test_odds_ratio_difference_and_number_needed_agree_in_direction(four, dichotomy):
    rows = analyse(four, dichotomy("improved")).estimates
    focal = rows[rows["term"] == "accommodation_between"].set_index("metric")
    assert {"OR", "RD", "NNTB", "NNTH"} == set(focal.index)
    ratio, risk = focal.loc["OR", "estimate"], focal.loc["RD", "estimate"]
    assert (ratio > 1) == (risk > 0)
    side = "NNTB" if risk > 0 else "NNTH"
    assert focal.loc[side, "estimate"] == pytest.approx(1 / abs(risk))
    assert focal.loc["OR", "direction"] == "above 1: better outcome"
    assert focal.loc["NNTB", "direction"] == "clients for one more with a better outcome"
    assert focal.loc["NNTH", "direction"] == "clients for one more with a worse outcome"


def test_what_is_absent_is_the_reason_and_the_direction_stays(tables, dichotomy):
    rows = analyse(
        tables | {"change": changed(tables, ["unchanged"] * 24)["change"]}, dichotomy("improved")
    ).estimates
    assert rows["reason"].tolist() == ["the outcome does not vary among the rows analysed"]
    assert rows["direction"].tolist() == ["above 1: better outcome"]
