"""Table 1: who the clients and therapists are, and the first value of each outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from attunement.release.labels import (
    Instruments,
    by_group,
    groups,
    outcome_label,
    outcome_names,
    scores_of,
)
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Covariate, Dataset
from attunement.study.files import Tables

FLAG = {True: "yes", False: "no"}
ATTENDED = "sessions attended (intake not counted)"


def _lines(values: pd.Series, number: bool) -> Iterator[dict[str, Any]]:
    """Lines for one variable in one group: one for a number, one per category otherwise."""
    missing = int(values.isna().sum())
    present = values.dropna()
    if number:
        numbers = present.astype(float)
        yield {
            "category": "mean",
            "n": len(numbers),
            "n_missing": missing,
            "mean": numbers.mean() if len(numbers) else None,
            "sd": numbers.std(ddof=1) if len(numbers) > 1 else None,
        }
        return
    for category, count in present.value_counts().sort_index().items():
        yield {"category": str(category), "n": int(count), "n_missing": missing}


def _as_categories(values: pd.Series, kind: str) -> pd.Series:
    if kind != "flag":
        return values.astype("str")
    return values.map(lambda value: FLAG[str(value).lower() in ("true", "1", "1.0")], "ignore")


def _in_order(values: pd.Series, levels: Sequence[str]) -> list[str]:
    """Categories in their declared order, then the others by name; `yes` before `no`."""
    present = sorted(values.dropna().unique(), reverse=set(values.dropna()) <= set(FLAG.values()))
    return [*(name for name in levels if name in present), *(n for n in present if n not in levels)]


def _variable(
    frame: pd.DataFrame,
    level: str,
    variable: str,
    label: str,
    kind: str,
    levels: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Every line of one variable, in every group, each group with the same categories."""
    number = kind in ("number", "integer")
    values = frame[variable] if number else _as_categories(frame[variable], kind)
    lines = []
    known = _in_order(values, levels) if not number else ["mean"]
    for group in groups(frame):
        held = values[frame["group"] == group]
        found = {line["category"]: line for line in _lines(held, number)}
        for category in known:
            nobody = {"category": category, "n": 0, "n_missing": int(held.isna().sum())}
            line = found.get(category, nobody)
            lines.append(
                {"level": level, "variable": variable, "label": label, "group": group, **line}
            )
    return lines


def _label(name: str, covariate: Covariate) -> str:
    text = covariate.meaning or name.replace("_", " ")
    return f"{text} ({covariate.unit})" if covariate.unit else text


def attended(tables: Tables) -> pd.DataFrame:
    """Sessions attended per client (intake not counted), where sessions are recorded."""
    sessions = tables["sessions"]
    if sessions.empty:
        return pd.DataFrame({"client": [], "sessions_attended": []})
    kept = sessions[(sessions["session"] > 0) & sessions["attended"].fillna(True).astype(bool)]
    counts = kept.groupby("client").size()
    clients = tables["clients"]["client"]
    return pd.DataFrame(
        {"client": clients, "sessions_attended": clients.map(counts).fillna(0).astype(int)}
    )


def _first_scores(tables: Tables, outcome: str, dataset: Dataset) -> pd.DataFrame:
    rows = scores_of(outcome, tables["scores"], dataset)
    first = rows.sort_values(["client", "occasion"], kind="stable").drop_duplicates("client")
    values = first.set_index("client")["value"].astype(float)
    clients = tables["clients"]["client"]
    return pd.DataFrame({"client": clients, outcome: clients.map(values)})


def description(tables: Tables, dataset: Dataset, instruments: Instruments) -> pd.DataFrame:
    """Return table 1 (contract `description`): covariates, sessions attended, first outcome.

    Every client counts once; where the dataset has arms each line is also given per arm.
    """
    clients, arm = tables["clients"], dataset.arm
    lines: list[dict[str, Any]] = []
    grouped = by_group(clients, clients, arm)
    for name, covariate in dataset.clients.covariates.items():
        if name in clients.columns:
            label, levels = _label(name, covariate), covariate.levels or ()
            lines += _variable(grouped, "client", name, label, covariate.kind, levels)
    if "site" in clients.columns and clients["site"].notna().any():
        lines += _variable(grouped, "client", "site", "site", "category")
    sessions = attended(tables)
    if len(sessions):
        frame = by_group(sessions, clients, arm)
        lines += _variable(frame, "client", "sessions_attended", ATTENDED, "number")
    for outcome in outcome_names(dataset):
        scores = by_group(_first_scores(tables, outcome, dataset), clients, arm)
        if scores[outcome].notna().any():
            label = f"{outcome_label(outcome, dataset, instruments)}, first score"
            lines += _variable(scores, "outcome", outcome, label, "number")
    therapists = tables["therapists"].assign(group="all")
    for name, covariate in (dataset.therapists.covariates if dataset.therapists else {}).items():
        if name in therapists.columns and len(therapists):
            label, levels = _label(name, covariate), covariate.levels or ()
            lines += _variable(therapists, "therapist", name, label, covariate.kind, levels)
    if not lines:
        return empty("description")
    return conform(pd.DataFrame(lines).assign(withheld=False), "description")
