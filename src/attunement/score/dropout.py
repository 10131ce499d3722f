"""Who dropped out, under six definitions that disagree, and through when each client stayed.

Sessions are numbered, session 0 is intake. `last_time` L says: in treatment through session L and,
if dropped out, gone between L and L + 1 (for `study_attrition` L is a time of assessment). A client
whose treatment goes on is `censored` under a definition of treatment for as long as that definition
may still call the ending a dropout; one who already has the sessions it asks for has stayed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.score.answers import places
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset

DROPPED, STAYED, CENSORED, UNKNOWN = "dropped_out", "stayed", "censored", "unknown"


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
    ended is told by `ending`; where no ending of anybody is recorded, a recorded last session
    tells it.
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
    if known.any():
        ended = np.where(known, (ending != "ongoing").to_numpy(dtype=float), np.nan)
    else:
        told = ends[["last_session", "last_day"]].notna().any(axis=1).to_numpy()
        ended = np.where(told, 1.0, np.nan)
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


def _status(
    dropped: np.ndarray,
    known: np.ndarray,
    course: Course,
    reached: np.ndarray | None = None,
) -> np.ndarray:
    """Return the status: going on comes first, then what the definition says.

    `reached` marks who has what the definition asks for and cannot lose it, treatment ended or not.
    """
    reached = np.zeros(len(known), dtype=bool) if reached is None else reached
    return np.select(
        [reached, course.ended == 0, ~known, dropped], [STAYED, CENSORED, UNKNOWN, DROPPED], STAYED
    ).astype(object)


def therapist_judgement(course: Course) -> np.ndarray | str:
    """The therapist judged the ending a dropout."""
    known = course.judgement.notna().to_numpy()
    if not known.any():
        return "no therapist judgement recorded"
    return _status(course.judgement.fillna(False).to_numpy(dtype=bool), known, course)


def missed_last_appointment(course: Course) -> np.ndarray | str:
    """The last appointment made was missed or cancelled, and the client never returned."""
    known = course.appointment.isin(["attended", "missed", "cancelled"]).to_numpy()
    if not known.any():
        return "no last appointment recorded"
    return _status(course.appointment.isin(["missed", "cancelled"]).to_numpy(), known, course)


def protocol_not_completed(course: Course) -> np.ndarray | str:
    """Treatment ended before the planned number of sessions, without a referral or other reason.

    The number of the last session is compared with the number planned; a client referred elsewhere
    or ending for another recorded reason counts as stayed, and so does one who has reached the
    planned number, whether treatment goes on or not.
    """
    if np.isnan(course.planned).all():
        return "no planned number of sessions recorded"
    if np.isnan(course.last).all():
        return "no last session recorded"
    excused = course.ending.isin(["referred", "other"]).to_numpy()
    fewer = course.last < course.planned
    known = ~np.isnan(course.planned) & ~np.isnan(course.last) & ~np.isnan(course.ended)
    return _status(fewer & ~excused, known, course, course.last >= course.planned)


def fewer_than_n_sessions(course: Course, n: int | None, declared: bool) -> np.ndarray | str:
    """Treatment ended after fewer than N attended sessions; intake (session 0) is not counted.

    Who has attended N has stayed, whether treatment goes on or not. `declared` says that the
    dataset names a table of sessions.
    """
    if n is None:
        return "fewer_than_n_sessions is not set under dropout in dataset.yaml"
    if np.isnan(course.attended).all():
        return (
            "no sessions recorded"
            if declared
            else "sessions are not declared under sessions: in dataset.yaml"
        )
    known = ~np.isnan(course.attended) & ~np.isnan(course.ended)
    return _status(course.attended < n, known, course, course.attended >= n)


def no_reliable_change(course: Course, result: np.ndarray, refusal: str) -> np.ndarray | str:
    """Treatment ended without reliable improvement on the primary outcome at the last score.

    `result` is the class of change per client; who could not be evaluated is unknown.
    """
    if refusal:
        return f"change on the primary outcome is not evaluated: {refusal}"
    if np.isnan(course.ended).all():
        return "no endings recorded"
    known = (result != "not evaluated") & ~np.isnan(course.ended)
    return _status(~np.isin(result, ["recovered", "improved"]), known, course)


def study_attrition(
    place: np.ndarray, time: np.ndarray, n_clients: int, schedule: list[float] | None
) -> tuple[np.ndarray, np.ndarray] | str:
    """Assessments of the primary outcome end before the last declared time: status and last time.

    The last time is the latest declared one at or before the client's last assessment, so that it
    lies on the schedule. A client never assessed on it was lost as well and counts as dropped out;
    without a last time, since there was no assessment after which to leave (no hazard, no curve).

    Times are nominal: the assessment due in month 3 has time 3 on whichever day it took place.
    Where time is counted in days as they fell, an assessment one day early would count for the
    due time before. Such a dataset needs a window around each due time, which is not offered here:
    declare the nominal time of each assessment as its time.
    """
    if not schedule:
        return "no schedule of assessments declared"
    if not len(time):
        return "no assessments of the primary outcome recorded"
    due = np.sort(np.asarray(schedule, dtype=float))
    last = np.full(n_clients, -np.inf)
    np.maximum.at(last, place, time)
    # Due times are nominal ones; see above for times counted in days.
    number = np.searchsorted(due, last, side="right") - 1
    status = np.where(number < len(due) - 1, DROPPED, STAYED).astype(object)
    return status, np.where(number >= 0, due[np.maximum(number, 0)], np.nan)


def dropouts(
    course: Course,
    assessed: pd.DataFrame,
    result: np.ndarray,
    refusal: str,
    dataset: Dataset,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the table `dropout` and, for each of the six definitions, why it is missing ('').

    Parameters
    ----------
    course : what is known of each client's treatment.
    assessed : `place`, `time` of every score of the primary outcome, treatment ended or not.
    result, refusal : class of change on the primary outcome per client; why none is evaluated.
    """
    declared, n = dataset.dropout, len(course.client)
    attrition = study_attrition(
        assessed["place"].to_numpy(), assessed["time"].to_numpy(), n, declared.study_attrition_times
    )
    found: dict[str, np.ndarray | str] = {
        "therapist_judgement": therapist_judgement(course),
        "missed_last_appointment": missed_last_appointment(course),
        "protocol_not_completed": protocol_not_completed(course),
        "fewer_than_n_sessions": fewer_than_n_sessions(
            course, declared.fewer_than_n_sessions, dataset.sessions is not None
        ),
        "no_reliable_change": no_reliable_change(course, result, refusal),
        "study_attrition": attrition if isinstance(attrition, str) else attrition[0],
    }
    parts, reasons = [], {}
    for definition, status in found.items():
        if not isinstance(status, str) and (status == UNKNOWN).all():
            status = "no client can be classified"
        reasons[definition] = status if isinstance(status, str) else ""
        if isinstance(status, str):
            continue
        by_assessment = definition == "study_attrition" and not isinstance(attrition, str)
        parts.append(
            pd.DataFrame(
                {
                    "client": course.client,
                    "definition": definition,
                    "status": status,
                    "last_time": attrition[1] if by_assessment else course.last,
                    "planned_ending": course.planned_ending,
                }
            )
        )
    table = conform(pd.concat(parts, ignore_index=True), "dropout") if parts else empty("dropout")
    return table, reasons
