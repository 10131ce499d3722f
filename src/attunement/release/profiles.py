"""What clients wanted and what they were given, dimension by dimension."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.release.labels import Instruments, dimension_poles
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables


def _line(rows: pd.DataFrame, value: str) -> dict[str, Any]:
    """Mean and spread of client means; shares of clients' occasions in either strong band."""
    rows = rows.dropna(subset=value)
    grouped = rows.groupby("client")
    means = grouped[value].mean()
    band = rows["band"].astype("Float64")
    first = (band == 1).astype("Float64").groupby(rows["client"]).mean()
    other = (band == -1).astype("Float64").groupby(rows["client"]).mean()
    known = bool(band.notna().any())
    return {
        "mean": means.mean(),
        "sd": means.std(ddof=1) if len(means) > 1 else None,
        "strong_first": first.mean() if known else None,
        "strong_other": other.mean() if known else None,
        "n_clients": len(means),
    }


def profiles(tables: Tables, dataset: Dataset, instruments: Instruments) -> pd.DataFrame:
    """Return mean preference and delivery per dimension (contract `profiles`).

    Preference is the first that a client stated; delivery the client's mean over rated sessions,
    one line per informant. Both lie between -1 (other pole) and 1 (first pole).
    """
    lines: list[dict[str, Any]] = []
    preferences, delivery = tables["preferences"], tables["delivery"]
    for dimension, (first_pole, other_pole) in dimension_poles(dataset, instruments).items():
        fixed = {"dimension": dimension, "label": f"{first_pole} to {other_pole}"}
        wanted = preferences[preferences["dimension"] == dimension]
        wanted = wanted.sort_values(["client", "from_session"], kind="stable")
        wanted = wanted.drop_duplicates("client")
        if wanted["preference"].notna().any():
            line = _line(wanted, "preference")
            lines.append({**fixed, "role": "preference", "rater": "client", **line})
        given = delivery[(delivery["dimension"] == dimension) & delivery["delivery"].notna()]
        for rater in sorted(given["rater"].unique()):
            line = _line(given[given["rater"] == rater], "delivery")
            lines.append({**fixed, "role": "delivery", "rater": rater, **line})
    if not lines:
        return empty("profiles")
    return conform(pd.DataFrame(lines).assign(withheld=False), "profiles")
