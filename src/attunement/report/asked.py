"""Which released estimates the planned questions are about, and where the page tells them."""

from __future__ import annotations

import pandas as pd

from attunement.report import words
from attunement.report.pieces import Released
from attunement.study.specification import names_of

SHOWN = ("estimated", "singular", "not converged")
VERDICT = "verdict"  # the metric of a judgement in words: it is no coefficient


def focal(estimates: pd.DataFrame, released: Released, verdicts: bool = False) -> pd.DataFrame:
    """Return the rows that a planned question is about: focal terms and those of the arm.

    Parameters
    ----------
    estimates : DataFrame
        Contract `estimates`.
    released : Released
        What `about.json` names as focal.
    verdicts : bool
        With the judgement in words that a response surface ends in.
    """
    named = released.specifications
    listed = [
        not set(names_of(term)).isdisjoint(named.get(name, {}).get("focal", []))
        for name, term in estimates[["specification", "term"]].astype(str).to_numpy()
    ]
    level = estimates["level"].fillna("-") != "-"
    judgement = estimates["metric"] == VERDICT
    asked = (level | pd.Series(listed, index=estimates.index, dtype=bool)) & ~judgement
    return estimates[asked | judgement] if verdicts else estimates[asked]


def told_here(rows: pd.DataFrame, released: Released) -> pd.DataFrame:
    """Return the estimated rows that no section of its own tells a second time.

    Therapists have tables of their own, by entry of the plan: a model of the reader's own about
    therapists is not among these, and stands here.
    """
    from attunement.report.sections.therapists import TABLES

    apart = {entry for table in TABLES for entry in table.entries}
    named = released.specifications
    kept = [
        str(name).partition(".")[0] not in apart
        and named.get(str(name), {}).get("analysis") not in words.TOLD_APART
        for name in rows["specification"]
    ]
    return rows[pd.Series(kept, index=rows.index, dtype=bool) & rows["status"].isin(SHOWN)]
