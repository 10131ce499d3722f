import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from attunement.model.needed_to_treat import Risk, averaged, number_needed, risk_difference


def test_averaged_probability_is_the_integral_over_therapists():
    expected, _ = quad(lambda u: expit(0.4 + u) * norm.pdf(u, scale=0.8), -9, 9)
    assert averaged(np.array([0.4]), 0.8)[0] == pytest.approx(expected, abs=1e-6)
    assert averaged(np.array([0.4]), 0.0)[0] == pytest.approx(expit(0.4))


def test_difference_of_risks_of_a_single_coefficient():
    matrix = pd.DataFrame({"Intercept": [1.0, 1.0], "x": [0.0, 1.0]})
    low, high = matrix.assign(x=matrix["x"] - 0.5), matrix.assign(x=matrix["x"] + 0.5)
    estimates = pd.Series({"Intercept": -0.2, "x": 0.6})
    vcov = pd.DataFrame(np.diag([0.01, 0.04]), index=matrix.columns, columns=matrix.columns)
    found = risk_difference(
        matrix, estimates, vcov, low, high, 0.0, np.random.default_rng(1), 20_000
    )

    def difference(intercept, slope):
        return np.mean(
            [
                expit(intercept + slope * (x + 0.5)) - expit(intercept + slope * (x - 0.5))
                for x in (0, 1)
            ]
        )

    expected = difference(-0.2, 0.6)
    assert found.difference == pytest.approx(expected)
    # The delta method, its two derivatives by small steps.
    steps = [difference(-0.2 + 1e-5, 0.6), difference(-0.2, 0.6 + 1e-5)]
    by_intercept, by_slope = [(one - expected) / 1e-5 for one in steps]
    se = np.sqrt(by_intercept**2 * 0.01 + by_slope**2 * 0.04)
    assert found.se == pytest.approx(se, rel=0.03)
    assert found.low < expected < found.high
    assert found.low > 0 and found.p < 0.05


def test_one_side_only_where_the_interval_leaves_zero_out():
    benefit, harm = number_needed(Risk(0.25, 0.06, 0.125, 0.4))
    assert (benefit.estimate, benefit.low, benefit.high) == (4, 2.5, 8)
    assert np.isnan(harm.estimate) and "NNTB" in harm.words


def test_harm_is_told_as_harm():
    benefit, harm = number_needed(Risk(-0.2, 0.04, -0.25, -0.1))
    assert (harm.metric, harm.estimate, harm.low, harm.high) == ("NNTH", 5, 4, 10)
    assert np.isnan(benefit.estimate)


def test_a_limit_at_zero_is_infinity():
    benefit, harm = number_needed(Risk(0.1, 0.05, 0.0, 0.2))
    assert benefit.words == "the interval passes through infinity: infinity to NNTB 5.0"
    assert np.isnan(harm.low)
