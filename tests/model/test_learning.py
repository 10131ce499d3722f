"""Clients most worth learning from, and that they never leave the building."""

import pandas as pd
import pytest

from attunement.model.learning import learning_clients
from attunement.study.contracts import TABLES, conform
from attunement.study.contracts.released import RELEASED
from attunement.study.layout import OUTPUTS


@pytest.fixture
def told(tables):
    """Six clients, all off track at session 3; gaps before and after, and change, by hand."""
    cases = [  # client, gap before, gap after, class of change
        ("c00", 0.8, 0.2, "recovered"),  # moved far, got well
        ("c01", 0.6, 0.4, "improved"),  # moved a little, improved
        ("c02", 0.6, 0.2, "unchanged"),  # moved, but no better
        ("c03", 0.2, 0.6, "improved"),  # better, but delivery moved away
        ("c04", 0.8, 0.2, "recovered"),  # on track all along
        ("c05", 0.8, 0.2, "recovered"),  # flagged before delivery was ever rated
    ]
    names = [client for client, *_ in cases]
    delivery = pd.DataFrame(
        [
            (client, session, dimension, 0.1 + (before if session < 3 else after))
            for client, before, after, _ in cases
            for session in (1, 2, 3, 4)
            for dimension in ("td_cd", "ei_er")
        ],
        columns=["client", "session", "dimension", "delivery"],
    ).assign(rater="client")
    wanted = pd.DataFrame({"client": names}).merge(
        pd.DataFrame({"dimension": ["td_cd", "ei_er"]}), how="cross"
    )
    wanted = wanted.assign(from_session=0, preference=0.1)
    flags = pd.DataFrame({"client": names, "session": [3, 3, 3, 3, 3, 1]})
    flags = flags.assign(
        flag="not_on_track",
        outcome="ors.total",
        occasion=flags["session"],
        time=flags["session"],
        value=15.0,
        limit=18.0,
        flagged=[True, True, True, True, False, True],
    )
    change = pd.DataFrame({"client": names, "result": [case[3] for case in cases]})
    change = change.assign(outcome="ors.total", method="published", first=15.0, last=25.0)
    return tables | {
        "delivery": conform(delivery, "delivery"),
        "preferences": conform(wanted, "preferences"),
        "flags": conform(flags, "flags"),
        "change": conform(change, "change"),
    }


def test_off_track_then_moved_then_improved(told, specify):
    found = learning_clients(told, specify(analysis="best_teacher"))
    assert found["client"].tolist() == ["c00", "c01"]
    assert found["moved"].tolist() == pytest.approx([0.6, 0.2])
    assert found["gap_before"].tolist() == pytest.approx([0.8, 0.6])
    assert found["flagged_at"].tolist() == [3, 3]
    assert found["therapist"].tolist() == ["t0", "t1"]


def test_without_flags_or_delivery_nobody_is_listed(told, specify):
    planned = specify(analysis="best_teacher")
    assert learning_clients(told | {"flags": told["flags"].iloc[:0]}, planned).empty
    assert learning_clients(told, specify(informant="observer")).empty


def test_the_table_is_private():
    assert "learning_clients.csv" in OUTPUTS["model"]
    assert "learning_clients.csv" not in OUTPUTS["release"]
    assert TABLES["learning_clients"] not in RELEASED
