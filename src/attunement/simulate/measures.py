"""Answers to questionnaires and ratings: latent quantities with error, graded as on the form."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.simulate.parameters import DIMENSIONS
from attunement.simulate.recording import Rated
from attunement.simulate.study import Study

ITEMS_OF_DIMENSION = (5, 5, 3, 5)  # C-NIP items 1-5, 6-10, 11-13, 14-18


def rows_by_therapist(study: Study, client: np.ndarray) -> np.ndarray:
    """Return how many of the rows belong to each therapist."""
    return np.bincount(study.people.therapist[client], minlength=study.people.caseload.size)


def _graded(values: np.ndarray, low: float, high: float, decimals: int = 0) -> np.ndarray:
    # Adding zero turns -0.0 into 0.0: both would be written, and only one looks right.
    return np.round(values, decimals).clip(low, high) + 0.0


def _columns(prefix: str, values: np.ndarray) -> dict[str, np.ndarray]:
    return {f"{prefix}_{item + 1}": values[:, item] for item in range(values.shape[1])}


def ors(study: Study, client: np.ndarray, session: np.ndarray) -> dict[str, np.ndarray]:
    """Return the four ORS items (0 to 10 by .1) at the start of sessions."""
    how = study.world.measures
    noise = study.streams.normal("ors", rows_by_therapist(study, client), 4)
    latent = study.course.wellbeing[client, session][:, None]
    values = (how.ors_mean + how.ors_sd * latent) / 4 + how.ors_noise * noise
    return _columns("ors", _graded(values, 0, 10, 1))


def srs(study: Study, client: np.ndarray, session: np.ndarray) -> dict[str, np.ndarray]:
    """Return the four SRS items (0 to 10 by .1) at the end of sessions; none at intake."""
    how = study.world.measures
    noise = study.streams.normal("srs", rows_by_therapist(study, client), 4)
    latent = study.course.alliance[client, np.maximum(session, 1) - 1][:, None]
    values = _graded(how.srs_mean + how.srs_sd * latent + how.srs_noise * noise, 0, 10, 1)
    values[session == 0] = np.nan
    return _columns("srs", values)


def style(
    study: Study, client: np.ndarray, session: np.ndarray, noise_sd: float, part: str
) -> np.ndarray:
    """Return rated delivery on the four dimensions (whole numbers, -3 to 3) of sessions from 1."""
    noise = study.streams.normal(part, rows_by_therapist(study, client), len(DIMENSIONS))
    latent = study.delivered.delivery[client, session - 1]
    return _graded(3 * latent + noise_sd * noise, -3, 3)


def rated(
    study: Study, client: np.ndarray, session: np.ndarray, name: str, low: float, high: float
) -> np.ndarray:
    """Return a single declared rating of treatment sessions, whole numbers from low to high."""
    how: Rated = getattr(study.world.measures, name)
    noise = study.streams.normal(name, rows_by_therapist(study, client))
    given, course = study.delivered, study.course
    met = given.z[client] + given.deviation[client, session - 1]
    gain = course.wellbeing[client, session] - course.wellbeing[client, 0]
    value = how.mean + how.accommodation * met + how.improvement * gain
    value += how.alliance * course.alliance[client, session - 1] + how.noise * noise
    return _graded(value, low, high)


def phq9(study: Study, client: np.ndarray, session: np.ndarray) -> pd.DataFrame:
    """Return the nine items of the PHQ-9 (0 to 3) at intake and every few sessions."""
    how = study.world.measures
    asked = session % how.phq_every == 0
    client, session = client[asked], session[asked]
    noise = study.streams.normal("phq9", rows_by_therapist(study, client), 9)
    latent = -how.phq_loading * study.course.wellbeing[client, session][:, None]
    latent = latent + how.phq_noise * noise - np.array(how.phq_difficulty)
    values = sum((latent > threshold).astype(float) for threshold in how.phq_thresholds)
    return pd.DataFrame(
        {"client": client, "session": session, **_columns("phq9", np.asarray(values))}
    )


def cnip(study: Study, client: np.ndarray, session: np.ndarray) -> pd.DataFrame:
    """Return the 18 items of the C-NIP (-3 to 3) at intake and, for half, again later."""
    how = study.world.measures
    chance = study.streams.uniform("cnip occasions", study.people.caseload, 2)
    again = how.cnip_again_session
    asked = (session == 0) & (chance[client, 0] < how.cnip_intake)
    asked |= (session == again) & (chance[client, 1] < how.cnip_again)
    client, session = client[asked], session[asked]
    later = (session >= study.world.preference.change_session)[:, None]
    given = study.delivered
    wanted = np.where(later, given.preference_later[client], given.preference_first[client])
    latent = np.repeat(3 * wanted, ITEMS_OF_DIMENSION, axis=1)
    noise = study.streams.normal("cnip", rows_by_therapist(study, client), latent.shape[1])
    values = _graded(latent + how.cnip_noise * noise, -3, 3)
    return pd.DataFrame({"client": client, "session": session, **_columns("cnip", values)})


def observed_style(study: Study, client: np.ndarray, session: np.ndarray) -> pd.DataFrame:
    """Return an observer's ratings of delivery: some sessions of a part of the therapists."""
    how = study.world.measures
    treated = session > 0
    client, session = client[treated], session[treated]
    chance = study.streams.uniform("observed sessions", rows_by_therapist(study, client))
    seen = study.people.therapists["observed"][study.people.therapist[client]]
    seen &= chance < how.observed_sessions
    client, session = client[seen], session[seen]
    values = style(study, client, session, how.observer_noise, "observer")
    return pd.DataFrame(
        {"client": client, "session": session}
        | {f"observed_{name}": values[:, place] for place, name in enumerate(DIMENSIONS)}
    )
