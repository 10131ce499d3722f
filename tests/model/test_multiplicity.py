import numpy as np
import pandas as pd
import pytest

from attunement.model.multiplicity import adjust
from attunement.study.specification import Specification


def plan(name, family, levels, role="confirmatory", **more):
    return Specification(
        dataset="d", name=name, question="?", estimand="!", rows="occasions", outcome="ors.total",
        formula="outcome ~ time", levels=levels, family=family, role=role, **more,
    )  # fmt: skip


PLANNED = [
    plan("s", "a", (("x", "between"), ("y", "within"), ("z", "between"))),
    plan("h", "b", (("accommodation_past", "-"),)),
    plan("e", "a", (("x", "between"),), role="exploratory"),
]
ROWS = pd.DataFrame(
    {
        "specification": ["s", "s", "s", "h", "e", "s", "s"],
        "hypothesis_family": ["a", "a", "a", "b", "a", "a", "a"],
        "role": ["confirmatory"] * 4 + ["exploratory", "confirmatory", "confirmatory"],
        # What a row says of its level decides nothing: the plan does.
        "level": ["between", "within", "between", "-", "between", "-", "between"],
        "term": ["x", "y", "z", "accommodation_past", "x", "Intercept", "p11"],
        "metric": "b",
        "p": [0.01, 0.04, 0.03, 0.04, 0.001, 0.0001, 0.0001],
    }
).assign(p_adjusted=np.nan)


@pytest.mark.parametrize(
    ("rule", "expected"),
    # Holm: 3 x .01; 2 x .03; then .06 again (never below the one before). BH: 3p/rank, from above.
    [("holm", [0.03, 0.06, 0.06]), ("benjamini-hochberg", [0.03, 0.04, 0.04])],
)
def test_by_hand(rule, expected):
    adjusted = adjust(ROWS, rule, PLANNED)["p_adjusted"]
    assert adjusted.tolist()[:3] == pytest.approx(expected)
    assert adjusted[3] == pytest.approx(0.04)  # a family of one
    assert adjusted[4:].isna().all()  # exploratory, and not named under `levels`


def test_a_coefficient_of_no_single_level_is_adjusted_like_any_other():
    planned = [plan("s", "a", (("x", "-"), ("y", "-")))]
    rows = ROWS[ROWS["term"].isin(["x", "y"]) & (ROWS["specification"] == "s")].assign(level="-")
    assert adjust(rows, "holm", planned)["p_adjusted"].tolist() == pytest.approx([0.02, 0.04])


def test_the_arm_is_what_a_trial_is_about():
    planned = [plan("s", "a", (("time", "within"),), arm="arm")]
    rows = ROWS.iloc[:3].assign(term=["time", "arm[T.new]", "time:arm[T.new]"])
    adjusted = adjust(rows, "holm", planned)["p_adjusted"]
    assert adjusted.tolist() == pytest.approx([0.02, np.nan, 0.03], nan_ok=True)


def test_a_coefficient_told_in_two_metrics_is_one_hypothesis():
    planned = [plan("s", "a", (("x", "between"), ("y", "within")))]
    rows = ROWS.iloc[:3].assign(term=["x", "x", "y"], metric=["OR", "RD", "OR"])
    adjusted = adjust(rows, "holm", planned)["p_adjusted"]
    assert adjusted.tolist() == pytest.approx([0.02, 0.02, 0.03])
