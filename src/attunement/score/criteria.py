"""How many points of change count as reliable: published, accepted or by Jacobson and Truax."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from attunement.score.answers import Answers, keyed_items
from attunement.score.coefficients import FEWEST_CLIENTS, cronbach
from attunement.score.facts import informant, key_refusal, usable
from attunement.score.keys import DECIMALS
from attunement.study.dataset import Dataset
from attunement.study.facts import FactName, fact_of
from attunement.study.instruments import Instrument


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


def edwards_nunnally(
    first: np.ndarray,
    last: np.ndarray,
    direction: int,
    mean: float,
    sd: float,
    reliability: float,
) -> tuple[np.ndarray, float]:
    """Return improvement on the estimated true first score, and the points that are reliable.

    The true first score is estimated as M + r (first - M), drawn to the mean as far as the score
    is unreliable. A change is reliable if the last score lies outside that estimate
    +- 1.96 SD sqrt(1 - r), the standard error of measurement.

    Parameters
    ----------
    first, last : scores, NaN where missing.
    direction : 1 where a higher score is better, -1 where it is worse: improvement is
        direction * (last - estimate).
    mean, sd, reliability : of the scores at intake.

    Notes
    -----
    As reformulated by Speer and compared by Bauer et al.; common scripts of their interval have
    the factor 2, here it is 1.96, as in the other methods and the R package clinicalsignificance.

    References
    ----------
    Speer DC (1992). J Consult Clin Psychol 60:402-408. doi:10.1037/0022-006X.60.3.402
    Bauer S, Lambert MJ, Nielsen SL (2004). J Pers Assess 82:60-70. doi:10.1207/s15327752jpa8201_11
    """
    estimate = mean + reliability * (first - mean)
    improvement = np.round(direction * (last - estimate), DECIMALS)
    return improvement, float(1.96 * sd * np.sqrt(1 - reliability))


def known_reliability(
    instrument: Instrument,
    scale: str,
    answers: Answers | None,
    dataset: Dataset,
    accepted: Collection[str],
) -> tuple[float, str]:
    """Return the reliability of a scale and where it comes from; NaN and why not.

    A verified or accepted one, else Cronbach's alpha of the items at intake in this sample.
    """
    fact = usable(instrument, "reliability", accepted, scale)
    if fact is not None:
        trust = "verified" if fact.verified is True else "accepted though unverified"
        return fact.value, f"reliability {fact.value:g} ({trust}: {fact.source})"
    if answers is None:
        return np.nan, "nobody answered the instrument"
    refusal = key_refusal(instrument, scale, accepted)
    if refusal:
        return np.nan, refusal
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
    if instrument.improvement_of(scale) == 0:
        return Refusal("neither direction of this score is an improvement")
    fact = usable(instrument, "reliable_change", accepted, scale)
    if fact is not None:
        method = "published" if fact.verified is True else "accepted"
        label = "published" if fact.verified is True else "accepted though unverified"
        return Criterion(method, fact.value, fact.comparison or ">=", f"{label}: {fact.source}")
    reliability, source = known_reliability(instrument, scale, answers, dataset, accepted)
    sd = float(np.std(first_scores, ddof=1)) if len(first_scores) >= FEWEST_CLIENTS else np.nan
    if np.isnan(reliability) or not sd > 0:
        why = source if np.isnan(reliability) else f"fewer than {FEWEST_CLIENTS} scores at intake"
        whats: tuple[FactName, ...] = ("reliable_change", "reliability")
        doubted = (fact_of(instrument, scale, what) for what in whats)
        named = " or ".join(fact_name for fact_name, known in doubted if known is not None)
        advice = f"; name {named} under accept_unverified, or record items" if named else ""
        return Refusal(f"no verified criterion{advice} ({why})")
    return Criterion(
        "jacobson_truax",
        jacobson_truax(sd, reliability),
        ">",
        f"1.96 * sqrt(2) * SD * sqrt(1 - r), SD {sd:.2f} at intake in this sample, {source}",
    )
