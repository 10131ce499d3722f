"""Known effects on leaving are found again: the first stored studies anew, all of them judged."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from dropout import (
    CLIENTS,
    DOCS,
    LOG_ODDS,
    MODELS,
    STUDIES,
    page,
    studies,
    study,
    summary,
)

from attunement.model import prepare
from attunement.model.risk_set import left_before

AGAIN = 4
HAZARDS = ("hazard", "smooth baseline", "planned endings")


@pytest.fixture(scope="module")
def stored() -> pd.DataFrame:
    return pd.read_csv(DOCS / "recovery_dropout.csv")


@pytest.fixture(scope="module")
def table(stored: pd.DataFrame) -> pd.DataFrame:
    return summary(stored).set_index(["world", "quantity"])


def test_the_first_studies_are_found_again(stored: pd.DataFrame) -> None:
    again = studies(0, AGAIN)
    before = stored[stored["study"] < AGAIN].reset_index(drop=True)
    names = ["study", "world", "quantity"]
    assert again[names].equals(before[names])
    for column in again.columns.drop(names):
        assert np.allclose(again[column], before[column], rtol=1e-6, atol=1e-8), column


def test_every_study_has_every_estimate(stored: pd.DataFrame) -> None:
    assert stored["study"].nunique() == STUDIES
    assert stored.groupby(["world", "quantity"]).size().eq(STUDIES).all()
    assert stored.notna().all(axis=None)


def test_intervals_hold_the_truth_as_often_as_they_say(table: pd.DataFrame) -> None:
    """Three and a half standard errors of 300 draws: 90.6 to 99.4%; on average closer."""
    error = 3.5 * np.sqrt(0.95 * 0.05 / STUDIES)
    low = table[table["coverage"] < 0.95 - error]
    assert low.empty, low["coverage"]
    assert 0.935 <= table["coverage"].mean() <= 0.97


def test_effects_on_the_hazard_are_not_biased(table: pd.DataFrame) -> None:
    """Within four Monte Carlo errors, or a twentieth of the effect (maximum likelihood of few)."""
    held = table[table.index.get_level_values("quantity").isin([*HAZARDS, "landmark"])]
    allowed = np.maximum(4 * held["bias_error"], 0.05 * abs(LOG_ODDS))
    assert (held["bias"].abs() <= allowed).all(), held["bias"]


def test_where_nothing_acts_five_in_a_hundred_are_found(table: pd.DataFrame) -> None:
    false = 1 - table.loc["no effect", "coverage"]
    assert set(false.index) == {"hazard", "landmark"}
    assert false.between(0.05 - 0.044, 0.05 + 0.044).all(), false


def test_bands_of_time_do_not_drive_the_estimate(stored: pd.DataFrame) -> None:
    both = stored[stored["world"] == "effect"].pivot(
        index="study", columns="quantity", values=["estimate", "se"]
    )
    apart = both["estimate", "hazard"] - both["estimate", "smooth baseline"]
    assert (apart.abs() / both["se", "hazard"]).max() < 0.5
    assert abs(apart.mean()) < 0.01


def test_the_page_is_that_of_the_stored_studies(stored: pd.DataFrame) -> None:
    told = (DOCS / "recovery_dropout.md").read_text(encoding="utf-8")
    assert told == page(summary(stored))


def test_exposure_lies_strictly_before_the_risk() -> None:
    """The frame of the hazard holds, for the period after session t, means of sessions 1 to t."""
    tables = study(3, LOG_ODDS)
    frame = prepare(tables, MODELS["hazard"])
    values = tables["accommodation"].sort_values(["client", "session"])
    so_far = values.groupby("client")["value"].expanding().mean().reset_index(drop=True)
    by_hand = values.assign(so_far=so_far.to_numpy()).set_index(["client", "session"])["so_far"]
    keys = pd.MultiIndex.from_arrays([frame["client"], frame["period"].astype(int)])
    slope = np.polyfit(by_hand.reindex(keys).to_numpy(), frame["accommodation_past"], 1)
    fitted = np.polyval(slope, by_hand.reindex(keys).to_numpy())
    assert np.allclose(fitted, frame["accommodation_past"])
    changed = dict(tables)
    later = tables["accommodation"]["session"] > 4
    changed["accommodation"] = tables["accommodation"].assign(
        value=tables["accommodation"]["value"].where(~later, 0.9)
    )
    again = prepare(changed, MODELS["hazard"])
    first = frame["period"] <= 4
    ratio = (again.loc[first, "accommodation_past"].diff() / frame.loc[
        first, "accommodation_past"].diff()).dropna()  # fmt: skip
    assert np.allclose(ratio, ratio.iloc[0])  # the unit and the centre move, nothing else


def test_those_who_left_at_once_are_counted_beside() -> None:
    tables = study(5, LOG_ODDS)
    gone = tables["dropout"].query("status == 'dropped_out'")
    early = int((gone["last_time"] == 0).sum())
    assert 0.05 * CLIENTS < early < 0.15 * CLIENTS
    frame = prepare(tables, MODELS["hazard"])
    assert left_before(tables, frame, MODELS["hazard"]) == early
    assert frame["event"].sum() == len(gone) - early
    by_landmark = int((gone["last_time"] < 3).sum())
    assert (
        left_before(tables, prepare(tables, MODELS["landmark"]), MODELS["landmark"]) == by_landmark
    )
