"""Rows at risk of leaving: person-periods for the hazard, one row per client for the landmark."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attunement.score.dropout_periods import periods_at_risk
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

MOST_BANDS, EVENTS_PER_BAND = 6, 10


def classified(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return the clients whom the definition of dropout can classify.

    Returns
    -------
    DataFrame
        client, last (session or assessment time), dropped_out, censored.
    """
    rows = tables["dropout"]
    rows = rows[rows["definition"] == specification.dropout_definition]
    rows = rows[(rows["status"] != "unknown") & rows["last_time"].notna()]
    if rows.empty:
        raise NotEstimable("no client can be classified under this definition of dropout")
    if not (rows["status"] == "dropped_out").any():
        raise NotEstimable("nobody dropped out under this definition")
    return pd.DataFrame(
        {
            "client": rows["client"],
            "last": rows["last_time"].astype(float),
            "dropped_out": rows["status"] == "dropped_out",
            "censored": rows["status"] == "censored",
        }
    ).reset_index(drop=True)


def baseline_bands(period: pd.Series, event: pd.Series) -> pd.Series:
    """Return the band of each period for a piecewise constant baseline hazard.

    Neighbouring periods are joined until a band holds ten events and a sixth of all; what is left
    at the end joins the last band. So there are at most six bands, and none without events.
    """
    events = event.groupby(period).sum().sort_index()
    enough = max(EVENTS_PER_BAND, events.sum() / MOST_BANDS)
    bands: list[list[Any]] = [[]]
    held = 0.0
    for time, count in events.items():
        if held >= enough:
            bands.append([])
            held = 0.0
        bands[-1].append(time)
        held += count
    if held < EVENTS_PER_BAND and len(bands) > 1:
        bands[-2:] = [bands[-2] + bands[-1]]
    names: dict[Any, str] = {}
    for number, times in enumerate(bands, 1):
        low, high = f"{times[0]:g}", f"{times[-1]:g}"
        # The leading number keeps the order of bands the order of time.
        text = f"{number}: {low}" if low == high else f"{number}: {low} to {high}"
        names |= dict.fromkeys(times, text)
    return period.map(names)


def person_periods(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per client and period at risk of leaving before the next.

    A client in treatment through period L has rows up to L; the event is in row L. An ending in
    row L that the definition does not call dropout is no event (cause-specific); for a case still
    open row L is not yet decided and is left out. Periods after the last dropout of all are left
    out: under that definition nobody is at risk there.
    """
    clients = classified(tables, specification)
    if specification.dropout_definition == "study_attrition":
        times = np.array(sorted(specification.attrition_times), dtype=float)[:-1]
    else:
        times = np.arange(1.0, clients["last"].max() + 1.0)
    times = times[times <= clients.loc[clients["dropped_out"], "last"].max()]
    row, period = periods_at_risk(clients["last"].to_numpy(), clients["censored"].to_numpy(), times)
    rows = clients.iloc[row].assign(period=period)
    if rows.empty:
        raise NotEstimable("everybody who dropped out left before the first period at risk")
    rows["event"] = (rows["dropped_out"] & (rows["period"] == rows["last"])).astype(float)
    return rows[["client", "period", "event"]].reset_index(drop=True)


def at_landmark(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per client still in treatment at the landmark: did the client drop out later?

    Cases still open have no answer yet and are left out.
    """
    clients = classified(tables, specification)
    if specification.landmark is None:
        raise ValueError("a landmark specification needs its landmark")
    rows = clients[(clients["last"] >= specification.landmark) & ~clients["censored"]]
    if rows.empty or not rows["dropped_out"].any():
        raise NotEstimable(
            f"nobody dropped out after session {specification.landmark} under this definition"
        )
    event = rows["dropped_out"].astype(float)
    return pd.DataFrame({"client": rows["client"], "event": event}).reset_index(drop=True)
