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
KNOTS = 4
# The endings that may be the event, and what is said where nobody has it.
CAUSES = {
    "dropout": "nobody dropped out under this definition",
    "planned_ending": "nobody who did not drop out under this definition has a planned ending",
}


def cause_of(specification: Specification) -> str:
    """Return the ending that is the event: a dropout, or a planned ending (the setting `cause`)."""
    cause = specification.setting("cause", "dropout")
    if cause not in CAUSES:
        raise ValueError(f"cause: {cause!r} is none of {', '.join(CAUSES)}")
    return cause


def classified(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return the clients whom the definition of dropout can classify.

    The event is the one that the specification names: dropout, or a planned ending of those whom
    the definition does not call dropouts. Every other ending competes with it: no event, and
    nothing after it.

    Returns
    -------
    DataFrame
        client, last (session or assessment time), event, censored (not known yet).

    Raises
    ------
    NotEstimable
        Nobody can be classified, or nobody has the event.
    """
    rows = tables["dropout"]
    rows = rows[rows["definition"] == specification.dropout_definition]
    rows = rows[(rows["status"] != "unknown") & rows["last_time"].notna()]
    if rows.empty:
        raise NotEstimable("no client can be classified under this definition of dropout")
    event, censored = rows["status"] == "dropped_out", rows["status"] == "censored"
    if cause_of(specification) == "planned_ending":
        event = (rows["status"] == "stayed") & rows["planned_ending"].fillna(False).astype(bool)
        # Who can no longer drop out has stayed, but how treatment will end is not known yet.
        endings = tables["endings"]
        going_on = endings.loc[endings["ending"] == "ongoing", "client"]
        censored |= rows["client"].isin(going_on) & (rows["status"] == "stayed")
    if not event.any():
        raise NotEstimable(CAUSES[cause_of(specification)])
    return pd.DataFrame(
        {
            "client": rows["client"],
            "last": rows["last_time"].astype(float),
            "event": event.astype(bool),
            "censored": censored.astype(bool),
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


def baseline_spline(period: pd.Series, event: pd.Series) -> pd.DataFrame:
    """Return a smooth baseline hazard beside the bands: a natural cubic spline of log time.

    Of log(1 + period), with four knots evenly spaced from the first period with an event to the
    last: linear beyond them. Columns baseline_1 (linear) to baseline_3, the truncated cubics in
    the form of Stone & Koo, as in Harrell (2015, Regression Modeling Strategies, section 2.4.5).

    Raises
    ------
    NotEstimable
        Events fall in fewer than four periods.
    """
    with_events = period[event > 0]
    if with_events.nunique() < KNOTS:
        raise NotEstimable(f"events in fewer than {KNOTS} periods are too few for a spline of time")
    time = np.log1p(period.to_numpy(dtype=float))
    knots = np.linspace(np.log1p(with_events.min()), np.log1p(with_events.max()), KNOTS)
    span = knots[-1] - knots[-2]

    def cubic(knot: float) -> np.ndarray:
        return np.maximum(time - knot, 0.0) ** 3

    columns = {"baseline_1": time}
    for place, knot in enumerate(knots[:-2], 2):
        column = cubic(knot) - cubic(knots[-2]) * (knots[-1] - knot) / span
        column += cubic(knots[-1]) * (knots[-2] - knot) / span
        columns[f"baseline_{place}"] = column / (knots[-1] - knots[0]) ** 2
    return pd.DataFrame(columns, index=period.index)


def person_periods(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per client and period at risk of leaving before the next.

    A client in treatment through period L has rows up to L; the event is in row L. An ending in
    row L of another kind is no event (cause-specific); for a case still open row L is not yet
    decided and is left out. Periods after the last event of all are left out: they say nothing of
    the hazard.
    """
    clients = classified(tables, specification)
    if specification.dropout_definition == "study_attrition":
        times = np.array(sorted(specification.attrition_times), dtype=float)[:-1]
    else:
        times = np.arange(1.0, clients["last"].max() + 1.0)
    times = times[times <= clients.loc[clients["event"], "last"].max()]
    row, period = periods_at_risk(clients["last"].to_numpy(), clients["censored"].to_numpy(), times)
    rows = clients.iloc[row].assign(period=period)
    if rows.empty:
        raise NotEstimable("everybody with this ending left before the first period at risk")
    rows["event"] = (rows["event"] & (rows["period"] == rows["last"])).astype(float)
    return rows[["client", "period", "event"]].reset_index(drop=True)


def at_landmark(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per client still in treatment at the landmark: did the client drop out later?

    Cases still open have no answer yet and are left out.
    """
    clients = classified(tables, specification)
    if specification.landmark is None:
        raise ValueError("a landmark specification needs its landmark")
    rows = clients[(clients["last"] >= specification.landmark) & ~clients["censored"]]
    if rows.empty or not rows["event"].any():
        cause = {"dropout": "dropped out", "planned_ending": "ended as planned"}
        raise NotEstimable(
            f"nobody {cause[cause_of(specification)]} after session {specification.landmark} under "
            "this definition"
        )
    event = rows["event"].astype(float)
    return pd.DataFrame({"client": rows["client"], "event": event}).reset_index(drop=True)
