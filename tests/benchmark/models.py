"""The data and the models on which engines are timed, in each engine's own words."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attunement.simulate.sessions import SIZES, sessions

SEEDS = {size: 202_612 + place for place, size in enumerate(SIZES)}

# Ten fixed effects with the intercept, in the order of `fixed_columns`.
TERMS = [
    "time",
    "base",
    "age",
    "female",
    "arm",
    "experience",
    "alliance",
    "time:base",
    "time:arm",
]
LINEAR = f"outcome ~ {' + '.join(TERMS)}"
RANDOM = {"therapist": "1 + time", "client": "1 + time"}
BARS = " + (1 + time | therapist) + (1 + time | client)"

EVENT_TERMS = ["log_session", "base", "age", "female", "arm", "experience", "alliance"]
EVENT = f"dropout ~ {' + '.join(EVENT_TERMS)}"


def data(size: str) -> pd.DataFrame:
    """The data set of a size."""
    return sessions(*SIZES[size], SEEDS[size])


def columns_of(frame: pd.DataFrame, terms: list[str]) -> NDArray[np.float64]:
    """Intercept and terms as columns (n, 1 + terms), row after row in memory."""
    made = [np.ones(len(frame))]
    for term in terms:
        column = np.ones(len(frame))
        for name in term.split(":"):
            column = column * frame[name].to_numpy(dtype=float)
        made.append(column)
    return np.ascontiguousarray(np.column_stack(made))
