"""Flags of scores: not on track, and alerts of the alliance."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from attunement.score.answers import Answers
from attunement.score.change import COMPARISONS, outcome_scores
from attunement.score.expected import Expected
from attunement.score.facts import informant, usable, why_not
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument

# "Lower than 36 overall, or 9 on any scale": manual of the SRS. Of a drop between sessions, which
# is told to matter, no number of points could be verified: there is no such alert.
ITEM_ALERTS = {"srs": 9.0}
ROWS = ["client", "occasion", "time", "session", "value"]


def not_on_track(found: Expected) -> pd.DataFrame:
    """Return the rows of `flags` that hold scores against the expected trajectory."""
    columns = [*ROWS, "expected", "sd", "limit", "z", "flagged"]
    return found.rows[columns].assign(flag="not_on_track", outcome=found.outcome.name)


def _lowest_items(answers: Answers, rows: pd.DataFrame, rater: str) -> np.ndarray:
    """Return the lowest answered item at each scored occasion; NaN where no item is recorded."""
    items = [place for place, name in enumerate(answers.items) if name.isdigit()]
    if not items:
        return np.full(len(rows), np.nan)
    lowest = np.fmin.reduce(answers.values[:, items], axis=1)
    given = answers.occasions.assign(lowest=lowest)
    held = given[given["rater"] == rater].set_index(["client", "occasion"])["lowest"]
    where = pd.MultiIndex.from_frame(rows[["client", "occasion"]])
    return held.reindex(where).to_numpy(dtype=float)


def alliance_alerts(
    scores: pd.DataFrame,
    answers: dict[str, Answers],
    endings: pd.DataFrame,
    clients: pd.DataFrame,
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accepted: Collection[str],
) -> tuple[list[pd.DataFrame], dict[str, str]]:
    """Return rows of `flags` for each scale of the alliance with a usable border, and reasons.

    The border is the instrument's cut-off, where it is verified or accepted; a reason tells why a
    scale of the alliance has no alert ('' where it has). Missing scores and items alert nobody.
    """
    found, reasons = [], {}
    used = dict.fromkeys(response.instrument for response in dataset.responses)
    for name in (name for name in used if name in instruments):
        instrument, rater = instruments[name], informant(name, dataset)
        if instrument.kind != "alliance":
            continue
        for scale in instrument.scales:
            outcome = f"{name}.{scale}"
            reasons[outcome] = why_not(instrument, "cutoff", accepted, scale)
            cutoff = usable(instrument, "cutoff", accepted, scale)
            if cutoff is None or cutoff.comparison is None:
                continue
            rows = outcome_scores(outcome, scores, endings, clients, dataset)[ROWS]
            if rows.empty:
                reasons[outcome] = f"no scores of {outcome}"
                continue
            up = COMPARISONS[cutoff.comparison](rows["value"].to_numpy(), cutoff.value)
            rows = rows.assign(outcome=outcome)
            found.append(rows.assign(flag="alliance_alert", limit=cutoff.value, flagged=up))
            if name in ITEM_ALERTS and name in answers:
                rows = rows.assign(value=_lowest_items(answers[name], rows, rater))
                rows = rows[rows["value"].notna()].assign(limit=ITEM_ALERTS[name])
                up = rows["value"] < rows["limit"]
                found.append(rows.assign(flag="alliance_item_alert", flagged=up))
    return found, reasons


def flags_table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the table `flags`."""
    parts = [part for part in parts if len(part)]
    return conform(pd.concat(parts, ignore_index=True), "flags") if parts else empty("flags")
