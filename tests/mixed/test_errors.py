"""Every refusal has its name, and nothing is printed as a warning."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LinearFit, errors, fit_linear, fit_logistic

BOTH = {"outer": "1", "inner": "1"}


def _with(frame: pd.DataFrame, **columns: object) -> pd.DataFrame:
    return frame.assign(**columns)


LINEAR = {
    "no rows": (errors.EmptyData, lambda d: fit_linear("y ~ x", d.iloc[:0], BOTH)),
    "all missing": (errors.EmptyData, lambda d: fit_linear("y ~ x", _with(d, x=np.nan), BOTH)),
    "constant": (errors.ConstantOutcome, lambda d: fit_linear("y ~ x", _with(d, y=3.0), BOTH)),
    "log of a negative": (errors.InvalidValues, lambda d: fit_linear("y ~ np.log(x)", d)),
    "text outcome": (
        errors.InvalidSpecification,
        lambda d: fit_linear("y ~ x", _with(d, y=d["inner"])),
    ),
    "one group": (
        errors.TooFewGroups,
        lambda d: fit_linear("y ~ x", _with(d, inner="only"), {"inner": "1"}),
    ),
    "fewer groups than effects": (
        errors.TooFewGroups,
        lambda d: fit_linear("y ~ 1", _with(d, g=d.index % 2), {"g": "1 + time + x"}),
    ),
    "a group a row": (
        errors.TooManyRandomEffects,
        lambda d: fit_linear("y ~ 1", _with(d, g=d.index), {"g": "1"}),
    ),
    "crossed": (
        errors.CrossedGroups,
        lambda d: fit_linear("y ~ 1", _with(d, inner=d.index % 5), BOTH),
    ),
    "nothing estimable": (
        errors.NothingEstimable,
        lambda d: fit_linear("y ~ 0 + zero", _with(d, zero=0.0)),
    ),
    "exact": (
        errors.NoResidualVariation,
        lambda d: fit_linear("y ~ x", _with(d, y=2 * d["x"] + 1), {"inner": "1"}),
    ),
    "unknown column": (errors.InvalidSpecification, lambda d: fit_linear("y ~ nothing", d)),
    "unknown level": (errors.InvalidSpecification, lambda d: fit_linear("y ~ x", d, {"q": "1"})),
    "random in formula": (
        errors.InvalidSpecification,
        lambda d: fit_linear("y ~ x + (1 | inner)", d),
    ),
    "no outcome": (errors.InvalidSpecification, lambda d: fit_linear("~ x", d)),
    "broken formula": (errors.InvalidSpecification, lambda d: fit_linear("y ~ x +* 3", d)),
    "dependent random columns": (
        errors.InvalidSpecification,
        lambda d: fit_linear("y ~ x", _with(d, two=2.0), {"inner": "1 + two"}),
    ),
    "no frame": (errors.InvalidSpecification, lambda d: fit_linear("y ~ x", d.to_dict())),
    "residual": (
        errors.InvalidSpecification,
        lambda d: fit_linear("y ~ x", d, BOTH, residual="moving average"),
    ),
    "residual of another engine": (
        errors.NotAvailable,
        lambda d: fit_linear("y ~ x", d, BOTH, residual="by:time", engine="glmm"),
    ),
    "frequency": (errors.InvalidValues, lambda d: fit_linear("y ~ x", d, frequency="x")),
    "negative precision": (
        errors.InvalidValues,
        lambda d: fit_linear("y ~ x", d, precision=-np.ones(len(d))),
    ),
    "statsmodels slopes": (
        errors.NotAvailable,
        lambda d: fit_linear("y ~ x", d, {"outer": "1 + x", "inner": "1"}, engine="statsmodels"),
    ),
    "glmm without intercept": (
        errors.NotAvailable,
        lambda d: fit_linear("y ~ x", d, {"inner": "0 + x"}, engine="glmm"),
    ),
}

BINARY = {
    "all events": (errors.AllOrNoEvents, lambda d: fit_logistic("b ~ x", _with(d, b=1), "inner")),
    "no event": (errors.AllOrNoEvents, lambda d: fit_logistic("b ~ x", _with(d, b=0))),
    "separated": (
        errors.CompleteSeparation,
        lambda d: fit_logistic("b ~ time + x", _with(d, b=d["x"] > 0.1)),
    ),
    "separated with a group": (
        errors.CompleteSeparation,
        lambda d: fit_logistic("b ~ x", _with(d, b=d["x"] > 0.1), "inner"),
    ),
    "separated category": (
        errors.CompleteSeparation,
        lambda d: fit_logistic("b ~ x + arm", _with(d, b=(d["arm"] == 1) & (d["time"] > 1))),
    ),
    "not binary": (errors.InvalidValues, lambda d: fit_logistic("y ~ x", d)),
    "one group": (
        errors.TooFewGroups,
        lambda d: fit_logistic("b ~ x", _with(d, inner="only"), "inner"),
    ),
    "rows without a group by glmm": (
        errors.NotAvailable,
        lambda d: fit_logistic(
            "b ~ x", _with(d, inner=d["inner"].where(d.index > 3)), "inner", engine="glmm"
        ),
    ),
    "even nodes by glmm": (
        errors.NotAvailable,
        lambda d: fit_logistic("b ~ x", d, "inner", nodes=20, engine="glmm"),
    ),
    "no node": (errors.InvalidSpecification, lambda d: fit_logistic("b ~ x", d, nodes=0)),
    "unknown binary engine": (
        errors.InvalidSpecification,
        lambda d: fit_logistic("b ~ x", d, engine="R"),
    ),
    "every group missing": (
        errors.TooFewGroups,
        lambda d: fit_logistic("b ~ x", _with(d, inner=None), "inner"),
    ),
    "unknown link": (errors.InvalidSpecification, lambda d: fit_logistic("b ~ x", d, link="log")),
    "more events than trials": (
        errors.InvalidValues,
        lambda d: fit_logistic("b ~ x", _with(d, b=3), trials=np.full(len(d), 2)),
    ),
    "fractional frequency": (
        errors.InvalidValues,
        lambda d: fit_logistic("b ~ x", d, frequency=np.full(len(d), 0.5)),
    ),
}


@pytest.fixture(scope="module")
def data(nested_data: Callable) -> pd.DataFrame:
    frame = nested_data(31)
    return frame.assign(b=np.random.default_rng(1).uniform(size=len(frame)) < 0.4)


@pytest.fixture(scope="module")
def fit(data: pd.DataFrame) -> LinearFit:
    return fit_linear("y ~ time + x", data, BOTH)


@pytest.mark.parametrize("case", [*LINEAR, *(f"binary: {name}" for name in BINARY)])
def test_a_refusal_has_its_name(case: str, data: pd.DataFrame) -> None:
    table, name = (BINARY, case[8:]) if case.startswith("binary: ") else (LINEAR, case)
    expected, call = table[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(expected) as caught:
            call(data)
    assert type(caught.value) is expected
    assert isinstance(caught.value, errors.FitError)
    assert len(str(caught.value)) > 10


@pytest.mark.parametrize(
    "call",
    [
        lambda fit: fit.bootstrap(2, "inner", 1),
    ],
)
def test_what_a_fit_cannot_do_is_said(call: Callable, fit: LinearFit) -> None:
    with pytest.raises(errors.NotAvailable):
        call(fit)


@pytest.mark.parametrize(
    "call",
    [
        lambda fit: fit.test("nothing = 0"),
        lambda fit: fit.test("time = 0, 2*time = 0"),
        lambda fit: fit.random_effects("nobody"),
        lambda fit: fit.predict(pd.DataFrame({"x": [1.0]})),
        lambda fit: fit.predict(level="nobody"),
        lambda fit: fit.refit(),
    ],
)
def test_a_question_that_cannot_be_read_is_said(call: Callable, fit: LinearFit) -> None:
    with pytest.raises(errors.InvalidSpecification):
        call(fit)


def test_separating_terms_are_named(data: pd.DataFrame) -> None:
    with pytest.raises(errors.CompleteSeparation, match="arm"):
        fit_logistic("b ~ arm", _with(data, b=(data["arm"] == 1) & (data["time"] > 1)))
