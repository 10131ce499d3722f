"""Days that do not follow the order of a client's sessions: a year mistyped, rows exchanged.

Nothing is corrected, for neither the day nor the number of the session is known to be right.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.sheet import Sheet, as_text

WHY = "days should rise with the numbers of the client's sessions; this one is out of line"


def _out_of_line(days: np.ndarray) -> np.ndarray:
    """The fewest places without which the days never fall, as flags."""
    ends: list[float] = []  # the smallest last day of a rising run of each length
    at: list[int] = []
    before = np.full(len(days), -1)
    for place, day in enumerate(days):
        length = bisect_right(ends, day)
        before[place] = at[length - 1] if length else -1
        ends[length:] = [day, *ends[length + 1 :]]
        at[length:] = [place, *at[length + 1 :]]
    out = np.ones(len(days), dtype=bool)
    place = at[-1] if at else -1
    while place >= 0:
        out[place] = False
        place = int(before[place])
    return out


def out_of_line(client: np.ndarray, session: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Rows whose day does not follow the order of the client's sessions, as flags.

    Of a client's rows the fewest are named without which no later session has an earlier day. Rows
    without a session or a day are passed over; of rows of one session any order will do.

    Parameters
    ----------
    client, session, day : ndarray
        A number for each row's client, and its session and day (NaN: missing).
    """
    known = np.flatnonzero(~np.isnan(session) & ~np.isnan(day) & (client >= 0))
    order = known[np.lexsort((day[known], session[known], client[known]))]
    found = np.zeros(len(client), dtype=bool)
    who, days = client[order], day[order]
    falls = (who[1:] == who[:-1]) & (days[1:] < days[:-1])
    for one in np.unique(who[1:][falls]):
        mine = order[who == one]
        found[mine] = _out_of_line(day[mine])
    return found


def note_day_order(
    sheet: Sheet,
    column: str,
    rows: np.ndarray,
    client: np.ndarray,
    session: np.ndarray,
    day: np.ndarray,
    conflicts: Conflicts,
) -> None:
    """List the days that are out of line; they are kept.

    Parameters
    ----------
    sheet, column : Sheet, str
        Where the days stand.
    rows : ndarray
        The numbers of the rows of which `client`, `session` and `day` tell.
    """
    hit = out_of_line(client, session, day)
    if not hit.any():
        return
    cells = pd.Series(as_text(sheet.column(column)).to_numpy(), index=sheet.rows)
    conflicts.add(
        sheet.where, column, rows[hit], "day out of order", cells.loc[rows[hit]].to_numpy(),
        "kept", WHY,
    )  # fmt: skip
