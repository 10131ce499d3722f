"""Who counts as a dropout, definition by definition, and through which session each one stayed."""

import pandas as pd

from attunement.score import score

WORDS = {"dropped_out": "dropped", "stayed": "stayed", "censored": "going on", "unknown": "unknown"}


def _sessions(cell):
    return [] if cell is None else [int(float(number)) for number in str(cell).split()]


def _tables(case, studies, scores=()):
    """One case beside another client, who ended as planned and makes every definition available."""
    other = {
        "client": "other",
        "last_session": 9,
        "ending": "completed",
        "therapist_judgement": False,
        "last_appointment": "attended",
        "sessions_planned": 9,
    }
    judged = {"yes": True, "no": False}.get(case.get("judged"))
    ending = {
        "client": "A",
        "last_session": case.get("last session"),
        "ending": case.get("ending"),
        "therapist_judgement": judged,
        "last_appointment": case.get("appointment"),
        "sessions_planned": case.get("planned"),
    }
    came, missed = _sessions(case.get("attended")), _sessions(case.get("missed"))
    rows = [("A", s, True) for s in came] + [("A", s, False) for s in missed]
    rows += [("other", s, True) for s in range(10)]
    sessions = pd.DataFrame(rows, columns=["client", "session", "attended"])
    return studies.tables(
        [
            *scores,
            studies.answers("other", 0, "ors", {"total": 20}),
            studies.answers("other", 9, "ors", {"total": 30}),
        ],
        sessions=sessions,
        endings=pd.DataFrame([ending, other]),
        clients=list(dict.fromkeys(["A", "other", *(row["client"].iloc[0] for row in scores)])),
    )


def _dropout(case, studies, instruments, definition, scores=(), **declared):
    tables = _tables(case, studies, scores)
    out = score(tables, studies.dataset(dropout=declared), instruments)
    dropout = out["dropout"].set_index(["client", "definition"])
    row = dropout.loc[("A", definition)]
    assert WORDS[row["status"]] == case["status"]
    if "through" in case:
        last = None if pd.isna(row["last_time"]) else row["last_time"]
        assert last == case["through"]
    return row


def test_therapist_judgement(case, studies, instruments):
    """The therapist said so. Without a judgement the status is unknown, whatever the ending.

    | judged | ending      | last session | status   | through |
    |--------|-------------|--------------|----------|---------|
    | yes    | dropped_out |            4 | dropped  |       4 |
    | no     | completed   |            8 | stayed   |       8 |
    | no     | dropped_out |            4 | stayed   |       4 |
    | yes    |             |            4 | dropped  |       4 |
    |        | completed   |            8 | unknown  |       8 |
    |        | ongoing     |            6 | going on |       6 |
    | yes    | ongoing     |            6 | going on |       6 |
    | yes    | dropped_out |              | dropped  |         |
    """
    row = _dropout(case, studies, instruments, "therapist_judgement")
    planned = {"completed": True, None: None}.get(case["ending"], False)
    assert (None if pd.isna(row["planned_ending"]) else bool(row["planned_ending"])) is planned


def test_missed_last_appointment(case, studies, instruments):
    """The last appointment made was missed, or cancelled, and the client never came back.

    | appointment | ending      | last session | status   | through |
    |-------------|-------------|--------------|----------|---------|
    | missed      | dropped_out |            4 | dropped  |       4 |
    | cancelled   | dropped_out |            4 | dropped  |       4 |
    | attended    | dropped_out |            4 | stayed   |       4 |
    | attended    | completed   |            8 | stayed   |       8 |
    | missed      | completed   |            8 | dropped  |       8 |
    | unknown     | dropped_out |            4 | unknown  |       4 |
    |             | dropped_out |            4 | unknown  |       4 |
    | missed      | ongoing     |            4 | going on |       4 |
    """
    _dropout(case, studies, instruments, "missed_last_appointment")


def test_protocol_not_completed(case, studies, instruments):
    """Ended before the planned number of sessions, unless referred or for another known reason. Who
    has reached the planned number has stayed, also where treatment goes on.

    | planned | last session | ending      | status   | through |
    |---------|--------------|-------------|----------|---------|
    |       8 |            7 | dropped_out | dropped  |       7 |
    |       8 |            7 | completed   | dropped  |       7 |
    |       8 |            8 | completed   | stayed   |       8 |
    |       8 |           10 | dropped_out | stayed   |      10 |
    |       8 |            3 | referred    | stayed   |       3 |
    |       8 |            3 | other       | stayed   |       3 |
    |       8 |            3 | unknown     | dropped  |       3 |
    |       8 |            3 |             | unknown  |       3 |
    |       8 |            8 |             | stayed   |       8 |
    |       8 |            3 | ongoing     | going on |       3 |
    |       8 |            8 | ongoing     | stayed   |       8 |
    |       8 |            9 | ongoing     | stayed   |       9 |
    |         |            9 | ongoing     | going on |       9 |
    |         |            3 | dropped_out | unknown  |       3 |
    |       8 |              | dropped_out | unknown  |         |
    """
    _dropout(case, studies, instruments, "protocol_not_completed")


def test_fewer_than_four_sessions(case, studies, instruments):
    """Fewer than four sessions attended. Intake (0) is not one; a missed one does not count. Where
    no last session is recorded, the last attended one is taken. Who has attended four cannot become
    a dropout under this definition, also where treatment goes on.

    | attended    | missed | ending      | status   | through |
    |-------------|--------|-------------|----------|---------|
    | 0 1 2 3     |        | dropped_out | dropped  |       3 |
    | 0 1 2 3 4   |        | dropped_out | stayed   |       4 |
    | 1 2 3 4     |        | completed   | stayed   |       4 |
    | 0 1 2 4     | 3      | dropped_out | dropped  |       4 |
    | 0 1 2       | 3 4    | dropped_out | dropped  |       2 |
    | 0           | 1      | dropped_out | dropped  |       0 |
    | 0 1 2       |        | completed   | dropped  |       2 |
    | 0 1 2       |        | ongoing     | going on |       2 |
    | 0 1 2 4     | 3      | ongoing     | going on |       4 |
    | 0 1 2 3 4   |        | ongoing     | stayed   |       4 |
    | 0 1 2 3 4   | 5      | ongoing     | stayed   |       4 |
    | 0 1 2       |        |             | unknown  |       2 |
    | 0 1 2 3 4 5 |        |             | stayed   |       5 |
    |             |        | dropped_out | unknown  |         |
    """
    _dropout(case, studies, instruments, "fewer_than_n_sessions", fewer_than_n_sessions=4)


def test_no_reliable_change(case, studies, instruments):
    """Ended without a reliable improvement (6 points on the ORS) at the last score in treatment.
    Scores after the last session do not count; the outcome is filled in at the start of a session.

    | ORS at intake | in session 4 | in session 6 | last session | ending      | status   |
    |---------------|--------------|--------------|--------------|-------------|----------|
    |            15 |           21 |              |            4 | dropped_out | stayed   |
    |            15 |           20 |              |            4 | dropped_out | dropped  |
    |            15 |           20 |              |            4 | completed   | dropped  |
    |            15 |           20 |           21 |            6 | completed   | stayed   |
    |            15 |           20 |           21 |            4 | dropped_out | dropped  |
    |            15 |           22 |           16 |            6 | completed   | dropped  |
    |            15 |              |              |            4 | dropped_out | unknown  |
    |            15 |           20 |              |            4 | ongoing     | going on |
    |            15 |           20 |              |            4 |             | unknown  |
    """
    values = {0: case["ORS at intake"], 4: case["in session 4"], 6: case["in session 6"]}
    scores = [studies.answers("A", s, "ors", {"total": v}) for s, v in values.items() if v]
    _dropout(case, studies, instruments, "no_reliable_change", scores)


def _others(studies):
    """Forty clients who start at 10 to 29 and gain some 5 points by sessions 1 to 4."""
    rows = []
    for k in range(40):
        first = 10 + k % 20
        for session in range(5):
            gain = 1.25 * session + (k % 7 - 3) * (session > 0) + (k * session) % 3 - 1
            rows.append(
                studies.answers(f"B{k}", session, "ors", {"total": first + gain * (session > 0)})
            )
    return rows


def test_below_expected(case, studies, instruments):
    """Ended with the last score below the lower quarter of what others with this first score reach
    (some 18 in session 4 from 15 at intake). The first score alone tells nothing.

    | ORS at intake | in session 3 | in session 4 | last session | ending      | status   |
    |---------------|--------------|--------------|--------------|-------------|----------|
    |            15 |              |           14 |            4 | dropped_out | dropped  |
    |            15 |              |           14 |            4 | completed   | dropped  |
    |            15 |              |           24 |            4 | dropped_out | stayed   |
    |            15 |           13 |           24 |            4 | completed   | stayed   |
    |            15 |           24 |           14 |            4 | completed   | dropped  |
    |            15 |           24 |           14 |            3 | completed   | stayed   |
    |            26 |              |           24 |            4 | dropped_out | dropped  |
    |            15 |              |              |            4 | dropped_out | unknown  |
    |            15 |              |           14 |            4 | ongoing     | going on |
    |            15 |              |           14 |            4 |             | unknown  |
    """
    values = {0: case["ORS at intake"], 3: case["in session 3"], 4: case["in session 4"]}
    scores = [studies.answers("A", s, "ors", {"total": v}) for s, v in values.items() if v]
    _dropout(case, studies, instruments, "below_expected", [*scores, *_others(studies)])


PERIODS = {
    "at_risk": "stays",
    "dropped_out": "dropout",
    "planned_ending": "planned",
    "other_ending": "other",
    "censored": "open",
}


def test_person_periods(case, studies, instruments):
    """A row for each session from 1 to the last; what the therapist judged decides at the last. A
    case still open is not decided there. Who left before session 1 has no row.

    | judged | ending      | last session | rows                | of them at risk |
    |--------|-------------|--------------|---------------------|-----------------|
    | yes    | dropped_out |            3 | stays stays dropout |               3 |
    | no     | completed   |            3 | stays stays planned |               3 |
    | no     | referred    |            2 | stays other         |               2 |
    | no     | ongoing     |            3 | stays stays open    |               2 |
    | yes    | dropped_out |            1 | dropout             |               1 |
    | yes    | dropped_out |            0 |                     |               0 |
    |        | dropped_out |            2 | unknown unknown     |               0 |
    """
    tables = _tables(case, studies)
    out = score(tables, studies.dataset(), instruments)["person_periods"]
    rows = out[(out["client"] == "A") & (out["clock"] == "session")]
    assert rows["period"].tolist() == list(range(1, len(rows) + 1))
    found = rows["therapist_judgement"]
    told = [PERIODS.get(what, "unknown") for what in found.fillna("unknown")]
    assert " ".join(told) == (case["rows"] or "")
    assert sum(what not in ("open", "unknown") for what in told) == case["of them at risk"]


def test_study_attrition(case, studies, instruments):
    """Assessments are due at 0, 3, 6 and 9. Who was last assessed before 9 has left the study, also
    where treatment ended earlier. Who was never assessed was lost too, but from no time on. An
    assessment between two due times counts for the earlier one, one after the last for the last.

    | at 0 | at 3 | at 6 | at 9 | at 5 | at 12 | last session | status  | through |
    |------|------|------|------|------|-------|--------------|---------|---------|
    |   15 |   16 |   17 |   18 |      |       |            9 | stayed  |       9 |
    |   15 |   16 |   17 |   18 |      |       |            2 | stayed  |       9 |
    |   15 |      |      |   18 |      |       |            9 | stayed  |       9 |
    |   15 |   16 |   17 |      |      |       |            9 | dropped |       6 |
    |   15 |      |   17 |      |      |       |            9 | dropped |       6 |
    |   15 |      |      |      |      |       |            9 | dropped |       0 |
    |   15 |   16 |      |      |   17 |       |            9 | dropped |       3 |
    |   15 |   16 |      |      |      |    17 |            9 | stayed  |       9 |
    |      |      |      |      |      |       |            9 | dropped |         |
    """
    times = (0, 3, 5, 6, 9, 12)
    scores = [studies.answers("A", time, "ors", {"total": case[f"at {time}"]}) for time in times]
    _dropout(
        case, studies, instruments, "study_attrition", scores, study_attrition_times=[0, 3, 6, 9]
    )
