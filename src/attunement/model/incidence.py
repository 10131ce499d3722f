"""Cumulative incidence of dropout and of planned endings, by accommodation up to a landmark."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from attunement.model.clusters import FEWEST_THERAPISTS, Z95, clusters
from attunement.model.exposure import exposure, past, require
from attunement.model.incidence_curve import Counts, counted, limits, share_and_variance
from attunement.model.incidence_variance import influence, squared
from attunement.model.outcomes import complete_clients
from attunement.model.result import Model, Result
from attunement.model.risk_set import left_before
from attunement.model.rows import derived_rows
from attunement.study.contracts import empty
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

GROUPS = {2: ("low", "high"), 3: ("low", "middle", "high")}
DROPPED = "dropped_out"
CAUSES = {DROPPED: "less dropout", "planned": "fewer planned endings"}
LEAST_AT_RISK = 10


def accommodation_groups(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return the clients in treatment at the landmark in equal groups of accommodation up to it.

    Groups formed by what came later, or by all sessions, would hold the answer already: who stays
    long has other sessions. Clients without accommodation by the landmark, and those without a
    strong preference, are in no group. Equal values stay together.

    Parameters
    ----------
    specification : Specification
        `landmark`; the setting `groups` (2: halves, 3: thirds).

    Returns
    -------
    DataFrame
        client, last, status (dropped_out, stayed, censored), planned, therapist, value
        (accommodation up to the landmark), group (low, middle, high).

    Raises
    ------
    NotEstimable
        The tables do not hold what is needed, nobody drops out after the landmark, or the groups
        are too few.
    """
    require(tables, f"dropout.{specification.dropout_definition}")
    landmark = specification.landmark
    if landmark is None:
        raise ValueError("curves by accommodation need a landmark")
    rows = tables["dropout"]
    rows = rows[rows["definition"] == specification.dropout_definition]
    rows = rows[(rows["status"] != "unknown") & (rows["last_time"] >= landmark)]
    table = past(exposure(tables, specification), specification)
    table = table[table["session"] <= landmark].drop_duplicates("client", keep="last")
    value = table.set_index("client")["accommodation_past"].dropna()
    people = complete_clients(tables, specification)
    rows = rows[rows["client"].isin(value.index) & rows["client"].isin(people["client"])]
    found = pd.DataFrame(
        {
            "client": rows["client"],
            "last": rows["last_time"].astype(float),
            "status": rows["status"].astype("str"),
            "planned": rows["planned_ending"].fillna(False).astype(bool),
            "therapist": rows["client"].map(people.set_index("client")["therapist"]),
            "value": rows["client"].map(value).astype(float),
        }
    ).reset_index(drop=True)
    # A case last seen at the landmark and still open has nothing to tell of what follows it.
    found = found[(found["status"] != "censored") | (found["last"] > landmark)]
    if not (found["status"] == "dropped_out").any():
        raise NotEstimable(f"nobody dropped out after session {landmark} under this definition")
    names = GROUPS[int(specification.setting("groups", "2"))]
    place = (found["value"].rank() - 0.5) / len(found) * len(names)
    found["group"] = np.array(names, dtype=object)[np.minimum(place.astype(int), len(names) - 1)]
    sizes = found["group"].value_counts().reindex(list(names), fill_value=0)
    if sizes.min() < LEAST_AT_RISK:
        raise NotEstimable(f"fewer than {LEAST_AT_RISK} clients in a group of accommodation")
    return found.reset_index(drop=True)


def _until(counts: Counts, time: float) -> int:
    """The place of the last time at or before `time`."""
    place = int(np.searchsorted(counts.times, time, side="right")) - 1
    if place < 0 or counts.at_risk[:, place].sum() < LEAST_AT_RISK:
        raise NotEstimable(
            f"fewer than {LEAST_AT_RISK} clients of a group at risk by session {time:g}"
        )
    return place


def incidence_rows(clients: pd.DataFrame, until: float) -> pd.DataFrame:
    """Return the shares who left by a time in the lowest and highest group, and their difference.

    Parameters
    ----------
    clients : DataFrame
        What `accommodation_groups` returned.
    until : session by which they left.

    Returns
    -------
    DataFrame
        For dropout and for planned endings: `<cause>_by_<session>_low`, `_high` (metric
        `probability`) and `_high_minus_low` (RD), limits of shares on the scale log(-log), of the
        difference plain. Shares of two causes and of those still in treatment add up to 1. The
        difference is not adjusted for preferences or delivery.

    Notes
    -----
    Aalen & Johansen (1978, Scand J Stat 5:141-150), open cases censored. Where ten therapists are
    known, variances are between therapists (infinitesimal jackknife); that of the difference counts
    what therapists with clients in both groups have in common. Else clients count as independent.
    """
    code = clusters(clients["client"], clients)
    rows: list[dict[str, Any]] = []
    held: dict[str, tuple[pd.DataFrame, Counts, int]] = {}
    for group in ("low", "high"):
        part = clients["group"] == group
        here = clients[part]
        own = None if code is None else code[part.to_numpy()]
        counts = counted(here["last"], here["status"], planned=here["planned"], cluster=own)
        held[group] = (here, counts, _until(counts, until))
    for cause, direction in CAUSES.items():
        shares, variances, moved = [], [], []
        for group, (here, counts, place) in held.items():
            events = getattr(counts, cause)
            share, variance = share_and_variance(counts, events)
            low, high = limits(share, variance)
            shares.append(float(share[place]))
            variances.append(float(variance[place]))
            happened = int(events[:, : place + 1].sum())
            rows.append(
                _row(f"{cause}_by_{until:g}_{group}", "probability", shares[-1], variances[-1])
                | {"ci_low": low[place], "ci_high": high[place], "direction": "a share"}
                | {"n_obs": len(here), "n_clients": len(here), "n_events": happened}
                | {"n_therapists": here["therapist"].nunique()}
            )
            if code is not None:
                own = np.unique(code[(clients["group"] == group).to_numpy()])
                whole = np.zeros(int(code.max()) + 1)
                whole[own] = influence(counts.at_risk, events, counts.dropped_out + counts.stayed)[
                    :, place
                ]
                moved.append(whole)
        apart = float(squared((moved[1] - moved[0])[:, None])[0]) if moved else sum(variances)
        rows.append(
            _row(f"{cause}_by_{until:g}_high_minus_low", "RD", shares[1] - shares[0], apart)
            | {"direction": f"below 0: {direction}"}
            | {"n_events": int(sum(row["n_events"] for row in rows[-2:]))}
        )
    return pd.DataFrame(rows)


def _row(term: str, metric: str, estimate: float, variance: float) -> dict[str, Any]:
    se = float(np.sqrt(variance))
    known = metric == "RD" and se > 0
    statistic = estimate / se if known else np.nan
    return {
        "term": term,
        "level": "-",
        "metric": metric,
        "scale": "raw",
        "estimate": estimate,
        "se": se,
        "df_method": "normal",
        "statistic": statistic,
        "p": 2 * norm.sf(abs(statistic)) if known else np.nan,
        "ci_low": estimate - Z95 * se if known else np.nan,
        "ci_high": estimate + Z95 * se if known else np.nan,
    }


def incidence_by_accommodation(tables: Tables, specification: Specification) -> Result:
    """Describe how many left by a session, at low and at high accommodation up to the landmark.

    The setting `until` names the session.
    """
    clients = accommodation_groups(tables, specification)
    frame = clients.assign(event=(clients["status"] == "dropped_out").astype(float))
    model = Model(specification.formula, {}, frame, ())
    few = clients["therapist"].nunique() < FEWEST_THERAPISTS
    told = ["fewer than ten therapists: clients counted as independent"] if few else []
    described = SimpleNamespace(converged=True, singular=False, engine="attunement", messages=told)
    rows = incidence_rows(clients, float(specification.setting("until", "10")))
    early = left_before(tables, frame, specification)
    rows["n_before_risk"] = [early if term.startswith(DROPPED) else None for term in rows["term"]]
    return Result(derived_rows(rows, described, model, specification), empty("variance"))
