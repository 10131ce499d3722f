"""A scale that preference and delivery are declared to share must be one."""

import pytest
from ingest_builders import BASIC, INSTRUMENTS, declared

from attunement.ingest.declared import check_declaration
from attunement.study.problems import StudyError

BOTH = [
    {"source": "visits", "instrument": name, "rater": "client", "client": "id",
     "session": "visit", "items": items}
    for name, items in (("wish", {"1": "w"}), ("given", {"AB": "g"}))
]  # fmt: skip


def _check(low: float, high: float, wishes: str, /, **delivery: object) -> None:
    told = {"rating": "given", "raters": ["client"], "commensurable": True} | delivery
    dataset = declared(
        responses=[*BASIC["responses"], *BOTH],
        ratings={"given": {"meaning": "style", "low": low, "high": high, "items": ["AB"]}},
        preference={"instrument": "wish", "coding": wishes},
        delivery=told,
    )
    check_declaration(dataset, INSTRUMENTS)


@pytest.mark.parametrize(
    ("low", "high", "coding"), [(1, 7, "one_to_seven_left_low"), (-3, 3, "left_negative")]
)
def test_the_same_numbers_need_a_word_on_the_poles_where_wishes_are_turned(low, high, coding):
    with pytest.raises(StudyError, match=f"coded {coding}.*nothing says.*coding: {coding}"):
        _check(low, high, coding)
    _check(low, high, coding, coding=coding)
    _check(low, high, coding, coding="left_positive")
    _check(low, high, coding, commensurable=False)


@pytest.mark.parametrize(
    ("low", "high", "coding"),
    [(-3, 3, "left_positive"), (1, 7, "left_positive"), (-3, 3, "one_to_seven_left_low")],
)
def test_elsewhere_the_high_end_is_the_pole_named_first_without_a_word(low, high, coding):
    _check(low, high, coding)


def test_a_common_scale_is_as_wide_for_both():
    with pytest.raises(StudyError, match="runs from 0 to 10 and an item of wish from -3 to 3"):
        _check(0, 10, "left_positive")
    _check(0, 10, "left_positive", commensurable=False)


def test_the_coding_fits_the_rating():
    with pytest.raises(ValueError, match="one_to_seven_left_low needs a rating from 1 to 7"):
        _check(-3, 3, "left_positive", coding="one_to_seven_left_low")
    with pytest.raises(ValueError, match="flip names 'CD', which is no item of 'given'"):
        _check(-3, 3, "left_positive", flip=["CD"])
