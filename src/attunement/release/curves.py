"""Curves of dropout: cumulative incidence under each definition, for all clients and by arm."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.release.clustered import Z95, clusters
from attunement.release.curves_variance import before, clustered_variance, delta_variance
from attunement.release.labels import by_group
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables

STATUSES = ("dropped_out", "stayed", "censored")
LEAST_AT_RISK = 10  # a curve is cut where fewer clients are at risk


def cumulative_incidence(
    last_time: pd.Series,
    status: pd.Series,
    competing: bool = True,
    planned: pd.Series | None = None,
    cluster: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return the share who have dropped out after each time at which somebody left or stopped.

    Parameters
    ----------
    last_time : Series of float
        Last session (or assessment) in treatment. Whoever dropped out left between it and the next.
    status : Series of str
        dropped_out, stayed (an ending that the definition does not call dropout) or censored (still
        in treatment); no others count.
    planned : Series of bool, optional
        Whose ending is recorded as planned, counted among the competing ones.
    competing : bool
        Whether who stayed has left otherwise and can drop out no more. False: who stayed was
        observed through the last time and then no longer (assessments of a study).
    cluster : array of int, optional
        A number that clients of one therapist share (`clustered.clusters`). None takes all clients
        as independent.

    Returns
    -------
    DataFrame
        time, n_at_risk, n_events, n_competing, n_planned, n_censored, dropped_out, ci_low, ci_high
        (95%; missing while nobody has dropped out, and where all have).

    Notes
    -----
    The estimator of Aalen and Johansen (1978, Scand J Stat 5:141-150); its variance by the delta
    method as in Marubini & Valsecchi (1995, Analysing Survival Data from Clinical Trials and
    Observational Studies, Wiley, chapter 10), its limits on the scale log(-log(1 - share)) as in
    Kalbfleisch & Prentice (2002, The Statistical Analysis of Failure Time Data, chapter 1).
    Without competing endings all three are those of Kaplan, Meier and Greenwood; without open cases
    the share is the plain share of clients and its variance the binomial one. With `cluster` the
    variance is the one between therapists (`curves_variance.clustered_variance`) wherever that is
    the larger one, as a design effect below 1 counts as 1 in the rates.

    A case still open has not shown what follows its last session: it is at risk only before it.
    """
    held = pd.DataFrame({"time": last_time.astype(float), "status": status.astype("str")})
    held["planned"] = False if planned is None else planned.fillna(False).astype(bool)
    held["cluster"] = 0 if cluster is None else cluster
    held = held[held["status"].isin(STATUSES)].dropna()
    seen = held["status"] != "censored"
    times, place = np.unique(held["time"], return_inverse=True)
    codes, code = np.unique(held["cluster"], return_inverse=True)
    shape = (len(codes), len(times))

    def at(rows: pd.Series) -> np.ndarray:
        """Count rows by therapist and time."""
        where = (code * shape[1] + place)[rows.to_numpy()]
        return np.bincount(where, minlength=shape[0] * shape[1]).reshape(shape).astype(float)

    everybody = at(held["status"].notna())
    later = np.cumsum(everybody[:, ::-1], axis=1)[:, ::-1] - everybody
    by_therapist = [
        later + at(seen),
        at(held["status"] == "dropped_out"),
        at(held["status"] == "stayed") * float(competing),
        at((held["status"] == "stayed") & held["planned"]) * float(competing),
        at(~seen),
    ]
    kept = by_therapist[0].sum(axis=0) > 0
    by_therapist = [counts[:, kept] for counts in by_therapist]
    at_risk, events, others, as_planned, open_cases = (
        counts.sum(axis=0) for counts in by_therapist
    )
    share = np.cumsum(before(at_risk, events + others) * events / at_risk)
    variance = delta_variance(at_risk, events, events + others)
    if len(codes) > 1:
        risk, gone, stayed = by_therapist[:3]
        variance = np.maximum(variance, clustered_variance(risk, gone, gone + stayed))
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log1p(-share)
        spread = Z95 * np.sqrt(variance) / ((1 - share) * np.abs(log))
        low, high = -np.expm1(log * np.exp(-spread)), -np.expm1(log * np.exp(spread))
    inside = (share > 0) & (share < 1 - 1e-12)
    return pd.DataFrame(
        {
            "time": times[kept],
            "n_at_risk": at_risk.astype(int),
            "n_events": events.astype(int),
            "n_competing": others.astype(int),
            "n_planned": as_planned.astype(int),
            "n_censored": open_cases.astype(int),
            "dropped_out": np.minimum(share, 1.0),
            "ci_low": np.where(inside, low, np.nan),
            "ci_high": np.where(inside, high, np.nan),
        }
    )


def dropout_curves(tables: Tables, dataset: Dataset) -> pd.DataFrame:
    """Return the curves of every definition under which somebody dropped out.

    Each is cut where fewer than 10 clients are at risk. Study attrition has no competing ending.
    Limits take account of therapists where ten are known among the clients of a curve.
    """
    grouped = by_group(tables["dropout"], tables["clients"], dataset.arm)
    found = []
    for key, rows in grouped.groupby(["definition", "group"], sort=True):
        definition, group = (str(part) for part in key)
        rows = rows[rows["status"].isin(STATUSES) & rows["last_time"].notna()]
        if not (rows["status"] == "dropped_out").any():
            continue
        curve = cumulative_incidence(
            rows["last_time"],
            rows["status"],
            competing=definition != "study_attrition",
            planned=rows["planned_ending"],
            cluster=clusters(rows["client"], tables["clients"]),
        )
        curve = curve[curve["n_at_risk"] >= LEAST_AT_RISK]
        found.append(curve.assign(definition=definition, group=group, withheld=False))
    if not any(len(curve) for curve in found):
        return empty("dropout_curves")
    return conform(pd.concat(found, ignore_index=True), "dropout_curves")
