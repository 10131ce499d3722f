"""Reliability of client means and therapist means, from variance components of a scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.mixed import FitError, fit_linear
from attunement.score.coefficients import FEWEST_CLIENTS, Coefficient

FEWEST_THERAPISTS = 10
NO_VARIANCE = "the variance between {} is estimated at zero: no interval"


def harmonic_mean(counts: np.ndarray) -> float:
    """Return the harmonic mean: the size that a mean's error variance has on average."""
    return float(len(counts) / (1 / counts).sum()) if len(counts) else np.nan


def of_mean(share: np.ndarray, n: float, kept: float = 1.0) -> np.ndarray:
    """Return the reliability of a mean of n, from the share of variance between (Spearman-Brown).

    `kept` is the part of the remaining variance that counts as error.
    """
    return share / (share + (1 - share) * kept / n)


@dataclass(frozen=True)
class Means:
    """The reliabilities of one scale's means, and what they rest on."""

    between_client: Coefficient
    client_mean: Coefficient
    therapist_mean: Coefficient
    per_client: float
    per_therapist: float
    # Shares of variance between therapists (where there are enough) and clients, with limits.
    shares: pd.DataFrame | None = None


def _coefficient(limits: np.ndarray, counts: tuple[int, int], who: str) -> Coefficient:
    value, low, high = (float(number) for number in limits)
    reason = "" if np.isfinite(low) else NO_VARIANCE.format(who)
    return Coefficient(value, low, high, *counts, reason=reason)


def _shares(rows: pd.DataFrame, with_therapists: bool) -> pd.DataFrame:
    """Shares of variance and correlations by level, with limits."""
    levels = {"therapist": "1", "client": "1"} if with_therapists else {"client": "1"}
    return fit_linear("value ~ 1", rows, levels, df="normal").icc().astype(float)


def mean_reliabilities(scores: pd.DataFrame, change: Coefficient) -> Means:
    """Return how reliably means of a scale tell clients, and therapists, from one another.

    Parameters
    ----------
    scores : `client`, `therapist` (may be missing) and `value`, a row per occasion; rows without a
        value are left out.
    change : the within-client reliability R_C of the scale; without a value `between_client` has
        none either.

    Returns
    -------
    Means
        With T, C, W the variances between therapists, clients within therapists and sessions, k
        sessions a client and n clients a therapist (harmonic means):
        `client_mean` ``(T + C) / (T + C + W / k)``, sessions a random sample (R_kRN);
        `between_client` ``(T + C) / (T + C + W (1 - R_C) / k)``, the same sessions again, so that
        only error is error (R_kF); `therapist_mean` ``T / (T + C / n + W / (n k))``. Intervals
        are those of the share of variance between, other ratios held at their estimates.

    References
    ----------
    Cranford et al. (2006) and Shrout & Lane (2012) as in `coefficients.within_client`; Raudenbush
    SW, Bryk AS (2002). Hierarchical linear models, 2nd ed., chapter 3 (reliability of means).
    """
    rows = scores[scores["value"].notna()]
    sessions = rows.groupby("client")["value"].size().to_numpy()
    known = rows["therapist"].notna()
    cases = rows[known].groupby("therapist")["client"].nunique().to_numpy()
    counts = (len(sessions), len(rows))
    k, n = harmonic_mean(sessions), harmonic_mean(cases)
    with_therapists = len(cases) >= FEWEST_THERAPISTS

    def none(reason: str) -> Coefficient:
        return Coefficient(n_clients=counts[0], n_observations=counts[1], reason=reason)

    if (sessions > 1).sum() < FEWEST_CLIENTS:
        nothing = none(f"fewer than {FEWEST_CLIENTS} clients have more than one score")
        return Means(nothing, nothing, nothing, k, n)
    try:
        icc = _shares(rows, with_therapists)
        by_client = icc
        if with_therapists and icc["share_ci_low"].isna()["therapist"]:
            by_client = _shares(rows, False)  # no variance between therapists: clients alone
    except FitError as error:
        nothing = none(str(error))
        return Means(nothing, nothing, nothing, k, n)
    names = ["correlation", "correlation_ci_low", "correlation_ci_high"]
    between = by_client.loc["client", names].to_numpy(dtype=float)
    client = _coefficient(of_mean(between, k), counts, "clients")
    if np.isnan(change.value):
        fixed = none(change.reason)
    else:
        error_part = min(1.0, 1 - change.value)
        fixed = _coefficient(of_mean(between, k, error_part), counts, "clients")
    if not with_therapists:
        few = none(f"fewer than {FEWEST_THERAPISTS} therapists")
        return Means(fixed, client, few, k, n, by_client)
    share = icc.loc["therapist", [name.replace("correlation", "share") for name in names]]
    shares = icc["share"].to_numpy(dtype=float)  # of therapists, of clients
    within = 1 - shares.sum()
    kept = (shares[1] + within / k) / (shares[1] + within)
    limits = of_mean(share.to_numpy(dtype=float), n, kept)
    return Means(fixed, client, _coefficient(limits, counts, "therapists"), k, n, icc)
