"""Cumulative incidence: the share of clients who have dropped out, or ended as planned, so far."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from attunement.model.clusters import Z95
from attunement.model.incidence_variance import before, clustered_variance, delta_variance

STATUSES = ("dropped_out", "stayed", "censored")


class Counts(NamedTuple):
    """Clients by therapist and time, arrays of shape (therapists, times), and those `times`."""

    times: np.ndarray
    at_risk: np.ndarray
    dropped_out: np.ndarray
    stayed: np.ndarray
    planned: np.ndarray
    censored: np.ndarray


def counted(
    last_time: pd.Series,
    status: pd.Series,
    competing: bool = True,
    planned: pd.Series | None = None,
    cluster: np.ndarray | None = None,
) -> Counts:
    """Count who was at risk and what became of them; parameters as of `cumulative_incidence`.

    Times after which nobody is at risk are left out.
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
    stayed = held["status"] == "stayed"
    by_therapist = (
        later + at(seen),
        at(held["status"] == "dropped_out"),
        at(stayed) * float(competing),
        at(stayed & held["planned"]) * float(competing),
        at(~seen),
    )
    kept = by_therapist[0].sum(axis=0) > 0
    return Counts(times[kept], *(counts[:, kept] for counts in by_therapist))


def share_and_variance(counts: Counts, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the cumulative incidence of some endings at each time, and its variance.

    Parameters
    ----------
    events : shape (therapists, times)
        The endings in question, some of `dropped_out + stayed`.
    """
    endings = counts.dropped_out + counts.stayed
    at_risk, happened = counts.at_risk.sum(axis=0), events.sum(axis=0)
    everything = endings.sum(axis=0)
    share = np.cumsum(before(at_risk, everything) * happened / at_risk)
    variance = delta_variance(at_risk, happened, everything)
    if len(events) > 1:
        variance = np.maximum(variance, clustered_variance(counts.at_risk, events, endings))
    return share, variance


def limits(share: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return 95% limits on the scale log(-log(1 - share)); missing at 0 and at 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log1p(-share)
        spread = Z95 * np.sqrt(variance) / ((1 - share) * np.abs(log))
        low, high = -np.expm1(log * np.exp(-spread)), -np.expm1(log * np.exp(spread))
    inside = (share > 0) & (share < 1 - 1e-12)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def cumulative_incidence(
    last_time: pd.Series,
    status: pd.Series,
    competing: bool = True,
    planned: pd.Series | None = None,
    cluster: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return the share who have left by dropping out, and as planned, after each time of leaving.

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
        A number that clients of one therapist share (`clusters.clusters`). None takes all clients
        as independent.

    Returns
    -------
    DataFrame
        time, n_at_risk, n_events, n_competing, n_planned, n_censored, dropped_out, ci_low, ci_high
        (95%; missing while nobody has dropped out, and where all have), and the same of planned
        endings: planned, planned_low, planned_high.

    Notes
    -----
    The estimator of Aalen and Johansen (1978, Scand J Stat 5:141-150); its variance by the delta
    method as in Marubini & Valsecchi (1995, Analysing Survival Data from Clinical Trials and
    Observational Studies, Wiley, chapter 10), its limits on the scale log(-log(1 - share)) as in
    Kalbfleisch & Prentice (2002, The Statistical Analysis of Failure Time Data, chapter 1).
    Without competing endings all three are those of Kaplan, Meier and Greenwood; without open cases
    the share is the plain share of clients and its variance the binomial one. With `cluster` the
    variance is the one between therapists (`incidence_variance.clustered_variance`) wherever that
    is the larger one, as a design effect below 1 counts as 1 in the rates.

    A case still open has not shown what follows its last session: it is at risk only before it.
    """
    counts = counted(last_time, status, competing, planned, cluster)
    share, variance = share_and_variance(counts, counts.dropped_out)
    low, high = limits(share, variance)
    as_planned, variance = share_and_variance(counts, counts.planned)
    planned_low, planned_high = limits(as_planned, variance)
    columns = ("at_risk", "dropped_out", "stayed", "planned", "censored")
    names = ("n_at_risk", "n_events", "n_competing", "n_planned", "n_censored")
    numbers = {
        name: getattr(counts, column).sum(axis=0).astype(int)
        for name, column in zip(names, columns, strict=True)
    }
    return pd.DataFrame(
        {"time": counts.times}
        | numbers
        | {
            "dropped_out": np.minimum(share, 1.0),
            "ci_low": low,
            "ci_high": high,
            "planned": np.minimum(as_planned, 1.0),
            "planned_low": planned_low,
            "planned_high": planned_high,
        }
    )
