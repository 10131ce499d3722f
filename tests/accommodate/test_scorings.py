"""The scorings by dimension obey what they are meant to measure, and are what a loop would find."""

import numpy as np
import pytest

from attunement.accommodate.scorings import (
    distance,
    signed_gap,
    strong_met,
    strong_sign,
    weighted_distance,
)


def _random(seed=2, n=500):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (n, 4)), rng.uniform(-1, 1, (n, 4))


def _with_gaps(seed=7, n=400):
    rng = np.random.default_rng(seed)
    bands = rng.integers(-1, 2, (n, 4)).astype(float)
    wanted, given = rng.choice([-1, -0.5, 0, 0.5, 1], (2, n, 4))
    for part in (bands, wanted, given):
        part[rng.random((n, 4)) < 0.08] = np.nan
    return bands, wanted, given


def test_distance_stays_between_0_and_1_and_knows_no_pole():
    wanted, given = _random()
    found = distance(wanted, given)
    assert ((found.value >= 0) & (found.value <= 1)).all()
    np.testing.assert_allclose(distance(-wanted, -given).all_value, found.all_value)
    np.testing.assert_allclose(distance(given, wanted).all_value, found.all_value)
    np.testing.assert_allclose(distance(wanted, wanted).all_value, 1)


def test_strong_met_is_the_mean_over_strong_dimensions():
    wanted = np.array([[1.0, -1.0, 0.0, 1.0]])
    given = np.array([[1.0, 1.0, 1.0, 0.0]])
    found = strong_met(wanted, given)
    np.testing.assert_array_equal(found.value, [[1, 0, np.nan, 0.5]])
    assert found.all_value[0] == 0.5
    assert found.n_dimensions[0] == 3
    np.testing.assert_array_equal(found.none_strong, [[0, 0, 1, 0]])
    assert found.all_none_strong[0] == 0


def test_no_sessions():
    nothing = np.zeros((0, 4))
    for scoring in (distance, weighted_distance, signed_gap, strong_met, strong_sign):
        assert scoring(nothing, nothing).all_value.shape == (0,)


def test_weighted_distance_by_brute_force():
    _, wanted, given = _with_gaps()
    found = weighted_distance(wanted, given).all_value
    for p, d, value in zip(wanted, given, found, strict=True):
        if np.isnan(p).any() or np.isnan(d).any() or not np.abs(p).sum():
            assert np.isnan(value)
            continue
        parts = [(abs(a), 1 - abs(b - a) / 2) for a, b in zip(p, d, strict=True)]
        assert value == pytest.approx(sum(w * v for w, v in parts) / sum(w for w, _ in parts))
    equal = np.where(wanted < 0, -0.5, 0.5)
    whole = ~np.isnan(distance(wanted, given).all_value)
    np.testing.assert_allclose(
        weighted_distance(equal, given).all_value[whole], distance(equal, given).all_value[whole]
    )


def test_a_signed_gap_holds_the_distance_and_its_side():
    wanted, given = _random()
    gap = signed_gap(wanted, given)
    np.testing.assert_allclose(1 - np.abs(gap.value) / 2, distance(wanted, given).value)
    np.testing.assert_allclose(signed_gap(-wanted, -given).value, -gap.value)
    assert np.isnan(gap.all_value).all()


def test_strong_sign_by_brute_force():
    bands, _, given = _with_gaps()
    found = strong_sign(bands, given)
    for row, (band, d) in enumerate(zip(bands, given, strict=True)):
        parts = []
        for b, rate in zip(band, d, strict=True):
            if abs(b) == 1:
                parts.append(np.nan if np.isnan(rate) else 0.5 if rate == 0 else rate * b > 0)
        known = not np.isnan(band).any() and parts and not np.isnan(parts).any()
        value = found.all_value[row]
        assert value == pytest.approx(np.mean(parts)) if known else np.isnan(value)
        third = found.all_none_strong[row]
        if parts:
            assert third == 0
        else:
            assert np.isnan(third) if np.isnan(band).any() else third == 1


def test_whoever_is_met_is_given_the_right_side():
    bands, _, given = _with_gaps()
    met = strong_met(bands, np.where(np.abs(given) < 1, given * 0, given)).value
    side = strong_sign(bands, given).value
    assert (side[met == 1] == 1).all()
    assert (side[met == 0] == 0).all()
