"""Surfaces against lm, lmerTest and glm with car's delta method: values made by surface.R."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import fit_linear, fit_logistic
from attunement.model.surface_rows import TERMS, with_products
from attunement.model.surface_shape import stationary_point
from attunement.model.surface_tests import Estimated, Polynomial, Shape, shape

HERE = Path(__file__).parent
VALUES = pd.read_csv(HERE / "surface_values.csv").set_index(["case", "term", "kind"])["value"]
RIGHT = " + ".join(TERMS)
# Estimates of linear models are exact; searches end where the criterion no longer falls.
CLOSE = {"lm": 1e-8, "lmer": 2e-4, "glm": 1e-5}


@cache
def fitted(case: str) -> Any:
    rows = with_products(pd.read_csv(HERE / "surface_rows.csv"))
    if case == "glm":
        return fit_logistic(f"event ~ {RIGHT}", rows)
    random = {"therapist": "1"} if case == "lmer" else None
    df = "satterthwaite" if random else "residual"
    return fit_linear(f"outcome ~ first + {RIGHT}", rows, random, df=df)


@cache
def found(case: str) -> tuple[Polynomial, Shape]:
    surface = Polynomial.of_fit(fitted(case), list(TERMS))
    return surface, shape(surface, -1 if case == "glm" else 1)


def number(case: str, term: str) -> Estimated:
    surface, told = found(case)
    if term.startswith("stationary"):
        point = stationary_point(surface.coefficients)
        place = ("stationary_preference", "stationary_delivery").index(term)
        return surface.at(float(point.values[place]), point.gradients[place])
    return (told.lines | told.axes)[term]


@pytest.mark.parametrize("kind", ["estimate", "se", "df"])
@pytest.mark.parametrize(
    "term",
    "a1 a2 a3 a4 a5 p10 p11 p20 p21 stationary_preference stationary_delivery".split(),
)
@pytest.mark.parametrize("case", ["lm", "lmer", "glm"])
def test_numbers_and_errors_are_those_of_the_delta_method(case: str, term: str, kind: str) -> None:
    theirs = VALUES[case, term, kind]
    # car takes its derivatives by symbols, contest1D its degrees of freedom by differences.
    close = 2e-3 if (case, kind) == ("lmer", "df") else CLOSE[case]
    assert getattr(number(case, term), kind) == pytest.approx(theirs, rel=close)


@pytest.mark.parametrize("kind", ["F", "df", "p"])
@pytest.mark.parametrize(
    "term",
    ["surface", "curvature", "axis", "algebraic_difference", "squared_difference"],
)
@pytest.mark.parametrize("case", ["lm", "lmer", "glm"])
def test_joint_tests_are_those_of_r(case: str, term: str, kind: str) -> None:
    joint = found(case)[1].joint[term]
    ours = {"F": joint.statistic, "df": joint.df, "p": joint.p}[kind]
    close = {"df": 5e-3, "p": 2e-3, "F": 1e-3}[kind] if case == "lmer" else 1e-4
    assert ours == pytest.approx(VALUES[case, term, kind], rel=close)


def test_limits_are_those_of_students_distribution() -> None:
    from scipy.stats import t

    one = number("lm", "a4")
    width = t.ppf(0.975, 313) * one.se
    assert (one.low, one.high) == pytest.approx((one.estimate - width, one.estimate + width))
    assert one.p == pytest.approx(2 * t.sf(abs(one.estimate / one.se), 313))
    slope = number("lm", "p11")
    assert slope.statistic == pytest.approx((slope.estimate - 1) / slope.se)
    assert np.isinf(number("glm", "p11").df)
