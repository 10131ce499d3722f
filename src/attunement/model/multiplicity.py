"""Adjusting p values within a family of confirmatory hypotheses."""

from __future__ import annotations

import pandas as pd

METHODS = {"holm": "holm", "benjamini-hochberg": "fdr_bh"}


def adjust(estimates: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Fill `p_adjusted` for the focal coefficients of confirmatory specifications.

    Parameters
    ----------
    estimates : DataFrame
        Contract `estimates`. Focal are the rows with a level; exploratory rows stay unadjusted.
    rule : {"holm", "benjamini-hochberg"}
        Holm (1979) or Benjamini & Hochberg (1995), within each hypothesis family.
    """
    adjusted = estimates.copy()
    focal = (estimates["role"] == "confirmatory") & (estimates["level"] != "-")
    # A hazard has one coefficient of accommodation, of no single level: it is focal as well.
    focal |= (estimates["role"] == "confirmatory") & (estimates["term"] == "accommodation_past")
    tested = estimates[focal & estimates["p"].notna()]
    if tested.empty:
        return adjusted
    from statsmodels.stats.multitest import multipletests

    for _, family in tested.groupby("hypothesis_family", sort=True):
        adjusted.loc[family.index, "p_adjusted"] = multipletests(
            family["p"].to_numpy(), method=METHODS[rule]
        )[1]
    return adjusted
