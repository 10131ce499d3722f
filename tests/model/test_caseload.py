"""The case number, its scale and its parts; growth that follows it is found."""

import numpy as np
import pandas as pd
import pytest

from attunement.model import analyse
from attunement.model.caseload import case_number, caseload_frame
from attunement.study.contracts import conform
from attunement.study.problems import NotEstimable


@pytest.fixture
def planned(specify):
    return specify(
        name="caseload.ors_total",
        analysis="caseload",
        scoring=None,
        settings=(("case_number", "log"),),
        formula="outcome ~ time * (case_number_between + intake)",
        therapist_terms="time * case_number_therapist",
        random=(("therapist", "1"), ("client", "1 + time")),
        levels=(
            ("time:case_number_between", "between"),
            ("time:case_number_therapist", "therapist"),
        ),
        minimum_therapists=3,
    )


@pytest.fixture
def ordered(tables):
    """Six cases of each of four therapists, in the order of their ids."""
    clients = tables["clients"].copy()
    clients["case_order"] = clients.groupby("therapist").cumcount() + 1
    return tables | {"clients": conform(clients, "clients")}


def test_one_unit_is_a_doubling_or_ten_cases(planned):
    order = pd.Series([1, 2, 4, 8, 10], dtype="Int64")
    assert case_number(order, planned).tolist()[:4] == [0, 1, 2, 3]
    linear = planned.model_copy(update={"settings": (("case_number", "linear"),)})
    assert case_number(order, linear).iloc[4] == 1.0
    with pytest.raises(ValueError, match="log or linear"):
        case_number(order, planned.model_copy(update={"settings": (("case_number", "root"),)}))


def test_the_first_score_is_a_predictor_and_no_outcome(ordered, planned):
    frame = caseload_frame(ordered, planned)
    assert (frame["session"] > 0).all()
    assert frame.drop_duplicates("client")["intake"].mean() == pytest.approx(0, abs=1e-12)
    clients = frame.drop_duplicates("client")
    # All therapists have cases 1 to 6: nothing between them, log2 about its mean within.
    assert clients["case_number_therapist"].abs().max() < 1e-12
    expected = np.log2(np.arange(1, 7)) - np.log2(np.arange(1, 7)).mean()
    held = clients[clients["therapist"] == "t0"].sort_values("case_order")
    assert held["case_number_between"].to_numpy() == pytest.approx(expected)


def test_growth_with_the_case_number_is_found(ordered, planned):
    number = ordered["clients"].set_index("client")["case_order"].astype(float)
    scores = ordered["scores"]
    gained = 6 * np.log2(scores["client"].map(number)) * scores["time"] / 10
    ordered["scores"] = scores.assign(value=scores["value"] + gained)
    rows = analyse(ordered, planned).estimates.set_index("term")
    unit = scores[scores["session"] == 0]["value"].std(ddof=1)
    row = rows.loc["time:case_number_between"]
    assert row["ci_low"] < 6 / unit < row["ci_high"]
    assert row["p"] < 0.01 and row["level"] == "between"


def test_without_the_order_of_cases_it_is_said(tables, planned):
    found = analyse(tables, planned).estimates
    assert found["reason"].unique().tolist() == ["the order of cases is not recorded"]
    with pytest.raises(NotEstimable, match="order of cases"):
        caseload_frame(tables, planned)
