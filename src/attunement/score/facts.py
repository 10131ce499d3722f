"""Which facts of an instrument may be used: those verified and those a study accepts by name."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from attunement.study.dataset import Dataset
from attunement.study.instruments import Fact, Instrument
from attunement.study.problems import StudyError

FACTS = ("missing", "cutoff", "reliable_change", "reliability")


def known_facts(instruments: dict[str, Instrument]) -> list[str]:
    """Return the names by which facts can be accepted, for example `phq9.reliable_change`."""
    names = []
    for instrument in instruments.values():
        names += [f"{instrument.id}.{fact}" for fact in FACTS if getattr(instrument, fact)]
        names += [
            f"{instrument.id}.{scale}.bands"
            for scale, key in instrument.scales.items()
            if key.bands
        ]
    return names


def check_accepted(accepted: Collection[str], instruments: dict[str, Instrument]) -> None:
    """Refuse a name under `accept_unverified` that no instrument knows.

    Raises
    ------
    StudyError
        The name stands for nothing; the nearest known one is named.
    """
    known = known_facts(instruments)
    for name in accepted:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, cutoff=0.0)
            raise StudyError(
                f"accept_unverified names '{name}', which no instrument has",
                advice=f"The nearest known one is '{near[0]}'." if near else "",
            )


def may_be_used(verified: bool, name: str, accepted: Collection[str]) -> bool:
    """Return whether a fact is verified, or accepted although nobody could verify it."""
    return verified or name in accepted


def usable(instrument: Instrument, fact: str, accepted: Collection[str]) -> Fact | None:
    """Return `cutoff`, `reliable_change` or `reliability`; None if it may not be used."""
    found: Fact | None = getattr(instrument, fact)
    if found is None or not may_be_used(found.verified, f"{instrument.id}.{fact}", accepted):
        return None
    return found


def missing_allowed(instrument: Instrument, accepted: Collection[str]) -> int:
    """Return how many items of a scale may be missing; 0 without a rule that may be used."""
    rule = instrument.missing
    if rule is None or not may_be_used(rule.verified, f"{instrument.id}.missing", accepted):
        return 0
    return rule.allowed


def informant(instrument: str, dataset: Dataset) -> str:
    """Return who rates an instrument in a dataset: the rater of its first declared source."""
    raters = [source.rater for source in dataset.responses if source.instrument == instrument]
    return raters[0] if raters else "client"
