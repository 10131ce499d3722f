"""Exchanging preferences: whole records, everybody's, to another client, and nothing else."""

import pandas as pd
import pytest

from attunement.accommodate.blinding import exchange, is_blinded, marked, preference_sources
from attunement.study.contracts import conform, empty
from attunement.study.dataset import load_dataset

N = 40


@pytest.fixture(scope="module")
def dataset(repository):
    return load_dataset(repository / "data/example/dataset.yaml")


@pytest.fixture
def tables():
    clients = [f"c{k:02d}" for k in range(N)]
    rows = []
    for k, client in enumerate(clients):
        rows += [(client, "phq9", "total", 0, float(k))]
        if k < 30:  # the others never said what they want
            rows += [(client, "cnip", scale, 0, float(k)) for scale in ("TD_CD", "PO_PR")]
        if k < 10:  # and some said it twice
            rows += [(client, "cnip", "TD_CD", 4, 100.0 + k)]
    scores = pd.DataFrame(rows, columns=["client", "instrument", "scale", "occasion", "value"])
    scores["time"] = scores["occasion"].astype(float)
    scores = scores.assign(rater="client", n_items=1, n_answered=1)
    types = pd.DataFrame(
        {
            "client": clients[:20],
            "occasion": 0,
            "aspect": "treatment",
            "kind": "treatment",
            "preferred": [f"p{k}" for k in range(20)],
            "received": [f"r{k}" for k in range(20)],
            "rater": "client",
        }
    )
    return {
        "clients": conform(pd.DataFrame({"client": clients}), "clients"),
        "scores": conform(scores, "scores"),
        "responses": empty("responses"),
        "type_preferences": conform(types, "type_preferences"),
    }


def _records(scores):
    stated = scores[scores["instrument"] == "cnip"]
    return {
        client: tuple(sorted(zip(rows["scale"], rows["occasion"], rows["value"], strict=True)))
        for client, rows in stated.groupby("client")
    }


def test_whole_records_go_to_another_client(tables, dataset):
    assert preference_sources(dataset) == {"cnip", dataset.rated_accommodation.rating}
    out = exchange(tables, dataset, 1)
    before, after = _records(tables["scores"]), _records(out["scores"])
    assert sorted(before.values()) == sorted(after.values())
    assert all(before[client] != after[client] for client in before if client in after)
    # Types go the same way as the inventory: one record of one person.
    types = out["type_preferences"].set_index("client")
    from_whom = {record: client for client, record in before.items()}
    for client, record in after.items():
        origin = from_whom[record]
        stated = int(origin[1:]) < 20 and client in types.index
        if stated:
            assert types.loc[client, "preferred"] == f"p{int(origin[1:])}"


def test_all_else_stays(tables, dataset):
    out = exchange(tables, dataset, 1)
    other = tables["scores"]["instrument"] != "cnip"
    pd.testing.assert_frame_equal(out["scores"][other], tables["scores"][other])
    pd.testing.assert_series_equal(
        out["type_preferences"]["received"], tables["type_preferences"]["received"]
    )
    assert out["clients"] is tables["clients"]


def test_the_circle_follows_from_seed_and_name(tables, dataset):
    one, same = (exchange(tables, dataset, 1)["scores"] for _ in range(2))
    other = exchange(tables, dataset, 2)["scores"]
    pd.testing.assert_frame_equal(one, same)
    assert not one["client"].equals(other["client"])


def test_without_preferences_nothing_is_exchanged(tables, dataset):
    bare = dataset.model_copy(update={"preference": None})
    none = tables | {"type_preferences": empty("type_preferences")}
    out = exchange(none, bare, 1)
    pd.testing.assert_frame_equal(out["scores"], tables["scores"])


def test_the_mark(tables):
    availability = conform(
        pd.DataFrame({"topic": ["preferences"], "available": True, "reason": None}), "availability"
    )
    assert not is_blinded({"availability": availability})
    assert is_blinded({"availability": marked(availability)})
