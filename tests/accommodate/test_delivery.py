"""Delivery: which raters, on which range."""

import numpy as np
import pytest

from attunement.accommodate import accommodate
from attunement.score import score
from attunement.study.problems import StudyError


def _delivery(studies, instruments, rows, **changes):
    dataset = studies.dataset(**changes)
    tables = studies.tables(rows)
    tables |= score(tables, dataset, instruments)
    return accommodate(tables, dataset, instruments)["delivery"]


def test_ratings_are_divided_by_the_largest_rating(studies, instruments):
    rows = [studies.answers("A", 1, "delivered", {"td_cd": 3, "ws_fc": -1, "ei_er": None})]
    table = _delivery(studies, instruments, rows)
    assert table["dimension"].tolist() == ["td_cd", "ws_fc"]
    np.testing.assert_allclose(table["delivery"].astype(float), [1, -1 / 3])
    assert table["band"].tolist() == [1, -1]


def test_another_range_is_read_about_its_middle(studies, instruments):
    ratings = {"delivered": {"meaning": "style", "low": 1, "high": 7, "items": ["TD_CD"]}}
    rows = [studies.answers("A", s, "delivered", {"TD_CD": v}) for s, v in ((1, 1), (2, 4), (3, 6))]
    table = _delivery(studies, instruments, rows, ratings=ratings, responses=_sources())
    assert table["dimension"].unique().tolist() == ["td_cd"]
    np.testing.assert_allclose(table["delivery"].astype(float), [-1, 0, 2 / 3])


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        ({}, [1, -1 / 3]),
        ({"coding": "left_positive"}, [1, -1 / 3]),
        ({"coding": "left_negative"}, [-1, 1 / 3]),
        ({"coding": "one_to_seven_left_low"}, [-1, 1 / 3]),
        ({"coding": "one_to_seven_left_low", "flip": ["WS_FC"]}, [-1, -1 / 3]),
        ({"flip": ["TD_CD"]}, [-1, -1 / 3]),
    ],
)
def test_the_coding_of_delivery_says_which_pole_has_the_high_numbers(
    studies, instruments, declared, wanted
):
    items = ["TD_CD", "WS_FC"]
    ratings = {"delivered": {"meaning": "style", "low": 1, "high": 7, "items": items}}
    delivery = {"rating": "delivered", "raters": ["client"], "commensurable": True} | declared
    rows = [studies.answers("A", 1, "delivered", {"TD_CD": 7, "WS_FC": 3})]
    table = _delivery(
        studies, instruments, rows, ratings=ratings, responses=_sources(), delivery=delivery
    )
    np.testing.assert_allclose(table["delivery"].astype(float), wanted)


def test_wishes_that_were_met_agree_however_the_two_forms_are_printed(studies, instruments):
    ratings = {"delivered": {"meaning": "style", "low": 1, "high": 7, "items": ["TD_CD"]}}
    wishes = [
        studies.answers(who, 0, "cnip", {str(item): answer for item in range(1, 6)})
        for who, answer in (("A", 1), ("B", 4), ("C", 7))
    ]
    given = [
        studies.answers(who, 1, "delivered", {"TD_CD": answer})
        for who, answer in (("A", 1), ("B", 4), ("C", 7))
    ]
    coding = "one_to_seven_left_low"
    dataset = studies.dataset(
        ratings=ratings,
        responses=[*_sources(), _sources()[0] | {"instrument": "cnip"}],
        preference={"instrument": "cnip", "coding": coding},
        delivery={"rating": "delivered", "raters": ["client"], "commensurable": True,
                  "coding": coding},
    )  # fmt: skip
    tables = studies.tables([*wishes, *given])
    tables |= score(tables, dataset, instruments)
    found = accommodate(tables, dataset, instruments)["accommodation"]
    met = found[(found["scoring"] == "distance") & (found["dimension"] == "td_cd")]
    np.testing.assert_allclose(met["value"].astype(float), [1, 1, 1])


def _sources():
    return [
        {
            "source": "file",
            "instrument": "delivered",
            "rater": "client",
            "client": "id",
            "session": "session",
            "items": "{item}",
        }
    ]


def test_only_declared_raters_count(studies, instruments):
    rows = [
        studies.answers("A", 1, "delivered", {"td_cd": 1}, rater=rater)
        for rater in ("client", "therapist", "observer")
    ]
    table = _delivery(studies, instruments, rows)
    assert table["rater"].tolist() == ["client", "observer"]


def test_other_dimensions_are_refused(studies, instruments):
    ratings = {"delivered": {"meaning": "style", "low": -3, "high": 3, "items": ["warmth"]}}
    rows = [studies.answers("A", 1, "delivered", {"warmth": 1})]
    with pytest.raises(StudyError, match="item 'warmth' that is no dimension"):
        _delivery(studies, instruments, rows, ratings=ratings, responses=_sources())
