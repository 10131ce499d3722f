"""How well a flag at the landmark foretells dropout and poor outcome later.

Flags of the expected trajectory come from other clients (see `attunement.score.expected`), and
alerts from published borders, so that no client's own later course made the flag. What is later is
partly the return of an unusual score towards the usual one: a low score at the landmark foretells a
low last score less well than it seems, and a rise after it is no work of whoever saw the flag.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from attunement.release.clustered import area, clusters, share_with_interval
from attunement.score.change import outcome_scores
from attunement.study.contracts import DROPOUT_DEFINITIONS, conform, empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables

CIRCULAR = {
    "no_reliable_change": "the event is judged by the outcome that the flag looks at",
    "below_expected": "whoever leaves right after the landmark is judged by the flagged score",
    "no_reliable_improvement": "the event is judged by a later score of the flagged outcome",
    "reliable_deterioration": "the event is judged by a later score of the flagged outcome",
}
POOR = {
    "no_reliable_improvement": ("unchanged", "deteriorated"),
    "reliable_deterioration": ("deteriorated",),
}


def at_landmark(flags: pd.DataFrame, landmark: float) -> pd.DataFrame:
    """Return each client's last score by the landmark: client, flagged, worse.

    `worse` is higher the worse the score: minus z, or how far the value lies beyond its limit.
    """
    rows = flags[flags["time"] <= landmark].drop_duplicates("client", keep="last")
    up = rows["flagged"].astype(bool).to_numpy()
    value = rows["value"].to_numpy(dtype=float) - rows["limit"].to_numpy(dtype=float)
    z = rows["z"].to_numpy(dtype=float)
    above = bool(up.any() and (value[up] > 0).all())
    worse = np.where(np.isnan(z), value if above else -value, -z)
    return pd.DataFrame({"client": rows["client"].to_numpy(), "flagged": up, "worse": worse})


def _dropout_events(
    tables: Tables, dataset: Dataset, landmark: float
) -> Iterator[tuple[str, pd.Series, str]]:
    """Per definition: whether clients still in treatment at the landmark left later."""
    for definition in DROPOUT_DEFINITIONS:
        rows = tables["dropout"][tables["dropout"]["definition"] == definition]
        if rows.empty:
            continue
        if definition != "study_attrition" and dataset.time.unit != "session":
            reason = f"scores are timed in {dataset.time.unit}s, leaving in sessions"
            yield definition, pd.Series(dtype=bool), reason
            continue
        start = landmark
        if definition == "study_attrition":
            # Whoever was assessed when last due by the landmark may be lost from then on.
            due = [time for time in dataset.dropout.study_attrition_times or [] if time <= landmark]
            start = max(due, default=landmark)
        known = rows["status"].isin(("dropped_out", "stayed")) & (rows["last_time"] >= start)
        held = rows[known].set_index("client")["status"]
        yield definition, held == "dropped_out", ""


def _outcome_events(
    tables: Tables, dataset: Dataset, landmark: float
) -> Iterator[tuple[str, pd.Series, str]]:
    """Poor outcome at the last score, of ended cases whose last score is after the landmark."""
    primary = dataset.outcomes.primary
    change = tables["change"]
    change = change[(change["outcome"] == primary) & (change["result"] != "not evaluated")]
    # With several methods of change the first one counts.
    change = change[change["method"] == change["method"].iloc[0]] if len(change) else change
    given = outcome_scores(primary, tables["scores"], tables["endings"], tables["clients"], dataset)
    last = given.groupby("client")["time"].max()
    going_on = tables["endings"].loc[
        (tables["endings"]["ending"] == "ongoing").fillna(False), "client"
    ]
    held = change.set_index("client")["result"]
    held = held[held.index.isin(last[last > landmark].index) & ~held.index.isin(going_on)]
    for name, results in POOR.items():
        reason = "" if len(held) else "change on the primary outcome is not evaluated"
        yield name, held.isin(results), reason


def _line(flag: pd.DataFrame, event: pd.Series, clients: pd.DataFrame) -> dict[str, Any]:
    """Return counts and measures of one flag against one event."""
    both = flag[flag["client"].isin(event.index)].reset_index(drop=True)
    up = both["flagged"].to_numpy(dtype=bool)
    came = event.reindex(both["client"]).to_numpy(dtype=bool)
    cluster = clusters(both["client"], clients)
    line: dict[str, Any] = {
        "n_clients": len(both),
        "n_flagged": int(up.sum()),
        "n_events": int(came.sum()),
        "n_both": int((up & came).sum()),
        "n_neither": int((~up & ~came).sum()),
        "base_rate": came.mean() if len(both) else None,
    }
    parts = {
        "sensitivity": (up, came),
        "specificity": (~up, ~came),
        "ppv": (came, up),
        "npv": (~came, ~up),
    }
    for name, (hit, among) in parts.items():
        inside = None if cluster is None else cluster[among]
        found = share_with_interval(hit[among], inside)
        line |= dict(zip((name, f"{name}_low", f"{name}_high"), found, strict=True))
    found = area(both["worse"].to_numpy(), came, cluster)
    line |= dict(zip(("auc", "auc_low", "auc_high"), found, strict=True))
    if not len(both):
        line["reason"] = "nobody with a flag by the landmark is known to have the event or not"
    elif not 0 < line["n_events"] < len(both):
        line["reason"] = "all or none have the event"
    return line


def flag_validity(tables: Tables, dataset: Dataset) -> pd.DataFrame:
    """Return the table `flag_validity`: each flag of scores against each later event.

    Clients are those still in treatment at the landmark (`pcoms.landmark`) whose event is known:
    open and unclassified cases are left out. For study attrition they are those assessed at the
    last time due by the landmark: where none is due at it, those lost after that time count.
    Sensitivity: flagged of those with the event;
    specificity: not flagged of those without; PPV and NPV: with the event of those flagged, without
    of those not. 95% limits by Wilson with the design effect of therapists, where ten are known.
    """
    landmark = dataset.pcoms.landmark
    lines: list[dict[str, Any]] = []
    if len(tables["flags"]):
        events = [
            *_dropout_events(tables, dataset, landmark),
            *_outcome_events(tables, dataset, landmark),
        ]
        for (flag, outcome), rows in tables["flags"].groupby(["flag", "outcome"], sort=False):
            held = at_landmark(rows, landmark)
            same = outcome == dataset.outcomes.primary
            for event, came, reason in events:
                line = {"reason": reason} if reason else _line(held, came, tables["clients"])
                note = CIRCULAR.get(event) if same else None
                named = {"flag": flag, "outcome": outcome, "event": event}
                lines.append(named | {"landmark": landmark, "note": note} | line)
    if not lines:
        return empty("flag_validity")
    return conform(pd.DataFrame(lines).assign(withheld=False), "flag_validity")
