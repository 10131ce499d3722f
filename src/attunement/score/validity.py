"""Whether a client's ORS scores can be trusted, by the rules of Better Outcomes Now.

Its public code (read only) leaves out of statistics whoever starts above 32 or has fewer than two
scores, and tells a sawtooth by "at least 4 direction changes each of at least 6 points, needs at
least 5 scores". Here a sawtooth is four changes from one score to the next, one after the other,
each of at least 6 points and each against the one before: that they must follow one another is our
reading. Nobody is left out of anything by these flags; they are counted and shown.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.score.keys import DECIMALS
from attunement.study.contracts import conform

INSTRUMENT, HIGHEST_FIRST, FEWEST_SCORES = "ors", 32.0, 2
SWING, SWINGS = 6.0, 4


def _runs(place: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return the longest sawtooth of each client in order of `place`, at most `SWINGS`.

    Rows of a client stand together, in order of time.
    """
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    change = np.round(np.diff(value, prepend=value[:1]), DECIMALS)
    change[starts] = 0.0
    way = np.where(np.abs(change) >= SWING, np.sign(change), 0.0)
    run = np.zeros(len(way), dtype=int)
    before = np.concatenate([[0.0], way[:-1]])
    run[way != 0] = 1
    # A run is continued at most as often as it takes to be called a sawtooth, and is then known.
    for _ in range(SWINGS):
        earlier = np.concatenate([[0], run[:-1]])
        run = np.where((way != 0) & (way == -before), earlier + 1, run)
    return np.maximum.reduceat(np.minimum(run, SWINGS), starts)


def validity_flags(found: pd.DataFrame, clients: pd.DataFrame) -> pd.DataFrame:
    """Return the table `validity_flags`, three rows a client.

    Parameters
    ----------
    found : ORS scores in treatment, in order: `place`, `value` (see `outcome_scores`).
    clients : the canonical table. Who has no score has fewer than two; the rest cannot be told.
    """
    n = len(clients)
    place, value = found["place"].to_numpy(), found["value"].to_numpy(dtype=float)
    count = np.bincount(place, minlength=n)
    known, starts = np.unique(place, return_index=True)
    first, run = np.full(n, np.nan), np.full(n, np.nan)
    if len(known):
        first[known] = value[starts]
        run[known] = _runs(place, value)
    told = pd.array(count > 0, dtype="boolean")
    parts = {
        "first_above_32": (first, pd.array(first > HIGHEST_FIRST, dtype="boolean"), told),
        "fewer_than_two_scores": (count.astype(float), pd.array(count < FEWEST_SCORES), None),
        "sawtooth": (run, pd.array(run >= SWINGS, dtype="boolean"), told),
    }
    tables = []
    for flag, (number, up, can_tell) in parts.items():
        flagged = pd.Series(up, dtype="boolean")
        flagged = flagged if can_tell is None else flagged.where(count > 0)
        tables.append(
            pd.DataFrame(
                {
                    "client": clients["client"].to_numpy(),
                    "flag": flag,
                    "value": number,
                    "flagged": flagged.to_numpy(),
                }
            )
        )
    return conform(pd.concat(tables, ignore_index=True), "validity_flags")
