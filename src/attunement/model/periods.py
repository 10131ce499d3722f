"""Rows at risk of leaving: person-periods for the hazard, one row per client for the landmark."""

from __future__ import annotations

import numpy as np
import pandas as pd

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

    Neighbouring periods are joined until each band holds at least ten events, with at most six
    bands of about equally many: flexible where there are events, never empty.
    """
    events = event.groupby(period).sum().sort_index()
    bands = int(np.clip(events.sum() // EVENTS_PER_BAND, 1, MOST_BANDS))
    share = events.sum() / bands
    before = events.cumsum() - events / 2
    number = np.minimum((before / share).astype(int), bands - 1)
    text = {}
    for band in sorted(set(number)):
        inside = events.index[number == band]
        low, high = f"{inside.min():g}", f"{inside.max():g}"
        # The leading number keeps the order of bands the order of time.
        text[band] = f"{band + 1}: {low}" if low == high else f"{band + 1}: {low} to {high}"
    return period.map(number).map(text)


def person_periods(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per client and period at risk of leaving before the next.

    A client in treatment through period L has rows up to L; the event is in row L. Planned endings
    in row L are no event (cause-specific); for cases still open row L is not yet decided and is
    left out. Periods after the last dropout of all are left out: under that definition nobody is
    at risk there.
    """
    clients = classified(tables, specification)
    if specification.dropout_definition == "study_attrition":
        times = np.array(sorted(specification.attrition_times), dtype=float)[:-1]
    else:
        times = np.arange(1.0, clients["last"].max() + 1.0)
    times = times[times <= clients.loc[clients["dropped_out"], "last"].max()]
    rows = clients.merge(pd.DataFrame({"period": times}), how="cross")
    open_case = rows["censored"] & (rows["period"] >= rows["last"])
    rows = rows[(rows["period"] <= rows["last"]) & ~open_case]
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
