"""The same studies by lme4 and pbkrtest, whose Kenward-Roger is the one that is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from coverage_fits import FORMULA, TERMS
from models import BARS
from r_process import RProcess

from attunement.simulate.sessions import small_study


def rows_by_pbkrtest(therapists: int, first: int, last: int) -> pd.DataFrame:
    """One row for each coefficient of studies `first` to `last` - 1.

    Columns therapists, study, term, estimate, se, df, deviance, singular: by lmer with bobyqa and
    a tight tolerance, `vcovAdj` and `Lb_ddf`.
    """
    process = RProcess()
    parts = []
    for study in range(first, last):
        process.load(small_study(therapists, study))
        found = process.ask(f"kenward_roger {FORMULA}{BARS}")
        estimates, errors, df = np.split(found[2:], 3)
        parts.append(
            pd.DataFrame(
                {
                    "therapists": therapists,
                    "study": study,
                    "term": list(TERMS),
                    "estimate": estimates[1:],
                    "se": errors[1:],
                    "df": df[1:],
                    "deviance": found[1],
                    "singular": found[0] == 1.0,
                }
            )
        )
    process.close()
    return pd.concat(parts, ignore_index=True)


def agreement(ours: pd.DataFrame, theirs: pd.DataFrame) -> dict[str, float]:
    """How far our Kenward-Roger is from pbkrtest's on the same studies.

    Largest relative differences of errors and df over all coefficients, in fits that are not
    singular and in those that are; `lower` is by how much lme4's deviance is lower at most.
    """
    both = ours.merge(theirs, on=["therapists", "study", "term"], suffixes=("", "_theirs"))
    error = (both["se_kenward_roger"] / both["se_theirs"] - 1.0).abs()
    df = (both["df_kenward_roger"] / both["df"] - 1.0).abs()
    singular = both["singular"] | both["singular_theirs"]
    return {
        "studies": float(both["study"].nunique()),
        "singular": float(both.loc[singular, "study"].nunique()),
        "se": float(error[~singular].max()),
        "df": float(df[~singular].max()),
        "se_singular": float(error[singular].max()),
        "df_singular": float(df[singular].max()),
        "lower": float((both["deviance"] - both["deviance_theirs"]).max()),
    }
