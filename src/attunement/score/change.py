"""Reliable and clinically significant change of each client on each outcome of a dataset."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.score.answers import Answers, keyed_items, places
from attunement.score.facts import informant, usable
from attunement.score.reliability import FEWEST_CLIENTS, cronbach
from attunement.score.scales import DECIMALS
from attunement.study.contracts import conform
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Fact, Instrument

COMPARISONS = {"<=": np.less_equal, "<": np.less, ">=": np.greater_equal, ">": np.greater}
NOBODY_RECOVERS = "no usable clinical cut-off, so nobody can be called recovered"


@dataclass(frozen=True)
class Criterion:
    """How many points are reliable (`change <comparison> points`), by which method, and why."""

    method: str
    points: float
    comparison: str
    reason: str


@dataclass(frozen=True)
class Refusal:
    """Why change on an outcome is not evaluated."""

    reason: str


def jacobson_truax(sd: float, reliability: float) -> float:
    """Return the points beyond which a change is reliable: 1.96 * sqrt(2) * SD * sqrt(1 - r).

    References
    ----------
    Jacobson NS, Truax P (1991). J Consult Clin Psychol 59:12-19. doi:10.1037/0022-006X.59.1.12
    """
    return float(1.96 * np.sqrt(2) * sd * np.sqrt(1 - reliability))


def _known_reliability(
    instrument: Instrument,
    scale: str,
    answers: Answers | None,
    dataset: Dataset,
    accepted: Collection[str],
) -> tuple[float, str]:
    """Return reliability and where it comes from; NaN and why not."""
    fact = usable(instrument, "reliability", accepted)
    if fact is not None:
        trust = "verified" if fact.verified else "accepted though unverified"
        return fact.value, f"reliability {fact.value:g} ({trust}: {fact.source})"
    if answers is None:
        return np.nan, "nobody answered the instrument"
    items = keyed_items(answers, instrument, instrument.scales[scale], dataset)
    if items.shape[1] < 2 or np.isnan(items).all():
        return np.nan, "no items are recorded from which to estimate reliability"
    alpha = cronbach(items[answers.first_occasions(informant(instrument.id, dataset))])
    if alpha.reason or not 0 < alpha.value < 1:
        return np.nan, alpha.reason or f"alpha at intake is {alpha.value:.2f}"
    return alpha.value, f"Cronbach's alpha {alpha.value:.2f} at intake in this sample"


def criterion_for(
    outcome: str,
    first_scores: np.ndarray,
    answers: Answers | None,
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accepted: Collection[str],
) -> Criterion | Refusal:
    """Return the criterion of reliable change: published, accepted or Jacobson-Truax.

    `first_scores` are the scores at intake; their SD enters the Jacobson-Truax criterion.
    """
    name, _, scale = outcome.partition(".")
    if name not in instruments:
        return Refusal(
            "a single declared rating has no published criterion and no known reliability"
        )
    instrument = instruments[name]
    if instrument.improvement == 0:
        return Refusal("neither direction of this score is an improvement")
    fact = usable(instrument, "reliable_change", accepted)
    if fact is not None:
        method = "published" if fact.verified else "accepted"
        label = "published" if fact.verified else "accepted though unverified"
        return Criterion(method, fact.value, fact.comparison or ">=", f"{label}: {fact.source}")
    reliability, source = _known_reliability(instrument, scale, answers, dataset, accepted)
    sd = float(np.std(first_scores, ddof=1)) if len(first_scores) >= FEWEST_CLIENTS else np.nan
    if np.isnan(reliability) or not sd > 0:
        why = source if np.isnan(reliability) else f"fewer than {FEWEST_CLIENTS} scores at intake"
        facts = [f"{name}.{fact}" for fact in ("reliable_change", "reliability")]
        named = " or ".join(f for f in facts if getattr(instrument, f.split(".")[1]) is not None)
        advice = f"; name {named} under accept_unverified, or record items" if named else ""
        return Refusal(f"no verified criterion{advice} ({why})")
    return Criterion(
        "jacobson_truax",
        jacobson_truax(sd, reliability),
        ">",
        f"1.96 * sqrt(2) * SD * sqrt(1 - r), SD {sd:.2f} at intake in this sample, {source}",
    )


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
    recovered = np.zeros(len(first), dtype=bool)
    if cutoff is not None and cutoff.comparison is not None:
        clinical = COMPARISONS[cutoff.comparison]
        recovered = better & clinical(first, cutoff.value) & ~clinical(last, cutoff.value)
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


def outcome_scores(
    outcome: str,
    scores: pd.DataFrame,
    endings: pd.DataFrame,
    clients: pd.DataFrame,
    dataset: Dataset,
) -> pd.DataFrame:
    """Return the scores of an outcome that count: its informant's, while in treatment.

    Columns: `place`, `time`, `value`; in order.
    """
    name, _, scale = outcome.partition(".")
    chosen = (
        (scores["instrument"] == name)
        & (scores["scale"] == scale)
        & (scores["rater"] == informant(name, dataset))
        & scores["value"].notna()
    ).to_numpy()
    found = in_treatment(scores.loc[chosen], {"endings": endings})
    kept = found[["time", "value"]].assign(place=places(found["client"], clients["client"]))
    return kept[["place", "time", "value"]].reset_index(drop=True)


def _firsts_and_lasts(kept: pd.DataFrame, n_clients: int) -> tuple[np.ndarray, ...]:
    """Return first score, last score and number of scores per client; NaN, NaN, 0 without any."""
    place, value = kept["place"].to_numpy(), kept["value"].to_numpy()
    count = np.bincount(place, minlength=n_clients)
    first, last = np.full(n_clients, np.nan), np.full(n_clients, np.nan)
    first[place[::-1]] = value[::-1]  # written backwards: the first in order stands
    last[place] = value
    return first, last, count


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
    name = outcome.partition(".")[0]
    kept = outcome_scores(outcome, scores, endings, clients, dataset)
    first, last, count = _firsts_and_lasts(kept, len(clients))
    intake = first[count > 0]
    found = criterion_for(outcome, intake, answers.get(name), dataset, instruments, accepted)
    # A cut-off of the alliance is an alert, not a border of the clinical population.
    clinical = name in instruments and instruments[name].kind == "outcome"
    cutoff = usable(instruments[name], "cutoff", accepted) if clinical else None
    enough = count >= 2
    direction = instruments[name].improvement if name in instruments else 0
    rows = pd.DataFrame(
        {
            "client": clients["client"],
            "outcome": outcome,
            "method": "none",
            "cutoff": cutoff.value if cutoff else np.nan,
            "first": first,
            "last": last,
            "improvement": np.nan,
            "n_observations": count,
            "result": "not evaluated",
        }
    )
    if isinstance(found, Refusal):
        return conform(rows.assign(reason=found.reason), "change"), found.reason
    improvement = np.round(direction * (last - first), DECIMALS)
    reason = found.reason if cutoff else f"{found.reason}; {NOBODY_RECOVERS}"
    rows = rows.assign(
        method=found.method,
        criterion=found.points,
        improvement=np.where(enough, improvement, np.nan),
        result=np.where(enough, classify(first, last, direction, found, cutoff), "not evaluated"),
        reason=np.where(enough, reason, "fewer than two scores while in treatment"),
    )
    none = "" if enough.any() else "no client has two scores while in treatment"
    return conform(rows, "change"), none
