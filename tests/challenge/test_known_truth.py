import numpy as np
import pandas as pd
import pytest

from attunement.challenge.known_truth import coverage


def test_coverage_by_hand():
    target = pd.DataFrame(
        {"specification": ["s"] * 2, "term": ["x", "r"], "target": [1.0, 2.0], "target_se": 0.01}
    )
    estimates = pd.DataFrame(
        {
            "specification": "s",
            "term": ["x"] * 4 + ["r"],
            "metric": ["b"] * 4 + ["OR"],
            "estimate": [1.1, 0.9, 2.0, np.nan, 4.0],
            "se": [0.1, 0.1, 0.1, np.nan, 0.5],
            "ci_low": [0.9, 0.7, 1.8, np.nan, 1.9],
            "ci_high": [1.3, 1.1, 2.2, np.nan, 8.0],
            "status": ["estimated", "singular", "estimated", "not estimable", "estimated"],
        }
    )
    table = coverage(estimates, target).set_index("term")
    assert table.loc["x", "n_studies"] == 3
    assert table.loc["x", "coverage"] == pytest.approx(2 / 3)
    assert table.loc["x", "mean_error"] == pytest.approx(1 / 3)
    assert table.loc["x", "share_singular"] == pytest.approx(1 / 3)
    assert table.loc["r", "mean_error"] == pytest.approx(np.log(2))
