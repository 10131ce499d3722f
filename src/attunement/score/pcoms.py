"""Outcome followed session by session: expected trajectory, flags, alerts, validity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.score import validity
from attunement.score.answers import Answers
from attunement.score.change import outcome_scores
from attunement.score.expected import (
    Expected,
    expect,
    expected_table,
    followed,
    later_scores,
)
from attunement.score.expected_model import Refusal
from attunement.score.flags import alliance_alerts, flags_table, not_on_track
from attunement.study.contracts import empty
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Instrument


@dataclass(frozen=True)
class Followed:
    """What following the outcome gives.

    `tables` are `expected_trajectory`, `flags` and `validity_flags`; `reasons` tell by topic why
    something is not used ('' where it is); `below` is 1 or 0 per client by whether the last score
    is below the trajectory, NaN without a later score, and `refusal` why nobody can be judged.
    """

    tables: Tables
    reasons: dict[str, str]
    below: np.ndarray
    refusal: str


def _last(found: Expected, n_clients: int) -> np.ndarray:
    below = np.full(n_clients, np.nan)
    below[found.rows["place"].to_numpy()] = found.rows["flagged"].to_numpy(dtype=float)
    return below  # rows are in order: the last of a client stands


def pcoms(
    scores: pd.DataFrame,
    answers: dict[str, Answers],
    endings: pd.DataFrame,
    clients: pd.DataFrame,
    dataset: Dataset,
    instruments: dict[str, Instrument],
    accepted: Collection[str],
    *,
    skip: bool = False,
) -> Followed:
    """Follow the primary outcome and the alliance through treatment.

    Parameters
    ----------
    scores, answers, endings, clients : as in `attunement.score.stage.score`.
    skip : leave all empty (many large studies in memory).
    """
    tables = {name: empty(name) for name in ("expected_trajectory", "flags", "validity_flags")}
    nobody = np.full(len(clients), np.nan)
    if skip:
        return Followed(tables, {}, nobody, "not asked for")
    outcome, declared = followed(dataset, instruments), dataset.pcoms
    given = outcome_scores(outcome.name, scores, endings, clients, dataset)
    found = expect(
        later_scores(given, clients),
        outcome,
        declared.percentile,
        dataset.time.shape,
        dataset.time.per,
    )
    parts, reasons = alliance_alerts(
        scores, answers, endings, clients, dataset, instruments, accepted
    )
    reasons = {f"flags.alliance.{name}": reason for name, reason in reasons.items()}
    if not reasons:
        reasons["flags.alliance"] = "no instrument of the alliance is declared"
    refusal = found.reason if isinstance(found, Refusal) else ""
    reasons["flags.not_on_track"] = refusal
    if isinstance(found, Expected):
        parts.insert(0, not_on_track(found))
        tables["expected_trajectory"] = expected_table(found, declared.percentile, dataset.time.per)
    tables["flags"] = flags_table(parts)
    if any(response.instrument == validity.INSTRUMENT for response in dataset.responses):
        total = f"{validity.INSTRUMENT}.total"
        ors = given
        if outcome.name != total:
            ors = outcome_scores(total, scores, endings, clients, dataset)
        tables["validity_flags"] = validity.validity_flags(ors, clients)
        reasons["flags.validity"] = "" if len(ors) else "no ORS scores"
    else:
        reasons["flags.validity"] = "rules on validity are documented for the ORS only"
    below = _last(found, len(clients)) if isinstance(found, Expected) else nobody
    return Followed(tables, reasons, below, refusal)
