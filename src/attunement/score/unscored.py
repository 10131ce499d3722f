"""Occasions that were answered in part and have no score, and what would let them have one."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import pandas as pd

from attunement.score.facts import key_refusal, may_be_used
from attunement.study.facts import missing_rule_of
from attunement.study.instruments import Instrument

TOPIC = "missing_items."  # of `availability`, before instrument.scale


class Unscored(NamedTuple):
    """One scale with occasions that were answered in part and have no score.

    `rows` and `clients` count them; of them `mended` occasions have so few items missing that
    `rules` (names of facts that may not be used yet; none: no rule is known) might give a score.
    """

    scale: str
    answered: int
    rows: int
    clients: int
    mended: int
    rules: tuple[str, ...]


def in_part(scores: pd.DataFrame, instrument: str, scale: str) -> pd.DataFrame:
    """Return the scores of one scale that were answered in part and have no value."""
    of = (scores["instrument"] == instrument) & (scores["scale"] == scale)
    some = scores[of.to_numpy(dtype=bool)]
    partly = (some["n_answered"] > 0) & (some["n_answered"] < some["n_items"])
    return some[(partly & some["value"].isna()).to_numpy(dtype=bool)]


def _rules(
    instrument: Instrument, scale: str, accepted: Collection[str]
) -> tuple[tuple[str, ...], int]:
    """The unusable rules of a scale for items that are missing, and how many items they allow."""
    names, most = [], 0
    name, rule = missing_rule_of(instrument, scale)
    if rule is not None and rule.allowed > 0 and not may_be_used(rule.verified, name, accepted):
        if key_refusal(instrument, scale, accepted):
            names.append(f"{instrument.id}.key")
        names.append(name)
        most = rule.allowed
    skips, name = instrument.skips, f"{instrument.id}.skips"
    if skips is not None and not may_be_used(skips.verified, name, accepted):
        of_scale = [one for one in skips.rules if one.item in instrument.scales[scale].items]
        if of_scale:
            names.append(name)
            most += len(of_scale)
    return tuple(names), most


def unscored(
    scores: pd.DataFrame, instruments: dict[str, Instrument], accepted: Collection[str] = ()
) -> list[Unscored]:
    """Return the scales with occasions that were answered in part and have no score.

    Parameters
    ----------
    scores : DataFrame
        The table `scores`; of declared ratings nothing is said, each is one answer.
    instruments, accepted : dict of Instrument, names
        The keys, and `accept_unverified` of the configuration.
    """
    found = []
    for name in [name for name in instruments if (scores["instrument"] == name).any()]:
        for scale in instruments[name].scales:
            lost = in_part(scores, name, scale)
            if lost.empty:
                continue
            rules, most = _rules(instruments[name], scale, accepted)
            few = (lost["n_items"] - lost["n_answered"] <= most).to_numpy(dtype=bool)
            of = (scores["instrument"] == name) & (scores["scale"] == scale)
            answered = int((of & (scores["n_answered"] > 0)).sum())
            counts = (answered, len(lost), lost["client"].nunique(), int(few.sum()))
            found.append(Unscored(f"{name}.{scale}", *counts, rules if few.any() else ()))
    return found


def how_to_score(rules: Collection[str]) -> str:
    """Return what to write to have such occasions scored by rules that are not verified."""
    return (
        f"look up {' and '.join(rules)} in data/instruments/README.md; to use it although it is "
        f"not verified, write `accept_unverified: [{', '.join(rules)}]` in config.yaml"
    )


def why_unscored(one: Unscored) -> str:
    """Return why occasions of a scale have no score, without a count: it stands on the page."""
    return (
        f"occasions on which only a part of the items of {one.scale} was answered have no score: "
        f"the rule for missing items is not verified; {how_to_score(one.rules)}"
    )
