"""Small tables by hand: four therapists, clients with known preference, delivery and endings."""

import numpy as np
import pandas as pd
import pytest

from attunement.study.contracts import conform, empty
from attunement.study.specification import Specification

DIMENSIONS = ("td_cd", "ei_er")


def specification(**changes) -> Specification:
    """Return a small specification, changed as asked."""
    choices = {
        "dataset": "small",
        "name": "growth.ors_total.distance",
        "question": "?",
        "estimand": "e",
        "rows": "occasions",
        "outcome": "ors.total",
        "improvement": 1,
        "scoring": "distance",
        "dimensions": DIMENSIONS,
        "commensurable": True,
        "informant": "client",
        "time_per": 10,
        "formula": "outcome ~ time * accommodation_between",
        "random": (("therapist", "1"), ("client", "1")),
        "levels": (("time:accommodation_between", "between"),),
        "minimum_therapists": 3,
        "events_for_a_coefficient": 1,
    }
    return Specification(**(choices | changes))


@pytest.fixture
def specify():
    """Return the maker of specifications."""
    return specification


@pytest.fixture
def tables():
    """Return canonical, scored and accommodated tables of 24 simulated clients."""
    random = np.random.default_rng(7)
    clients = pd.DataFrame({"client": [f"c{i:02d}" for i in range(24)]})
    clients["therapist"] = [f"t{i % 4}" for i in range(24)]
    clients["age"] = random.integers(20, 60, 24).astype(float)
    last = pd.Series(3 + np.arange(24) % 5, index=clients["client"])
    sessions = clients[["client"]].merge(pd.DataFrame({"session": range(8)}), how="cross")
    sessions = sessions[sessions["session"] <= sessions["client"].map(last)]
    scores = sessions.assign(
        occasion=sessions["session"],
        time=sessions["session"].astype(float),
        rater="client",
        instrument="ors",
        scale="total",
        value=15 + sessions["session"] + random.normal(0, 3, len(sessions)),
        n_items=4,
        n_answered=4,
    )
    treated = sessions[sessions["session"] > 0]
    wide = treated.merge(pd.DataFrame({"dimension": DIMENSIONS}), how="cross")
    delivery = wide.assign(rater="client", delivery=random.uniform(-1, 1, len(wide)), band=0)
    wanted = clients[["client"]].merge(pd.DataFrame({"dimension": DIMENSIONS}), how="cross")
    wanted = wanted.assign(from_session=0, preference=random.uniform(-1, 1, len(wanted)), band=0)
    both = delivery.merge(wanted[["client", "dimension", "preference"]])
    gap = (both["delivery"] - both["preference"]).abs()
    distance = (1 - gap.groupby([both["client"], both["session"]]).mean() / 2).rename("value")
    accommodation = distance.reset_index().assign(
        rater="client",
        scoring="distance",
        dimension="all",
        n_dimensions=2,
        no_strong_preference=False,
    )
    status = np.array(["dropped_out", "stayed", "censored"])[np.arange(24) % 3]
    dropout = pd.DataFrame(
        {
            "client": clients["client"],
            "definition": "therapist_judgement",
            "status": status,
            "last_time": last.to_numpy(),
        }
    )
    topics = ["preferences", "delivery", "commensurable", "outcome.ors.total"]
    availability = pd.DataFrame({"topic": topics, "available": True})
    return {
        "clients": conform(clients, "clients"),
        "scores": conform(scores, "scores"),
        "delivery": conform(delivery, "delivery"),
        "preferences": conform(wanted, "preferences"),
        "accommodation": conform(accommodation, "accommodation"),
        "dropout": conform(dropout, "dropout"),
        "endings": empty("endings"),
        "availability": conform(availability, "availability"),
    }


def add_measure(tables, instrument="srs", scale="total", rater="client", seed=3):
    """Return the tables with a measure of each session after intake."""
    random = np.random.default_rng(seed)
    scores = tables["scores"]
    rows = scores[(scores["session"] > 0) & (scores["instrument"] == "ors")]
    rows = rows.assign(instrument=instrument, scale=scale, rater=rater)
    rows["value"] = random.normal(30, 4, len(rows)) + rows["client"].str[1:].astype(int) / 4
    both = pd.concat([scores, rows], ignore_index=True)
    return tables | {"scores": conform(both, "scores")}


@pytest.fixture
def rated():
    """Return the function that adds a measure of the session to tables."""
    return add_measure
