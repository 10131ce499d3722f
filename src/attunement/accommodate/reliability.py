"""How reliable each scoring is, and how its variance divides: `accommodation_reliability`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attunement.accommodate.delivery import Rated
from attunement.accommodate.index import Index, group_means
from attunement.accommodate.preferences import Dimension
from attunement.score.coefficients import (
    FEWEST_CLIENTS,
    NORMAL,
    Coefficient,
    difference_reliability,
    left_out_variances,
    within_client,
)
from attunement.score.facts import informant
from attunement.score.means import FEWEST_THERAPISTS, Means, mean_reliabilities
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset

Rows = list[dict[str, Any]]


def gap_reliability(
    preference: np.ndarray,
    delivery: np.ndarray,
    of_preference: float,
    of_delivery: float,
    n_sessions: int = 0,
) -> Coefficient:
    """Return the reliability of D - P over clients, from the reliabilities of its two parts.

    Parameters
    ----------
    preference, delivery : shape (clients,): each client's preference and mean delivery, complete.
    of_preference, of_delivery : their reliabilities; they count as known.
    n_sessions : on how many sessions the means rest (handed on).

    Returns
    -------
    Coefficient
        ``(s_D^2 r_D + s_P^2 r_P - 2 s_DP) / (s_D^2 + s_P^2 - 2 s_DP)``, errors uncorrelated; if one
        informant rates both they may not be. The interval is that of the jackknife over clients,
        of the logarithm of the complement. Below 0 where clients differ less than errors explain.

    References
    ----------
    Lord FM, Novick MR (1968). Statistical theories of mental test scores, chapter 3;
    Rogosa DR, Willett JB (1983). J Educ Meas 20:335-343.
    """
    n = len(preference)
    nothing = Coefficient(n_clients=n, n_observations=n_sessions)
    if n < FEWEST_CLIENTS:
        return nothing._replace(reason=f"fewer than {FEWEST_CLIENTS} clients have a gap")
    wanted, given, gap = (
        left_out_variances(one - one.mean())
        for one in (preference, delivery, delivery - preference)
    )
    error = wanted * (1 - of_preference) + given * (1 - of_delivery)
    if not (gap > 1e-12).all() or not (error > 1e-12).all():
        return nothing._replace(reason="all clients have the same gap, or no error can be told")
    spread = np.sqrt(wanted[0]), np.sqrt(given[0])
    shared = (wanted[0] + given[0] - gap[0]) / 2
    correlation = shared / (spread[0] * spread[1]) if min(spread) > 1e-12 else 0.0
    value = difference_reliability(*spread, of_preference, of_delivery, correlation)
    log = np.log(error / gap)
    se = np.sqrt((n - 1) / n * ((log[1:] - log[1:].mean()) ** 2).sum())
    low, high = (1 - np.exp(log[0] + side * NORMAL * se) for side in (1, -1))
    return nothing._replace(value=float(value), ci_low=float(low), ci_high=float(high))


def _known(reliability: pd.DataFrame, keys: tuple[str, str, str, str], what: str) -> Coefficient:
    """Return a reliability that `score` found, or the reason why there is none."""
    told = reliability
    for column, key in zip(("instrument", "scale", "rater", "coefficient"), keys, strict=True):
        told = told[told[column] == key]
    if told.empty or pd.isna(told["value"].iloc[0]):
        why = told["reason"].iloc[0] if len(told) else None
        reason = f"the reliability of {what} is not known"
        return Coefficient(reason=reason if why is None or pd.isna(why) else f"{reason}: {why}")
    return Coefficient(float(told["value"].iloc[0]))


def _gaps(
    wanted: np.ndarray,
    rated: Rated,
    dims: list[Dimension],
    reliability: pd.DataFrame,
    dataset: Dataset,
) -> Rows:
    """Rows `difference`: each dimension's gap, client by client, as each informant rated it."""
    if dataset.preference is None or dataset.delivery is None:
        return []
    inventory = dataset.preference.instrument
    items = {item.lower(): item for item in dataset.ratings[dataset.delivery.rating].items}
    rows: Rows = []
    for rater in sorted(rated.rater.unique()):
        of_rater = (rated.rater == rater).to_numpy()
        for column, dimension in enumerate(dims):
            both = np.column_stack([wanted[:, column], rated.value[:, column]])
            here = of_rater & ~np.isnan(both).any(axis=1)
            stated = (inventory, dimension.scale, informant(inventory, dataset), "alpha")
            item = items.get(dimension.name, dimension.scale)
            given = (dataset.delivery.rating, item, str(rater), "client_mean")
            of_preference = _known(reliability, stated, "the preference")
            of_delivery = _known(reliability, given, "mean delivery")
            _, client = np.unique(rated.place[here], return_inverse=True)
            means = group_means(both[here], client)
            if reason := of_preference.reason or of_delivery.reason:
                found = Coefficient(
                    n_clients=len(means), n_observations=int(here.sum()), reason=reason
                )
            else:
                found = gap_reliability(
                    means[:, 0],
                    means[:, 1],
                    of_preference.value,
                    of_delivery.value,
                    int(here.sum()),
                )
            key = {"scoring": "signed_gap", "rater": rater, "dimension": dimension.name}
            rows.append(key | _told("difference", found))
    return rows


def _told(coefficient: str, found: Coefficient) -> dict[str, Any]:
    return found._asdict() | {"coefficient": coefficient, "reason": found.reason or None}


def _share(level: str, limits: Any, counts: Coefficient) -> dict[str, Any]:
    value, low, high = (float(number) for number in limits)
    return _told(f"share_{level}", counts._replace(value=value, ci_low=low, ci_high=high))


def _shares(means: Means, counts: Coefficient) -> Rows:
    """Rows of the shares of variance; those of sessions are the complement of the other two."""
    if means.shares is None:
        return []  # the row of the client's mean says why
    found = means.shares.astype(float)
    rows: Rows = []
    for level in ("therapist", "client"):
        if level not in found.index:
            why = f"fewer than {FEWEST_THERAPISTS} therapists"
            rows.append(_told(f"share_{level}", counts._replace(reason=why)))
            continue
        share = found.loc[level, ["share", "share_ci_low", "share_ci_high"]]
        rows.append(_share(level, share, counts))
    names = ["correlation", "correlation_ci_high", "correlation_ci_low"]
    return [*rows, _share("session", 1 - found.loc["client", names], counts)]


def _of_index(index: Index, therapist: pd.Series) -> Rows:
    """Rows of one scoring: of means, within clients where it is a mean of parts, and shares."""
    rows: Rows = []
    names = [name for name in index.names if name == "all" or index.scoring == "signed_gap"]
    for rater in sorted(index.rater.unique()):
        of_rater = (index.rater == rater).to_numpy()
        for name in names:
            value = index.column(name)
            here = of_rater & ~np.isnan(value)
            place = index.place[here]
            counts = Coefficient(
                n_clients=int((np.bincount(place) > 0).sum()), n_observations=len(place)
            )
            change = Coefficient()
            if index.parts is not None:
                change = within_client(index.parts[of_rater], index.place[of_rater])
            frame = pd.DataFrame(
                {"client": place, "therapist": therapist.to_numpy()[place], "value": value[here]}
            )
            means = mean_reliabilities(frame, change)
            told = [
                _told("client_mean", means.client_mean) | {"per_client": means.per_client},
                _told("therapist_mean", means.therapist_mean) | {"per_client": means.per_client},
            ]
            if not np.isnan(means.therapist_mean.value):
                told[1]["per_therapist"] = means.per_therapist
            if index.parts is not None:
                between = _told("between_client", means.between_client)
                told += [_told("within_client", change), between | {"per_client": means.per_client}]
            key = {"scoring": index.scoring, "rater": rater, "dimension": name}
            rows += [key | row for row in told + _shares(means, counts)]
    return rows


def accommodation_reliability(
    indexes: list[Index],
    wanted: np.ndarray | None,
    rated: Rated | None,
    dims: list[Dimension],
    clients: pd.DataFrame,
    reliability: pd.DataFrame,
    dataset: Dataset,
) -> pd.DataFrame:
    """Return the table `accommodation_reliability`.

    A scoring is treated as a score of the session: what its mean over a client's sessions, or over
    a therapist's clients, is worth, and how its variance divides between therapists, clients of a
    therapist and sessions (`score.means`). The client's preference stands still meanwhile: its own
    error is part of what differs between clients and counts as true there. Only `difference`, of
    each dimension's gap, takes the errors of preference and of delivery out. `within_client` takes
    the dimensions of `distance` and `normative` for parallel parts: what they do not share counts
    as error, and where they change apart it is too low. Other scorings are no mean of parts that
    every session has: what is error within a session cannot be told of them.

    Parameters
    ----------
    wanted : shape (rated sessions, dimensions), preference in force; None where not comparable.
    reliability : the table of `score`: alpha of preferences, `client_mean` of delivery.
    """
    rows: Rows = []
    if wanted is not None and rated is not None:
        rows += _gaps(wanted, rated, dims, reliability, dataset)
    for index in indexes:
        rows += _of_index(index, clients["therapist"])
    if not rows:
        return empty("accommodation_reliability")
    return conform(pd.DataFrame(rows), "accommodation_reliability")
