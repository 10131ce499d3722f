"""Time in the shape that a dataset declares: one function for every room."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd

Times = TypeVar("Times", np.ndarray, pd.Series)


def shaped(time: Times, shape: str, per: float) -> Times:
    """Return time in a shape: 0 at the start, 1 at the end of the reference span `per`.

    Under `log` and `square_root` a time before the start counts as the start.
    """
    if shape == "log":
        return np.log1p(time.clip(0)) / np.log1p(per)
    if shape == "square_root":
        return np.sqrt(time.clip(0) / per)
    return time / per
