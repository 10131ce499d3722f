"""Dropout under each definition: how often, and how far the definitions agree."""

from __future__ import annotations

from itertools import combinations
from math import isnan
from typing import Any

import pandas as pd

from attunement.release.clustered import clusters, design_effect, wilson
from attunement.release.labels import by_group, groups
from attunement.study.contracts import DROPOUT_DEFINITIONS, conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables


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
    those who cannot be classified are counted beside it. `n_planned` and `n_other` tell how those
    who stayed ended (not under study attrition, where assessments end, not treatment). Limits take
    account of therapists where ten are known (`clustered.design_effect`), so that they hold for
    clients of further therapists; else they are Wilson's. `n_before_risk` are the dropouts before
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
            clear = held[held["status"].isin(("dropped_out", "stayed"))]
            effect = design_effect(
                (clear["status"] == "dropped_out").to_numpy(),
                clusters(clear["client"], tables["clients"]),
            )
            low, high = wilson(events, n, 1.0 if isnan(effect) else effect)
            stayed = clear[clear["status"] == "stayed"]
            planned = int(stayed["planned_ending"].fillna(False).sum())
            early = int(before_risk(held, risk_from).sum())
            lines.append(
                {
                    "definition": definition,
                    "group": group,
                    "n_clients": n,
                    "n_dropped_out": events,
                    "n_censored": int(status.get("censored", 0)),
                    "n_unknown": int(status.get("unknown", 0)),
                    "n_planned": None if attrition else planned,
                    "n_other": None if attrition else len(stayed) - planned,
                    "n_before_risk": early if known else None,
                    "rate": events / n if n else None,
                    "ci_low": low,
                    "ci_high": high,
                    "design_effect": effect,
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
                "n_only_1": int(pair[one].sum()) - both,
                "n_only_2": int(pair[two].sum()) - both,
                "agreement": both / either if either else None,
                "withheld": False,
            }
        )
    if not lines:
        return empty("dropout_overlap")
    return conform(pd.DataFrame(lines), "dropout_overlap")
