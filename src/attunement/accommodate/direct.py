"""The scorings that need no common scale: the client's own rating, and types received as wished."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from attunement.accommodate.index import Index
from attunement.accommodate.preferences import rated_in_sessions
from attunement.score.answers import places
from attunement.study.dataset import Dataset

NO_PREFERENCE = "no preference"


def rated_accommodation(
    scores: pd.DataFrame, clients: pd.DataFrame, dataset: Dataset
) -> Index | None:
    """Return the declared rating of how far wishes were met, 0..1; None where nothing is recorded.

    (rating - lowest) / (highest - lowest), turned where a higher rating means less; of several
    items their mean, if all were answered. Of two ratings in one session the later stands.
    """
    declared = dataset.rated_accommodation
    if declared is None:
        return None
    rating = dataset.ratings[declared.rating]
    given, session = rated_in_sessions(scores, dataset, declared.rating, declared.raters)
    if given.empty:
        return None
    low, high = cast(float, rating.low), cast(float, rating.high)  # a dataset declares both
    value = (given["value"].to_numpy(dtype=float) - low) / (high - low)
    value = 1 - value if rating.direction == "higher_worse" else value
    place = places(given["client"], clients["client"])
    rater, raters = pd.factorize(given["rater"], sort=True)
    item, items = pd.factorize(given["scale"])
    key = (place.astype(np.int64) * (session.max() + 1) + session) * len(raters) + rater
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    answers = np.full((len(first), max(len(rating.items), len(items))), np.nan)
    answers[row, item] = value
    return Index(
        "rated",
        given["client"].iloc[first].reset_index(drop=True),
        place[first],
        session[first],
        given["rater"].iloc[first].reset_index(drop=True),
        ("all",),
        answers.mean(axis=1)[:, None],
        (~np.isnan(answers)).sum(axis=1)[:, None],
        np.full((len(first), 1), np.nan),
    )


def _in_force(stated: pd.DataFrame) -> pd.DataFrame:
    """Return a row per client, rater and occasion, a column per aspect: the latest until then.

    2 no preference, 1 received as preferred, 0 not, -1 not known, NaN never asked.
    """
    wanted, received = stated["preferred"], stated["received"]
    code = np.select(
        [wanted == NO_PREFERENCE, wanted.isna() | received.isna(), wanted == received],
        [2.0, -1.0, 1.0],
        default=0.0,
    )
    wide = stated.assign(code=code).pivot(
        index=["place", "rater", "session"], columns="aspect", values="code"
    )
    return wide.sort_index(axis=1).groupby(level=["place", "rater"], sort=False).ffill()


def type_matched(
    stated: pd.DataFrame, clients: pd.DataFrame, dataset: Dataset, *, by_aspect: bool = True
) -> Index | None:
    """Return 1 where a preference for a type was received, 0 where not, by aspect and on average.

    An aspect without a preference has no value and is marked; so is a client without any. Over all
    aspects the value needs what was preferred on every aspect asked, and what was received wherever
    something was preferred. It is told once for each occasion on which preferences were stated,
    aspects not asked again included, and holds from that session on: a client mostly has one.
    Occasions that are no sessions are left out, but for the first (intake).

    Parameters
    ----------
    stated : the table `type_preferences`; texts are compared as they stand.
    """
    asked = stated[["client", "occasion", "aspect", "preferred", "received", "rater"]]
    asked = asked.assign(session=asked["occasion"].astype("int64"))
    if dataset.time.unit != "session":
        asked = asked[asked["session"] == 0]
    if asked.empty:
        return None
    asked = asked.assign(place=places(asked["client"], clients["client"]))
    codes = _in_force(asked)
    held = codes.to_numpy(dtype=float)
    place, rater, session = (
        codes.index.get_level_values(level) for level in ("place", "rater", "session")
    )
    value = np.where((held == 0) | (held == 1), held, np.nan)
    none = np.where(np.isnan(held) | (held == -1), np.nan, (held == 2).astype(float))
    wished = ~np.isnan(value)
    columns = held.shape[1] if by_aspect else 0
    count = wished.sum(axis=1)
    known = (held != -1).all(axis=1)
    total = np.where(wished, value, 0.0).sum(axis=1)
    all_value = np.divide(total, count, out=np.full(len(held), np.nan), where=known & (count > 0))
    nobody = np.where(count > 0, 0.0, np.where(known, 1.0, np.nan))
    return Index(
        "type_matched",
        clients["client"].iloc[place].reset_index(drop=True),
        np.asarray(place),
        np.asarray(session, dtype=np.int64),
        pd.Series(rater, dtype="str"),
        ("all", *map(str, codes.columns[:columns])),
        np.column_stack([all_value, value[:, :columns]]),
        np.column_stack([count, wished[:, :columns]]).astype(np.int64),
        np.column_stack([nobody, none[:, :columns]]),
    )
