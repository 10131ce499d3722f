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
BOUND = 0.14 / np.sqrt(0.14**2 + 4)  # of one standard deviation of an exposure


def _plan(**changes):
    """A specification with every term of `changes["levels"]` focal."""
    return PLAN.model_copy(update=changes)


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


def _judged(*rows, plan=PLAN, **declared):
    frame = pd.DataFrame(list(rows)).reindex(columns=TABLES["estimates"].names)
    return judged(frame, [plan], Bounds(**declared))


# estimate, standard error -> verdict; the bound on b is r = .0698 for one SD of accommodation.
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
    assert found["bound"] == pytest.approx(BOUND)
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
        one = stats.t.sf((estimate + BOUND) / se, df)
        two = stats.t.cdf((estimate - BOUND) / se, df)
        equivalent = max(one, two) < 0.05
        verdict = _judged(_row(estimate, se, df))["verdict"][0]
        assert equivalent == (
            verdict in ("no meaningful effect", "associated, less than meaningful")
        )


def test_odds_ratios_of_a_whole_course_are_judged_on_their_logarithm():
    bound = 0.07 * np.pi / np.sqrt(3)
    found = _judged(
        _row(1.01, 0.02, term="accommodation_past", metric="OR", scale="ratio"),
        plan=_plan(rows="landmark", link="logit", levels=(("accommodation_past", "-"),)),
    )
    assert found["verdict"][0] == "no meaningful effect"
    assert found["bound"][0] == pytest.approx(np.exp(bound))
    assert found["ci90_high"][0] == pytest.approx(1.01 * np.exp(1.6448536 * 0.02))


CLIENTS = {"rows": "clients"}
PLACES = [
    # term, metric, scale, what the plan says beside it -> bound (NaN: none)
    ("accommodation_between", "b", "sd", {}, BOUND),
    ("time:accommodation_between", "b", "sd", {}, BOUND),
    ("time:too_much_between", "b", "sd", {}, BOUND),
    ("accommodation_therapist", "b", "sd", {"level": "therapist"}, BOUND),
    ("measure_between", "b", "sd", {"analysis": "process"}, BOUND),
    ("measure_between", "b", "sd", {}, np.nan),  # a column of the user's own: no known unit
    ("age", "b", "sd", {}, np.nan),
    ("time:arm[T.new]", "b", "sd", {}, 0.14),
    ("arm[T.a:b]", "b", "sd", CLIENTS, 0.14),
    ("gender[T.man]", "b", "sd", CLIENTS, 0.14),
    ("gender[T.man]", "d", "sd", CLIENTS, 0.14),
    ("gender[T.man]", "OR", "ratio", CLIENTS, 0.14 * np.pi / np.sqrt(3)),
    ("accommodation_between:gender[T.man]", "b", "sd", CLIENTS, np.nan),
    ("time", "b", "sd", {"level": "within"}, np.nan),
    ("accommodation_within", "b", "sd", {"level": "within"}, np.nan),
    ("accommodation_within", "b", "sd", {}, np.nan),  # called `between`, and is not
    ("measure_within", "b", "sd", {"level": "within", "analysis": "process"}, np.nan),
    ("a4", "b", "sd", {"analysis": "surface"}, np.nan),
    ("time:case_number_between", "b", "sd", {"analysis": "caseload"}, np.nan),
    ("earlier_off_track", "b", "sd", {"analysis": "best_teacher"}, np.nan),
    ("session:preference_between", "b", "raw", {"analysis": "responsiveness"}, np.nan),
    ("accommodation_between", "b", "raw", {}, np.nan),
    ("accommodation_between", "RD", "raw", CLIENTS, np.nan),
    ("indirect", "ab", "sd", {"analysis": "mediation"}, np.nan),
    ("accommodation_past", "hOR", "ratio", {"rows": "person_periods", "level": "-"}, np.nan),
    ("accommodation_past", "HR", "ratio", {"rows": "person_periods", "level": "-"}, np.nan),
    ("arm[T.new]", "hOR", "ratio", {"rows": "person_periods"}, np.nan),
    ("accommodation_between", "OR", "ratio", {"rows": "occasions"}, np.nan),
]


@pytest.mark.parametrize(("term", "metric", "scale", "changes", "bound"), PLACES)
def test_a_bound_stands_only_where_d_has_a_meaning(term, metric, scale, changes, bound):
    level = changes.get("level", "between")
    plan = _plan(**{k: v for k, v in changes.items() if k != "level"}, levels=((term, level),))
    found = bound_of(term, metric, scale, plan, Bounds())
    assert found == pytest.approx(bound, nan_ok=True)


def test_what_is_declared_in_its_own_metric_bounds_what_d_cannot():
    within = _plan(rows="next_session", levels=(("accommodation_within", "within"),))
    rows = [_row(0.0, 0.01, term="accommodation_within")]
    assert _judged(*rows, plan=within)["verdict"].tolist() == ["no bound declared"]
    found = _judged(*rows, plan=within, within=0.05)
    assert found["bound"].tolist() == [0.05]
    assert found["verdict"].tolist() == ["no meaningful effect"]
    hazard = _plan(rows="person_periods", levels=(("accommodation_past", "-"),))
    rows = [_row(1.01, 0.02, term="accommodation_past", metric="hOR", scale="ratio")]
    assert _judged(*rows, plan=hazard)["verdict"].tolist() == ["no bound declared"]
    found = _judged(*rows, plan=hazard, hazard_odds_ratio=1.2)
    assert found["bound"].tolist() == pytest.approx([1.2])
    assert found["verdict"].tolist() == ["no meaningful effect"]


def test_without_a_bound_an_association_is_one_and_nothing_else_is_said():
    plan = _plan(levels=(("time", "within"),))
    found = _judged(_row(0.5, 0.1, term="time"), _row(0.0, 0.5, term="time"), plan=plan)
    assert found["verdict"].tolist() == ["associated", "no bound declared"]
    assert found["bound"].isna().all()


def test_limits_of_draws_stand_as_the_analysis_told_them():
    plan = _plan(analysis="mediation", levels=(("indirect", "between"),))
    drawn = {"term": "indirect", "metric": "ab", "df_method": "Monte Carlo"}
    found = _judged(
        _row(0.02, 0.02, **drawn, ci90_low=0.003, ci90_high=0.05), _row(0.02, 0.02, **drawn),
        plan=plan,
    )  # fmt: skip
    assert found["ci90_low"].tolist() == pytest.approx([0.003, np.nan], nan_ok=True)
    assert found["ci90_high"].tolist() == pytest.approx([0.05, np.nan], nan_ok=True)


def test_a_contrast_of_arms_is_d_itself():
    found = _judged(_row(0.0, 0.05, term="time:arm[T.new]"), _row(0.0, 0.05))
    assert found["bound"].tolist() == pytest.approx([0.14, BOUND])
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
    assert found["verdict"][0] == "no bound declared"


def test_under_an_effect_at_the_bound_equivalence_is_claimed_in_five_of_a_hundred():
    draw, se, n = np.random.default_rng(8), 0.02, 4000
    rows = [_row(BOUND + error, se) for error in draw.normal(0, se, n)]
    found = _judged(*rows)
    share = found["verdict"].isin(["no meaningful effect", "associated, less than meaningful"])
    assert share.mean() == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / n))
