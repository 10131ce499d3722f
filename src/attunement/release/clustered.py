"""Intervals of shares and of areas under curves where clients share therapists."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.model.clusters import FEWEST_THERAPISTS, Z95, clusters

__all__ = [
    "FEWEST_THERAPISTS",
    "Z95",
    "area",
    "clusters",
    "design_effect",
    "share_with_interval",
    "wilson",
]


def wilson(events: float, n: float, design_effect: float = 1.0) -> tuple[float, float]:
    """Return Wilson's 95% interval for a share (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    Parameters
    ----------
    events, n : clients with the event and clients in all; missing limits for n = 0.
    design_effect : how many times the variance of the share is that of independent clients; the
        interval is that of `events / design_effect` of `n / design_effect` (Rao & Scott 1992,
        Biometrics 48:577-585).
    """
    if n == 0:
        return float("nan"), float("nan")
    share, square, n = events / n, Z95**2, n / design_effect
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * np.sqrt(share * (1 - share) / n + square / (4 * n * n))
    # At 0 and at n the limit is exactly 0 or 1; rounding must not carry it past.
    low = 0.0 if share == 0 else max(0.0, float(centre - half))
    high = 1.0 if share == 1 else min(1.0, float(centre + half))
    return low, high


def design_effect(event: np.ndarray, cluster: np.ndarray | None) -> float:
    """Return the variance of a share by clusters over that of independent clients, at least 1.

    The share is a ratio of sums over G clusters: with e events of n clients in a cluster and p the
    share, its variance is G / (G - 1) * sum((e - p n)^2) / N^2 (Rao & Scott 1992, Biometrics
    48:577-585; it gives the design effects of their example, 1.23 and 3.95). An effect below 1
    counts as 1, which is ours. NaN without clusters, 1 where all or none have the event.
    """
    if cluster is None:
        return float("nan")
    event = np.asarray(event, dtype=float)
    share = event.mean() if len(event) else 0.0
    code = np.unique(cluster, return_inverse=True)[1]
    n_clusters = int(code.max(initial=-1)) + 1
    if n_clusters < 2 or not 0 < share < 1:
        return 1.0
    spread = np.bincount(code, event - share)
    variance = n_clusters / (n_clusters - 1) * (spread**2).sum() / len(event) ** 2
    return max(1.0, float(variance / (share * (1 - share) / len(event))))


def share_with_interval(
    event: np.ndarray, cluster: np.ndarray | None
) -> tuple[float, float, float]:
    """Return a share and its 95% limits; NaN where there is nobody."""
    event = np.asarray(event, dtype=float)
    if not len(event):
        return float("nan"), float("nan"), float("nan")
    effect = design_effect(event, cluster)
    low, high = wilson(event.sum(), len(event), 1.0 if np.isnan(effect) else effect)
    return float(event.mean()), low, high


def area(
    worse: np.ndarray, event: np.ndarray, cluster: np.ndarray | None
) -> tuple[float, float, float]:
    """Return the area under the ROC curve and its 95% limits.

    Parameters
    ----------
    worse : higher foretells the event. event : whether it came. cluster : who hangs together; None
        takes all clients as independent.

    Notes
    -----
    The chance that somebody with the event stands worse than somebody without, ties half. Variance
    by Obuchowski (1997, Biometrics 53:567-578), which for clusters of one is that of DeLong et al.
    (1988, Biometrics 44:837-845); limits on the logit scale; NaN at 0 and 1.
    """
    worse, event = np.asarray(worse, dtype=float), np.asarray(event, dtype=bool)
    m, n = int(event.sum()), int((~event).sum())
    if m < 2 or n < 2:
        return float("nan"), float("nan"), float("nan")
    inside = pd.Series(worse).groupby(event).rank().to_numpy()
    whole = pd.Series(worse).rank().to_numpy()
    # Of each: the share of the other kind that stands less bad (or, for those without, worse).
    part = np.where(event, (whole - inside) / n, 1 - (whole - inside) / m)
    found = float(part[event].mean())
    code = np.arange(len(worse)) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    n_clusters = int(code.max()) + 1
    away = part - found
    with_event = np.bincount(code, np.where(event, away, 0.0), minlength=n_clusters)
    without = np.bincount(code, np.where(event, 0.0, away), minlength=n_clusters)
    some, others = len(np.unique(code[event])), len(np.unique(code[~event]))
    if some < 2 or others < 2 or not 0 < found < 1:
        return found, float("nan"), float("nan")
    variance = (with_event**2).sum() * some / (some - 1) / m**2
    variance += (without**2).sum() * others / (others - 1) / n**2
    variance += 2 * (with_event * without).sum() * n_clusters / (n_clusters - 1) / (m * n)
    half = Z95 * np.sqrt(max(variance, 0.0)) / (found * (1 - found))
    logit = np.log(found / (1 - found))
    return found, float(1 / (1 + np.exp(half - logit))), float(1 / (1 + np.exp(-half - logit)))
