"""A simulated study as scored tables, without the way through files: for thousands of studies.

What `ingest` and `score` would make of clean files, made from the answers at once. Accommodation,
dropout and everything later is the pipeline's own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.accommodate import accommodate
from attunement.challenge.known_truth import Project
from attunement.score.dropout import dropouts
from attunement.score.dropout_course import course_of_treatment
from attunement.simulate import Study
from attunement.simulate.measures import ITEMS_OF_DIMENSION
from attunement.simulate.parameters import DIMENSIONS
from attunement.simulate.records import client_names, records
from attunement.study.contracts import conform, empty
from attunement.study.files import Tables

SCALES = tuple(name.upper() for name in DIMENSIONS)
NOT_ASKED = "not asked in these studies"


def _scores(rows: pd.DataFrame, instrument: str, values: dict[str, np.ndarray]) -> pd.DataFrame:
    parts = [
        rows[["client", "session"]].assign(instrument=instrument, scale=scale, value=value)
        for scale, value in values.items()
    ]
    return pd.concat(parts, ignore_index=True).dropna(subset="value")


def _sums(frame: pd.DataFrame, prefix: str, places: range) -> np.ndarray:
    return frame[[f"{prefix}_{place}" for place in places]].sum(axis=1, skipna=False).to_numpy()


def _all_scores(made: dict[str, pd.DataFrame]) -> pd.DataFrame:
    sessions, stated = made["sessions"], made["preferences"]
    ends = np.cumsum(ITEMS_OF_DIMENSION)
    wanted = {
        scale: _sums(stated, "cnip", range(end - size + 1, end + 1))
        for scale, size, end in zip(SCALES, ITEMS_OF_DIMENSION, ends, strict=True)
    }
    given = {scale: sessions[f"given_{scale.lower()}"].to_numpy() for scale in SCALES}
    rating = {"rating": sessions["rated_accommodation"].to_numpy()}
    found = pd.concat(
        [
            _scores(sessions, "ors", {"total": _sums(sessions, "ors", range(1, 5))}),
            _scores(sessions, "srs", {"total": _sums(sessions, "srs", range(1, 5))}),
            _scores(stated, "cnip", wanted),
            _scores(sessions, "delivered_style", given),
            _scores(sessions, "accommodation_rating", rating),
        ],
        ignore_index=True,
    )
    found["occasion"] = found["session"]
    found["time"] = found["session"].astype(float)
    # Nothing is left out of a form: how many items it has makes no difference to what follows.
    complete = {"n_items": 1, "n_answered": 1, "prorated": False, "day": np.nan}
    return conform(found.assign(rater="client", **complete), "scores")


def _without_error(study: Study, made: dict[str, pd.DataFrame]) -> None:
    """Put what is true of wellbeing, preference and delivery in place of answers to items."""
    client, session = study.rows
    given, how = study.delivered, study.world.measures
    sessions = made["sessions"]
    wellbeing = how.ors_mean + how.ors_sd * study.course.wellbeing[client, session]
    for item in range(1, 5):
        sessions[f"ors_{item}"] = wellbeing / 4
    treated = session > 0
    names = client_names(study).to_numpy()
    at = [(0, given.preference_first), (study.world.preference.change_session, None)]
    stated = []
    for when, wanted in at:
        values = given.preference_later if wanted is None else wanted
        frame = pd.DataFrame({"client": names, "session": when})
        items = np.repeat(3 * values, ITEMS_OF_DIMENSION, axis=1)
        stated.append(frame.join(pd.DataFrame(items).rename(columns=lambda k: f"cnip_{k + 1}")))
    made["preferences"] = pd.concat(stated, ignore_index=True)
    for place, name in enumerate(DIMENSIONS):
        column = np.full(len(sessions), np.nan)
        column[treated] = 3 * given.delivery[client[treated], session[treated] - 1, place]
        sessions[f"given_{name}"] = column


def scored_tables(
    project: Project, study: Study, *, by_dimension: bool = False, without_error: bool = False
) -> Tables:
    """Return clients, endings, scores, dropout and accommodation of a study, no form left out.

    `without_error`: wellbeing, preference (again for all when it may change) and delivery are known
    exactly, so that models find what the world was made with.
    """
    made = records(study)
    if without_error:
        _without_error(study, made)
    clients = made["clients"].replace({"gender": {"f": "woman", "m": "man", "n": "non-binary"}})
    tables = {
        "clients": conform(clients, "clients"),
        "sessions": conform(
            made["sessions"][["client", "session", "day"]].assign(attended=True), "sessions"
        ),
        "endings": conform(made["endings"].replace({"yes": True, "no": False}), "endings"),
        "type_preferences": conform(made["type_preferences"], "type_preferences"),
        "scores": _all_scores(made),
        "availability": empty("availability"),
    }
    course = course_of_treatment(tables["clients"], tables["sessions"], tables["endings"])
    nothing = pd.DataFrame({"place": [], "time": []})
    nobody = np.full(len(clients), np.nan)
    tables["dropout"], _ = dropouts(
        course, nothing, nobody.astype(object), NOT_ASKED, (nobody, NOT_ASKED), project.dataset
    )
    return tables | accommodate(
        tables, project.dataset, project.instruments, by_dimension=by_dimension, reliability=False
    )
