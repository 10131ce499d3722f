"""Conversions of effect sizes: worked examples in print, there and back, pingouin where it goes."""

import math

import pytest

from attunement.study.effects import (
    METRICS,
    EffectSize,
    d_from_log_odds,
    d_from_r,
    log_odds_from_d,
    odds_from_risk_ratio,
    r_from_d,
    risk_from_odds_ratio,
    variance_of_d_from_log_odds,
    variance_of_d_from_r,
    variance_of_r_from_d,
)


def test_the_worked_examples_of_borenstein_and_others_chapter_7() -> None:
    assert d_from_log_odds(0.9069) == pytest.approx(0.5000, abs=5e-5)
    assert variance_of_d_from_log_odds(0.0676) == pytest.approx(0.0205, abs=5e-5)
    assert log_odds_from_d(0.5000) == pytest.approx(0.9069, abs=5e-5)
    assert d_from_r(0.50) == pytest.approx(1.1547, abs=5e-5)
    assert variance_of_d_from_r(0.0058, 0.50) == pytest.approx(0.0550, abs=5e-5)
    assert r_from_d(1.1547) == pytest.approx(0.5000, abs=5e-5)
    assert variance_of_r_from_d(0.0550, 1.1547) == pytest.approx(0.0058, abs=5e-5)


@pytest.mark.parametrize(
    ("metric", "value", "d", "digits"),
    [
        ("OR", 1.37, 0.17, 2),  # Lindhiem et al. 2014, abstract
        ("OR", 1.30, 0.14, 2),  # Bennett et al. 2025, abstract
        ("r", 0.278, 0.579, 3),  # Flückiger et al. 2018, abstract
    ],
)
def test_the_d_that_reviews_print_beside_their_own_metric(metric, value, d, digits) -> None:
    assert round(EffectSize(metric, value).to("d").estimate, digits) == d


@pytest.mark.parametrize("there", METRICS)
@pytest.mark.parametrize("here", METRICS)
def test_there_and_back_again(here: str, there: str) -> None:
    began = EffectSize("d", 0.31, 0.12, 0.5, base_risk=0.2).to(here)
    back = began.to(there).to(here)
    for name in ("estimate", "low", "high"):
        assert getattr(back, name) == pytest.approx(getattr(began, name), rel=1e-12)
    reached = began.to(there)
    assert reached.low < reached.estimate < reached.high


def test_pingouin_agrees_where_it_goes() -> None:
    pingouin = pytest.importorskip("pingouin")
    for d in (-1.2, -0.1, 0.05, 0.28, 0.9):
        assert r_from_d(d) == pytest.approx(
            pingouin.convert_effsize(d, "cohen", "pointbiserialr"), rel=1e-12
        )
        assert math.exp(log_odds_from_d(d)) == pytest.approx(
            pingouin.convert_effsize(d, "cohen", "odds_ratio"), rel=1e-12
        )
        assert d_from_r(r_from_d(d)) == pytest.approx(
            pingouin.convert_effsize(r_from_d(d), "pointbiserialr", "cohen"), rel=1e-12
        )


def test_a_risk_ratio_from_a_table_of_two_by_two() -> None:
    # 20 of 100 leave in one group, 10 of 100 in the other.
    assert risk_from_odds_ratio((10 / 90) / (20 / 80), 0.2) == pytest.approx(0.5)
    assert odds_from_risk_ratio(0.5, 0.2) == pytest.approx((10 / 90) / (20 / 80))


def test_the_other_comparison_turns_estimate_and_limits() -> None:
    turned = EffectSize("OR", 1.46, 1.17, 1.83).inverse()
    assert (turned.low, turned.estimate, turned.high) == pytest.approx(
        (1 / 1.83, 1 / 1.46, 1 / 1.17)
    )
    assert EffectSize("d", 0.2, 0.1, 0.3).inverse() == EffectSize("d", -0.2, -0.3, -0.1)
    # The risk ratio of the other comparison starts from the other group's risk.
    assert EffectSize("RR", 0.5, base_risk=0.2).inverse().base_risk == pytest.approx(0.1)
    # Both comparisons tell of the same odds.
    one = EffectSize("RR", 0.5, base_risk=0.2)
    assert one.to("OR").estimate * one.inverse().to("OR").estimate == pytest.approx(1.0)


def test_missing_limits_stay_missing() -> None:
    found = EffectSize("d", 0.28).to("OR")
    assert found.estimate > 1
    assert math.isnan(found.low)
    assert math.isnan(found.high)


@pytest.mark.parametrize("risk", [None, 0.0, 1.0, 1.4])
def test_a_risk_ratio_needs_a_base_risk(risk: float | None) -> None:
    with pytest.raises(ValueError, match="base risk"):
        EffectSize("RR", 0.62, 0.48, 0.80, base_risk=risk).to("OR")


def test_what_has_no_value_is_refused() -> None:
    with pytest.raises(ValueError, match="no d"):
        d_from_r(1.0)
    with pytest.raises(ValueError, match="out"):
        odds_from_risk_ratio(6.0, 0.2)
