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
