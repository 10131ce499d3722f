"""Scores keep every occasion, in order, from items or from totals."""

import numpy as np
import pytest

from attunement.score import score
from attunement.score.keys import scale_score
from attunement.study.problems import StudyError


def test_means_and_sums_fill_missing_items_alike():
    items = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, np.nan], [1.0, np.nan, np.nan]])
    total, answered, prorated = scale_score(items, "sum", 1)
    np.testing.assert_allclose(total, [6, 4.5, np.nan])
    np.testing.assert_allclose(scale_score(items, "mean", 1)[0], [2, 1.5, np.nan])
    assert list(answered) == [3, 2, 1]
    assert list(prorated) == [False, True, False]


def test_reversed_items(studies, instruments):
    scale = instruments["phq9"].scales["total"].model_copy(update={"reverse": [2]})
    changed = instruments["phq9"].model_copy(update={"scales": {"total": scale}})
    tables = studies.tables(
        [studies.answers("A", 0, "phq9", {str(n): 1.0 if n != 2 else 0.0 for n in range(1, 10)})]
    )
    scores = score(tables, studies.dataset(), instruments | {"phq9": changed})["scores"]
    assert list(scores["value"]) == [8 + 3]


def test_every_occasion_has_its_row_in_order(studies, instruments):
    tables = studies.tables(
        [
            studies.answers("B", 1, "srs", {str(n): 9.0 for n in range(1, 5)}),
            studies.answers("B", 1, "ors", {str(n): 5.0 for n in range(1, 5)}, day=17),
            studies.answers("A", 0, "ors", {"1": 3.0, "2": None}),
            studies.answers("A", 0, "delivered", {"ws_fc": 2, "td_cd": 1}, rater="observer"),
        ],
        clients=["B", "A"],
    )
    scores = score(tables, studies.dataset(), instruments)["scores"]
    assert list(zip(scores["client"], scores["instrument"], scores["scale"], strict=True)) == [
        ("B", "ors", "total"),
        ("B", "srs", "total"),
        ("A", "delivered", "td_cd"),
        ("A", "delivered", "ws_fc"),
        ("A", "ors", "total"),
    ]
    assert list(scores["day"].fillna(-1)) == [17, -1, -1, -1, -1]
    assert scores["value"].isna().tolist() == [False, False, False, False, True]
    assert scores["n_answered"].tolist() == [4, 4, 1, 1, 1]


def test_a_recorded_sum_cannot_be_flipped(studies, instruments):
    dataset = studies.dataset(
        preference={"instrument": "cnip", "coding": "left_positive", "flip": [10]}
    )
    tables = studies.tables([studies.answers("A", 0, "cnip", {"EI_ER": 5})])
    with pytest.raises(StudyError, match=r"EI_ER and declares its items \[10\] as flipped"):
        score(tables, dataset, instruments)
