"""Classes of clients with the same values, counted by hand and by brute force."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from ingest_builders import declared

from attunement.ingest.privacy.anonymity import anonymity_table, classes
from attunement.study.contracts import conform

COVARIATES = {
    "age": {"column": "age", "kind": "integer", "meaning": "age", "unit": "years"},
    "gender": {"column": "gender", "kind": "category", "meaning": "gender"},
    "town": {"column": "town", "kind": "category", "meaning": "size of the town"},
}


def _dataset(*names: str):
    source = {"source": "people", "columns": {"client": "id"}, "covariates": COVARIATES}
    return declared(clients=source, privacy={"quasi_identifiers": list(names)})


def _tables(**columns) -> dict[str, pd.DataFrame]:
    size = len(next(iter(columns.values())))
    frame = pd.DataFrame({"client": [f"c{k}" for k in range(size)]} | columns)
    return {"clients": conform(frame, "clients")}


def test_by_hand() -> None:
    # Gender: 12 women, 4 men, 1 of neither kind, 1 untold.
    gender = ["w"] * 12 + ["m"] * 4 + ["n", None]
    row = anonymity_table(_tables(gender=gender), _dataset("gender")).iloc[0]
    assert (row["n_clients"], row["n_classes"], row["smallest_class"]) == (18, 4, 1)
    assert (row["n_unique"], row["n_below_5"], row["n_below_10"]) == (2, 6, 6)


def test_ages_stand_exact_and_in_bands() -> None:
    age = pd.Series([20, 21, 24, 25, 29, 90, None], dtype="Int64")
    table = anonymity_table(_tables(age=age), _dataset("age")).set_index("ages")
    assert table.loc["exact", ["n_classes", "n_unique"]].tolist() == [7, 7]
    # 20 to 24: three; 25 to 29: two; 90: one; untold: one.
    assert table.loc["bands of 5", ["n_classes", "n_unique"]].tolist() == [4, 2]


def test_singles_pairs_and_all_together() -> None:
    tables = _tables(
        age=pd.Series([20, 30], dtype="Int64"), gender=["w", "m"], town=["small", "small"]
    )
    table = anonymity_table(tables, _dataset("age", "gender", "town"))
    assert list(table.loc[table["ages"] != "exact", "variables"]) == [
        "age", "gender", "town", "age + gender", "age + town", "gender + town",
        "age + gender + town",
    ]  # fmt: skip


def test_none_declared_is_said() -> None:
    row = anonymity_table(_tables(gender=["w"]), _dataset()).iloc[0]
    assert "privacy.quasi_identifiers" in row["reason"]
    assert pd.isna(row["smallest_class"])


@pytest.mark.parametrize("seed", range(4))
def test_against_counting_one_by_one(seed: int) -> None:
    draw = np.random.default_rng(seed)
    values = pd.DataFrame(
        {
            "a": draw.choice(["x", "y", "z", None], 200),
            "b": pd.array(draw.choice([1, 2, 3, 4, 5, pd.NA], 200), dtype="Int64"),
            "c": draw.random(200) > 0.8,
        }
    )
    sizes = Counter(tuple(map(str, row)) for row in values.itertuples(index=False))
    found = classes(values)
    assert found["n_classes"] == len(sizes)
    assert found["smallest_class"] == min(sizes.values())
    for name, limit in (("n_unique", 2), ("n_below_5", 5), ("n_below_10", 10)):
        assert found[name] == sum(size for size in sizes.values() if size < limit)
