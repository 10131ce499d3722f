"""Periods at risk of leaving: whoever is in treatment through period L has rows up to L."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.score.answers import places
from attunement.study.contracts import conform, empty
from attunement.study.contracts.pcoms import PERIODS
from attunement.study.dataset import Dataset

AT_RISK = PERIODS.index("at_risk")
STAYED = [PERIODS.index("planned_ending"), PERIODS.index("other_ending")]
LABELS = np.array([*PERIODS, None], dtype=object)  # the last, at -1: not known


def periods_at_risk(
    last: np.ndarray, censored: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return a row for each client and period at risk: the client's place, and the period.

    Parameters
    ----------
    last : last period in treatment of each client; NaN gives no row.
    censored : still in treatment. Period `last` is then not yet decided, and has no row.
    times : the periods there are, ascending.
    """
    known = ~np.isnan(last)
    through = np.searchsorted(times, np.where(known, last, 0), side="right")
    before = np.searchsorted(times, np.where(known, last, 0), side="left")
    number = np.where(known, np.where(censored, before, through), 0)
    place = np.repeat(np.arange(len(last)), number)
    within = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    return place, times[within] if len(times) else np.zeros(0)


def _what_happened(rows: pd.DataFrame, clients: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return what became of each client after the last period (-1: not known), and that period.

    The former as a place in `PERIODS`; both by the client's place.
    """
    place = places(rows["client"], clients["client"])
    ended, last = np.full(len(clients), -1), np.full(len(clients), np.nan)
    planned = rows["planned_ending"].fillna(False).to_numpy(dtype=bool)
    status = rows["status"].to_numpy(dtype=object)
    stayed = status == "stayed"
    ended[place] = np.select(
        [status == "dropped_out", stayed & planned, stayed, status == "censored"],
        [PERIODS.index(name) for name in PERIODS[1:]],
        -1,
    )
    last[place] = rows["last_time"].to_numpy(dtype=float, na_value=np.nan)
    return ended, last


def _clock(
    dropout: pd.DataFrame, clients: pd.DataFrame, times: np.ndarray, clock: str
) -> pd.DataFrame | None:
    """Return the rows of one clock: every client's periods, a column per definition."""
    place = period = None
    columns = {}
    for definition, rows in dropout.groupby("definition", sort=False):
        ended, last = _what_happened(rows, clients)
        if place is None or period is None:
            # One course of treatment lies under all definitions of a clock.
            place, period = periods_at_risk(last, np.zeros(len(last), dtype=bool), times)
        after = ended[place]
        if clock == "assessment":  # assessments end; how treatment did is not asked
            after = np.where(np.isin(after, STAYED), AT_RISK, after)
        found = np.where((period == last[place]) | (after < 0), after, AT_RISK)
        columns[str(definition)] = LABELS[found]
    if place is None or not len(place):
        return None
    return pd.DataFrame(
        {"client": clients["client"].to_numpy()[place], "clock": clock, "period": period} | columns
    )


def person_periods(dropout: pd.DataFrame, clients: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Return the table `person_periods`: a row per client and period, a column per definition.

    Sessions count from 1: who left before session 1 (or has no session on record) has no row, and
    is counted in `dropout_rates` as before risk. Study attrition counts in due times of assessment
    but the last; its rows stand under the clock `assessment`. `other_ending` is a client who
    stayed without a planned ending on record; so is one who goes on but can no longer drop out.
    """
    by_assessment = (dropout["definition"] == "study_attrition").to_numpy()
    parts = []
    sessions = dropout[~by_assessment]
    longest = sessions["last_time"].max() if len(sessions) else np.nan
    if not np.isnan(longest):
        parts.append(_clock(sessions, clients, np.arange(1.0, longest + 1.0), "session"))
    if by_assessment.any():
        due = np.sort(np.asarray(dataset.dropout.study_attrition_times, dtype=float))
        parts.append(_clock(dropout[by_assessment], clients, due[:-1], "assessment"))
    whole = [part for part in parts if part is not None]
    if not whole:
        return empty("person_periods")
    return conform(pd.concat(whole, ignore_index=True), "person_periods")
