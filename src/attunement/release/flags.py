"""How often flags are up, and why one is not used."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.study.contracts import conform, empty
from attunement.study.files import Tables

TOPICS = {
    "flags.not_on_track": "not_on_track",
    "flags.alliance": "alliance_alert",
    "flags.validity": "validity",
}


def _unused(availability: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a line for each flag that is not available, with its reason."""
    lines = []
    told = availability[~availability["available"].fillna(True).astype(bool)]
    for row in told.to_dict("records"):
        for topic, flag in TOPICS.items():
            if row["topic"] == topic or str(row["topic"]).startswith(f"{topic}."):
                outcome = str(row["topic"]).removeprefix(topic).removeprefix(".") or "client"
                lines.append({"flag": flag, "outcome": outcome, "reason": row["reason"]})
    return lines


def flag_counts(tables: Tables) -> pd.DataFrame:
    """Return one line per flag (contract `flag_counts`): clients and scores, and with it up."""
    lines: list[dict[str, Any]] = []
    for (flag, outcome), rows in tables["flags"].groupby(["flag", "outcome"], sort=False):
        up = rows["flagged"].astype(bool)
        lines.append(
            {
                "flag": flag,
                "outcome": outcome,
                "n_clients": int(rows["client"].nunique()),
                "n_flagged": int(rows.loc[up, "client"].nunique()),
                "n_scores": len(rows),
                "n_scores_flagged": int(up.sum()),
            }
        )
    for flag, rows in tables["validity_flags"].groupby("flag", sort=False):
        told = rows["flagged"].dropna().astype(bool)
        counts = {"n_clients": len(told), "n_flagged": int(told.sum())}
        lines.append({"flag": flag, "outcome": "client"} | counts)
    lines += _unused(tables["availability"])
    if not lines:
        return empty("flag_counts")
    return conform(pd.DataFrame(lines).assign(withheld=False), "flag_counts")
