"""What estimation passes on: the model that a frame supports, and the rows of its results."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd


class Model(NamedTuple):
    """What is fitted: formula and random part that a frame supports, on its complete rows.

    `left_out` names the focal terms that it does not support, with the reason; `frequency` the
    column that says how many identical clients a row stands for; `notes` what a reader must know of
    every row of it.
    """

    formula: str
    random: dict[str, str]
    frame: pd.DataFrame
    left_out: tuple[tuple[str, str], ...]
    frequency: str | None = None
    notes: tuple[str, ...] = ()


class Result(NamedTuple):
    """The rows of one specification: contracts `estimates` and `variance`."""

    estimates: pd.DataFrame
    variance: pd.DataFrame
