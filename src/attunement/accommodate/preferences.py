"""What each client wants on each dimension, -1..1, and which statement of it holds in a session."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.score.answers import places
from attunement.score.facts import informant, may_be_used
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument

# 5 / 15 of a sum and 1 / 3 of a rating are the same point of the scale, whatever floats say.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Dimension:
    """One bipolar dimension: its scale's middle and half width in points, and its bands on -1..1.

    `strong_first` and `strong_other` are NaN where no band may be used.
    """

    name: str
    scale: str
    middle: float
    half_width: float
    strong_first: float
    strong_other: float

    def band(self, value: np.ndarray) -> np.ndarray:
        """Return 1 in the strong band of the first pole, -1 of the other, 0 between, or NaN."""
        if np.isnan(self.strong_first):
            return np.full(len(value), np.nan)
        with np.errstate(invalid="ignore"):
            band = np.where(
                value >= self.strong_first - TOLERANCE,
                1.0,
                np.where(value <= self.strong_other + TOLERANCE, -1.0, 0.0),
            )
        return np.where(np.isnan(value), np.nan, band)


def dimensions(instrument: Instrument, accepted: Collection[str] = ()) -> list[Dimension]:
    """Return the dimensions of a preference inventory: its scales, named in lower case."""
    found = []
    for scale_id, scale in instrument.scales.items():
        middle, half = (scale.low + scale.high) / 2, (scale.high - scale.low) / 2
        bands, name = scale.bands, f"{instrument.id}.{scale_id}.bands"
        usable = bands is not None and may_be_used(bands.verified, name, accepted)
        first = (bands.strong_first - middle) / half if bands and usable else np.nan
        other = (bands.strong_other - middle) / half if bands and usable else np.nan
        found.append(Dimension(scale_id.lower(), scale_id, middle, half, first, other))
    return found


def session_of(frame: pd.DataFrame, dataset: Dataset) -> np.ndarray:
    """Return the session of each occasion; its time where sessions are the unit; else NaN."""
    session = frame["session"].to_numpy(dtype=float, na_value=np.nan)
    if dataset.time.unit != "session":
        return session
    return np.where(np.isnan(session), np.ceil(frame["time"].to_numpy(dtype=float)), session)


def rated_in_sessions(
    scores: pd.DataFrame, dataset: Dataset, rating: str, raters: Collection[str]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the scores of a rating by its declared raters, and the session of each.

    Ratings that no session can be told for are left out.
    """
    chosen = (
        (scores["instrument"] == rating) & scores["rater"].isin(raters) & scores["value"].notna()
    ).to_numpy()
    given = scores.loc[chosen]
    session = session_of(given, dataset)
    return given[session >= 0], session[session >= 0].astype(np.int64)


def preferences(
    scores: pd.DataFrame, clients: pd.DataFrame, dims: list[Dimension], dataset: Dataset
) -> pd.DataFrame:
    """Return the table `preferences`: P = sum / largest sum (-1..1) with its band.

    A statement made in a session holds from that session on (at intake: from session 0). One
    without a score on a dimension leaves no row, so that an earlier statement goes on holding. Of
    two statements in one session the later stands. Statements that no session can be told for are
    left out.
    """
    if dataset.preference is None:
        return empty("preferences")
    name = dataset.preference.instrument
    chosen = (
        (scores["instrument"] == name)
        & (scores["rater"] == informant(name, dataset))
        & scores["value"].notna()
    ).to_numpy()
    stated = scores.loc[chosen]
    stated = stated.assign(from_session=session_of(stated, dataset))
    stated = stated[stated["from_session"] >= 0]
    parts = []
    for number, dimension in enumerate(dims):
        part = stated[stated["scale"] == dimension.scale]
        value = (part["value"].to_numpy(dtype=float) - dimension.middle) / dimension.half_width
        rows = pd.DataFrame(
            {
                "client": part["client"],
                "from_session": part["from_session"],
                "dimension": dimension.name,
                "preference": value,
                "band": dimension.band(value),
                "number": number,
            }
        )
        parts.append(rows.drop_duplicates(["client", "from_session"], keep="last"))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if found.empty:
        return empty("preferences")
    place = places(found["client"], clients["client"])
    order = np.lexsort([found["number"].to_numpy(), found["from_session"].to_numpy(), place])
    return conform(found.iloc[order].drop(columns="number"), "preferences")


def in_force(
    stated: pd.DataFrame,
    clients: pd.DataFrame,
    dims: list[Dimension],
    place: np.ndarray,
    session: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return preference and band in force in given sessions: the latest stated in or before each.

    Parameters
    ----------
    stated : the table `preferences`.
    place, session : the client (by its row in `clients`) and the number of each session.

    Returns
    -------
    preference, band : shape (sessions, dimensions); NaN where nothing was stated until then.
    """
    shape = (len(place), len(dims))
    preference, band = np.full(shape, np.nan), np.full(shape, np.nan)
    from_session = stated["from_session"].to_numpy(dtype=np.int64)
    span = 1 + int(max(from_session.max(initial=0), session.max(initial=0)))
    who = places(stated["client"], clients["client"]).astype(np.int64)
    wanted = place.astype(np.int64) * span + session.astype(np.int64)
    for column, dimension in enumerate(dims):
        rows = np.flatnonzero((stated["dimension"] == dimension.name).to_numpy())
        key = who[rows] * span + from_session[rows]  # ascending: the table is in this order
        latest = np.searchsorted(key, wanted, side="right") - 1
        held = latest >= 0
        held[held] = who[rows[latest[held]]] == place[held]
        at = rows[latest[held]]
        preference[held, column] = stated["preference"].to_numpy(dtype=float)[at]
        band[held, column] = stated["band"].to_numpy(dtype=float, na_value=np.nan)[at]
    return preference, band


def preference_in_force(preferences: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return, per client, session and dimension, the latest preference stated by that session.

    Parameters
    ----------
    preferences : DataFrame
        Contract `preferences`.
    sessions : DataFrame
        Columns client, session: the sessions asked for.

    Returns
    -------
    DataFrame
        client, session, dimension, preference; sessions before the first statement are absent.
    """
    asked = sessions[["client", "session"]].drop_duplicates()
    pairs = asked.merge(
        preferences[["client", "from_session", "dimension", "preference"]], on="client"
    )
    pairs = pairs[pairs["from_session"] <= pairs["session"]]
    pairs = pairs.sort_values(["client", "session", "dimension", "from_session"], kind="stable")
    return pairs.drop_duplicates(["client", "session", "dimension"], keep="last").drop(
        columns="from_session"
    )
