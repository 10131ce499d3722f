"""How far clients were given what they wanted, under each scoring and informant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attunement.study.contracts import conform, empty
from attunement.study.files import Tables


def _line(rows: pd.DataFrame, signed: bool) -> dict[str, Any]:
    flagged = rows["no_strong_preference"].fillna(False).astype(bool)
    values = rows.dropna(subset="value")
    line: dict[str, Any] = {
        "n_clients": values["client"].nunique(),
        "n_sessions": len(values),
        "n_no_strong_preference": rows.loc[flagged, "client"].nunique(),
    }
    if values.empty:
        return line | {"reason": "no session has a value under this scoring"}
    grouped = values.groupby("client")["value"]
    means = grouped.mean()
    residual = values["value"] - values["client"].map(means)
    freedom = len(values) - len(means)
    if signed:
        sides = values[["client"]].assign(
            too_much=values["value"].clip(lower=0), too_little=(-values["value"]).clip(lower=0)
        )
        both = sides.groupby("client").mean().mean()
        line |= {"too_much": both["too_much"], "too_little": both["too_little"]}
    return line | {
        "mean": means.mean(),
        "sd_between": means.std(ddof=1) if len(means) > 1 else None,
        "sd_within": np.sqrt((residual**2).sum() / freedom) if freedom > 0 else None,
    }


def accommodation_summary(tables: Tables) -> pd.DataFrame:
    """Return mean and spread between and within clients (contract `accommodation_summary`).

    `sd_between` is that of observed client means (it holds sampling error too); `sd_within` is
    pooled over clients. Signed gaps stand by dimension, with their two sides: the means over
    clients of what a gap is above 0 (more of the first pole than wanted) and below it.
    """
    scored = tables["accommodation"]
    kept = scored[(scored["dimension"] == "all") | (scored["scoring"] == "signed_gap")]
    groups = dict(iter(kept.groupby(["scoring", "rater", "dimension"], sort=True)))
    lines = [
        {"scoring": scoring, "rater": rater, "dimension": dimension, "withheld": False}
        | _line(rows, scoring == "signed_gap")
        for (scoring, rater, dimension), rows in groups.items()
    ]
    if not lines:
        return empty("accommodation_summary")
    return conform(pd.DataFrame(lines), "accommodation_summary")
