"""The scorings that compare whole profiles: with the client's own, and with the sample's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.accommodate.delivery import Rated
from attunement.accommodate.preferences import Dimension
from attunement.accommodate.scorings import TOLERANCE, Scored, distance, unflagged
from attunement.score.coefficients import FEWEST_CLIENTS

TOO_FEW = (
    f"fewer than {FEWEST_CLIENTS} clients stated what they want on every dimension: "
    "no profile of the sample"
)


@dataclass(frozen=True)
class SampleProfile:
    """What the average client wants, and is given at first, by dimension: constants of the sample.

    `wanted` is the mean over clients of each client's first stated preference; `given`, by rater,
    the mean over clients of each client's first rating of delivery. Each client counts once. A
    client's part is settled by the first session that has a value under any scoring, so that no
    later session, whatever it holds, changes a profile or an exposure made with it.

    The client's own statement is not left out. Leaving it out would give every client another
    reference, which moves against the client's own preference (by 1 / (n - 1) of its distance from
    the mean: an artefact in its own right). The gain would be nil for `distinctive` on the side of
    preference, because P - mean of the others = (P - mean) n / (n - 1) and a cosine knows no
    length, and at most 1 / (n - 1) for `normative`.
    """

    wanted: np.ndarray
    given: dict[str, np.ndarray]


def sample_profile(stated: pd.DataFrame, rated: Rated, dims: list[Dimension]) -> SampleProfile:
    """Return the profiles of the sample; NaN where fewer than ten clients said anything.

    Parameters
    ----------
    stated : the table `preferences`, each client's statements in order of sessions.
    rated : delivery, in order of client, session and rater.
    """
    first = stated.drop_duplicates(["client", "dimension"])
    by_dimension = first.groupby("dimension")["preference"].agg(["mean", "size"])
    names = [dimension.name for dimension in dims]
    told = by_dimension.reindex(names)
    enough = (told["size"] >= FEWEST_CLIENTS).to_numpy()
    wanted = np.where(enough, told["mean"].to_numpy(dtype=float), np.nan)
    given = {}
    for rater in rated.rater.unique():
        rows = np.flatnonzero((rated.rater == rater).to_numpy())
        means = []
        for column in range(len(dims)):
            here = rows[~np.isnan(rated.value[rows, column])]
            _, at = np.unique(rated.place[here], return_index=True)  # the first of each client
            many = len(at) >= FEWEST_CLIENTS
            means.append(rated.value[here[at], column].mean() if many else np.nan)
        given[str(rater)] = np.array(means)
    return SampleProfile(wanted, given)


def _cosine(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the cosine of each pair of rows; NaN with a gap, or where a row has no length."""
    length = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    with np.errstate(invalid="ignore"):
        told = length > TOLERANCE
    product = (one * other).sum(axis=1)
    cosine = np.divide(product, length, out=np.full(len(length), np.nan), where=told)
    return np.clip(cosine, -1, 1)


def profile(preference: np.ndarray, delivery: np.ndarray) -> Scored:
    """Return the cosine of preference and delivery about the midpoint of their scale, -1..1.

    It tells the direction of what was given, not how much: sum(P D) / sqrt(sum P^2 sum D^2), which
    stays the same when a pole is reflected. Undefined where either lies at the midpoint on every
    dimension; all dimensions are needed.

    Parameters
    ----------
    preference, delivery : shape (sessions, dimensions), -1..1, NaN where missing.

    References
    ----------
    Cohen J (1969). r_c: a profile similarity coefficient invariant over variable reflection.
    Psychol Bull 71:281-284.
    """
    return unflagged(delivery - preference, _cosine(preference, delivery))


def normative(preference: np.ndarray, delivery: np.ndarray, sample: SampleProfile) -> Scored:
    """Return the distance scoring of delivery against what the average client wants, 0..1.

    Over all dimensions it needs what `distance` needs (the client's own preferences too), so that
    both rest on the same sessions.
    """
    average = np.where(np.isnan(preference), np.nan, sample.wanted)
    return distance(average, delivery)


def distinctive(
    preference: np.ndarray, delivery: np.ndarray, rater: pd.Series, sample: SampleProfile
) -> Scored:
    """Return the cosine of preference and delivery, each about its profile of the sample, -1..1.

    Where this client wants more than others do, is more given than to others? It is near 0 on
    average where what is given does not hang on who wants it: the part that can bear a claim of
    personalisation. Each side is centred on its own profile. Were both centred on one, a distance
    would be the plain distance again, and a cosine would reward those whose wishes lie where
    everybody is treated. Undefined where client or session equals the sample; all dimensions are
    needed.

    References
    ----------
    Furr RM (2008). A framework for profile similarity: integrating similarity, normativeness, and
    distinctiveness. J Pers 76:1267-1316. doi:10.1111/j.1467-6494.2008.00521.x
    """
    code, raters = pd.factorize(rater)
    nothing = np.full(len(sample.wanted), np.nan)
    given = np.array([sample.given.get(str(name), nothing) for name in raters])
    centre = given.reshape(-1, len(sample.wanted))[code]
    wanted, received = preference - sample.wanted, delivery - centre
    return unflagged(received - wanted, _cosine(wanted, received))
