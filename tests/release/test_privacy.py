"""The record of privacy, anonymity, the codebook and the quality of measures pass the gate."""

from __future__ import annotations

import pandas as pd
import pytest

from attunement.release import candidates, gate
from attunement.study.config import Release
from attunement.study.contracts import conform
from attunement.study.files import Tables


def _held() -> Tables:
    made = {
        "privacy": pd.DataFrame(
            {
                "what": ["clients.age", "a.b", "a.c"],
                "kind": ["age above 89", "name", "date"],
                "n_rows": [3, 47, None],
                "decision": ["pooled", "allowed", "dropped"],
            }
        ),
        "anonymity": pd.DataFrame(
            {
                "variables": ["gender", "age + gender"],
                "ages": ["-", "exact"],
                "n_clients": [183, 183],
                "n_classes": [12, 77],
                "smallest_class": [1, 1],
                "n_unique": [2, 31],
                "n_below_5": [6, 61],
                "n_below_10": [13, 102],
            }
        ),
        "codebook": pd.DataFrame(
            {
                "table": "clients",
                "variable": ["full", "some", "few", "nearly_none", "tiny"],
                "type": "integer",
                "low": 0.0,
                "high": 123456.0,
                "informant": "-",
                "source": "clients",
                "column": "x",
                "n_rows": [183, 183, 183, 183, 8],
                "n_missing": [0, 57, 4, 178, 1],
                "share_missing": [0.0, 57 / 183, 4 / 183, 178 / 183, 1 / 8],
            }
        ),
        "item_checks": pd.DataFrame(
            {
                "instrument": "phq9",
                "scale": "total",
                "rater": "client",
                "item": [1, 2],
                "item_rest": [0.512345, 0.4],
                "n_clients": [83, 9],
            }
        ),
        "floor_ceiling": pd.DataFrame(
            {
                "instrument": "phq9",
                "scale": "total",
                "rater": "client",
                "occasions": ["intake", "all"],
                "n_clients": [83, 83],
                "n_scores": [83, 512],
                "floor": [3 / 83, 0.25],
                "ceiling": [0.0, 0.0],
            }
        ),
    }
    return {name: conform(table, name) for name, table in made.items()}


@pytest.fixture(scope="module")
def released(tables, dataset, instruments) -> dict[str, Tables]:
    found = candidates(tables | _held(), dataset, instruments)
    rules = Release(smallest_cell=10, rounding=5)
    return {kind: gate(found, kind, rules)[0] for kind in ("confidential", "public")}


def test_public_data_are_exact(released) -> None:
    for name, table in _held().items():
        pd.testing.assert_frame_equal(released["public"][name], table)


def test_few_old_clients_are_not_counted(released) -> None:
    rows = released["confidential"]["privacy"]["n_rows"]
    assert rows.isna().tolist() == [True, False, True]
    assert rows[1] == 45


def test_small_classes_are_not_counted_and_others_rounded(released) -> None:
    table = released["confidential"]["anonymity"].set_index("variables")
    counts = ["n_clients", "smallest_class", "n_unique", "n_below_5", "n_below_10"]
    assert table.loc["gender", counts].isna().tolist() == [False, True, True, True, False]
    assert table.loc["age + gender", ["n_unique", "n_below_5", "n_below_10"]].tolist() == [
        30, 60, 100,
    ]  # fmt: skip


def test_missing_values_are_rounded_and_small_counts_go_with_their_share(released) -> None:
    book = released["confidential"]["codebook"].set_index("variable")
    assert book.loc["full", ["n_rows", "n_missing", "share_missing"]].tolist() == [185, 0, 0.0]
    assert book.loc["some", "n_missing"] == 55
    assert book.loc["some", "share_missing"] == pytest.approx(55 / 185)
    assert book.loc["few", ["n_missing", "share_missing"]].isna().all()
    for variable in ("nearly_none", "tiny"):  # five who told; a table of eight
        assert book.loc[variable, ["n_rows", "n_missing", "share_missing"]].isna().all()
    assert (book["high"] == 123456).all()  # a possible range counts nobody


def test_items_and_ends_on_few_clients_are_withheld(released) -> None:
    items = released["confidential"]["item_checks"]
    assert items["item_rest"].tolist()[0] == 0.5123
    assert pd.isna(items["item_rest"][1])
    assert items["reason"][1].startswith("withheld")
    assert items["n_clients"].tolist()[0] == 85
    ends = released["confidential"]["floor_ceiling"]
    assert pd.isna(ends["floor"][0])  # three clients at the floor
    assert ends.loc[1, ["n_scores", "floor", "ceiling"]].tolist() == [510, 0.25, 0.0]
