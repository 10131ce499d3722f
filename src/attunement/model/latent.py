"""Client means corrected for the few sessions that they rest on: latent between-client parts.

The mean of a client's few sessions is the client's own level plus what those sessions happened to
be. A model of such means finds too little of what goes with the level, and hands part of it to
whatever goes with it. Regression calibration puts the expected level in place of the mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import toeplitz
from scipy.optimize import brentq

from attunement.model.centring import client_means
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

LOWEST, HIGHEST = -0.5, 0.95  # an autocorrelation of sessions looked for
SMALLEST = 1e-6  # least share of variance that may be left in any direction
NOBODY_TWICE = "nobody has two sessions rated: how far sessions differ by chance is not known"
NO_MEANS = "who had no strong preference has no mean of accommodation to correct"
NO_LEVELS = (
    "clients' means differ no more than their sessions do by chance: no true differences between "
    "clients are left that could be related to anything"
)


@dataclass(frozen=True)
class SessionError:
    """How sessions vary about their client's level: covariance, and correlation of neighbours."""

    covariance: np.ndarray
    autocorrelation: float

    def of_mean(self, sessions: np.ndarray) -> np.ndarray:
        """Return the variance of a mean of so many sessions, as a share of one session's."""
        lengths, place = np.unique(sessions, return_inverse=True)
        each = [_series(n, self.autocorrelation).mean() for n in lengths]
        return np.array(each)[place]


def _series(length: int, autocorrelation: float) -> np.ndarray:
    """Correlation matrix of a first-order autoregressive series."""
    return toeplitz(autocorrelation ** np.arange(length))


def _left(length: int, autocorrelation: float) -> tuple[float, float]:
    """Expected sum of squares, and of products of neighbours, about the mean of a short series."""
    series = _series(length, autocorrelation)
    left = series - series.mean(axis=0) - series.mean(axis=1)[:, None] + series.mean()
    return float(np.trace(left)), float(np.trace(left, offset=1))


def session_error(rows: pd.DataFrame, columns: list[str]) -> SessionError:
    """Estimate how sessions vary about their client's level, by moments.

    Sums of squares and of products of neighbouring sessions about the client's own mean are set
    equal to what a first-order autoregressive series of each client's length is expected to leave
    of them; one autocorrelation for all columns. Sessions not rated are passed over.

    Parameters
    ----------
    rows : DataFrame
        client and `columns`, in order of client and session.

    Raises
    ------
    NotEstimable
        Nobody has two sessions rated.
    """
    about = (rows[columns] - rows.groupby("client")[columns].transform("mean")).to_numpy()
    client = rows["client"].to_numpy()
    lengths, counts = np.unique(rows.groupby("client").size(), return_counts=True)
    if lengths.max(initial=0) < 2:
        raise NotEstimable(NOBODY_TWICE)
    squares = about.T @ about
    same = client[1:] == client[:-1]
    neighbours = (about[1:] * about[:-1])[same].sum(axis=0)
    spread = np.diag(squares)
    varies = spread > 0
    ratio = float((neighbours[varies] / spread[varies]).mean()) if varies.any() else 0.0

    def expected(autocorrelation: float) -> tuple[float, float]:
        left = np.array([_left(length, autocorrelation) for length in lengths])
        whole = counts @ left
        return float(whole[0]), float(whole[1])

    def excess(autocorrelation: float) -> float:
        total, beside = expected(autocorrelation)
        return beside / total - ratio

    if excess(LOWEST) >= 0:
        found = LOWEST
    else:
        found = HIGHEST if excess(HIGHEST) <= 0 else float(brentq(excess, LOWEST, HIGHEST))
    return SessionError(squares / expected(found)[0], found)


def latent_between(
    rows: pd.DataFrame, measured: list[str], known: pd.DataFrame
) -> tuple[pd.DataFrame, float]:
    """Return expected levels of clients, minus their therapist's mean, given what was observed.

    With b* a client's means (minus the therapist's mean of client means), E the covariance of
    their error and B that of the levels, E[b | b*] = b* - E (B + E)^-1 b* (Carroll, Ruppert,
    Stefanski & Crainiceanu 2006, Measurement Error in Nonlinear Models, 2nd ed., section 4.4.2;
    as latent aggregates: Luedtke et al. 2008, doi:10.1037/a0012869). A linear model of these has
    the coefficients of the levels. Its intervals take B and E as known.

    Parameters
    ----------
    rows : DataFrame
        client, therapist and `measured`, a row per session, in order of client and session;
        nothing missing.
    measured : list of str
        Columns that differ from session to session; `accommodation` is the first.
    known : DataFrame
        Indexed by client: numbers that are taken as known without error (preferences, covariates).

    Returns
    -------
    DataFrame
        client and `<name>_between` for every measured column.
    float
        Standard deviation of the clients' levels of `accommodation`, therapists' included.

    Raises
    ------
    NotEstimable
        Nobody has two sessions rated, or sessions by chance account for all differences.
    """
    error = session_error(rows, measured)
    means = client_means(rows, measured).set_index("client")
    # Who has no therapist is one group, as in `centring.parts`.
    therapist = pd.factorize(means["therapist"], use_na_sentinel=False)[0]
    size = np.bincount(therapist)[therapist].astype(float)
    whole = means[measured].join(known)
    centred = (whole - whole.groupby(therapist).transform("mean")).to_numpy(dtype=float)
    values = np.hstack([centred[:, : len(measured)], _axes(centred[:, len(measured) :])])

    share = error.of_mean(rows.groupby("client").size().to_numpy())
    others = np.bincount(therapist, weights=share)[therapist]
    # Of the therapist's mean, which is subtracted, every client's error is a part.
    share_centred = share * (1 - 1 / size) ** 2 + (others - share) / size**2
    covariance = np.zeros((values.shape[1],) * 2)
    covariance[: len(measured), : len(measured)] = error.covariance

    kept = 1 - 1 / size
    levels = (values.T @ values - share_centred.sum() * covariance) / kept.sum()
    spread = float(whole[measured[0]].var(ddof=1) - share.mean() * error.covariance[0, 0])
    _require_levels(levels, values, spread)

    errors = share_centred[:, None, None] * covariance
    total = kept[:, None, None] * levels + errors
    alone = size == 1  # nothing of these is left about their therapist's mean
    total[alone] = np.eye(len(levels))
    by_chance = errors @ np.linalg.solve(total, values[:, :, None])
    expected = (values - by_chance[:, :, 0])[:, : len(measured)]
    table = pd.DataFrame(expected, columns=[f"{name}_between" for name in measured])
    table.insert(0, "client", means.index.to_numpy())
    return table, float(np.sqrt(spread))


def with_latent_means(
    clients: pd.DataFrame, rows: pd.DataFrame, columns: list[str], specification: Specification
) -> pd.DataFrame:
    """Put expected levels in place of clients' means, accommodation in the levels' own unit.

    Parameters
    ----------
    clients : DataFrame
        client, and `<name>_between` and `<name>_therapist` of every column, observed.
    rows : DataFrame
        The sessions that they rest on, with the clients' covariates.
    columns : list of str
        Accommodation, preference and delivery; preferences are taken as known.

    Raises
    ------
    NotEstimable
        As `latent_between`; or clients without a strong preference have no mean to correct.
    """
    measured = [name for name in columns if not name.startswith("preference_")]
    if rows[measured].isna().any(axis=None):
        raise NotEstimable(NO_MEANS)
    once = rows.drop_duplicates("client").set_index("client")
    stated = [name for name in columns if name not in measured]
    known = rows.groupby("client")[stated].mean()
    if specification.covariates:  # nothing to code where there are none
        known = known.join(pd.get_dummies(once[list(specification.covariates)], dtype=float))
    expected, spread = latent_between(rows, measured, known)
    kept = clients.drop(columns=[name for name in expected if name != "client"])
    found = kept.merge(expected, on="client")[list(clients)]
    unit = ["accommodation_between", "accommodation_therapist"]
    return found.assign(**{name: found[name] / spread for name in unit})


def _axes(known: np.ndarray) -> np.ndarray:
    """What is known, as uncorrelated columns: categories may add up to a constant."""
    left, sizes, _ = np.linalg.svd(known, full_matrices=False)
    return left[:, sizes > 1e-9 * sizes.max(initial=1e-300)] * np.sqrt(len(known))


def _require_levels(levels: np.ndarray, values: np.ndarray, spread: float) -> None:
    """Raise `NotEstimable` where in some direction all differences are those of chance."""
    scale = values.std(axis=0)
    varies = scale > 0
    shares = (levels / np.outer(scale, scale))[np.ix_(varies, varies)] if varies.any() else None
    if spread <= 0 or shares is None or np.linalg.eigvalsh(shares).min() < SMALLEST:
        raise NotEstimable(NO_LEVELS)
