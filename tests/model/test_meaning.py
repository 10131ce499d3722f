"""Verdicts: an effect, no meaningful effect, or neither is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attunement.model.meaning import bound_of, judged
from attunement.study.config import Bounds
from attunement.study.contracts import TABLES
from attunement.study.specification import Specification

PLAN = Specification(
    dataset="d", name="growth", question="?", estimand="!", rows="occasions", outcome="ors.total",
    formula="outcome ~ time", levels=(("accommodation_between", "between"),), arm="arm",
    family="outcome",
)  # fmt: skip


def _row(estimate, se, df=np.inf, term="accommodation_between", metric="b", scale="sd", **more):
    quantile = stats.t.ppf(0.975, df)
    centre = np.log(estimate) if metric != "b" else estimate
    shown = np.exp if metric != "b" else (lambda value: value)
    return {
        "dataset": "d", "specification": "growth", "term": term, "metric": metric, "scale": scale,
        "estimate": estimate, "se": se, "df": df if np.isfinite(df) else np.nan,
        "p": 2 * stats.t.sf(abs(centre / se), df),
        "ci_low": shown(centre - quantile * se), "ci_high": shown(centre + quantile * se),
    } | more  # fmt: skip


def _judged(*rows, d=0.14):
    frame = pd.DataFrame(list(rows)).reindex(columns=TABLES["estimates"].names)
    return judged(frame, [PLAN], Bounds(d=d))


# estimate, standard error -> verdict; the bound on b is .07 for one SD of accommodation.
CASES = [
    (0.20, 0.05, "associated"),
    (0.04, 0.01, "associated, less than meaningful"),
    (0.00, 0.02, "no meaningful effect"),
    (0.00, 0.20, "inconclusive"),
    (0.05, 0.05, "inconclusive"),
    (-0.04, 0.03, "inconclusive"),
    (-0.20, 0.05, "associated"),
]


@pytest.mark.parametrize(("estimate", "se", "verdict"), CASES)
def test_the_verdict(estimate, se, verdict):
    found = _judged(_row(estimate, se)).iloc[0]
    assert found["verdict"] == verdict
    assert found["bound"] == pytest.approx(0.07)
    assert found["ci90_low"] == pytest.approx(estimate - 1.6448536 * se)


def test_few_degrees_of_freedom_widen_the_interval():
    wide, narrow = _judged(_row(0.0, 0.035, df=5)), _judged(_row(0.0, 0.035))
    assert wide["verdict"][0] == "inconclusive"
    assert narrow["verdict"][0] == "no meaningful effect"
    assert wide["ci90_high"][0] == pytest.approx(stats.t.ppf(0.95, 5) * 0.035)


def test_it_is_two_one_sided_tests():
    draw = np.random.default_rng(3)
    for _ in range(200):
        estimate, se, df = draw.normal(0, 0.1), draw.uniform(0.005, 0.1), draw.uniform(3, 200)
        one = stats.t.sf((estimate + 0.07) / se, df)
        two = stats.t.cdf((estimate - 0.07) / se, df)
        equivalent = max(one, two) < 0.05
        verdict = _judged(_row(estimate, se, df))["verdict"][0]
        assert equivalent == (
            verdict in ("no meaningful effect", "associated, less than meaningful")
        )


def test_ratios_are_judged_on_their_logarithm():
    bound = bound_of("hOR", "ratio", False, 0.14)
    assert bound == pytest.approx(0.07 * np.pi / np.sqrt(3))
    found = _judged(_row(1.01, 0.02, metric="hOR", scale="ratio"))
    assert found["verdict"][0] == "no meaningful effect"
    assert found["bound"][0] == pytest.approx(np.exp(bound))
    assert found["ci90_high"][0] == pytest.approx(1.01 * np.exp(1.6448536 * 0.02))


def test_a_contrast_of_arms_is_d_itself():
    found = _judged(_row(0.0, 0.05, term="time:arm[T.new]"), _row(0.0, 0.05))
    assert found["bound"].tolist() == pytest.approx([0.14, 0.07])
    assert found["verdict"].tolist() == ["no meaningful effect", "inconclusive"]


def test_an_adjusted_p_counts_where_there_is_one():
    found = _judged(_row(0.2, 0.09), _row(0.2, 0.09, p_adjusted=0.08))
    assert found["verdict"].tolist() == ["associated", "inconclusive"]


def test_what_has_no_unit_or_is_not_focal_has_no_bound():
    found = _judged(
        _row(0.0, 0.001, scale="raw"), _row(0.0, 0.01, term="age"), _row(np.nan, np.nan)
    )
    assert np.isnan(found["bound"]).all()
    assert found["verdict"].isna().tolist() == [False, True, True]
    assert found["verdict"][0] == "inconclusive"


def test_under_an_effect_at_the_bound_equivalence_is_claimed_in_five_of_a_hundred():
    draw, se, n = np.random.default_rng(8), 0.02, 4000
    rows = [_row(0.07 + error, se) for error in draw.normal(0, se, n)]
    found = _judged(*rows)
    share = found["verdict"].isin(["no meaningful effect", "associated, less than meaningful"])
    assert share.mean() == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / n))
