"""Which facts of an instrument may be used: those verified and those a study accepts by name."""

from __future__ import annotations

import difflib
from collections.abc import Collection

import pandas as pd

from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.facts import (
    FactName,
    fact_of,
    key_verified,
    missing_rule_of,
    named_facts,
)
from attunement.study.instruments import Instrument
from attunement.study.problems import StudyError
from attunement.study.scales import Fact, MissingRule, Verified


def known_facts(instruments: dict[str, Instrument]) -> list[str]:
    """Return the names by which facts can be accepted, for example `phq9.reliable_change`."""
    return [name for instrument in instruments.values() for name in named_facts(instrument)]


def check_accepted(accepted: Collection[str], instruments: dict[str, Instrument]) -> None:
    """Refuse a name under `accept_unverified` that no instrument knows.

    Raises
    ------
    StudyError
        An instrument that is known here has no such fact; the nearest known one is named.
    """
    known = known_facts(instruments)
    for name in accepted:
        # The configuration holds for several datasets: another one may have this instrument.
        if name not in known and name.partition(".")[0] in instruments:
            near = difflib.get_close_matches(name, known, 1)
            raise StudyError(
                f"accept_unverified names '{name}', which no instrument has",
                advice=f"The nearest known one is '{near[0]}'." if near else "",
            )


def may_be_used(verified: Verified, name: str, accepted: Collection[str]) -> bool:
    """Return whether a fact is verified, or accepted although nobody could verify all of it."""
    return verified is True or name in accepted


def how_to_accept(name: str) -> str:
    """Return what somebody can do who wants a fact that is not verified."""
    instrument = name.partition(".")[0]
    return (
        f"{name} is not verified: name it under accept_unverified in config.yaml, or give your own "
        f"value in data/<dataset>/instruments/{instrument}.yaml"
    )


def usable(
    instrument: Instrument, fact: FactName, accepted: Collection[str], scale: str = ""
) -> Fact | None:
    """Return `cutoff`, `reliable_change` or `reliability`; None if it may not be used.

    Of a scale where one is named; without, what stands at the instrument itself.
    """
    scale = scale or next(iter(instrument.scales))
    name, found = fact_of(instrument, scale, fact)
    if found is None or not may_be_used(found.verified, name, accepted):
        return None
    return found


def why_not(instrument: Instrument, fact: FactName, accepted: Collection[str], scale: str) -> str:
    """Return why a fact of a scale may not be used; '' if it may."""
    name, found = fact_of(instrument, scale, fact)
    if found is None:
        words = {"cutoff": "cut-off", "reliable_change": "reliable change"}.get(fact, fact)
        return f"no {words} of {instrument.id}.{scale} is known"
    return "" if may_be_used(found.verified, name, accepted) else how_to_accept(name)


def key_refusal(instrument: Instrument, scale: str, accepted: Collection[str]) -> str:
    """Return why a scale may not be scored from its items; '' if it may."""
    name = f"{instrument.id}.key"
    if may_be_used(key_verified(instrument, scale), name, accepted):
        return ""
    return f"which items form {instrument.id}.{scale}, and how: {how_to_accept(name)}"


def missing_rule(
    instrument: Instrument, scale: str, accepted: Collection[str]
) -> MissingRule | None:
    """Return the rule for missing items of a scale; None if there is none that may be used."""
    name, rule = missing_rule_of(instrument, scale)
    if rule is None or not may_be_used(rule.verified, name, accepted):
        return None
    return rule


def accepted_facts(
    accepted: Collection[str], dataset: Dataset, instruments: dict[str, Instrument]
) -> pd.DataFrame:
    """Return the table `accepted_facts`: what was accepted of the instruments of this dataset.

    In the order of `accept_unverified`. A fact that is verified anyhow has its row too.
    """
    words: dict[Verified, str] = {True: "yes", False: "no", "partial": "in part"}
    used = {response.instrument for response in dataset.responses}
    rows = []
    for name in dict.fromkeys(accepted):
        instrument = name.partition(".")[0]
        if instrument in used and instrument in instruments:
            fact = named_facts(instruments[instrument])[name]
            rows.append(
                {
                    "fact": name,
                    "instrument": instrument,
                    "value": fact.value,
                    "verified": words[fact.verified],
                    "source": fact.source,
                }
            )
    return conform(pd.DataFrame(rows), "accepted_facts") if rows else empty("accepted_facts")


def informant(instrument: str, dataset: Dataset) -> str:
    """Return who rates an instrument in a dataset: the rater of its first declared source."""
    raters = [source.rater for source in dataset.responses if source.instrument == instrument]
    return raters[0] if raters else "client"
