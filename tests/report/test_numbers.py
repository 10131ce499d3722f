"""Numbers as readers of psychotherapy journals expect them."""

from __future__ import annotations

import pytest

from attunement.report.numbers import (
    Effect,
    bounded,
    count,
    fine,
    interval,
    number,
    p_cell,
    p_value,
    percent,
    share,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.126, 2, "0.13"),
        (-0.126, 2, "\u22120.13"),
        (-0.001, 2, "0.00"),
        (1234.5, 1, "1,234.5"),
        (None, 2, "\u2013"),
        (NAN, 2, "\u2013"),
    ],
)
def test_number(value: float, digits: int, shown: str) -> None:
    assert number(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.05, ".05"), (-0.31, "\u2212.31"), (1.0, "1.00"), (0.999, "1.00")]
)
def test_what_cannot_exceed_one_has_no_leading_zero(value: float, shown: str) -> None:
    assert bounded(value) == shown


@pytest.mark.parametrize(
    ("p", "shown"),
    [(0.0004, "p < .001"), (0.001, "p = .001"), (0.0312, "p = .031"), (1.0, "p = 1.000")],
)
def test_p(p: float, shown: str) -> None:
    assert p_value(p) == shown
    assert p_cell(p) == shown.removeprefix("p ").removeprefix("= ")


def test_intervals_and_shares() -> None:
    assert interval(-0.1, 0.25) == "[\u22120.10, 0.25]"
    assert interval(0.01, 0.06, 3, below_one=True) == "[.010, .060]"
    assert interval(None, 1) == "\u2013"
    assert share(0.278, 0.215, 0.351) == "28% [22, 35]"
    assert share(0.278) == percent(0.278) == "28%"
    assert count(1204) == "1,204"
    assert count(None) == "\u2013"


def test_small_coefficients_get_a_third_digit() -> None:
    assert (fine(-0.002, 0.03), fine(-0.1, 0.2)) == (3, 2)


def test_so_do_precise_ones_of_any_size() -> None:
    """An odds ratio for a year of age, or points of a scale from 1 to 4, say nothing in two."""
    assert (fine(0.61, 0.69), fine(0.61, 0.72), fine(0.994, 0.997)) == (3, 2, 4)
    assert (fine(2.5, None), fine(None, None)) == (2, 2)
    year = Effect("OR", 0.9954, 0.9940, 0.9969, 0.0, 0.0, 0.0007, 0.0)
    assert (year.value, year.interval) == ("0.9954", "[0.9940, 0.9969]")


@pytest.fixture
def effect() -> Effect:
    return Effect("b", 0.123, 0.02, 0.226, 0.0101, 0.0212, 0.05, 45.6, "Holm")


def test_one_object_gives_the_sentence_and_the_cells(effect: Effect) -> None:
    assert effect.sentence == "b = 0.12, 95% CI [0.02, 0.23], p = .021 (Holm)"
    assert effect.cells == ["b", "0.12", "[0.02, 0.23]", "0.05", "46", ".010", ".021"]
    assert effect.clear
    assert effect.above


def test_a_ratio_is_judged_against_one() -> None:
    effect = Effect("hOR", 0.8, 0.6, 1.1, 0.2, NAN, 0.1, NAN)
    assert effect.ratio
    assert not effect.above
    assert not effect.clear
    assert effect.sentence == "hOR = 0.80, 95% CI [0.60, 1.10], p = .200"


def test_what_only_powers_of_ten_can_tell_is_told_in_them() -> None:
    assert number(7.9e67) == "7.9e+67"
    assert number(-2.5e8) == "\u22122.5e+08"
    assert number(1234567.0) == "1,234,567.00"
