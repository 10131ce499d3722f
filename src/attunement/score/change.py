"""Reliable and clinically significant change of each client on each outcome of a dataset."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.score.answers import Answers, places
from attunement.score.criteria import Criterion, Refusal, criterion_for
from attunement.score.cutoffs import cutoff_for
from attunement.score.facts import informant, key_refusal
from attunement.score.keys import DECIMALS
from attunement.study.contracts import conform
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Fact, Instrument

COMPARISONS = {"<=": np.less_equal, "<": np.less, ">=": np.greater_equal, ">": np.greater}


def classify(
    first: np.ndarray,
    last: np.ndarray,
    direction: int,
    criterion: Criterion,
    cutoff: Fact | None,
) -> np.ndarray:
    """Return recovered, improved, unchanged or deteriorated for each client.

    Recovered is a reliable improvement from a first score on the clinical side of the cut-off to a
    last score beyond it (Jacobson & Truax 1991). Without a cut-off nobody is recovered.
    """
    improvement = np.round(direction * (last - first), DECIMALS)
    reliable = COMPARISONS[criterion.comparison]
    better, worse = (
        reliable(improvement, criterion.points),
        reliable(-improvement, criterion.points),
    )
    return four_classes(better, worse, first, last, cutoff)


def clinical(scores: np.ndarray, cutoff: Fact | None) -> np.ndarray:
    """Return which scores lie on the clinical side; none without a cut-off or where missing."""
    if cutoff is None or cutoff.comparison is None:
        return np.zeros(len(scores), dtype=bool)
    return np.asarray(COMPARISONS[cutoff.comparison](scores, cutoff.value))


def four_classes(
    better: np.ndarray,
    worse: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    cutoff: Fact | None,
) -> np.ndarray:
    """Return the classes from who is reliably better, who reliably worse, and the cut-off."""
    recovered = better & clinical(first, cutoff) & ~clinical(last, cutoff)
    return np.select(
        [recovered, better, worse], ["recovered", "improved", "deteriorated"], "unchanged"
    )


def in_treatment(scores: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the scores given while in treatment: at or before the last session of the client.

    Parameters
    ----------
    scores : any rows with `client`, `session` and `day`; other columns pass through, as does the
        index.
    tables : the canonical tables; of them `endings` is read (`last_session`, `last_day`).

    Returns
    -------
    DataFrame
        A score is left out if its session lies after `last_session`; where it has no session, if
        its day lies after `last_day`. Where `endings` tells nothing of a client, or not what is
        needed for a score, the score stays.
    """
    ends = tables["endings"].set_index("client")[["last_session", "last_day"]]
    known = ends[~ends.index.duplicated()].reindex(scores["client"])
    last_session = known["last_session"].to_numpy(dtype=float, na_value=np.nan)
    last_day = known["last_day"].to_numpy(dtype=float, na_value=np.nan)
    session = scores["session"].to_numpy(dtype=float, na_value=np.nan)
    day = scores["day"].to_numpy(dtype=float, na_value=np.nan)
    after = np.where(np.isnan(session), day > last_day, session > last_session)
    return scores.loc[~after]


def scores_of(outcome: str, scores: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Return the rows of `scores` that hold an outcome, by its informant, with a value."""
    name, _, scale = outcome.partition(".")
    chosen = (
        (scores["instrument"] == name)
        & (scores["scale"] == scale)
        & (scores["rater"] == informant(name, dataset))
        & scores["value"].notna()
    ).to_numpy()
    return scores.loc[chosen]


def outcome_scores(
    outcome: str,
    scores: pd.DataFrame,
    endings: pd.DataFrame,
    clients: pd.DataFrame,
    dataset: Dataset,
) -> pd.DataFrame:
    """Return the scores of an outcome that count: its informant's, while in treatment.

    Columns: client, place (row among the clients), occasion, time, session, value; in order.
    """
    found = in_treatment(scores_of(outcome, scores, dataset), {"endings": endings})
    found = found[["client", "occasion", "time", "session", "value"]].reset_index(drop=True)
    found.insert(1, "place", places(found["client"], clients["client"]))
    return found


@dataclass(frozen=True)
class Ends:
    """First and last of each client: score, time, number of scores; NaN and 0 without any."""

    first: np.ndarray
    last: np.ndarray
    first_time: np.ndarray
    last_time: np.ndarray
    count: np.ndarray


def ends(kept: pd.DataFrame, n_clients: int) -> Ends:
    """Return the two ends of each client's scores (of `outcome_scores`), by place."""
    place = kept["place"].to_numpy()
    found: list[np.ndarray] = []
    for name in ("value", "time"):
        values = kept[name].to_numpy(dtype=float)
        first, last = np.full(n_clients, np.nan), np.full(n_clients, np.nan)
        first[place[::-1]] = values[::-1]  # written backwards: the first in order stands
        last[place] = values
        found += [first, last]
    first, last, first_time, last_time = found
    return Ends(first, last, first_time, last_time, np.bincount(place, minlength=n_clients))


def outcome_change(
    outcome: str,
    scores: pd.DataFrame,
    answers: dict[str, Answers],
    endings: pd.DataFrame,
    clients: pd.DataFrame,
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accepted: Collection[str],
) -> tuple[pd.DataFrame, str]:
    """Return the rows of `change` for one outcome, one per client, and why none is evaluated ('').

    `first` and `last` are the first score and the last score while in treatment;
    `n_observations` counts the scores from first to last, both included. Fewer than two: not
    evaluated.
    """
    name, _, scale = outcome.partition(".")
    kept = outcome_scores(outcome, scores, endings, clients, dataset)
    found_ends = ends(kept, len(clients))
    first, last, count = found_ends.first, found_ends.last, found_ends.count
    intake = first[count > 0]
    found = criterion_for(outcome, intake, answers.get(name), dataset, instruments, accepted)
    if not count.any() and name in instruments and name in answers:
        refusal = key_refusal(instruments[name], scale, accepted)
        found = Refusal(refusal) if refusal else found
    cutoff, nobody = cutoff_for(outcome, intake, dataset, instruments, accepted)
    began = pd.Series(clinical(first, cutoff)).astype("boolean").mask(np.isnan(first))
    enough = count >= 2
    direction = instruments[name].improvement_of(scale) if name in instruments else 0
    rows = pd.DataFrame(
        {
            "client": clients["client"],
            "outcome": outcome,
            "method": "none",
            "cutoff": cutoff.value if cutoff else np.nan,
            "first": first,
            "last": last,
            "clinical_first": began if cutoff else pd.NA,
            "improvement": np.nan,
            "n_observations": count,
            "result": "not evaluated",
        }
    )
    if isinstance(found, Refusal):
        return conform(rows.assign(reason=found.reason), "change"), found.reason
    improvement = np.round(direction * (last - first), DECIMALS)
    chosen = outcome in dataset.change and dataset.change[outcome].cutoff != "published"
    reason = found.reason if cutoff else f"{found.reason}; {nobody}"
    reason = f"{reason}; {cutoff.source}" if cutoff and chosen else reason
    rows = rows.assign(
        method=found.method,
        criterion=found.points,
        improvement=np.where(enough, improvement, np.nan),
        result=np.where(enough, classify(first, last, direction, found, cutoff), "not evaluated"),
        reason=np.where(enough, reason, "fewer than two scores while in treatment"),
    )
    none = "" if enough.any() else "no client has two scores while in treatment"
    return conform(rows, "change"), none
