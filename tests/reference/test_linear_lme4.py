"""Linear fits of two drawn studies against lme4: the values stand beside, made by linear.R."""

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
# name in linear.R: formula, random part, study
CASES = {
    "slopes": (BOTH, SLOPES, "sessions"),
    "independent": (BOTH, {"therapist": "1 || time", "client": "1 || time"}, "sessions"),
    "mixed": (BOTH, {"therapist": "1 || time", "client": "1 + time"}, "sessions"),
    "not_fixed": ("varied ~ time", {"therapist": "1 + z", "client": "1 + z"}, "sessions"),
    "no_intercept": ("y ~ time + x", {"therapist": "0 + time", "client": "1"}, "sessions"),
    "no_intercepts": ("y ~ time + x", dict.fromkeys(SLOPES, "0 + time"), "sessions"),
    "quadratic": (
        "curved ~ time + time2 + x",
        {"therapist": "1", "client": "1 + time + time2"},
        "sessions",
    ),
    "therapists": (BOTH, {"therapist": "1 + time"}, "sessions"),
    "clients": (BOTH, {"client": "1 + time"}, "sessions"),
    "intercepts": ("y ~ time", NESTED, "sessions"),
    "partial": ("y ~ time * arm", SLOPES, "partial"),
    "partial_by_arm": (
        "y ~ time * arm",
        {"therapist": "1 + time", "client": "0 + control || arm"},
        "partial",
    ),
    "precision": (BOTH, {"therapist": "1", "client": "1 + time"}, "sessions"),
    "frequency": (BOTH, {"therapist": "1", "client": "1 + time"}, "sessions"),
    "singular": ("flat ~ time + x", NESTED, "sessions"),
    "one_session": ("y ~ x + arm", NESTED, "few"),
}
WEIGHTS = {"precision": {"precision": "precision"}, "frequency": {"frequency": "copies"}}


@cache
def study(name: str) -> pd.DataFrame:
    if name == "few":
        # whole courses of the first client of each therapist, first sessions of the others
        data = study("sessions")
        return data[(data["time"] == 0) | data["client"].str.endswith("-1")]
    return pd.read_csv(HERE / f"linear_{name}.csv")


@cache
def fit_of(case: str) -> LinearFit:
    name, _, method = case.rpartition("_")
    formula, random, data = CASES[name]
    weights = WEIGHTS.get(name, {})
    return fit_linear(formula, study(data), random, method == "reml", "satterthwaite", **weights)


@cache
def values() -> pd.DataFrame:
    return pd.read_csv(HERE / "linear_values.csv", keep_default_na=False)


def expected(case: str, kind: str) -> pd.DataFrame:
    table = values()
    return table[(table["case"] == case) & (table["kind"] == kind)]


def number(case: str, kind: str) -> float:
    return expected(case, kind)["value"].item()


ALL = [f"{name}_{method}" for name in CASES for method in ("reml", "ml")]


def test_every_fit_stored_is_tried() -> None:
    assert set(values()["case"]) == set(ALL)


@pytest.mark.parametrize("case", ALL)
def test_coefficients_and_degrees_of_freedom(case: str) -> None:
    table = fit_of(case).fixed
    for kind, column, closeness in (("estimate", "estimate", 1e-5), ("se", "se", 1e-5)):
        wanted = expected(case, kind).set_index("term_1")["value"]
        found = table[column].reindex(wanted.index)
        assert len(wanted) == len(table)
        np.testing.assert_allclose(found, wanted, rtol=closeness, atol=1e-6)
    wanted = expected(case, "df").set_index("term_1")["value"]
    assert len(wanted) == (0 if number(case, "singular") else len(table))
    # lmerTest differentiates numerically
    np.testing.assert_allclose(table["df"].reindex(wanted.index), wanted, rtol=1e-4)


@pytest.mark.parametrize("case", ALL)
def test_variances(case: str) -> None:
    fit = fit_of(case)
    wanted = expected(case, "variance")
    assert len(fit.variance) == len(wanted)
    found = fit.variance.set_index(["level", "term_1", "term_2"])["covariance"]
    for row in wanted.itertuples():
        value = found[row.level, row.term_1, row.term_2]
        assert value == pytest.approx(row.value, rel=1e-4, abs=1e-6), row


@pytest.mark.parametrize("case", ALL)
def test_likelihood_and_state(case: str) -> None:
    fit = fit_of(case)
    assert fit.converged
    assert fit.singular == number(case, "singular")
    assert fit.deviance == pytest.approx(number(case, "deviance"), abs=1e-6, rel=0.0)
    assert fit.aic == pytest.approx(
        number(case, "deviance") + 2 * number(case, "parameters"), abs=1e-6, rel=0.0
    )


def test_modes_with_their_conditional_errors() -> None:
    fit = fit_of("slopes_reml")
    tables = [
        fit.random_effects(level).rename(columns={level: "id"}).assign(level=level)
        for level in SLOPES
    ]
    found = pd.concat(tables).set_index(["level", "id", "term"]).sort_index()
    for kind, column in (("mode", "estimate"), ("mode_se", "se_conditional")):
        wanted = expected("slopes_reml", kind).set_index(["level", "term_1", "term_2"])["value"]
        assert len(wanted) == len(found)
        np.testing.assert_allclose(found[column], wanted.sort_index(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("level", ["population", "therapist", "client"])
def test_predictions(level: str) -> None:
    wanted = expected("slopes_reml", "predict")
    wanted = wanted.loc[wanted["level"] == level, "value"]
    fit = fit_of("slopes_reml")
    new = study("sessions").head(40).drop(columns="y")
    np.testing.assert_allclose(fit.predict(new, level=level)["estimate"], wanted, rtol=1e-5)
    own = fit.predict(level=level)["estimate"].head(40)
    np.testing.assert_allclose(own, wanted, rtol=1e-5)


@pytest.mark.parametrize("case", ["slopes_reml", "partial_reml"])
def test_two_terms_at_once(case: str) -> None:
    row = fit_of(case).test("time = 0, time:arm = 0").iloc[0]
    assert row["F"] == pytest.approx(number(case, "F"), rel=1e-5)
    assert row["df_num"] == 2
    assert row["df_den"] == pytest.approx(number(case, "F_df"), rel=1e-4)
    assert row["p"] == pytest.approx(number(case, "F_p"), rel=1e-3)


def test_shares_of_variance() -> None:
    wanted = expected("intercepts_reml", "share").set_index("level")["value"]
    found = fit_of("intercepts_reml").icc()["share"]
    np.testing.assert_allclose(found.reindex(wanted.index), wanted, rtol=1e-5)


def test_likelihood_ratio() -> None:
    wider = fit_of("slopes_ml")
    narrow = fit_linear(BOTH, study("sessions"), {"therapist": "1", "client": "1 + time"}, False)
    row = narrow.compare(wider).iloc[1]
    assert row["chi2"] == pytest.approx(number("slopes_ml", "chi2"), abs=2e-6)
    assert row["df"] == number("slopes_ml", "chi2_df")
    assert row["p"] == pytest.approx(number("slopes_ml", "chi2_p"), rel=1e-5)
