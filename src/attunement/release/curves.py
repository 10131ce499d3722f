"""Kaplan-Meier curves of dropout, under each definition, for all clients and by arm."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.release.dropout import Z95
from attunement.release.labels import by_group
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables


def kaplan_meier(last_time: pd.Series, status: pd.Series) -> pd.DataFrame:
    """Return the share not yet dropped out after each time at which somebody left or stopped.

    Parameters
    ----------
    last_time : Series of float
        Last session (or assessment) in treatment. Whoever dropped out left between it and the next.
    status : Series of str
        dropped_out, stayed (a planned ending) or censored (still in treatment); no others count.

    Returns
    -------
    DataFrame
        time, n_at_risk, n_events, staying, ci_low, ci_high (Greenwood's variance on the log-log
        scale; missing while nobody has left, and once nobody is left).

    Notes
    -----
    Planned endings are censored after their last session, in which they were at risk like everyone.
    A case still open has not shown what follows its last session: it is at risk only before it.
    """
    held = pd.DataFrame({"time": last_time.astype(float), "status": status.astype("str")})
    held = held[held["status"].isin(("dropped_out", "stayed", "censored"))].dropna()
    times = np.unique(held["time"])
    last, still = held["time"].to_numpy(), (held["status"] == "censored").to_numpy()
    event = (held["status"] == "dropped_out").to_numpy()
    at_risk = np.array([np.sum((last > t) | ((last == t) & ~still)) for t in times], dtype=float)
    events = np.array([np.sum(event & (last == t)) for t in times], dtype=float)
    kept = at_risk > 0
    times, at_risk, events = times[kept], at_risk[kept], events[kept]
    staying = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        spread = Z95 * np.sqrt(greenwood) / np.abs(np.log(staying))
        low, high = staying ** np.exp(spread), staying ** np.exp(-spread)
    inside = (staying > 0) & (staying < 1)
    return pd.DataFrame(
        {
            "time": times,
            "n_at_risk": at_risk.astype(int),
            "n_events": events.astype(int),
            "staying": staying,
            "ci_low": np.where(inside, low, np.nan),
            "ci_high": np.where(inside, high, np.nan),
        }
    )


def dropout_curves(tables: Tables, dataset: Dataset) -> pd.DataFrame:
    """Return the curves of every definition under which somebody dropped out."""
    grouped = by_group(tables["dropout"], tables["clients"], dataset.arm)
    found = []
    for key, rows in grouped.groupby(["definition", "group"], sort=True):
        definition, group = (str(part) for part in key)
        if not (rows["status"] == "dropped_out").any():
            continue
        curve = kaplan_meier(rows["last_time"], rows["status"])
        found.append(curve.assign(definition=definition, group=group, withheld=False))
    if not found:
        return empty("dropout_curves")
    return conform(pd.concat(found, ignore_index=True), "dropout_curves")
