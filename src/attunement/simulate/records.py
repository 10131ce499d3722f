"""The clean records of a simulated study: one frame per file, numbers as numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.simulate import measures
from attunement.simulate.leaving import DROPPED_OUT, ONGOING, REFERRED
from attunement.simulate.parameters import DIMENSIONS
from attunement.simulate.study import Study

Frames = dict[str, pd.DataFrame]


def _names(letter: str, numbers: np.ndarray, largest: int) -> pd.Series:
    width = max(2, len(str(largest)))
    return pd.Series([f"{letter}{number:0{width}d}" for number in numbers.tolist()], dtype="str")


def client_names(study: Study) -> pd.Series:
    """Return the ids of the clients, in order."""
    sizes = study.world.sizes
    largest = sizes.therapists * sizes.caseload_high
    return _names("C", study.people.client_number, largest)


def _caseload_order(study: Study) -> tuple[np.ndarray, np.ndarray]:
    """Return each client's place among the therapist's intakes and the cases open at intake."""
    intake = study.endings.day[:, 0]
    rows = np.arange(intake.size)
    closed = study.endings.day[rows, study.endings.last]
    caseload = study.people.caseload
    starts = np.repeat(caseload.cumsum() - caseload, caseload)
    order, open_cases = np.ones(intake.size, int), np.zeros(intake.size, int)
    # Each client is set beside the therapist's clients one by one: as many steps as the largest
    # caseload, whatever the number of therapists.
    size = np.repeat(caseload, caseload)
    for step in range(int(caseload.max())):
        other = starts + np.minimum(step, size - 1)
        there = (step < size) & (other != rows)
        earlier = there & ((intake[other] < intake) | ((intake[other] == intake) & (other < rows)))
        order += earlier
        open_cases += earlier & (closed[other] >= intake)
    return order, open_cases


def _clients(study: Study, names: pd.Series, therapists: pd.Series) -> pd.DataFrame:
    who = study.people.clients
    order, open_cases = _caseload_order(study)
    code = {"woman": "f", "man": "m", "non_binary": "n"}
    return pd.DataFrame(
        {
            "client": names,
            "therapist": therapists.to_numpy()[study.people.therapist],
            "case_order": order,
            "open_cases_at_intake": open_cases,
            "gender": pd.Series(who["gender"]).map(code),
            "age": who["age"].astype(int),
            "ethnicity": who["ethnicity"],
            "sexual_orientation": who["orientation"],
            "physical_health": who["physical_health"],
            "social_support": who["social_support"].astype(int),
            "trauma_history": np.where(who["trauma"], "yes", "no"),
            "severity": who["severity"].astype(int),
        }
    )


def _sessions(study: Study, names: pd.Series) -> pd.DataFrame:
    how = study.world.measures
    client, session = study.rows
    frame = pd.DataFrame(
        {
            "client": names.to_numpy()[client],
            "session": session,
            "day": study.endings.day[client, session],
            "attended": "yes",
            "missed_before": study.endings.missed[client, session],
            **measures.ors(study, client, session),
            **measures.srs(study, client, session),
        }
    )
    treated = np.flatnonzero(session > 0)
    who, when = client[treated], session[treated]
    answered = study.streams.uniform("style answered", measures.rows_by_therapist(study, who))
    given = measures.style(study, who, when, how.style_noise, "style")
    given[answered >= how.style_rated] = np.nan
    ratings = {f"given_{name}": given[:, place] for place, name in enumerate(DIMENSIONS)}
    ratings["rated_accommodation"] = measures.rated(study, who, when, "rated_accommodation", 0, 10)
    for name in ("empathy", "cultural_humility"):
        ratings[name] = measures.rated(study, who, when, name, 0, 10)
        ratings[name][when % how.process_every != 0] = np.nan
    for name, values in ratings.items():
        column = np.full(len(frame), np.nan)
        column[treated] = values
        frame[name] = column
    return frame


def _reviews(study: Study) -> Frames:
    """Return goal attainment every few sessions and satisfaction at the last one."""
    client, session = study.rows
    asked = (session > 0) & (session % study.world.measures.phq_every == 0)
    who, when = client[asked], session[asked]
    goals = pd.DataFrame({"client": who, "session": when})
    goals["goal_attainment"] = measures.rated(study, who, when, "goal_attainment", 0, 10)

    endings = study.endings
    chance = study.streams.uniform("satisfaction answered", study.people.caseload)
    how = study.world.measures
    dropped = endings.kind == DROPPED_OUT
    share = np.where(dropped, how.satisfaction_dropouts, how.satisfaction_answered)
    answers = (endings.kind != ONGOING) & (endings.last > 0) & (chance < share)
    who, when = np.flatnonzero(answers), endings.last[answers]
    satisfied = pd.DataFrame({"client": who, "session": when})
    satisfied["satisfaction"] = measures.rated(study, who, when, "satisfaction", 1, 5)
    return {"goals": goals, "satisfaction": satisfied}


def _type_preferences(study: Study, names: pd.Series) -> pd.DataFrame:
    how = study.world.measures
    chance = study.streams.uniform("type preferences", study.people.caseload, 3, 3)
    gender = study.people.therapists["gender"][study.people.therapist]
    states = chance[:, :, 0] >= how.no_preference
    met = chance[:, :, 2] < how.type_received
    homework = np.where(chance[:, 0, 1] < how.homework, "yes", "no")
    other = np.where(homework == "yes", "no", "yes")
    modality = np.where(chance[:, 2, 1] < how.video, "video", "in_person")
    by_chance = np.where(chance[:, 2, 2] / how.type_received % 1 < how.video, "video", "in_person")
    as_wished = met[:, 2] & states[:, 2]
    aspects = {
        "homework": ("activity", homework, np.where(met[:, 0], homework, other)),
        "therapist_gender": (
            "therapist",
            np.where(chance[:, 1, 1] < study.world.therapists.therapist_women, "woman", "man"),
            gender,
        ),
        "modality": ("treatment", modality, np.where(as_wished, modality, by_chance)),
    }
    frames = [
        pd.DataFrame(
            {
                "client": names,
                "occasion": 0,
                "aspect": aspect,
                "kind": kind,
                "preferred": np.where(states[:, place], preferred, "no preference"),
                "received": received,
                "rater": "client",
            }
        )
        for place, (aspect, (kind, preferred, received)) in enumerate(aspects.items())
    ]
    return pd.concat(frames).sort_index(kind="stable").reset_index(drop=True)


def _endings(study: Study, names: pd.Series) -> pd.DataFrame:
    ends = study.endings
    chance = study.streams.uniform("plan missing", study.people.caseload)
    planned = np.where(chance < study.world.records.planned_missing, np.nan, ends.planned)
    judged = np.where(ends.judged, "yes", "no").astype(object)
    judged[~ends.judgement_known] = None
    appointment = np.where(
        (ends.kind == ONGOING) | (ends.kind == REFERRED), "attended", ends.appointment
    )
    rows = np.arange(len(names))
    return pd.DataFrame(
        {
            "client": names,
            "last_session": ends.last,
            "last_day": ends.day[rows, ends.last],
            "ending": ends.recorded,
            "therapist_judgement": pd.Series(judged, dtype="str"),
            "last_appointment": appointment,
            "sessions_planned": planned,
        }
    )


def records(study: Study) -> Frames:
    """Return the clean records of a study: what would stand in the files were nothing amiss.

    Frames are keyed by the source names of the example's dataset.yaml. Whole numbers that may be
    absent are floats.
    """
    sizes = study.world.sizes
    names = client_names(study)
    therapists = _names("T", study.people.therapist_number, sizes.therapists)
    client, session = study.rows
    who = study.people.therapists
    shown = ("gender", "experience_years", "practice_hours", "training", "wellbeing")
    frames: Frames = {
        "therapists": pd.DataFrame({"therapist": therapists} | {name: who[name] for name in shown}),
        "clients": _clients(study, names, therapists),
        "sessions": _sessions(study, names),
        "preferences": measures.cnip(study, client, session),
        "phq9": measures.phq9(study, client, session),
        "observer": measures.observed_style(study, client, session),
        **_reviews(study),
        "type_preferences": _type_preferences(study, names),
        "endings": _endings(study, names),
    }
    for name in ("preferences", "phq9", "observer", "goals", "satisfaction"):
        frames[name]["client"] = names.to_numpy()[frames[name]["client"]]
    return frames
