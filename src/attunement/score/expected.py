"""What is expected of each client at each session, estimated from other clients only."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from attunement.score.expected_model import FEWEST_CLIENTS, Refusal, Trajectory, estimate
from attunement.study.contracts import conform
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument

FOLDS, THERAPISTS_TO_FOLD = 5, 10
BANDS, MOST_TIMES = 5, 60
PERCENTILES = (10, 25, 50, 75, 90)


@dataclass(frozen=True)
class Outcome:
    """The outcome that is followed: its name, +1 or -1 for better, and its range if known."""

    name: str
    direction: int
    low: float
    high: float


def followed(dataset: Dataset, instruments: dict[str, Instrument]) -> Outcome:
    """Return the primary outcome; direction 0 where neither way is better."""
    name, _, scale = dataset.outcomes.primary.partition(".")
    low: float | None = None
    high: float | None = None
    direction = 0
    if name in dataset.ratings:
        rating = dataset.ratings[name]
        low, high = rating.low, rating.high
        direction = {"higher_better": 1, "higher_worse": -1}.get(rating.direction, 0)
    elif name in instruments:
        low, high = instruments[name].scales[scale].low, instruments[name].scales[scale].high
        direction = instruments[name].improvement_of(scale)
    return Outcome(
        dataset.outcomes.primary,
        direction,
        -np.inf if low is None else low,
        np.inf if high is None else high,
    )


def later_scores(found: pd.DataFrame, clients: pd.DataFrame) -> pd.DataFrame:
    """Return the scores later than each client's first, with `intake`, `elapsed`, `therapist`.

    `found` as from `change.outcome_scores`; `intake` is the first score, whenever it was given, and
    `elapsed` the time since, above 0; `therapist` is a number by order in the source, NaN where
    not known.
    """
    place = found["place"].to_numpy()
    first = np.unique(place, return_index=True)[1]
    value, time = (found[name].to_numpy(dtype=float) for name in ("value", "time"))
    group = np.cumsum(np.diff(place, prepend=-1) != 0) - 1
    rows = found.assign(intake=value[first][group], elapsed=time - time[first][group])
    code = np.full(len(clients), -1)
    if "therapist" in clients.columns:
        code = pd.factorize(clients["therapist"])[0]
    rows["therapist"] = np.where(code < 0, np.nan, code)[place]
    return rows[rows["elapsed"] > 0].reset_index(drop=True)


def folds(later: pd.DataFrame) -> tuple[np.ndarray, str]:
    """Return the fold (0 to 4) of each row, and what is kept together.

    Therapists where at least ten are known, else clients, dealt out in their order in the source:
    not by chance, nor by an id that another key of pseudonyms would change.
    """
    client = pd.factorize(later["place"])[0]
    codes = pd.factorize(later["therapist"])[0]
    known = codes >= 0
    if codes.max(initial=-1) + 1 < THERAPISTS_TO_FOLD:
        return client % FOLDS, "clients"
    # A client without a known therapist is dealt out alone.
    return np.where(known, codes, client) % FOLDS, "therapists"


@dataclass(frozen=True)
class Expected:
    """The later scores with mean, sd, limit, z and whether not on track; and what is told of it.

    `rows` has the columns of `later_scores` and `expected`, `sd`, `limit`, `z` (higher is better)
    and `flagged`; `whole` is the trajectory of all clients, which judges nobody.
    """

    rows: pd.DataFrame
    whole: Trajectory
    outcome: Outcome
    words: str


def limits(mean: np.ndarray, sd: np.ndarray, outcome: Outcome, percentile: float) -> np.ndarray:
    """Return the score at a percentile, counted from the worst, by the normal distribution.

    Cut to the range of the scale: the best possible score is never below it.
    """
    away = outcome.direction * NormalDist().inv_cdf(percentile / 100)
    return np.clip(mean + away * sd, outcome.low, outcome.high)


def expect(
    later: pd.DataFrame, outcome: Outcome, percentile: float, shape: str, per: float
) -> Expected | Refusal:
    """Hold each later score against what other clients with this first score would lead to expect.

    Cross-fitted: the clients of one of five folds are judged by a trajectory estimated without
    them (nor other clients of their therapists, where therapists are kept together).

    Parameters
    ----------
    later : as from `later_scores`.
    percentile : a score worse than this percentile (from the worst) is not on track.
    """
    if outcome.direction == 0:
        return Refusal("neither direction of this score is an improvement")
    whole = estimate(later, shape, per)
    if isinstance(whole, Refusal):
        return whole
    fold, together = folds(later)
    mean, sd = np.full(len(later), np.nan), np.full(len(later), np.nan)
    for number in range(FOLDS):
        held = fold == number
        if not held.any():
            continue
        others = estimate(later[~held], shape, per, fewest=FEWEST_CLIENTS // 2)
        if isinstance(others, Refusal):
            return Refusal(f"without a fifth of the {together}: {others.reason}")
        mean[held], sd[held] = others.expected(
            later["intake"].to_numpy()[held], later["elapsed"].to_numpy()[held]
        )
    limit = limits(mean, sd, outcome, percentile)
    value = later["value"].to_numpy(dtype=float)
    rows = later.assign(
        expected=mean,
        sd=sd,
        limit=limit,
        z=outcome.direction * (value - mean) / sd,
        flagged=outcome.direction * (limit - value) > 1e-9,
    )
    words = (
        f"{whole.words}; normal approximation; clients while in treatment only; flags by {FOLDS} "
        f"folds of {together}"
    )
    return Expected(rows, whole, outcome, words)


def expected_table(found: Expected, percentile: float, per: float) -> pd.DataFrame:
    """Return the table `expected_trajectory`: percentiles by fifth of the first scores and time.

    Times are those of the scores, or tenths of the reference span where there are more than 60.
    """
    rows = found.rows
    first = rows.drop_duplicates("place").set_index("place")["intake"].astype(float)
    share = first.rank(method="average", pct=True).to_numpy()
    band = pd.Series(np.ceil(np.round(share * BANDS, 9)), index=first.index)
    time = rows["elapsed"].astype(float)
    if time.nunique() > MOST_TIMES:
        time = ((time / (per / 10)).round().clip(lower=1) * (per / 10)).round(6)
    held = pd.DataFrame(
        {
            "band": rows["place"].map(band),
            "time": time,
            "place": rows["place"],
            "below": rows["place"].where(rows["flagged"]),
        }
    )
    grouped = held.groupby(["band", "time"])
    counted = grouped["place"].nunique().rename("n_clients").reset_index()
    counted["n_below"] = grouped["below"].nunique().to_numpy()
    counted["intake"] = counted["band"].map(first.groupby(band).mean())
    mean, sd = found.whole.expected(
        counted["intake"].to_numpy(), counted["time"].to_numpy(dtype=float)
    )
    low, high = found.outcome.low, found.outcome.high
    shares = {
        f"p{p}": np.clip(mean + NormalDist().inv_cdf(p / 100) * sd, low, high) for p in PERCENTILES
    }
    return conform(
        counted.assign(
            outcome=found.outcome.name,
            mean=np.clip(mean, low, high),
            sd=sd,
            limit=limits(mean, sd, found.outcome, percentile),
            reason=found.words,
            withheld=False,
            **shares,
        ),
        "expected_trajectory",
    )
