"""What is known of each client's treatment: how long it went and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.score.answers import places


@dataclass(frozen=True)
class Course:
    """What is known of each client's treatment, arrays in the order of `clients`.

    `last` is the last session attended; `attended` the number of treatment sessions attended
    (intake not counted), NaN where no sessions are recorded; `ended` 1, 0 (treatment goes on) or
    NaN. `planned_ending` is missing where the ending is.
    """

    client: pd.Series
    ending: pd.Series
    judgement: pd.Series
    appointment: pd.Series
    planned: np.ndarray
    last: np.ndarray
    attended: np.ndarray
    ended: np.ndarray
    planned_ending: pd.Series


def course_of_treatment(
    clients: pd.DataFrame, sessions: pd.DataFrame, endings: pd.DataFrame
) -> Course:
    """Return what the canonical tables tell of each client's treatment.

    The last session is the one recorded in `endings`, else the last attended in `sessions`. Where
    attendance is not recorded at all, every listed session counts as attended. Whether treatment
    ended is told by `ending` alone: a last session may be the last so far.
    """
    n = len(clients)
    ends = endings.set_index("client").reindex(clients["client"]).reset_index(drop=True)
    came = sessions["attended"]
    here = (
        came.fillna(False).to_numpy(dtype=bool) if came.notna().any() else np.ones(len(came), bool)
    )
    place = places(sessions["client"], clients["client"])
    number = sessions["session"].to_numpy(dtype=float)
    attended = np.full(n, np.nan)
    attended[place] = 0
    counted = here & (number >= 1)
    attended += np.bincount(place[counted], minlength=n)
    seen = np.full(n, -1.0)
    np.maximum.at(seen, place[here], number[here])
    last = ends["last_session"].to_numpy(dtype=float, na_value=np.nan)
    last = np.where(np.isnan(last) & (seen >= 0), seen, last)
    ending = ends["ending"]
    known = ending.notna().to_numpy()
    ended = np.where(known, (ending != "ongoing").to_numpy(dtype=float), np.nan)
    planned_ending = (ending == "completed").astype("boolean").mask(~known | (ending == "unknown"))
    return Course(
        clients["client"].reset_index(drop=True),
        ending,
        ends["therapist_judgement"],
        ends["last_appointment"],
        ends["sessions_planned"].to_numpy(dtype=float, na_value=np.nan),
        last,
        attended,
        ended,
        planned_ending,
    )
