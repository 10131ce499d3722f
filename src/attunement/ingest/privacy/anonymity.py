"""How many clients share what others may know of them: k-anonymity over quasi-identifiers."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd

from attunement.ingest.privacy.ages import banded, has_ages
from attunement.study.contracts import conform
from attunement.study.dataset import Dataset
from attunement.study.files import Tables

MOST_PAIRS = 45  # of ten covariates
NONE = (
    "no quasi-identifiers are declared: name under privacy.quasi_identifiers the covariates that "
    "others may know of a person (age, gender, ethnicity, site)"
)


def classes(values: pd.DataFrame) -> dict[str, int]:
    """Count the classes of clients with the same values; a missing value is a value of its own.

    Returns
    -------
    dict
        n_clients, n_classes, smallest_class (the k of k-anonymity, Sweeney 2002), and clients in
        classes of one (n_unique), of fewer than 5 and of fewer than 10.
    """
    keys = [pd.factorize(values[name], use_na_sentinel=False)[0] for name in values]
    sizes = pd.DataFrame(dict(enumerate(keys))).groupby(list(range(len(keys))), sort=False).size()

    def below(limit: int) -> int:
        return int(sizes[sizes < limit].sum())

    return {
        "n_clients": len(values),
        "n_classes": len(sizes),
        "smallest_class": int(sizes.min()),
        "n_unique": below(2),
        "n_below_5": below(5),
        "n_below_10": below(10),
    }


def anonymity_table(tables: Tables, dataset: Dataset) -> pd.DataFrame:
    """Return how well clients hide among each other (contract `anonymity`).

    A row for each declared quasi-identifier, each pair (the first 45) and all together; where one
    of them is an age, once as it stands and once in bands of five years. Numbers that are no ages
    are taken as they stand. Where none is declared, one row says so.
    """
    clients, names = tables["clients"], list(dict.fromkeys(dataset.privacy.quasi_identifiers))
    if not names or clients.empty:
        reason = NONE if not names else "there are no clients"
        bare = {"variables": "-", "ages": "-", "n_variables": 0, "reason": reason}
        return conform(pd.DataFrame([bare]), "anonymity")
    sets: list[tuple[str, ...]] = [(name,) for name in names]
    sets += list(combinations(names, 2))[:MOST_PAIRS]
    if len(names) > 2:
        sets.append(tuple(names))
    rows: list[dict[str, Any]] = []
    for some in sets:
        ages = [name for name in some if has_ages(dataset, name)]
        values = clients[list(some)]
        told = {"variables": " + ".join(some), "n_variables": len(some)}
        rows.append(told | {"ages": "exact" if ages else "-"} | classes(values))
        if ages:
            bands = values.assign(**{name: banded(values[name]) for name in ages})
            rows.append(told | {"ages": "bands of 5"} | classes(bands))
    return conform(pd.DataFrame(rows), "anonymity")
