"""The two scorings obey what they are meant to measure."""

import numpy as np

from attunement.accommodate.scorings import distance, strong_met


def _random(seed=2, n=500):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (n, 4)), rng.uniform(-1, 1, (n, 4))


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
    assert distance(nothing, nothing).all_value.shape == (0,)
    assert strong_met(nothing, nothing).all_value.shape == (0,)
