"""Places for pseudonyms and back: order follows the source, whatever the pseudonyms are."""

from __future__ import annotations

import pandas as pd
import pytest

from attunement.study.contracts import ContractError, conform
from attunement.study.dataset import Dataset
from attunement.study.source_order import SourceOrder


def _dataset(disclosure: str) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "small", "title": "s", "about": "a", "is_not": "n", "licence": "none",
            "disclosure": disclosure, "sources": {"x": {"path": "x.csv"}},
            "time": {"unit": "session", "per": 1},
            "clients": {"source": "x", "columns": {"client": "id"}},
            "responses": [{"source": "x", "instrument": "m", "rater": "client", "client": "id",
                           "session": "s", "items": "m_{item}"}],
            "outcomes": {"primary": "m.total"},
        }
    )  # fmt: skip


def _tables() -> dict[str, pd.DataFrame]:
    clients = pd.DataFrame({"client": ["C-zz", "C-aa", "C-mm"], "therapist": ["T-b", None, "T-a"]})
    sessions = pd.DataFrame({"client": ["C-aa", "C-zz"], "session": [1, 1]})
    return {
        "clients": conform(clients, "clients"),
        "therapists": conform(pd.DataFrame({"therapist": ["T-b", "T-a"]}), "therapists"),
        "sessions": conform(sessions, "sessions"),
        "flow": pd.DataFrame({"step": ["clients"]}),
    }


def test_places_sort_as_the_source_and_pseudonyms_come_back() -> None:
    tables = _tables()
    order = SourceOrder.of(tables, _dataset("confidential"))
    placed = order.placed(tables)
    assert placed["clients"]["client"].is_monotonic_increasing
    assert placed["therapists"]["therapist"].is_monotonic_increasing
    assert placed["clients"]["therapist"].isna().tolist() == [False, True, False]
    assert placed["sessions"].sort_values("client")["client"].tolist() == ["c0", "c1"]
    for name, table in order.restored(placed).items():
        pd.testing.assert_frame_equal(table, tables[name])


def test_ids_of_open_data_stay() -> None:
    tables = _tables()
    placed = SourceOrder.of(tables, _dataset("public")).placed(tables)
    assert placed["clients"]["client"].tolist() == ["C-zz", "C-aa", "C-mm"]


def test_an_id_that_the_study_does_not_hold_is_a_fault() -> None:
    tables = _tables()
    order = SourceOrder.of(tables, _dataset("confidential"))
    strange = {"sessions": tables["sessions"].assign(client="C-qq")}
    with pytest.raises(ContractError, match="does not hold"):
        order.placed(strange)
