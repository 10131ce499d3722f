"""Hypotheses as text and as numbers: what is read, what is refused, and joint tests of terms."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attunement.mixed import LinearFit, LogisticFit, fit_linear, fit_logistic
from attunement.mixed.equations import parse_hypotheses
from attunement.mixed.errors import InvalidSpecification

NAMES = ["Intercept", "time", "time2", "C(arm)[T.b]", "C(arm)[T.b]:time", "C(q)[T.1.0]", "my col"]
GROUPS = {"time": [1], "C(arm)": [3], "C(q)": [5], "poly(x, 2)": [1, 2], "lost": []}

READ = {
    "time": ([0, 1, 0, 0, 0, 0, 0], 0),
    "2*3*time = 0": ([0, 6, 0, 0, 0, 0, 0], 0),
    "time == 10": ([0, 1, 0, 0, 0, 0, 0], 10),
    "time * 2 = 1/4": ([0, 2, 0, 0, 0, 0, 0], 0.25),
    "time/4 = .5": ([0, 0.25, 0, 0, 0, 0, 0], 0.5),
    "2 * time / 4 = -1e-2": ([0, 0.5, 0, 0, 0, 0, 0], -0.01),
    "-time2+time = time2 - 3": ([0, 1, -2, 0, 0, 0, 0], -3),
    "Intercept + 5 = 2": ([1, 0, 0, 0, 0, 0, 0], -3),
    "C(arm)[T.b]:time": ([0, 0, 0, 0, 1, 0, 0], 0),
    "time:C(arm)[T.b] = 0": ([0, 0, 0, 0, 1, 0, 0], 0),
    " C( arm )[ T.b ] : time=0": ([0, 0, 0, 0, 1, 0, 0], 0),
    "`time`:`C(arm)[T.b]` - `time`": ([0, -1, 0, 0, 1, 0, 0], 0),
    "`C(arm)[T.b]:time`": ([0, 0, 0, 0, 1, 0, 0], 0),
    "C(q)[T.1] = 0": ([0, 0, 0, 0, 0, 1, 0], 0),
    "C(q)[T.1.0] = 0": ([0, 0, 0, 0, 0, 1, 0], 0),
    "my   col = `my col` * 3": ([0, 0, 0, 0, 0, 0, -2], 0),
    "C(arm)": ([0, 0, 0, 1, 0, 0, 0], 0),
    "C(arm) = 0": ([0, 0, 0, 1, 0, 0, 0], 0),
}


@pytest.mark.parametrize("text", READ)
def test_an_equation_is_read_exactly(text: str) -> None:
    matrix, values = parse_hypotheses(text, NAMES, GROUPS)
    np.testing.assert_array_equal(matrix, [READ[text][0]])
    np.testing.assert_array_equal(values, [READ[text][1]])


@pytest.mark.parametrize(
    "text", ["time = 1, poly(x,2) ; my col", "time = 1; poly( x, 2 )=0,my col"]
)
def test_equations_and_terms_are_separated_by_commas_or_semicolons(text: str) -> None:
    matrix, values = parse_hypotheses(text, NAMES, GROUPS)
    np.testing.assert_array_equal(matrix, np.eye(7)[[1, 1, 2, 6]])
    np.testing.assert_array_equal(values, [1, 0, 0, 0])


# text: what the message shows of the place
REFUSED = {
    "time = 1 0": "at '0'",
    "time time = 0": "at 'time = 0'",
    "2 time = 0": "at 'time = 0'",
    "2time = 0": "at '2time = 0'",
    "@0@ = 0": "at '@0@ = 0'",
    "time @0@ = 0": "at '@0@ = 0'",
    "@99@": "at '@99@'",
    "ti me = 0": "at 'ti me = 0'",
    "time3 = 0": "at 'time3 = 0'",
    "mycol = 0": "at 'mycol = 0'",
    "C(arm)[T.c] = 0": "at 'C(arm)[T.c] = 0'",
    "C(arm) = 1": "at 'C(arm) = 1'",
    "C(arm) + time": "at 'C(arm) + time'",
    "time = 0 = 0": "at '= 0'",
    "time > 0": "at '> 0'",
    "time = 1e999": "at '1e999'",
    "time - -1": "at '-1'",
    "`time = 0": "at '`time = 0'",
    "time*time": "at 'time'",
    "1/time": "at 'time'",
    "time/0": "at '0'",
    "time = ": "at its end",
    "time = 0,": "at its end",
    "": "at its end",
    "time:my col": "at ':my col'",
    "1 = 1": "without a coefficient",
    "time = time": "without a coefficient",
    "lost": "not estimable: lost",
}


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_with_the_place_and_the_terms(text: str) -> None:
    with pytest.raises(InvalidSpecification) as caught:
        parse_hypotheses(text, NAMES, GROUPS)
    assert REFUSED[text] in str(caught.value)
    if "at " in REFUSED[text]:
        assert "C(arm)[T.b]:time, C(q)[T.1.0], my col" in str(caught.value)


def test_a_name_that_is_a_number_or_a_sum_stands_in_backticks() -> None:
    names = ["a", "b", "a-b", "2"]
    np.testing.assert_array_equal(parse_hypotheses("a - b = 2", names, {})[0], [[1, -1, 0, 0]])
    np.testing.assert_array_equal(parse_hypotheses("`a-b` = `2`", names, {})[0], [[0, 0, 1, -1]])


def test_what_could_mean_two_coefficients_is_refused() -> None:
    names = ["C(q)[T.1.0]", "C(q)[T.1]"]
    assert parse_hypotheses("C(q)[T.1]", names, {})[0].tolist() == [[0, 1]]
    with pytest.raises(InvalidSpecification, match="it could be b:a:c or c:b:a"):
        parse_hypotheses("a:b:c", ["b:a:c", "c:b:a"], {})


@pytest.fixture(scope="module")
def data(nested_data: Callable) -> pd.DataFrame:
    data = nested_data(41, 12, 3, 5)
    generator = np.random.default_rng(41)
    data["k"] = generator.integers(0, 3, len(data))
    data["b"] = (generator.normal(size=len(data)) + 0.4 * data["time"] > 0.8).astype(int)
    return data


@pytest.fixture(scope="module")
def linear(data: pd.DataFrame) -> LinearFit:
    return fit_linear("y ~ time * C(k) + x", data, {"outer": "1", "inner": "1"})


@pytest.fixture(scope="module")
def binary(data: pd.DataFrame) -> LogisticFit:
    return fit_logistic("b ~ time * C(k) + x", data, "outer")


@pytest.mark.parametrize("kind", ["linear", "binary"])
def test_terms_are_tested_by_all_of_their_coefficients(
    kind: str, request: pytest.FixtureRequest
) -> None:
    fit = request.getfixturevalue(kind)
    table = fit.test_terms()
    assert sorted(table.index) == ["C(k)", "time", "time:C(k)", "x"]
    assert table["df_num"].to_dict() == {"C(k)": 2, "time": 1, "time:C(k)": 2, "x": 1}
    both = fit.test("time : C(k)[T.1] = 0, C(k)[T.2]:time = 0").iloc[0]
    pd.testing.assert_series_equal(table.loc["time:C(k)"], both, check_names=False)
    pd.testing.assert_series_equal(fit.test("C(k):time").iloc[0], both)
    assert table.loc["x", "F"] == pytest.approx(fit.fixed.loc["x", "t"] ** 2)
    assert table.loc["x", "p"] == pytest.approx(fit.fixed.loc["x", "p"])


def test_joint_tests_without_degrees_of_freedom_are_chi_squared(binary: LogisticFit) -> None:
    names = ["C(k)[T.1.0]", "C(k)[T.2.0]"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        row = binary.test("C(k)").iloc[0]
    estimates = binary.fixed.loc[names, "estimate"].to_numpy()
    chi2 = estimates @ np.linalg.solve(binary.vcov.loc[names, names].to_numpy(), estimates)
    assert row["F"] == pytest.approx(chi2 / 2)
    assert np.isinf(row["df_den"])
    assert row["p"] == pytest.approx(stats.chi2.sf(chi2, 2))


def test_what_is_not_estimable_is_left_out_of_a_term(data: pd.DataFrame) -> None:
    copied = data.assign(copy=2 * data["x"], z=np.where(data["k"] == 1, 1.0, 0.0))
    fit = fit_linear("y ~ x + copy + z + C(k)", copied, {"inner": "1"})
    table = fit.test_terms()
    assert table.loc["copy"].isna().to_list() == [True, False, True, True]
    assert table.loc["copy", "df_num"] == 0
    assert table.loc["C(k)", "df_num"] == 1
    with pytest.raises(InvalidSpecification, match=r"not estimable: copy$"):
        fit.test("x = copy")


@pytest.mark.parametrize(
    ("hypothesis", "match"),
    [
        (["time = 0", "x = 0"], "equations separated by commas"),
        (None, "shape"),
        (np.zeros((0, 7)), r"shape \(0, 7\)"),
        (np.ones((2, 6)), "7 columns"),
        (np.eye(7)[None], "shape"),
        ([[np.nan, 0, 0, 0, 0, 0, 1]], "no finite number"),
        (np.zeros((1, 7)), "row of zeros"),
        ([[0, 1, 0, 0, 0, 0, 0], [0, 2, 0, 0, 0, 0, 0]], "depend on each other"),
    ],
)
def test_numbers_that_are_no_hypothesis_are_refused(
    hypothesis: Any, match: str, linear: LinearFit, binary: LogisticFit
) -> None:
    for fit in (linear, binary):
        with pytest.raises(InvalidSpecification, match=match):
            fit.test(hypothesis)


def test_a_name_that_two_columns_have_is_refused(data: pd.DataFrame) -> None:
    fit = fit_linear("y ~ Intercept + time", data.rename(columns={"x": "Intercept"}))
    with pytest.raises(InvalidSpecification, match="several columns are named 'Intercept'"):
        fit.test("time = 0")
    assert fit.test([0, 0, 1])["F"].iloc[0] == pytest.approx(fit.fixed.loc["time", "t"] ** 2)
    assert fit.test_terms().loc["Intercept", "F"] == pytest.approx(fit.fixed["t"].iloc[1] ** 2)


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite", "normal"])
def test_units_do_not_make_equations_depend_on_each_other(df: str, data: pd.DataFrame) -> None:
    plain = fit_linear("y ~ time + x", data, {"inner": "1"}, df=df)
    tiny = fit_linear("y ~ time + x", data.assign(x=1e8 * data["x"]), {"inner": "1"}, df=df)
    wanted, found = (fit.test("time = 0, x = 0").iloc[0] for fit in (plain, tiny))
    assert found["F"] == pytest.approx(wanted["F"], rel=1e-6)
    assert found["p"] == pytest.approx(wanted["p"], rel=1e-2)
