"""Growth with caseload: do a therapist's later clients improve more than the earlier ones?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.model.centring import parts
from attunement.model.estimate import estimate
from attunement.model.prepare import prepare
from attunement.model.result import Result
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

CASES_PER_UNIT = 10.0


def case_number(order: pd.Series, specification: Specification) -> pd.Series:
    """Return the case number in the scale declared before any result.

    `log` (the default): log2, so that one unit is a doubling; `linear`: one unit is ten cases.
    """
    scale = specification.setting("case_number", "log")
    if scale not in ("log", "linear"):
        raise ValueError(f"settings: case_number is '{scale}'; it is log or linear")
    number = order.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    shown = np.log2(number) if scale == "log" else number / CASES_PER_UNIT
    return pd.Series(shown, index=order.index)


def caseload_frame(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return the scores after the first, with intake and the parts of the case number.

    Returns
    -------
    DataFrame
        As from `prepare`, with `intake` (first score, about its mean over clients),
        `case_number_between` (client minus the mean of the therapist's clients) and
        `case_number_therapist` (that mean, about the mean over therapists). The first score is a
        predictor and no outcome. Clients without therapist or case number are left out.

    Raises
    ------
    NotEstimable
        The order of cases is not recorded, or nobody has a second score.
    """
    rows = prepare(tables, specification)
    if "case_order" not in rows or rows["case_order"].isna().all():
        raise NotEstimable("the order of cases is not recorded")
    rows = rows[rows["case_order"].notna() & rows["therapist"].notna()]
    rows = rows.sort_values(["client", "occasion"], kind="stable")
    first = rows.drop_duplicates("client").set_index("client")["outcome"]
    rows = rows[rows["client"].duplicated()].reset_index(drop=True)
    if rows.empty:
        raise NotEstimable("nobody with a case number has a second score")
    first = first[first.index.isin(rows["client"])]
    rows["intake"] = rows["client"].map(first - first.mean())
    rows["case_number"] = case_number(rows["case_order"], specification)
    split = parts(rows, ["case_number"]).drop(columns="case_number_within")
    return rows.drop(columns="case_number").join(split)


def caseload(tables: Tables, specification: Specification) -> Result:
    """Return the growth of outcome with the case number, within and between therapists.

    Within: later against earlier clients of one therapist (Goldberg et al. 2016; Owen et al. 2016,
    who followed therapists over years); between: therapists with more cases against others. The two
    differ, as who sees many clients may be another therapist. Growth over time is modelled, not the
    last score: cases near the end of observation are cut short, and would look worse.
    """
    return estimate(caseload_frame(tables, specification), specification)
