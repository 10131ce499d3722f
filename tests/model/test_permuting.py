"""Clients exchanged within therapists, and an estimate held against what that gives."""

import numpy as np
import pytest

from attunement.model.permuting import against_chance, chance_rows, exchanged
from attunement.study.problems import NotEstimable


def test_nobody_leaves_the_therapist():
    groups = np.array([1, 0, 1, 1, 0, 2])
    orders = exchanged(groups, 200, seed=3)
    assert (groups[orders] == groups).all()
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
    assert (orders[:, 5] == 5).all(), "who is alone stays"
    # Six orders of three clients and two of two, each about equally often.
    kinds, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(kinds) == 12 and counts.min() >= 5


def test_a_seed_gives_the_same_orders():
    groups = np.repeat([0, 1], 5)
    assert (exchanged(groups, 20, 4) == exchanged(groups, 20, 4)).all()
    assert (exchanged(groups, 20, 4) != exchanged(groups, 20, 5)).any()


def test_what_the_null_gives_is_taken_off():
    draws = np.linspace(0.9, 1.1, 99)
    found = against_chance(1.3, draws)
    assert found.excess == pytest.approx(0.3)
    assert found.null_mean == pytest.approx(1.0)
    assert found.p == pytest.approx(1 / 100), "no draw lies as far: only the data do"
    assert found.ci_low == pytest.approx(0.3 - 0.095, abs=1e-3)
    assert found.ci_high == pytest.approx(0.3 + 0.095, abs=1e-3)


def test_p_counts_both_sides():
    draws = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    assert against_chance(1.0, draws).p == pytest.approx((1 + 4) / 6)


def test_draws_without_value_are_refused_if_many():
    draws = np.r_[np.arange(90.0), np.full(10, np.nan)]
    with pytest.raises(NotEstimable, match="rearrangement"):
        against_chance(1.0, draws)
    with pytest.raises(NotEstimable, match="two clients"):
        against_chance(1.0, np.ones(50))


def test_the_form_as_it_stands_is_never_alone():
    found = against_chance(1.3, np.linspace(0.9, 1.1, 99))
    rows = chance_rows("x", 1.3, found, {"p": 0.001}, level="between").set_index("term")
    assert rows.index.tolist() == ["x", "x_uncorrected", "x_by_chance"]
    assert rows["estimate"].tolist() == pytest.approx([0.3, 1.3, 1.0])
    assert rows["level"].tolist() == ["between", "-", "-"]
