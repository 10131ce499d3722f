"""Dropout under each definition: how often, and how far the definitions agree."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from attunement.release.labels import by_group, groups
from attunement.study.contracts import DROPOUT_DEFINITIONS, conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables

Z95 = 1.959963984540054


def wilson(events: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95% interval for a share (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    Parameters
    ----------
    events, n : int
        Clients with the event and clients in all; missing limits for n = 0.
    """
    if n == 0:
        return float("nan"), float("nan")
    share, square = events / n, Z95**2
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * np.sqrt(share * (1 - share) / n + square / (4 * n * n))
    # At 0 and at n the limit is exactly 0 or 1; rounding must not carry it past.
    low = 0.0 if events == 0 else max(0.0, float(centre - half))
    high = 1.0 if events == n else min(1.0, float(centre + half))
    return low, high


def first_exposure(tables: Tables) -> float | None:
    """Return the first session in which delivery was rated in this dataset, or None."""
    sessions = tables["accommodation"]["session"]
    return float(sessions.min()) if len(sessions) else None


def assessed_in_sessions(dataset: Dataset) -> bool:
    """Return whether a time of assessment is a session, so that the two can be compared."""
    return dataset.time.unit == "session"


def before_risk(rows: pd.DataFrame, start: float | None) -> pd.Series:
    """Return who dropped out before any time at risk in a model.

    That is after no session (or assessment) on record at all or, where accommodation is observed
    from session `start` on, before that session.
    """
    last = rows["last_time"].astype(float)
    never = last.isna() if start is None else ~(last >= start)
    return (rows["status"] == "dropped_out") & never


def _reason(availability: pd.DataFrame, definition: str) -> str | None:
    known = availability.set_index("topic")
    topic = f"dropout.{definition}"
    if topic in known.index and not bool(known.loc[topic, "available"]):
        return str(known.loc[topic, "reason"])
    return None


def dropout_rates(tables: Tables, dataset: Dataset) -> pd.DataFrame:
    """Return one line per definition and group (contract `dropout_rates`).

    The rate is dropped out / (dropped out + stayed); clients still in treatment (censored) and
    those who cannot be classified are counted beside it. `n_before_risk` are the dropouts before
    the first session with delivery rated for anybody, or with no session or assessment on record
    (under study attrition: those never assessed); missing where delivery was never rated.
    """
    dropout, start = tables["dropout"], first_exposure(tables)
    grouped = by_group(dropout, tables["clients"], dataset.arm)
    lines: list[dict[str, Any]] = []
    for definition in DROPOUT_DEFINITIONS:
        reason = _reason(tables["availability"], definition)
        rows = grouped[grouped["definition"] == definition]
        attrition = definition == "study_attrition"
        risk_from = start if not attrition or assessed_in_sessions(dataset) else None
        known = attrition or start is not None
        classified = rows["status"].isin(("dropped_out", "stayed", "censored"))
        if not classified.any():
            said = reason or "no client can be classified under this definition"
            lines.append({"definition": definition, "group": "all", "reason": said})
            continue
        for group in groups(rows):
            held = rows[rows["group"] == group]
            status = held["status"].value_counts()
            events = int(status.get("dropped_out", 0))
            n = events + int(status.get("stayed", 0))
            low, high = wilson(events, n)
            early = int(before_risk(held, risk_from).sum())
            lines.append(
                {
                    "definition": definition,
                    "group": group,
                    "n_clients": n,
                    "n_dropped_out": events,
                    "n_censored": int(status.get("censored", 0)),
                    "n_unknown": int(status.get("unknown", 0)),
                    "n_before_risk": early if known else None,
                    "rate": events / n if n else None,
                    "ci_low": low,
                    "ci_high": high,
                    "reason": None if n else "every client is still in treatment",
                }
            )
    return conform(pd.DataFrame(lines).assign(withheld=False), "dropout_rates")


def dropout_overlap(tables: Tables) -> pd.DataFrame:
    """Return, for each pair of definitions, the dropouts under both and under either.

    Only clients whom both definitions classify are compared; agreement is both / either (Jaccard).
    """
    known = tables["dropout"][tables["dropout"]["status"].isin(("dropped_out", "stayed"))]
    left = (known["status"] == "dropped_out").groupby([known["client"], known["definition"]]).max()
    wide = left.unstack("definition")
    definitions = [name for name in DROPOUT_DEFINITIONS if name in wide.columns]
    lines = []
    for one, two in combinations(definitions, 2):
        pair = wide[[one, two]].dropna().astype(bool)
        both, either = int((pair[one] & pair[two]).sum()), int((pair[one] | pair[two]).sum())
        lines.append(
            {
                "definition_1": one,
                "definition_2": two,
                "n_both": both,
                "n_either": either,
                "agreement": both / either if either else None,
                "withheld": False,
            }
        )
    if not lines:
        return empty("dropout_overlap")
    return conform(pd.DataFrame(lines), "dropout_overlap")
