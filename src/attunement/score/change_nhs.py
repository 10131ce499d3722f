"""NHS Talking Therapies: caseness and reliable change over the PHQ-9 and an anxiety measure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from attunement.score.change import COMPARISONS, Ends, clinical
from attunement.score.facts import how_to_accept, may_be_used
from attunement.score.keys import DECIMALS
from attunement.study.change_rules import ChangeRule
from attunement.study.dataset import Dataset
from attunement.study.facts import caseness_of, fact_of
from attunement.study.instruments import Fact, Instrument

DEPRESSION = "phq9.total"
FEWEST_CONTACTS = 2
BELOW = "_below_caseness"
# What each class of the rule is among the four that all methods share.
CLASSES = {
    "reliable_recovery": "recovered",
    "reliable_improvement": "improved",
    "recovery_without_reliable_improvement": "unchanged",
    "no_reliable_change": "unchanged",
    "reliable_deterioration": "deteriorated",
    "recovery_with_reliable_deterioration": "deteriorated",
    f"reliable_improvement{BELOW}": "improved",
    f"no_reliable_change{BELOW}": "unchanged",
    f"reliable_deterioration{BELOW}": "deteriorated",
}


@dataclass(frozen=True)
class Thresholds:
    """What the rule needs to know of one measure: caseness, reliable change, direction."""

    caseness: Fact
    reliable: Fact
    direction: int


def pair_of(dataset: Dataset) -> tuple[str, str]:
    """Return the two outcomes of the rule: PHQ-9 and, unless declared otherwise, GAD-7."""
    return DEPRESSION, dataset.change.get(DEPRESSION, ChangeRule()).nhs_with


def thresholds_of(
    outcome: str, instruments: dict[str, Instrument], accepted: Collection[str]
) -> Thresholds | str:
    """Return the thresholds of one measure, or why they may not be used."""
    name, _, scale = outcome.partition(".")
    if name not in instruments or scale not in instruments[name].scales:
        return f"{outcome} is no scale that is known"
    instrument = instruments[name]
    found: list[Fact] = []
    for words, (fact_name, fact) in (
        ("caseness", caseness_of(instrument, scale)),
        ("reliable change", fact_of(instrument, scale, "reliable_change")),
    ):
        if fact is None or fact.comparison is None:
            return f"no {words} of {outcome} is known"
        if not may_be_used(fact.verified, fact_name, accepted):
            return how_to_accept(fact_name)
        found.append(fact)
    return Thresholds(found[0], found[1], instrument.improvement_of(scale))


def _moved(course: Ends, measure: Thresholds) -> tuple[np.ndarray, np.ndarray]:
    """Return who is reliably better and who reliably worse on one measure."""
    change = np.round(measure.direction * (course.last - course.first), DECIMALS)
    reliable = COMPARISONS[measure.reliable.comparison or ">="]
    return reliable(change, measure.reliable.value), reliable(-change, measure.reliable.value)


def nhs_classes(
    depression: Ends, anxiety: Ends, thresholds: tuple[Thresholds, Thresholds]
) -> np.ndarray:
    """Return the class of each client by the rule over the pair, among `CLASSES`.

    At caseness: above the threshold on either measure. Recovery: at caseness at first, at last on
    neither. Reliable improvement: on either measure, and on the other no reliable deterioration;
    reliable deterioration alike. Reliable recovery is recovery and reliable improvement. Without
    caseness at first there is no recovery. What a missing score gives is not defined.
    """
    one, two = thresholds
    better_1, worse_1 = _moved(depression, one)
    better_2, worse_2 = _moved(anxiety, two)
    better = (better_1 | better_2) & ~worse_1 & ~worse_2
    worse = (worse_1 | worse_2) & ~better_1 & ~better_2
    before = clinical(depression.first, one.caseness) | clinical(anxiety.first, two.caseness)
    after = clinical(depression.last, one.caseness) | clinical(anxiety.last, two.caseness)
    recovery = before & ~after
    found = np.select(
        [better & recovery, better, worse & recovery, worse, recovery],
        [
            "reliable_recovery",
            "reliable_improvement",
            "recovery_with_reliable_deterioration",
            "reliable_deterioration",
            "recovery_without_reliable_improvement",
        ],
        "no_reliable_change",
    ).astype(object)
    found[~before] += BELOW
    return found


def in_words(thresholds: tuple[Thresholds, Thresholds], pair: tuple[str, str]) -> str:
    """Return the thresholds in words."""
    said = [
        f"{name}: caseness {one.caseness.comparison} {one.caseness.value:g}, reliable change "
        f"{one.reliable.comparison} {one.reliable.value:g}"
        for name, one in zip(pair, thresholds, strict=True)
    ]
    return f"rule over the pair of measures; {'; '.join(said)}"


def not_analysed(
    depression: Ends, anxiety: Ends, attended: np.ndarray, ended: np.ndarray, pair: tuple[str, str]
) -> np.ndarray:
    """Return why each client is not analysed, '' where analysed.

    Analysed are those with two or more scores of both measures whose treatment ended after two or
    more treatment contacts, as far as endings and sessions are recorded.

    Parameters
    ----------
    attended : treatment sessions attended, NaN where no sessions are recorded.
    ended : 1, 0 (treatment goes on), or NaN where nothing is recorded.
    """
    return np.select(
        [
            depression.count < 2,
            anxiety.count < 2,
            attended < FEWEST_CONTACTS,
            ended == 0,
        ],
        [
            f"fewer than two scores of {pair[0]} while in treatment",
            f"fewer than two scores of {pair[1]} while in treatment",
            f"attended fewer than {FEWEST_CONTACTS} treatment contacts",
            "treatment goes on",
        ],
        "",
    ).astype(object)
