"""Coefficients of reliability of arrays: consistency at intake, of change, of differences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

FEWEST_CLIENTS = 10
NORMAL = 1.959963984540054  # two-sided 95%


class Coefficient(NamedTuple):
    """A reliability with its 95% interval, what it rests on, or the reason why there is none."""

    value: float = np.nan
    ci_low: float = np.nan
    ci_high: float = np.nan
    n_clients: int = 0
    n_observations: int = 0
    reason: str = ""


def cronbach(items: np.ndarray) -> Coefficient:
    """Return Cronbach's alpha of the rows with complete items, with Feldt's 95% interval.

    Parameters
    ----------
    items : shape (clients, items), keyed the same way, NaN where missing.

    Returns
    -------
    Coefficient
        NaN with a reason where fewer than 10 clients answered all items or nobody differs.

    References
    ----------
    Feldt LS, Woodruff DJ, Salih FA (1987). Appl Psychol Meas 11:93-103 (as in pingouin).
    """
    complete = items[~np.isnan(items).any(axis=1)]
    n = len(complete)
    if n < FEWEST_CLIENTS:
        reason = f"fewer than {FEWEST_CLIENTS} clients answered all items at intake"
        return Coefficient(n_clients=n, n_observations=n, reason=reason)
    if np.ptp(complete.sum(axis=1)) == 0:
        reason = "all clients have the same score at intake"
        return Coefficient(n_clients=n, n_observations=n, reason=reason)
    from pingouin import cronbach_alpha

    value, (low, high) = cronbach_alpha(data=pd.DataFrame(complete), nan_policy="listwise")
    return Coefficient(float(value), float(low), float(high), n, n)


def within_client(items: np.ndarray, client: np.ndarray) -> Coefficient:
    """Return how reliably a client's scores tell one session from another (R_C).

    Parameters
    ----------
    items : shape (occasions, items), keyed the same way; incomplete occasions are left out.
    client : (occasions,) whole numbers; clients with one complete occasion are left out.

    Returns
    -------
    Coefficient
        ``1 - MS(residual) / MS(occasion within client)``, equal to the variance of true change over
        itself plus error variance / items. Sessions lie within clients and are not compared
        across them; a client's own level on each item is taken out. The interval is exact for
        normal components: ``(1 - estimate) / (1 - R_C)`` is F distributed, as for alpha.

    References
    ----------
    Cranford JA, Shrout PE, Iida M, Rafaeli E, Yip T, Bolger N (2006). A procedure for evaluating
    sensitivity to within-person change. Pers Soc Psychol Bull 32:917-929 (R_C); sessions within
    clients as in Shrout PE, Lane SP (2012). Psychometrics. In Mehl MR, Conner TS (eds), Handbook of
    research methods for studying daily life.
    """
    from scipy.stats import f

    kept = ~np.isnan(items).any(axis=1)
    items, (_, client) = items[kept], np.unique(client[kept], return_inverse=True)
    size = np.bincount(client)
    several = size[client] > 1 if len(client) else np.zeros(0, dtype=bool)
    items, (_, client) = items[several], np.unique(client[several], return_inverse=True)
    n_clients, n, m = len(np.unique(client)), len(items), items.shape[1]
    nothing = Coefficient(n_clients=n_clients, n_observations=n)
    if n_clients < FEWEST_CLIENTS:
        reason = f"fewer than {FEWEST_CLIENTS} clients answered all items more than once"
        return nothing._replace(reason=reason)
    sums = np.zeros((n_clients, m))
    np.add.at(sums, client, items)
    deviation = items - (sums / np.bincount(client)[:, None])[client]
    occasion = deviation.mean(axis=1)
    df_occasion = n - n_clients
    df_error = df_occasion * (m - 1)
    ms_occasion = m * (occasion**2).sum() / df_occasion
    ms_error = ((deviation - occasion[:, None]) ** 2).sum() / df_error
    if not ms_occasion > 1e-12:
        return nothing._replace(reason="no client changed from one session to another")
    ratio = ms_error / ms_occasion
    low, high = (1 - ratio / f.ppf(p, df_error, df_occasion) for p in (0.025, 0.975))
    return Coefficient(1 - ratio, low, high, n_clients, n)


def difference_reliability(
    sd_first: float, sd_last: float, r_first: float, r_last: float, correlation: float
) -> float:
    """Return the reliability of last minus first: true variance of the difference over all of it.

    Parameters
    ----------
    sd_first, sd_last : standard deviations. r_first, r_last : reliabilities of the two scores.
    correlation : of the two scores. Errors are taken as uncorrelated.

    References
    ----------
    Lord FM, Novick MR (1968). Statistical theories of mental test scores, chapter 3;
    Rogosa DR, Willett JB (1983). J Educ Meas 20:335-343.
    """
    shared = 2 * correlation * sd_first * sd_last
    true = sd_first**2 * r_first + sd_last**2 * r_last - shared
    return (true / (sd_first**2 + sd_last**2 - shared)) if sd_first + sd_last > 0 else np.nan


def left_out_variances(deviations: np.ndarray) -> np.ndarray:
    """Variances (1 + n,): over all rows, and without each row in turn."""
    n = len(deviations)
    squares = deviations**2
    whole = squares.sum() / (n - 1)
    return np.r_[whole, ((n - 1) * whole - n / (n - 1) * squares) / (n - 2)]


def _error(items: np.ndarray, reliability: float | None) -> np.ndarray:
    """Error variances (1 + n,) of sums of items: by alpha, or by a known reliability."""
    centred = items - items.mean(axis=0)
    total, m = left_out_variances(centred.sum(axis=1)), items.shape[1]
    if reliability is not None:
        return total * (1 - reliability)
    parts = np.sum([left_out_variances(column) for column in centred.T], axis=0)
    return (m * parts - total) / (m - 1)


def difference(
    first: np.ndarray, last: np.ndarray, reliability: float | None = None
) -> Coefficient:
    """Return the reliability of clients' last minus first scores.

    Parameters
    ----------
    first, last : shape (clients, items), keyed the same way; clients with a gap are left out.
    reliability : known for both scores; None: alpha of each of them in this sample.

    Returns
    -------
    Coefficient
        As `difference_reliability`; the interval is that of the jackknife over clients, of the
        logarithm of its complement (a known reliability counts as known). Below 0 where the
        scores differ less than their errors explain.
    """
    kept = ~np.isnan(np.column_stack([first, last])).any(axis=1)
    first, last, n = first[kept], last[kept], int(kept.sum())
    if n < FEWEST_CLIENTS:
        reason = f"fewer than {FEWEST_CLIENTS} clients have a complete first and last score"
        return Coefficient(n_clients=n, n_observations=2 * n, reason=reason)
    gain = last.sum(axis=1) - first.sum(axis=1)
    spread = left_out_variances(gain - gain.mean())
    error = _error(first, reliability) + _error(last, reliability)
    if not (spread > 1e-12).all() or not (error > 1e-12).all():
        reason = "all clients changed alike, or no error can be told from their scores"
        return Coefficient(n_clients=n, n_observations=2 * n, reason=reason)
    log = np.log(error / spread)
    se = np.sqrt((n - 1) / n * ((log[1:] - log[1:].mean()) ** 2).sum())
    low, high = (1 - np.exp(log[0] + side * NORMAL * se) for side in (1, -1))
    return Coefficient(float(1 - np.exp(log[0])), float(low), float(high), n, 2 * n)
