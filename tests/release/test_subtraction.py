"""What is hidden in one line must not follow from the lines beside it."""

from __future__ import annotations

import pandas as pd
import pytest

from attunement.release.cells import CELLS
from attunement.release.rules import small_cells
from attunement.release.subtraction import curves_of_arms, rests_of_arms, small_groups
from attunement.study.config import Release
from attunement.study.contracts import conform, empty


def _held(**frames: pd.DataFrame) -> dict[str, pd.DataFrame]:
    found = {name: empty(name) for name in CELLS}
    return found | {
        name: conform(frame.assign(withheld=frame.get("withheld", False)), name)
        for name, frame in frames.items()
    }


def _rates(events: dict[str, int], n: dict[str, int]) -> pd.DataFrame:
    rows = [
        {"definition": "d", "group": group, "n_clients": n[group], "n_dropped_out": count}
        for group, count in events.items()
    ]
    return pd.DataFrame(rows)


def _curves(**steps: list[tuple[int, int]]) -> pd.DataFrame:
    rows = [
        {"definition": "d", "group": group, "time": time, "n_at_risk": 60, "n_events": count}
        for group, held in steps.items()
        for time, count in held
    ]
    return pd.DataFrame(rows)


def _shown(rates: pd.DataFrame, curves: pd.DataFrame) -> set[str]:
    held = _held(dropout_rates=rates, dropout_curves=curves)
    held |= small_cells(held | {"dropout_curves": empty("dropout_curves")}, Release())[0]
    held |= curves_of_arms(held, Release())[0]
    return set(held["dropout_curves"]["group"])


ENOUGH = {"all": 80, "CBT": 50, "PST": 30}


@pytest.mark.parametrize(
    ("events", "steps", "shown"),
    [
        pytest.param(
            {"all": 33, "CBT": 20, "PST": 13},
            {"all": [(4, 33)], "CBT": [(4, 20)], "PST": [(4, 13)]},
            {"all", "CBT", "PST"},
            id="all arms are large",
        ),
        pytest.param(
            {"all": 23, "CBT": 20, "PST": 3},
            {"all": [(4, 23)], "CBT": [(4, 20)]},
            {"all"},
            id="the rate of an arm is withheld",
        ),
        pytest.param(
            {"all": 33, "CBT": 20, "PST": 13},
            {"all": [(4, 33)], "CBT": [(4, 20)]},
            {"all"},
            id="a curve of an arm has no full step",
        ),
        pytest.param(
            {"all": 33, "CBT": 20, "PST": 13},
            {"all": [(2, 15), (4, 18)], "CBT": [(2, 12), (4, 8)], "PST": [(4, 13)]},
            {"all"},
            id="few of the other arm by then",
        ),
        pytest.param(
            {"all": 20, "CBT": 20, "PST": 0},
            {"all": [(4, 20)], "CBT": [(4, 20)]},
            {"all"},
            id="nobody of the other arm, whose rate tells no full cell",
        ),
    ],
)
def test_curves_of_arms_are_shown_as_their_rates(events, steps, shown) -> None:
    n = ENOUGH if events["PST"] else ENOUGH | {"PST": 5}
    assert _shown(_rates(events, n), _curves(**steps)) == shown


def test_a_curve_of_all_goes_with_its_rate() -> None:
    steps = _curves(all=[(4, 76)])
    rates = _rates({"all": 76, "CBT": 46, "PST": 30}, ENOUGH)  # four stayed
    assert _shown(rates, steps) == set()


def test_one_half_of_a_landmark_curve_does_not_stand_alone() -> None:
    steps = _curves(low=[(6, 12)], high=[(6, 15)]).assign(landmark=3, n_clients=40)
    both = _held(landmark_curves=steps)
    assert curves_of_arms(both, Release())[0] == {}
    alone = _held(landmark_curves=steps[steps["group"] == "low"])
    assert curves_of_arms(alone, Release())[0]["landmark_curves"].empty


def test_arms_that_leave_few_of_all_are_withheld() -> None:
    """Two arms of 4 and 3 are withheld, and so is the one whose subtraction leaves their mean."""
    rows = pd.DataFrame(
        {"group": ["all", "CBT", "PST", "TAU", "WL"], "n_clients": [62, 35, 20, 4, 3]}
    )
    rows = rows.assign(outcome="o", label="o", time=0.0, mean=9.0, sd=3.0)
    rows["withheld"] = rows["n_clients"] < 10
    lines = rests_of_arms(_held(trajectories=rows), Release())[0]["trajectories"]
    assert list(lines["withheld"]) == [False, False, True, True, True]
    # Clients without an arm are a group as well.
    rows = rows[:3].assign(withheld=False, n_clients=[58, 35, 20])
    lines = rests_of_arms(_held(trajectories=rows), Release())[0]["trajectories"]
    assert list(lines["withheld"]) == [False, False, True]
    rows = rows.assign(n_clients=[70, 35, 20])
    assert rests_of_arms(_held(trajectories=rows), Release())[0] == {}


def test_few_dropouts_or_few_who_stayed_left_by_the_arms() -> None:
    held = _held(dropout_rates=_rates({"all": 30, "A": 18, "B": 11}, {"all": 80, "A": 40, "B": 28}))
    rates = rests_of_arms(held, Release())[0]["dropout_rates"]  # one dropout has no arm
    assert list(rates["withheld"]) == [False, False, True]


def test_nobody_of_a_small_group_is_not_told_either() -> None:
    rows = pd.DataFrame(
        {
            "level": "client",
            "variable": "gender",
            "label": "gender",
            "category": ["woman", "man"] * 2,
            "group": ["all", "all", "small category", "small category"],
            "n": [20, 13, 3, 0],
            "n_missing": 0,
        }
    )
    lines = small_groups(_held(description=rows), Release())[0]["description"]
    assert list(lines["withheld"]) == [False, False, True, True]
    assert lines.loc[2:, "n"].isna().all()
    # Nobody of a group that is large enough says nothing about one client.
    rows["n"] = [20, 13, 12, 0]
    assert small_groups(_held(description=rows), Release())[0] == {}


def test_few_who_are_missing_make_a_small_group_too() -> None:
    rates = _rates({"all": 12, "CBT": 0}, {"all": 30, "CBT": 0}).assign(
        n_censored=[4, 2], n_unknown=[0, 1]
    )
    rates = small_groups(_held(dropout_rates=rates), Release())[0]["dropout_rates"]
    assert list(rates["withheld"]) == [False, True]
    assert rates.loc[1, ["n_clients", "n_dropped_out"]].isna().all()
