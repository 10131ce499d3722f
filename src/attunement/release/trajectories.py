"""Mean outcome over time, for all clients and by arm."""

from __future__ import annotations

import pandas as pd

from attunement.release.labels import (
    Instruments,
    by_group,
    outcome_label,
    outcome_names,
    scores_of,
)
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables

MOST_TIMES = 60


def _binned(time: pd.Series, per: float) -> pd.Series:
    """Time as it stands, or in steps of a tenth of the reference span where it is continuous."""
    if time.nunique() <= MOST_TIMES:
        return time
    step = per / 10
    return ((time / step).round() * step).round(6)


def trajectories(tables: Tables, dataset: Dataset, instruments: Instruments) -> pd.DataFrame:
    """Return mean and SD of each declared outcome at each time (contract `trajectories`).

    Scores are those of the outcome's own informant. Means are of those with a score at that time:
    clients who left are not in later means. A client with several scores in one step of time counts
    once, with their mean.
    """
    scores, found = tables["scores"], []
    for outcome in outcome_names(dataset):
        rows = scores_of(outcome, scores, dataset)
        if rows.empty:
            continue
        rows = rows.assign(time=_binned(rows["time"].astype(float), dataset.time.per))
        rows = rows.groupby(["client", "time"], sort=True)["value"].mean().reset_index()
        grouped = by_group(rows, tables["clients"], dataset.arm).groupby(["group", "time"])["value"]
        lines = pd.DataFrame(
            {"n_clients": grouped.size(), "mean": grouped.mean(), "sd": grouped.std(ddof=1)}
        ).reset_index()
        lines["outcome"], lines["label"] = outcome, outcome_label(outcome, dataset, instruments)
        found.append(lines)
    if not found:
        return empty("trajectories")
    return conform(pd.concat(found, ignore_index=True).assign(withheld=False), "trajectories")
