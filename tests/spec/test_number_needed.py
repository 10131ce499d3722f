"""Numbers needed to treat, as Altman (1998, doi:10.1136/bmj.317.7168.1309) writes them."""

import math

import pytest

from attunement.model.needed_to_treat import Risk, number_needed

# The first row is his example: a difference of 10 points, 95% interval -5 to 25.
TABLE = """
difference  low    high  NNTB  NNTH  interval
 0.10      -0.05   0.25  10    -     NNTH 20 to infinity to NNTB 4.0
 0.20       0.10   0.50   5    -     NNTB 2 to 10
-0.10      -0.20   0.05   -    10    NNTH 5.0 to infinity to NNTB 20
-0.25      -0.50  -0.20   -    4     NNTH 2 to 5
"""


def rows():
    found = []
    for line in TABLE.strip().splitlines()[1:]:
        difference, low, high, benefit, harm, *interval = line.split()
        numbers = (float(difference), float(low), float(high))
        found.append((*numbers, benefit, harm, " ".join(interval)))
    return found


@pytest.mark.parametrize(("difference", "low", "high", "benefit", "harm", "interval"), rows())
def test_number_needed(difference, low, high, benefit, harm, interval):
    sides = number_needed(Risk(difference, 0.05, low, high))
    for side, expected in zip(sides, (benefit, harm), strict=True):
        if expected == "-":
            assert math.isnan(side.estimate)
        else:
            assert side.estimate == pytest.approx(float(expected))
    if "infinity" in interval:
        assert sides[0].words.endswith(interval)
        assert all(math.isnan(side.high) for side in sides)
    else:
        name, lower, _, upper = interval.split()
        one = next(side for side in sides if side.metric == name)
        assert (one.low, one.high) == pytest.approx((float(lower), float(upper)))
