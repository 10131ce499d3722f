"""From answers to scores by the key of an instrument: methods, missing rules, skipped items."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from attunement.score.answers import Answers, keyed_items
from attunement.score.facts import key_refusal, may_be_used, missing_rule
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument
from attunement.study.scales import Method, MissingRule, Scale

# Sums of tenths must meet a cut-off exactly: 6.1 + 6.2 + 6.3 + 6.4 is 25, not 25.000000000000004.
DECIMALS = 9


class Scored(NamedTuple):
    """Score (NaN where there is none), items answered, and whether missing items were filled."""

    value: np.ndarray
    n_answered: np.ndarray
    prorated: np.ndarray


def _means(items: np.ndarray) -> np.ndarray:
    """Mean of the items answered, 0 where none was."""
    present = ~np.isnan(items)
    return np.where(present, items, 0.0).sum(axis=1) / np.maximum(present.sum(axis=1), 1)


def scale_score(items: np.ndarray, method: Method, allowed: int) -> Scored:
    """Return the score of a scale before its factor and conversion.

    Parameters
    ----------
    items : shape (occasions, items), keyed the same way, NaN where missing.
    method : `sum`, `mean`, `count` (of items above 0) or `mean_of_positive` (sum over that count;
        none without an item above 0).
    allowed : how many items may be missing; they count as the mean of those answered.

    Returns
    -------
    Scored
        Without a value where more items are missing than allowed, or none was answered.
    """
    n_items = items.shape[1]
    present = ~np.isnan(items)
    n_answered = present.sum(axis=1)
    enough = (n_answered >= n_items - allowed) & (n_answered > 0)
    if method in ("count", "mean_of_positive"):
        positive = np.where(present, items > 0, np.nan)
        count = _means(positive) * n_items
        with np.errstate(divide="ignore", invalid="ignore"):
            value = count if method == "count" else _means(items) * n_items / count
    else:
        value = _means(items) * (n_items if method == "sum" else 1)
    value = np.where(enough, value, np.nan)
    return Scored(np.round(value, DECIMALS), n_answered, enough & (n_answered < n_items))


def rounded_fill(items: np.ndarray) -> np.ndarray:
    """Return items with missing ones as the mean of those answered, rounded (halves upwards)."""
    mean = np.where(np.isnan(items).all(axis=1), np.nan, np.floor(_means(items) + 0.5))
    return np.where(np.isnan(items), mean[:, None], items)


def _filled_within(
    answers: Answers, instrument: Instrument, scale: Scale, rule: MissingRule, dataset: Dataset
) -> np.ndarray:
    """Items of a scale, those missing filled within the scales that the rule names."""
    filled: dict[int, np.ndarray] = {}
    for name in rule.within:
        part = instrument.scales[name]
        items = rounded_fill(keyed_items(answers, instrument, part, dataset))
        filled |= dict(zip(part.items, items.T, strict=True))
    nothing = np.full(len(answers.values), np.nan)
    return np.column_stack([filled.get(item, nothing) for item in scale.items])


def _by_instrument(
    answers: Answers, instrument: Instrument, scale: Scale, rule: MissingRule, dataset: Dataset
) -> Scored:
    """Score under a rule that counts the items missing in the whole instrument."""
    raw = np.column_stack([answers.column(str(item)) for item in instrument.items])
    enough = np.isnan(raw).sum(axis=1) <= rule.allowed
    items = keyed_items(answers, instrument, scale, dataset)
    missing = np.isnan(items)
    filled = _filled_within(answers, instrument, scale, rule, dataset) if rule.within else items
    found = scale_score(filled, scale.method, 0 if rule.within else rule.allowed)
    value = np.where(enough, found.value, np.nan)
    prorated = ~np.isnan(value) & missing.any(axis=1)
    return Scored(value, (~missing).sum(axis=1), prorated)


def _ratio(answers: Answers, instrument: Instrument, scale: Scale, dataset: Dataset) -> Scored:
    """The sum of the items over the sum of the divisor; none where that is 0 or an item missing."""
    upper = keyed_items(answers, instrument, scale, dataset)
    lower = np.column_stack([answers.column(str(item)) for item in scale.divisor])
    sums = lower.sum(axis=1)
    value = np.divide(upper.sum(axis=1), sums, out=np.full(len(sums), np.nan), where=sums != 0)
    asked = dict.fromkeys(scale.items + scale.divisor)
    answered = np.column_stack([~np.isnan(answers.column(str(item))) for item in asked])
    n_answered = answered.sum(axis=1)
    return Scored(np.round(value, DECIMALS), n_answered, np.zeros(len(value), dtype=bool))


def _converted(value: np.ndarray, conversion: dict[float, float]) -> np.ndarray:
    """Look scores up in a table; one that the table does not hold (a filled sum) has no value."""
    raw = np.array(sorted(conversion))
    place = np.clip(np.searchsorted(raw, value), 0, len(raw) - 1)
    table = np.array([conversion[score] for score in raw])
    return np.where(raw[place] == value, table[place], np.nan)


def score_scale(
    answers: Answers,
    instrument: Instrument,
    scale_id: str,
    dataset: Dataset,
    accepted: Collection[str],
) -> Scored:
    """Return the scores of one scale from its items, in the points of the scale.

    Without a value where the key may not be used (not verified and not accepted), or where its
    missing rule does not allow one; no usable rule: all items are needed.
    """
    scale = instrument.scales[scale_id]
    rule = missing_rule(instrument, scale_id, accepted)
    if scale.method == "ratio":
        found = _ratio(answers, instrument, scale, dataset)
    elif rule is not None and (rule.of == "instrument" or rule.fill == "rounded_mean"):
        found = _by_rule(answers, instrument, scale, rule, dataset)
    else:
        items = keyed_items(answers, instrument, scale, dataset)
        found = scale_score(items, scale.method, rule.allowed if rule else 0)
    value = found.value if scale.factor == 1 else np.round(found.value * scale.factor, DECIMALS)
    if scale.conversion is not None:
        value = _converted(value, scale.conversion)
    if key_refusal(instrument, scale_id, accepted):
        value = np.full(len(value), np.nan)
    return Scored(value, found.n_answered, found.prorated & ~np.isnan(value))


def _by_rule(
    answers: Answers, instrument: Instrument, scale: Scale, rule: MissingRule, dataset: Dataset
) -> Scored:
    if rule.of == "instrument":
        return _by_instrument(answers, instrument, scale, rule, dataset)
    items = keyed_items(answers, instrument, scale, dataset)
    found = scale_score(items, scale.method, rule.allowed)
    value = scale_score(rounded_fill(items), scale.method, 0).value
    return found._replace(value=np.where(np.isnan(found.value), np.nan, value))


def n_items(scale: Scale) -> int:
    """Return how many different items a scale asks for."""
    return len({*scale.items, *scale.divisor})


def with_skips(answers: Answers, instrument: Instrument, accepted: Collection[str]) -> Answers:
    """Return answers in which items that were not asked, by a usable skip rule, have their value.

    An item counts as skipped where it is missing and the item it hangs on does not lie above the
    rule's value.
    """
    skips, name = instrument.skips, f"{instrument.id}.skips"
    if skips is None or not may_be_used(skips.verified, name, accepted):
        return answers
    items, values = list(answers.items), answers.values.copy()
    for rule in skips.rules:
        item = str(rule.item)
        if item not in items:
            items.append(item)
            values = np.column_stack([values, np.full(len(values), np.nan)])
        place = items.index(item)
        skipped = np.isnan(values[:, place]) & (answers.column(str(rule.asked_if)) <= rule.above)
        values[skipped, place] = rule.counts_as
    return replace(answers, items=tuple(items), values=values)
