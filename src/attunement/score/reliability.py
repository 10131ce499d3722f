"""The tables of reliability: of every scale and rater, of every item, and floor and ceiling."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from attunement.score.answers import Answers, keyed_items
from attunement.score.coefficients import (
    FEWEST_CLIENTS,
    NORMAL,
    Coefficient,
    cronbach,
    within_client,
)
from attunement.score.facts import key_refusal
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument
from attunement.study.scales import Scale

FEWEST_FOR_ITEMS = 20
KEY = ["instrument", "scale", "rater"]
ONLY_TOTALS = "items are not recorded, only totals"


def item_rest(items: np.ndarray) -> np.ndarray:
    """Return each item's correlation with the sum of the others, over complete rows.

    NaN for an item that nobody answers differently, and throughout with fewer than 20 rows.
    """
    complete = items[~np.isnan(items).any(axis=1)]
    if len(complete) < FEWEST_FOR_ITEMS:
        return np.full(items.shape[1], np.nan)
    centred = complete - complete.mean(axis=0)
    rest = centred.sum(axis=1, keepdims=True) - centred
    spread = np.sqrt((centred**2).sum(axis=0) * (rest**2).sum(axis=0))
    product = (centred * rest).sum(axis=0)
    return np.divide(product, spread, out=np.full(len(spread), np.nan), where=spread > 1e-12)


def _check(bipolar: bool) -> str:
    if bipolar:
        return "check preference.coding and preference.flip in dataset.yaml against the form"
    return "check how the items are keyed in the source"


def _warning(correlations: np.ndarray, scale: Scale, bipolar: bool) -> str:
    negative = [str(number) for number, r in zip(scale.items, correlations, strict=True) if r < 0]
    if not negative:
        return ""
    which = f"item {negative[0]}" if len(negative) == 1 else f"items {', '.join(negative)}"
    return f"against the rest of the scale: {which}; {_check(bipolar)}; nothing was changed"


def _alpha(items: np.ndarray, scale: Scale, bipolar: bool) -> dict[str, object]:
    alpha, correlations = cronbach(items), item_rest(items)
    lowest = np.nan if np.isnan(correlations).all() else float(np.nanmin(correlations))
    found = _row("alpha", alpha) | {"lowest_item_rest": lowest}
    return found | {"reason": alpha.reason or _warning(correlations, scale, bipolar) or None}


def _row(coefficient: str, found: Coefficient) -> dict[str, object]:
    row = found._asdict() | {"coefficient": coefficient, "reason": found.reason or None}
    return row | ({"n_observations": None} if coefficient == "alpha" else {})


def _scales(
    answers: dict[str, Answers], instruments: dict[str, Instrument]
) -> Iterator[tuple[str, Answers, Instrument, str, Scale]]:
    """Every scale of several items that sum up, of which anything was recorded."""
    for name, given in answers.items():
        for scale_id, scale in instruments[name].scales.items() if name in instruments else ():
            known = {scale_id, *(str(number) for number in scale.items)}
            if scale.consistent and known & set(given.items):
                yield name, given, instruments[name], scale_id, scale


def consistency(
    answers: dict[str, Answers],
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accepted: Collection[str] = (),
) -> list[dict[str, object]]:
    """Return rows of `reliability`: alpha and within_client of each scale of items and rater.

    Intake is each client's first occasion with the instrument. Where an item runs against the rest
    of its scale, `reason` names it: its poles may be coded the other way. Nothing is guessed. A key
    that may not be used gives no coefficient.
    """
    rows = []
    for name, given, instrument, scale_id, scale in _scales(answers, instruments):
        items = keyed_items(given, instrument, scale, dataset)
        bipolar = instrument.direction_of(scale_id) == "bipolar"
        refusal = key_refusal(instrument, scale_id, accepted)
        for rater in sorted(given.occasions["rater"].unique()):
            key = {"instrument": name, "scale": scale_id, "rater": rater}
            nothing = ONLY_TOTALS if np.isnan(items).all() else refusal
            if nothing:
                rows += [
                    key | _row(coefficient, Coefficient(reason=nothing))
                    for coefficient in ("alpha", "within_client")
                ]
                continue
            rated = np.flatnonzero((given.occasions["rater"] == rater).to_numpy())
            change = within_client(items[rated], given.place[rated])
            rows.append(key | _alpha(items[given.first_occasions(rater)], scale, bipolar))
            rows.append(key | _row("within_client", change))
    return rows


def item_checks(
    answers: dict[str, Answers],
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accepted: Collection[str] = (),
) -> pd.DataFrame:
    """Return the table `item_checks`: each item against the rest of its scale, at intake.

    A correlation below 0 is a warning: the poles of the item may be coded the other way. Its 95%
    limits are Fisher's. It needs 20 clients with complete items.
    """
    rows = []
    for name, given, instrument, scale_id, scale in _scales(answers, instruments):
        every = keyed_items(given, instrument, scale, dataset)
        if np.isnan(every).all() or key_refusal(instrument, scale_id, accepted):
            continue
        advice = _check(instrument.direction_of(scale_id) == "bipolar")
        for rater in sorted(given.occasions["rater"].unique()):
            items = every[given.first_occasions(rater)]
            n = int((~np.isnan(items).any(axis=1)).sum())
            for number, r in zip(scale.items, item_rest(items), strict=True):
                half = NORMAL / np.sqrt(n - 3) if n > 3 else np.nan
                middle = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
                low, high = np.tanh(middle - half), np.tanh(middle + half)
                why = None
                if n < FEWEST_FOR_ITEMS:
                    why = f"fewer than {FEWEST_FOR_ITEMS} clients answered all items at intake"
                elif np.isnan(r):
                    why = "all clients answered alike"
                elif r < 0:
                    word = "runs" if high < 0 else "perhaps runs"
                    why = f"{word} against the rest of its scale; {advice}; nothing was changed"
                rows.append(
                    {"instrument": name, "scale": scale_id, "rater": rater, "item": number}
                    | {"item_rest": r, "ci_low": low, "ci_high": high}
                    | {"n_clients": n, "reason": why}
                )
    return conform(pd.DataFrame(rows), "item_checks") if rows else empty("item_checks")


def floor_ceiling(scores: pd.DataFrame, instruments: dict[str, Instrument]) -> pd.DataFrame:
    """Return the table `floor_ceiling`: shares of scores at the ends of a scale's range.

    `intake` is the first score of each client. Prorated scores count as they are.
    """
    rows = []
    kept = scores[scores["value"].notna() & scores["instrument"].isin(list(instruments))]
    for (name, scale_id, rater), found in kept.groupby(KEY, sort=True):
        scale = instruments[str(name)].scales[str(scale_id)]
        for occasions, part in (("intake", found.drop_duplicates("client")), ("all", found)):
            value, n = part["value"].to_numpy(dtype=float), part["client"].nunique()
            row: dict[str, object] = {"instrument": name, "scale": scale_id, "rater": rater}
            row |= {"occasions": occasions, "n_clients": n, "n_scores": len(value)}
            if n < FEWEST_CLIENTS:
                rows.append(row | {"reason": f"fewer than {FEWEST_CLIENTS} clients"})
                continue
            floor, ceiling = (
                np.isclose(value, end).mean() if np.isfinite(end) else np.nan
                for end in (scale.low, scale.high)
            )
            rows.append(row | {"floor": floor, "ceiling": ceiling})
    return conform(pd.DataFrame(rows), "floor_ceiling") if rows else empty("floor_ceiling")
