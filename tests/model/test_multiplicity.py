import numpy as np
import pandas as pd
import pytest

from attunement.model.multiplicity import adjust

ROWS = pd.DataFrame(
    {
        "hypothesis_family": ["a", "a", "a", "b", "a", "a"],
        "role": ["confirmatory"] * 4 + ["exploratory", "confirmatory"],
        "level": ["between", "within", "between", "-", "between", "-"],
        "term": ["x", "y", "z", "accommodation_past", "x", "Intercept"],
        "p": [0.01, 0.04, 0.03, 0.04, 0.001, 0.0001],
    }
)


@pytest.mark.parametrize(
    ("rule", "expected"),
    # Holm: 3 x .01; 2 x .03; then .06 again (never below the one before). BH: 3p/rank, from above.
    [("holm", [0.03, 0.06, 0.06]), ("benjamini-hochberg", [0.03, 0.04, 0.04])],
)
def test_by_hand(rule, expected):
    adjusted = adjust(ROWS.assign(p_adjusted=np.nan), rule)["p_adjusted"]
    assert adjusted.tolist()[:3] == pytest.approx(expected)
    assert adjusted[3] == pytest.approx(0.04)  # a family of one
    assert adjusted[4:].isna().all()  # exploratory, and not focal
