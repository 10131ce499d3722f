"""How far two scorings agree, within clients, between clients, between therapists."""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attunement.accommodate.index import Index, group_means
from attunement.score.coefficients import FEWEST_CLIENTS, NORMAL
from attunement.study.contracts import conform, empty

LEAST_DF = 10  # residual degrees of freedom of a correlation


class _Column(NamedTuple):
    """One scoring as one informant rated it: a value for each session of the common list."""

    scoring: str
    rater: str
    value: np.ndarray


class _Groups(NamedTuple):
    """The client of each session of the list, and the therapist of each client (-1: none)."""

    client: np.ndarray
    therapist: np.ndarray


def _centred(values: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows minus the mean of their group, and the means (columns: variables)."""
    means = group_means(values, group)
    return values - means[group], means


def _correlation(deviations: np.ndarray, df: int, least: str) -> dict[str, Any]:
    """Return r of two columns of deviations with Fisher's 95% limits on its degrees of freedom."""
    if df < LEAST_DF:
        return {"reason": f"{least} for {LEAST_DF} degrees of freedom"}
    square, other = (deviations**2).sum(axis=0)
    if min(square, other) <= 1e-12 * max(1.0, len(deviations)):
        return {"reason": "one of the two does not vary"}
    r = float(np.clip((deviations[:, 0] * deviations[:, 1]).sum() / np.sqrt(square * other), -1, 1))
    if 1 - abs(r) < 1e-12:
        return {"correlation": r, "ci_low": r, "ci_high": r}
    half = NORMAL / np.sqrt(df - 1)
    return {
        "correlation": r,
        "ci_low": float(np.tanh(np.arctanh(r) - half)),
        "ci_high": float(np.tanh(np.arctanh(r) + half)),
    }


def levels_of(both: np.ndarray, client: np.ndarray, therapist: np.ndarray) -> list[dict[str, Any]]:
    """Return rows `within`, `between` and `therapist` of two scorings of the same sessions.

    Parameters
    ----------
    both : shape (sessions, 2), complete.
    client : the client of each session, 0, 1, ...; each has a session.
    therapist : the therapist of each client, whole numbers; -1 for none, who are centred on their
        common mean and count for no therapist.

    Returns
    -------
    list of dict
        Within: session minus client mean (the repeated measures correlation); between: client mean
        minus the mean of the therapist's clients; therapist: that mean. The limits are Fisher's,
        by degrees of freedom: sessions - clients - 1, clients - therapists - 1, therapists - 2.
        They are manifest: the error of observed means is in them.

    References
    ----------
    Bakdash JZ, Marusich LR (2017). Repeated measures correlation. Front Psychol 8:456.
    doi:10.3389/fpsyg.2017.00456
    """
    deviation, means = _centred(both, client)
    known, group = np.unique(therapist, return_inverse=True)
    between, therapists = _centred(means, group)
    of_therapists = therapists[known >= 0]
    n, m, k = len(both), len(means), len(known)
    counts = {"n_clients": m, "n_sessions": n}
    few = f"fewer than {FEWEST_CLIENTS} clients have both"
    found: list[dict[str, Any]] = []
    for level, rows, df, least in (
        ("within", deviation, n - m - 1, "too few sessions"),
        ("between", between, m - k - 1, "too few clients"),
        ("therapist", of_therapists, len(of_therapists) - 2, "too few therapists"),
    ):
        centred = rows - rows.mean(axis=0) if level == "therapist" and len(rows) else rows
        told: dict[str, Any] = (
            {"reason": few} if m < FEWEST_CLIENTS else _correlation(centred, df, least)
        )
        if level == "therapist":
            told["n_therapists"] = len(of_therapists)
        found.append({"level": level} | counts | told)
    return found


def _per_client(one: _Column, other: _Column, groups: _Groups) -> list[dict[str, Any]]:
    """Return rows of a scoring that is told once a client: client means of each, no sessions."""
    means = []
    for column in (one, other):
        here = ~np.isnan(column.value)
        size = np.bincount(groups.client[here], minlength=len(groups.therapist))
        total = np.bincount(groups.client[here], column.value[here], len(groups.therapist))
        means.append(np.divide(total, size, out=np.full(len(size), np.nan), where=size > 0))
    both = np.column_stack(means)
    kept = ~np.isnan(both).any(axis=1)
    n = int(kept.sum())
    rows = levels_of(both[kept], np.arange(n), groups.therapist[kept])
    rows[0] = {"level": "within", "n_clients": n, "reason": "one of the two is told once a client"}
    return [row | {"n_sessions": None} for row in rows]


def _common(indexes: list[Index], clients: pd.DataFrame) -> tuple[list[_Column], _Groups]:
    """Put the values over all dimensions on one list of sessions: a column a scoring and rater."""
    whole = [index for index in indexes if "all" in index.names]
    span = 1 + max(int(index.session.max(initial=0)) for index in whole)
    # Most scorings share one list of sessions: each list is looked up once.
    keys = {id(index.place): index.place.astype(np.int64) * span + index.session for index in whole}
    listed = np.unique(np.concatenate(list(keys.values())))
    places = {name: np.searchsorted(listed, key) for name, key in keys.items()}
    columns = []
    for index in whole:
        at = places[id(index.place)]
        for rater in sorted(index.rater.unique()):
            of_rater = (index.rater == rater).to_numpy()
            value = np.full(len(listed), np.nan)
            value[at[of_rater]] = index.column("all")[of_rater]
            columns.append(_Column(index.scoring, str(rater), value))
    therapist, _ = pd.factorize(clients["therapist"])
    return columns, _Groups(listed // span, therapist)


def scoring_correlations(indexes: list[Index], clients: pd.DataFrame) -> pd.DataFrame:
    """Return the table `scoring_correlations`.

    Pairs are two scorings as one informant rated them, and one scoring as two informants rated it;
    of values over all dimensions, over the sessions that have both. With a scoring that is told
    once a client the other counts with its client means.
    """
    if not any("all" in index.names for index in indexes):
        return empty("scoring_correlations")
    columns, groups = _common(indexes, clients)
    rows = []
    for one, other in combinations(columns, 2):
        if one.rater != other.rater and one.scoring != other.scoring:
            continue
        if "type_matched" in (one.scoring, other.scoring):
            found = _per_client(one, other, groups)
        else:
            here = ~np.isnan(one.value) & ~np.isnan(other.value)
            place = groups.client[here]  # ascending
            new = np.append(np.ones(min(1, len(place)), dtype=bool), place[1:] != place[:-1])
            both = np.column_stack([one.value[here], other.value[here]])
            found = levels_of(both, np.cumsum(new) - 1, groups.therapist[place[new]])
        key = {"scoring_1": one.scoring, "rater_1": one.rater}
        key |= {"scoring_2": other.scoring, "rater_2": other.rater}
        rows += [key | row for row in found]
    if not rows:
        return empty("scoring_correlations")
    return conform(pd.DataFrame(rows), "scoring_correlations")
