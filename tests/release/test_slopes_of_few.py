"""Slopes at named values and joint tests pass the gate without telling of a level of few."""

from __future__ import annotations

import pandas as pd
import pytest

from attunement.release.levels import COUNTED, small_levels
from attunement.study.config import Release
from attunement.study.contracts import conform, empty

SIZES = {"woman": 60, "man": 40, "non-binary": 4}
TOLD = ["gender[T.man]", "gender[woman]", "gender[man]"]


@pytest.fixture
def tables():
    def made(sizes):
        rows = [
            {"term": f"accommodation_between:{term}", "status": "estimated", "estimate": 0.3}
            for term in TOLD
        ]
        rows.append(
            {"term": "accommodation_between:gender[T.non-binary]", "status": "not estimable"}
            | {"reason": "too few clients in this category, which is left out"}
        )
        estimates = pd.DataFrame(rows).assign(
            dataset="clinic", specification="moderation.gender", metric="b", n_clients=100
        )
        counted = pd.DataFrame(
            [("client", "gender", name, n, False, False) for name, n in sizes.items()],
            columns=COUNTED,
        )
        names = ["influence", "variance", "description", "trajectories"]
        names += ["dropout_rates", "dropout_curves", "availability"]
        return {name: empty(name) for name in names} | {
            "estimates": conform(estimates, "estimates"),
            "category_counts": counted,
        }

    return made


def test_slopes_of_large_groups_stay_and_the_small_one_loses_its_name(tables):
    changed, _ = small_levels(tables(SIZES), Release())
    rows = changed["estimates"].set_index("term")
    assert rows.loc[[f"accommodation_between:{term}" for term in TOLD], "estimate"].notna().all()
    assert not rows.index.str.contains("non-binary").any()


def test_a_group_that_is_small_in_the_whole_study_has_no_slope(tables):
    changed, _ = small_levels(tables(SIZES | {"man": 6}), Release())
    rows = changed["estimates"]
    assert not rows["term"].str.contains(r"\bman\b").any()
    kept = rows[rows["estimate"].notna()]
    assert kept["term"].tolist() == ["accommodation_between:gender[woman]"]


def test_a_small_reference_takes_all_slopes_and_differences_with_it(tables):
    changed, _ = small_levels(tables(SIZES | {"woman": 6}), Release())
    assert changed["estimates"]["estimate"].isna().all()
