"""Curves of dropout: cumulative incidence under each definition, for all clients and by arm."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.release.clustered import Z95
from attunement.release.labels import by_group
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables

LEAST_AT_RISK = 10  # a curve is cut where fewer clients are at risk


def _variance(
    share: np.ndarray,
    before: np.ndarray,
    at_risk: np.ndarray,
    events: np.ndarray,
    endings: np.ndarray,
) -> np.ndarray:
    """Return the delta-method variance of the cumulative incidence at each time.

    With I the share who have dropped out, S the share still in treatment just before, n at risk,
    d dropouts and e endings of either kind at time j, the sum over the times j up to t of

        (I_t - I_j)^2 e / (n (n - e))  +  S^2 d (n - d) / n^3  -  2 (I_t - I_j) S d / n^2
    """
    # Once all have left I does not change any more: the first part is 0, not 0 / 0.
    left = np.where(at_risk > endings, at_risk - endings, np.inf)
    one = endings / (at_risk * left)
    two = before * events / at_risk**2
    three = before**2 * events * (at_risk - events) / at_risk**3
    # The squares multiplied out: running sums instead of a sum of sums.
    return np.maximum(
        share**2 * np.cumsum(one)
        - 2 * share * np.cumsum(share * one + two)
        + np.cumsum(share**2 * one + 2 * share * two + three),
        0.0,
    )


def cumulative_incidence(
    last_time: pd.Series,
    status: pd.Series,
    competing: bool = True,
    planned: pd.Series | None = None,
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
    the share is the plain share of clients and its variance the binomial one.

    A case still open has not shown what follows its last session: it is at risk only before it.
    """
    held = pd.DataFrame({"time": last_time.astype(float), "status": status.astype("str")})
    held["planned"] = False if planned is None else planned.fillna(False).astype(bool)
    held = held[held["status"].isin(("dropped_out", "stayed", "censored"))].dropna()
    seen = held["status"] != "censored"
    times, place = np.unique(held["time"], return_inverse=True)

    def at(rows: pd.Series) -> np.ndarray:
        return np.bincount(place[rows.to_numpy()], minlength=len(times)).astype(float)

    later = np.cumsum(at(held["status"].notna())[::-1])[::-1] - at(held["status"].notna())
    at_risk, events = later + at(seen), at(held["status"] == "dropped_out")
    others = at(held["status"] == "stayed") * float(competing)
    as_planned = at((held["status"] == "stayed") & held["planned"]) * float(competing)
    kept = at_risk > 0
    open_cases = at(~seen)[kept]
    times, at_risk, events, others = times[kept], at_risk[kept], events[kept], others[kept]
    endings = events + others
    staying = np.cumprod(1 - endings / at_risk)
    before = np.concatenate([[1.0], staying[:-1]]) if len(staying) else staying
    share = np.cumsum(before * events / at_risk)
    variance = _variance(share, before, at_risk, events, endings)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log1p(-share)
        spread = Z95 * np.sqrt(variance) / ((1 - share) * np.abs(log))
        low, high = -np.expm1(log * np.exp(-spread)), -np.expm1(log * np.exp(spread))
    inside = (share > 0) & (share < 1 - 1e-12)
    return pd.DataFrame(
        {
            "time": times,
            "n_at_risk": at_risk.astype(int),
            "n_events": events.astype(int),
            "n_competing": others.astype(int),
            "n_planned": as_planned[kept].astype(int),
            "n_censored": open_cases.astype(int),
            "dropped_out": np.minimum(share, 1.0),
            "ci_low": np.where(inside, low, np.nan),
            "ci_high": np.where(inside, high, np.nan),
        }
    )


def dropout_curves(tables: Tables, dataset: Dataset) -> pd.DataFrame:
    """Return the curves of every definition under which somebody dropped out.

    Each is cut where fewer than 10 clients are at risk. Study attrition has no competing ending.
    """
    grouped = by_group(tables["dropout"], tables["clients"], dataset.arm)
    found = []
    for key, rows in grouped.groupby(["definition", "group"], sort=True):
        definition, group = (str(part) for part in key)
        if not (rows["status"] == "dropped_out").any():
            continue
        curve = cumulative_incidence(
            rows["last_time"],
            rows["status"],
            competing=definition != "study_attrition",
            planned=rows["planned_ending"],
        )
        curve = curve[curve["n_at_risk"] >= LEAST_AT_RISK]
        found.append(curve.assign(definition=definition, group=group, withheld=False))
    if not any(len(curve) for curve in found):
        return empty("dropout_curves")
    return conform(pd.concat(found, ignore_index=True), "dropout_curves")
