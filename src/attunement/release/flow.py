"""The participant flow and the counts of conflicts, ready for the gate."""

from __future__ import annotations

import pandas as pd

from attunement.study.contracts import conform, empty


def participant_flow(flow: pd.DataFrame) -> pd.DataFrame:
    """Return the participant flow as `ingest` counted it (contract `participant_flow`)."""
    return conform(flow.assign(withheld=False), "participant_flow")


def conflict_counts(conflicts: pd.DataFrame) -> pd.DataFrame:
    """Count conflicts by source, column, kind and action; no value and no row number is kept."""
    if conflicts.empty:
        return empty("conflict_counts")
    keys = ["source", "column", "kind", "action"]
    rows = conflicts[keys].astype("str").fillna("-")
    counted = rows.groupby(keys, sort=True).size().rename("n_rows").reset_index()
    return conform(counted.assign(withheld=False), "conflict_counts")
