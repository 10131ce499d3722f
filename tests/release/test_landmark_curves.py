"""Curves by early accommodation and standardised risks: made, and kept from giving counts away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attunement.model.incidence import accommodation_groups
from attunement.release import candidates, gate
from attunement.release.curves import LEAST_AT_RISK, landmark_curves
from attunement.study.contracts import conform
from attunement.study.specification import Specification


@pytest.fixture(scope="module")
def planned() -> Specification:
    return Specification(
        dataset="clinic",
        name="incidence.therapist_judgement.distance",
        question="?",
        estimand="e",
        rows="landmark",
        analysis="cumulative_incidence",
        landmark=2,
        outcome="dropout",
        dropout_definition="therapist_judgement",
        scoring="distance",
        dimensions=("td_cd", "ws_fc"),
        informant="client",
        formula="event ~ accommodation_past",
        link="logit",
        df="normal",
    )


@pytest.fixture(scope="module")
def varied(tables):
    """The clinic with four times the clients, in which accommodation differs between them."""
    found = dict(tables)
    names = ("clients", "dropout", "preferences", "delivery", "accommodation")
    for name in names:
        parts = [tables[name].assign(client=tables[name]["client"] + f".{k}") for k in range(4)]
        found[name] = conform(pd.concat(parts, ignore_index=True), name)
    random = np.random.default_rng(3)
    values = random.uniform(0.2, 0.9, len(found["accommodation"]))
    found["accommodation"] = found["accommodation"].assign(value=values)
    found["dropout"] = conform(found["dropout"].assign(planned_ending=None), "dropout")
    stayed = found["dropout"]["status"] == "stayed"
    found["dropout"]["planned_ending"] = stayed & (random.random(len(stayed)) < 0.9)
    return found


def test_each_half_has_a_curve_from_the_landmark_on(varied, planned) -> None:
    curves = landmark_curves(varied, [planned])
    clients = accommodation_groups(varied, planned)
    assert set(curves["group"]) == {"low", "high"}
    assert (curves["time"] >= 2).all() and (curves["landmark"] == 2).all()
    assert (curves["n_at_risk"] >= LEAST_AT_RISK).all()
    for group, rows in curves.groupby("group"):
        here = clients[clients["group"] == group]
        assert (rows["n_clients"] == len(here)).all()
        assert rows["n_at_risk"].iloc[0] == len(here)
        gone = (here["status"] == "dropped_out") & (here["last"] <= rows["time"].iloc[-1])
        assert rows["n_events"].sum() == gone.sum()
        total = rows["dropped_out"] + rows["planned"]
        assert total.is_monotonic_increasing and total.max() <= 1


def test_what_cannot_be_drawn_is_no_curve(varied, tables, planned) -> None:
    assert landmark_curves(tables, [planned]).empty  # accommodation does not vary
    other = planned.model_copy(update={"analysis": "model"})
    assert landmark_curves(varied, [other]).empty


def test_released_steps_hold_full_cells(varied, planned, dataset, instruments, disclosure) -> None:
    found = candidates(varied, dataset, instruments, planned=[planned])
    exact = found["landmark_curves"]
    released = gate(found, "confidential", disclosure)[0]["landmark_curves"]
    assert 0 < len(released) < len(exact)
    assert (released["n_events"] >= 10).all()
    counts = ["n_at_risk", "n_events", "n_competing", "n_censored", "n_clients"]
    assert (released[counts].fillna(0) % 5 == 0).all(axis=None)
    others = released["n_competing"].dropna()
    assert ((others == 0) | (others >= 10)).all()
    assert (released["dropped_out"] == released["dropped_out"].round(2)).all()
    # Few endings in some step are neither planned nor dropout: the planned share would tell them.
    unplanned = (exact["n_competing"] - exact["n_planned"]).sum()
    assert unplanned > 0
    assert released["planned"].isna().any()
    assert gate(found, "public", disclosure)[0]["landmark_curves"]["planned"].notna().all()


RISKS = [
    ("risk_at_low_accommodation", "probability", 0.123456, 200, 40),
    ("high_vs_low", "RD", -0.0123456, 200, 40),
    ("high_vs_low", "OR", 0.912345, 200, 40),
]
SHARES = [
    ("dropped_out_by_10_low", "probability", 0.3123, 100, 31),
    ("dropped_out_by_10_high", "probability", 0.0423, 100, 4),
    ("dropped_out_by_10_high_minus_low", "RD", -0.27, 200, 35),
    ("planned_by_10_low", "probability", 0.4123, 100, 41),
    ("planned_by_10_high", "probability", 0.3023, 100, 30),
    ("planned_by_10_high_minus_low", "RD", -0.11, 200, 71),
]


def through(tables, dataset, instruments, disclosure, rows, name):
    frame = pd.DataFrame(rows, columns=["term", "metric", "estimate", "n_obs", "n_events"])
    frame = frame.assign(
        dataset="clinic", specification=name, se=0.023456, ci_low=frame["estimate"] - 0.1,
        ci_high=frame["estimate"] + 0.1, n_clients=frame["n_obs"], status="estimated",
        n_before_risk=7,
    )  # fmt: skip
    frame["scale"] = np.where(frame["metric"] == "OR", "ratio", "raw")
    found = candidates(tables, dataset, instruments)
    both = pd.concat([found["estimates"], conform(frame, "estimates")])
    held = found | {"estimates": conform(both, "estimates")}
    released, decisions = gate(held, "confidential", disclosure)
    table = released["estimates"]
    return table[table["specification"] == name].set_index(["term", "metric"]), decisions


def test_risks_have_two_digits_and_few_early_leavers_are_not_told(
    tables, dataset, instruments, disclosure
) -> None:
    rows, decisions = through(tables, dataset, instruments, disclosure, RISKS, "standardised.a")
    assert rows.loc[(RISKS[0][0], "probability"), "estimate"] == 0.12
    assert rows.loc[("high_vs_low", "RD"), "estimate"] == -0.01
    assert rows.loc[("high_vs_low", "OR"), "estimate"] == 0.912
    assert rows["n_before_risk"].isna().all()  # 7
    assert (rows["n_clients"] == 200).all()
    assert "shares to 2 digits after the point" in set(decisions["reason"])


def test_both_shares_and_their_difference_go_with_one_that_is_withheld(
    tables, dataset, instruments, disclosure
) -> None:
    rows, _ = through(tables, dataset, instruments, disclosure, SHARES, "incidence.a")
    status = rows["status"].droplevel("metric")
    assert status["dropped_out_by_10_high"] == "withheld"  # four dropped out
    assert status["dropped_out_by_10_low"] == "withheld"  # of 35, whom other models tell
    assert status["dropped_out_by_10_high_minus_low"] == "withheld"
    assert (status[[name for name, *_ in SHARES[3:]]] == "estimated").all()
    told = rows["reason"].droplevel("metric")["dropped_out_by_10_high_minus_low"]
    assert told == "withheld: one of the two shares is withheld"
