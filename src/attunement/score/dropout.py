"""Who dropped out, under seven definitions that disagree, and through when each client stayed.

Sessions are numbered, session 0 is intake. `last_time` L says: in treatment through session L and,
if dropped out, gone between L and L + 1 (for `study_attrition` L is a time of assessment). A client
whose treatment goes on is `censored` under a definition of treatment for as long as that definition
may still call the ending a dropout; one who already has the sessions it asks for has stayed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.score.dropout_course import Course
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset

DROPPED, STAYED, CENSORED, UNKNOWN = "dropped_out", "stayed", "censored", "unknown"


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
    if np.isnan(course.ended).all():
        return "no endings recorded"
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
    if np.isnan(course.ended).all():
        return "no endings recorded"  # only those who stayed would be known: a rate of 0%
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


def below_expected(course: Course, below: np.ndarray, refusal: str) -> np.ndarray | str:
    """Treatment ended with the last score below what other clients with this first score reach.

    `below` is 1 where the last score while in treatment, which is not the first, is worse than the
    declared percentile of the expected trajectory at its time, 0 where not, NaN where there is no
    later score. Like `no_reliable_change` it asks for the outcome, not for how treatment ended: a
    planned ending below the trajectory is one too (and is marked as planned).
    """
    if refusal:
        return f"no expected trajectory: {refusal}"
    if np.isnan(course.ended).all():
        return "no endings recorded"
    known = ~np.isnan(below) & ~np.isnan(course.ended)
    return _status(below == 1, known, course)


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
    below: tuple[np.ndarray, str],
    dataset: Dataset,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the table `dropout` and, for each of the seven definitions, why it is missing ('').

    Parameters
    ----------
    course : what is known of each client's treatment.
    assessed : `place`, `time` of every score of the primary outcome, treatment ended or not.
    result, refusal : class of change on the primary outcome per client; why none is evaluated.
    below : whether the last score of each client lies below the expected trajectory, and why there
        is none (see `below_expected`).
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
        "below_expected": below_expected(course, *below),
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
