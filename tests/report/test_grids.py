"""Tables of random parts as the page prints them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from attunement.report import Released
from attunement.report.grids import variance_grid
from attunement.study.contracts import conform


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.2, 0.9, "[0.200, 0.900]"),
        (3e-18, 7.5e14, "[0.000, not bounded]"),
        (0.01, 49.0, "[0.010, 49.000]"),
        (None, 7.5e14, "\u2013"),
    ],
)
def test_an_upper_limit_beyond_all_sense_is_none(
    nothing: Released, low: float | None, high: float, shown: str
) -> None:
    row = {"dataset": "small", "specification": "hazard", "level": "therapist", "metric": "sd"}
    row |= {"term_1": "Intercept", "term_2": "Intercept", "estimate": 0.5}
    row |= {"ci_low": low, "ci_high": high, "status": "estimated"}
    table = conform(pd.DataFrame([row]), "variance")
    grid = variance_grid(replace(nothing, tables=nothing.tables | {"variance": table}))
    assert grid is not None
    assert grid.rows[0][5] == shown
