"""Which coefficients the planned questions are about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attunement.study.specification import Specification


def is_focal(term: str, specification: Specification | None) -> bool:
    """Return whether the plan names a coefficient under `levels`, or it is that of the arm.

    One that is named with level '-' (of no single level: a hazard) is focal like any other; what
    an analysis makes beside it (axes of a surface, tests of assumptions) is not.
    """
    if specification is None:
        return False
    return specification.named_as(term) is not None or specification.level_of(term) != "-"


def focal_rows(
    estimates: pd.DataFrame, specifications: Sequence[Specification]
) -> NDArray[np.bool_]:
    """Return a flag per row of `estimates`, by the plan and not by what a row says of itself.

    Parameters
    ----------
    estimates : DataFrame
        Contract `estimates`.
    specifications : sequence of Specification
        The plan. Rows of a specification that is not in it are not focal.
    """
    planned = {one.name: one for one in specifications}
    pairs = zip(estimates["specification"], estimates["term"], strict=True)
    return np.array([is_focal(str(term), planned.get(str(name))) for name, term in pairs], bool)
