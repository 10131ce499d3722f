"""Internal consistency of every scale of several items, at intake, and the check of its poles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from attunement.score.answers import Answers, keyed_items
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument, Scale

FEWEST_CLIENTS = 10


class Alpha(NamedTuple):
    """Cronbach's alpha with its 95% interval, or the reason why there is none."""

    value: float
    ci_low: float
    ci_high: float
    n_clients: int
    reason: str


def cronbach(items: np.ndarray) -> Alpha:
    """Return Cronbach's alpha of the rows with complete items, with Feldt's 95% interval.

    Parameters
    ----------
    items : shape (clients, items), keyed the same way, NaN where missing.

    Returns
    -------
    Alpha
        NaN with a reason where fewer than 10 clients answered all items or nobody differs.

    References
    ----------
    Feldt LS, Woodruff DJ, Salih FA (1987). Appl Psychol Meas 11:93-103 (as in pingouin).
    """
    complete = items[~np.isnan(items).any(axis=1)]
    n = len(complete)
    if n < FEWEST_CLIENTS:
        reason = f"fewer than {FEWEST_CLIENTS} clients answered all items at intake"
        return Alpha(np.nan, np.nan, np.nan, n, reason)
    if np.ptp(complete.sum(axis=1)) == 0:
        return Alpha(np.nan, np.nan, np.nan, n, "all clients have the same score at intake")
    from pingouin import cronbach_alpha

    value, (low, high) = cronbach_alpha(data=pd.DataFrame(complete), nan_policy="listwise")
    return Alpha(float(value), float(low), float(high), n, "")


def item_rest(items: np.ndarray) -> np.ndarray:
    """Return each item's correlation with the sum of the others, over complete rows.

    NaN for an item that nobody answers differently, and throughout with fewer than 10 rows.
    """
    complete = items[~np.isnan(items).any(axis=1)]
    if len(complete) < FEWEST_CLIENTS:
        return np.full(items.shape[1], np.nan)
    centred = complete - complete.mean(axis=0)
    rest = centred.sum(axis=1, keepdims=True) - centred
    spread = np.sqrt((centred**2).sum(axis=0) * (rest**2).sum(axis=0))
    product = (centred * rest).sum(axis=0)
    return np.divide(product, spread, out=np.full(len(spread), np.nan), where=spread > 1e-12)


def _warning(correlations: np.ndarray, scale: Scale, bipolar: bool) -> str:
    negative = [str(number) for number, r in zip(scale.items, correlations, strict=True) if r < 0]
    if not negative:
        return ""
    which = f"item {negative[0]}" if len(negative) == 1 else f"items {', '.join(negative)}"
    check = (
        "check preference.coding and preference.flip in dataset.yaml against the printed form"
        if bipolar
        else "check how the items are keyed in the source"
    )
    return f"against the rest of the scale: {which}; {check}; nothing was changed"


def _row(items: np.ndarray, scale: Scale, bipolar: bool) -> dict[str, object]:
    if np.isnan(items).all():
        reason = "items are not recorded, only totals"
        return {"coefficient": "alpha", "n_clients": 0, "reason": reason}
    alpha, correlations = cronbach(items), item_rest(items)
    lowest = np.nan if np.isnan(correlations).all() else float(np.nanmin(correlations))
    return {
        "coefficient": "alpha",
        "value": alpha.value,
        "ci_low": alpha.ci_low,
        "ci_high": alpha.ci_high,
        "n_clients": alpha.n_clients,
        "lowest_item_rest": lowest,
        "reason": alpha.reason or _warning(correlations, scale, bipolar) or None,
    }


def reliabilities(
    answers: dict[str, Answers], dataset: Dataset, instruments: dict[str, Instrument]
) -> pd.DataFrame:
    """Return the table `reliability`: one row per scale of at least two items and rater.

    Intake is each client's first occasion with the instrument. Where an item runs against the rest
    of its scale, `reason` names it: its poles may be coded the other way. Nothing is guessed.
    """
    rows = []
    for name, given in answers.items():
        if name not in instruments:
            continue
        instrument = instruments[name]
        for scale_id, scale in instrument.scales.items():
            known = {scale_id, *(str(number) for number in scale.items)}
            if len(scale.items) < 2 or not known & set(given.items):
                continue
            items = keyed_items(given, instrument, scale, dataset)
            for rater in sorted(given.occasions["rater"].unique()):
                details = _row(
                    items[given.first_occasions(rater)], scale, instrument.direction == "bipolar"
                )
                rows.append({"instrument": name, "scale": scale_id, "rater": rater} | details)
    return conform(pd.DataFrame(rows), "reliability") if rows else empty("reliability")
