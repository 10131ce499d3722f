"""Adjusting p values within a family of confirmatory hypotheses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attunement.model.focal import focal_rows
from attunement.study.specification import Specification

METHODS = {"holm": "holm", "benjamini-hochberg": "fdr_bh"}
COEFFICIENT = ["specification", "term"]


def adjusted(p: Sequence[float] | NDArray[np.float64], rule: str) -> NDArray[np.float64]:
    """Return the adjusted p values of one family, in the order given.

    Parameters
    ----------
    p : (n,) array, none missing
    rule : {"holm", "benjamini-hochberg"}
        Holm (1979) or Benjamini & Hochberg (1995).
    """
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(np.asarray(p, dtype=float), method=METHODS[rule])[1])


def tested_once(estimates: pd.DataFrame, specifications: Sequence[Specification]) -> pd.DataFrame:
    """Return the rows whose p values make up the families: one per confirmatory coefficient.

    Where one coefficient is told in several metrics (an odds ratio and a difference of risks) it
    is one hypothesis, and the first p value that it has stands for it.
    """
    rows = estimates[focal_rows(estimates, specifications)]
    rows = rows[(rows["role"] == "confirmatory") & rows["p"].notna()]
    return rows.drop_duplicates(COEFFICIENT)


def adjust(
    estimates: pd.DataFrame, rule: str, specifications: Sequence[Specification]
) -> pd.DataFrame:
    """Fill `p_adjusted` for the focal coefficients of confirmatory specifications.

    Parameters
    ----------
    estimates : DataFrame
        Contract `estimates`. Exploratory rows, and those that the plan does not name, stay
        unadjusted. Every row of a coefficient that is told in several metrics has the same value.
    rule : {"holm", "benjamini-hochberg"}
        Within each hypothesis family.
    specifications : sequence of Specification
        The plan, which says what is focal.
    """
    found = estimates.copy()
    tested = tested_once(estimates, specifications)
    for _, family in tested.groupby("hypothesis_family", sort=True, dropna=False, observed=True):
        values = adjusted(family["p"].to_numpy(dtype=float), rule)
        keys = zip(family["specification"], family["term"], strict=True)
        for (name, term), value in zip(keys, values, strict=True):
            same = (found["specification"] == name) & (found["term"] == term)
            found.loc[same & found["p"].notna(), "p_adjusted"] = value
    return found
