"""Response surfaces: what a shape of outcome over wish (P) and delivery (D) is called."""

import numpy as np
import pytest
from scipy.special import chdtrc

from attunement.model.surface_tests import Joint, Polynomial, shape, verdict

ERROR = 0.05


def known(b):
    """A surface known to a standard error of .05 in each coefficient, without correlation."""
    covariance = np.eye(5) * ERROR**2

    def joint(matrix):
        off = matrix @ b
        statistic = float(off @ np.linalg.solve(matrix @ covariance @ matrix.T, off))
        return Joint(statistic / len(matrix), len(matrix), np.inf, chdtrc(len(matrix), statistic))

    return Polynomial(b, covariance, lambda weights: np.inf, joint)


def test_surfaces_are_called_what_they_are(case):
    """Outcome = P, D, PP, PD, DD times their columns, each known with a standard error of .05.

    a1, a2: slope and bend along P = D; a3, a4: along P = -D. The first axis is D = p10 + p11 P,
    empty where there is none. Called: 2 strict congruence, 1 broad congruence, 0 none. Dropout turned
    upside down is called the same.

    | true                         | P  | D | PP | PD | DD | a1 | a2 | a3 | a4 | p10 | p11 | called | words              |
    |------------------------------|----|---|----|----|----|----|----|----|----|-----|-----|--------|--------------------|
    | nothing matters              | 0  | 0 | 0  | 0  | 0  | 0  | 0  | 0  | 0  |     |     | 0      | inconclusive       |
    | best where both agree        | 0  | 0 | -1 | 2  | -1 | 0  | 0  | 0  | -4 | 0   | 1   | 2      | strict congruence  |
    | so, and better if more       | 1  | 1 | -1 | 2  | -1 | 2  | 0  | 0  | -4 | 0   | 1   | 1      | broad congruence   |
    | so, and better at both poles | 0  | 0 | -1 | 3  | -1 | 0  | 1  | 0  | -5 | 0   | 1   | 1      | broad congruence   |
    | best half a point above wish | -1 | 1 | -1 | 2  | -1 | 0  | 0  | -2 | -4 | .5  | 1   | 0      | curved across      |
    | more is better, less worse   | -1 | 1 | 0  | 0  | 0  | 0  | 0  | -2 | 0  |     |     | 0      | only the direction |
    | who wants more does better   | 1  | 0 | 0  | 0  | 0  | 1  | 0  | 1  | 0  |     |     | 0      | effect of pref     |
    | wants and gets more: better  | 1  | 1 | 0  | 0  | 0  | 2  | 0  | 0  | 0  |     |     | 0      | and delivery       |
    | strong wishes do worse       | 0  | 0 | -1 | 0  | 0  | 0  | -1 | 0  | -1 |     |     | 0      | curved across      |
    | best in the middle of both   | 0  | 0 | -1 | 0  | -1 | 0  | -2 | 0  | -2 |     |     | 0      | curved across      |
    | worst where both agree       | 0  | 0 | 1  | -2 | 1  | 0  | 0  | 0  | 4  |     | -1  | 0      | the other way      |
    """  # noqa: E501
    b = np.array([case[name] for name in ("P", "D", "PP", "PD", "DD")])
    found, dropout = shape(known(b), 1), shape(known(-b), -1)
    for line in ("a1", "a2", "a3", "a4"):
        assert found.lines[line].estimate == pytest.approx(case[line])
    for axis in ("p10", "p11"):
        value = found.axes[axis].estimate
        wanted = np.nan if case[axis] is None else case[axis]
        assert value == pytest.approx(wanted, abs=1e-12, nan_ok=True)
    for axis, tested in found.axes.items():
        assert dropout.axes[axis].estimate == pytest.approx(tested.estimate, nan_ok=True)
    for degree, said in (verdict(found, 1), verdict(dropout, -1)):
        assert degree == case["called"]
        assert case["words"] in said
