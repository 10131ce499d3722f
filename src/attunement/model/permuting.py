"""Null distributions from clients exchanged within their therapist."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attunement.study.problems import NotEstimable

MOST_FAILED = 0.05


class AgainstChance(NamedTuple):
    """An estimate held against its null: excess over the null's mean, its error, p and limits."""

    excess: float
    se: float
    p: float
    ci_low: float
    ci_high: float
    null_mean: float
    null_low: float
    null_high: float


def exchanged(groups: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Return `n` rearrangements of places, each within its group only.

    Parameters
    ----------
    groups : group of each place (numbers).
    n, seed : how many, and the seed of numpy's default generator.

    Returns
    -------
    Array (n, places): row k says whose value stands at each place in draw k.
    """
    random = np.random.default_rng(seed)
    places = np.argsort(groups, kind="stable")
    drawn = np.empty((n, len(groups)), dtype=np.intp)
    for row in drawn:
        row[places] = np.lexsort((random.random(len(groups)), groups))
    return drawn


def against_chance(observed: float, draws: np.ndarray) -> AgainstChance:
    """Hold an estimate against its draws under the null.

    p counts draws at least as far from the null's mean, the data's own among them, (1 + k) /
    (1 + n) (Davison & Hinkley 1997, Bootstrap Methods and their Application, chapter 4). The
    interval takes the null's spread for that of the estimate, as it is if the effect is a shift.

    Raises
    ------
    NotEstimable
        More than a twentieth of the draws have no value, or all have the same.
    """
    known = draws[np.isfinite(draws)]
    if len(known) < (1 - MOST_FAILED) * len(draws) or not np.isfinite(observed):
        raise NotEstimable("too few cases: not every rearrangement of them can be analysed")
    mean, se = float(known.mean()), float(known.std(ddof=1))
    if not se > 1e-12:
        raise NotEstimable("no therapist has two clients to exchange")
    away = np.abs(known - mean) >= abs(observed - mean) * (1 - 1e-12)
    p = (1 + int(away.sum())) / (1 + len(known))
    low, high = np.quantile(known, [0.025, 0.975])
    excess = observed - mean
    return AgainstChance(
        excess, se, p, excess - (high - mean), excess + (mean - low), mean, low, high
    )


def chance_rows(
    term: str,
    observed: float,
    found: AgainstChance,
    naive: dict[str, Any],
    level: str = "-",
    shift: bool = False,
) -> pd.DataFrame:
    """Return three rows: the excess over chance, the form as it stands, and chance alone.

    Error and limits of the excess are told only if an effect is taken for a `shift` of the null:
    else the null's spread is not that of the estimate.

    `naive` holds what the fit itself says of the form as it stands (se, df, df_method, statistic,
    p, ci_low, ci_high): told so that a reader sees what would have been claimed.
    """
    how = "permutation within therapist"
    limits = {"se": found.se, "ci_low": found.ci_low, "ci_high": found.ci_high} if shift else {}
    rows = [
        {"term": term, "level": level, "estimate": found.excess, "df_method": how, "p": found.p}
        | limits,
        {"term": f"{term}_uncorrected", "level": "-", "estimate": observed} | naive,
        {
            "term": f"{term}_by_chance",
            "level": "-",
            "estimate": found.null_mean,
            "df_method": how,
            "ci_low": found.null_low,
            "ci_high": found.null_high,
        },
    ]
    return pd.DataFrame(rows)
