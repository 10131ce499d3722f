"""Predictions for new rows: values, ids and columns that the fit did not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LinearFit, fit_linear, fit_logistic
from attunement.mixed.errors import FitError, InvalidSpecification

NESTED = {"outer": "1", "inner": "1"}


@pytest.fixture(scope="module")
def data(nested_data: Callable) -> pd.DataFrame:
    data = nested_data(51, 10, 4, 5)
    generator = np.random.default_rng(51)
    data["k"] = generator.integers(0, 3, len(data))
    data["b"] = (generator.normal(size=len(data)) + 0.4 * data["time"] > 0.8).astype(int)
    data["number"] = data["inner"].factorize()[0]
    return data


@pytest.fixture(scope="module")
def fit(data: pd.DataFrame) -> LinearFit:
    return fit_linear("y ~ time", data, NESTED)


FACTORS = {
    "fixed": lambda data: fit_linear("y ~ time + C(k)", data, {"inner": "1"}),
    "interaction": lambda data: fit_linear("y ~ time:C(k)", data, {"inner": "1"}),
    "sum coding": lambda data: fit_linear("y ~ C(k, contr.sum)", data, {"inner": "1"}),
    "random": lambda data: fit_linear("y ~ time", data, {"outer": "1 + C(k)"}),
    "binary": lambda data: fit_logistic("b ~ time + C(k)", data, "outer"),
}


@pytest.mark.parametrize("case", FACTORS)
def test_a_factor_has_the_values_of_the_fit(case: str, data: pd.DataFrame) -> None:
    fit, new = FACTORS[case](data), data.head(4)
    assert fit.predict(new)["estimate"].notna().all()
    with pytest.raises(InvalidSpecification, match="'k': 7 was not in the fit, which has 0, 1, 2"):
        fit.predict(new.assign(k=[0, 1, 7, 7]))
    with pytest.raises(InvalidSpecification, match=r"'k': 7, 8\.5 were not in the fit"):
        fit.predict(new.assign(k=[7, np.nan, 8.5, 0]))
    with pytest.raises(InvalidSpecification, match=r"'k' holds numbers .* text .*first: '2'"):
        fit.predict(new.assign(k="2"))
    gaps = fit.predict(new.assign(k=[0, None, 2, 1]))["estimate"]
    if case != "random":
        assert gaps.isna().tolist() == [False, True, False, False]


def test_a_factor_made_of_a_number_may_have_other_numbers(data: pd.DataFrame) -> None:
    fit = fit_linear("y ~ C(time > 1) + x", data, {"inner": "1"})
    new = data.head(2).assign(time=[-3.5, 77.0], x=1e3)
    steps = fit.predict(new)["estimate"].diff().iloc[1]
    assert steps == pytest.approx(fit.fixed["estimate"].iloc[1])


BAD_DATA = {
    "a dict": ({"time": [1.0]}, "DataFrame, not dict"),
    "a row": (pd.Series({"time": 1.0}), "DataFrame, not Series"),
    "a column twice": (
        pd.DataFrame([[1.0, 2.0]], columns=["time", "time"]),
        r"more than once.*time",
    ),
    "an id twice": (
        pd.DataFrame([[1.0, 2, 3]], columns=["time", "inner", "inner"]),
        r"more than once.*inner",
    ),
    "no predictor": (pd.DataFrame({"x": [1.0]}), "not in the new data: time"),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_new_data_that_cannot_be_used_are_refused(case: str, fit: LinearFit) -> None:
    new, match = BAD_DATA[case]
    with pytest.raises(InvalidSpecification, match=match):
        fit.predict(new)


def test_repeated_columns_that_are_not_used_do_no_harm(fit: LinearFit) -> None:
    new = pd.DataFrame([[1.0, 2.0, 3.0]], columns=["time", "note", "note"])
    assert fit.predict(new)["estimate"].notna().all()


def test_ids_are_needed_where_their_effects_are_asked_for(
    fit: LinearFit, data: pd.DataFrame
) -> None:
    new = data[["time", "outer"]].head(3)
    assert fit.predict(new, level="outer")["estimate"].notna().all()
    with pytest.raises(InvalidSpecification, match="not in the new data: inner"):
        fit.predict(new, level="inner")
    binary = fit_logistic("b ~ time", data, "outer")
    assert binary.predict(new[["time"]])["estimate"].notna().all()
    with pytest.raises(InvalidSpecification, match="not in the new data: outer"):
        binary.predict(new[["time"]], level="outer")
    with pytest.raises(InvalidSpecification, match=r"first: 'new', text.*unknown='allow'"):
        binary.predict(new.assign(outer="new"), level="outer")
    spread = binary.predict(new.assign(outer="new"), level="outer", unknown="allow")["se"] ** 2
    added = spread - binary.predict(new)["se"] ** 2
    np.testing.assert_allclose(added, binary.internal.sigma**2, atol=1e-12)


def test_ids_of_another_type_are_no_unknown_groups(data: pd.DataFrame) -> None:
    fit = fit_linear("y ~ time", data, {"number": "1"})
    new = data.head(3)
    wrong = new.assign(number=new["number"].astype(str))
    match = "first: '0', text; in the fit: 0, a number"
    with pytest.raises(InvalidSpecification, match=match):
        fit.predict(wrong, level="number")
    kept = fit.predict(new, level="number")
    for dtype in (float, object, "category", "Int64"):
        same = fit.predict(new.assign(number=new["number"].astype(dtype)), level="number")
        pd.testing.assert_frame_equal(same, kept)
    pd.testing.assert_frame_equal(fit.predict(wrong), fit.predict(new))


def test_data_without_a_known_id_are_refused_unless_allowed(fit: LinearFit) -> None:
    predict = fit.predict
    new = pd.DataFrame({"time": [1.0, 2.0], "outer": ["new", None], "inner": ["a", "b"]})
    with pytest.raises(InvalidSpecification, match=r"'outer'.*first: 'new', text.*unknown='allow'"):
        predict(new, level="outer", unknown="refuse")
    allowed = predict(new, level="outer", unknown="allow")
    variance = fit.level_covariances["outer"][0, 0]
    table = predict(new.assign(outer=[None, None]), level="outer", unknown="refuse")
    np.testing.assert_allclose(allowed["se"] ** 2 - table["se"] ** 2, [variance, 0.0], atol=1e-12)
    one_known = new.assign(outer=["new", fit.design.labels["outer"][0]])
    assert predict(one_known, level="outer", unknown="refuse").notna().all(axis=None)
    with pytest.raises(InvalidSpecification, match="unknown='never'"):
        predict(new, level="outer", unknown="never")


def squares(fit: LinearFit, new: pd.DataFrame, **options: Any) -> np.ndarray:
    return fit.predict(new, **options)["se"].to_numpy() ** 2


@pytest.mark.parametrize("level", ["population", "outer", "inner"])
def test_a_missing_inner_id_is_an_unknown_group(level: str, data: pd.DataFrame) -> None:
    slopes = {"outer": "1", "inner": "1 + time"}
    fit = fit_linear("y ~ time", data, slopes)
    known = data["outer"].iloc[0]
    new = pd.DataFrame({"time": 2.0, "outer": known, "inner": ["9999", None, data["inner"][0]]})
    found = squares(fit, new, level=level, interval="prediction")
    assert found[0] == found[1]
    mean = squares(fit, new, level=level, interval="confidence")
    z = np.array([1.0, 2.0])
    inner = z @ fit.level_covariances["inner"] @ z
    outer = fit.level_covariances["outer"][0, 0] if level == "population" else 0.0
    within = 0.0 if level == "inner" else inner
    np.testing.assert_allclose(found[:2] - mean[:2], fit.residual_variance + outer + within)


def test_the_interval_of_a_missing_id_holds_new_observations() -> None:
    from attunement.simulate.sessions import sessions

    data = sessions(200, 20, seed=1)
    fit = fit_linear("outcome ~ time", data, {"client": "1"})
    new = data.head(1)
    unknown, missing = (
        fit.predict(new.assign(client=value), interval="prediction")["se"].item()
        for value in (9999, None)
    )
    assert unknown == pytest.approx(5.185, abs=5e-4)
    assert missing == unknown


def test_a_missing_outer_id_is_no_effect_as_in_the_fit(nested_data: Callable) -> None:
    data = nested_data(52, 12, 4, 5, partial=True)
    fit = fit_linear("y ~ time", data, NESTED)
    new = pd.DataFrame({"time": 1.0, "outer": ["new", None], "inner": "new"})
    new.loc[2] = [1.0, data["outer"].dropna().iloc[0], "new"]
    spread = squares(fit, new, interval="prediction")
    variance = fit.level_covariances["outer"][0, 0]
    assert spread[0] - spread[1] == pytest.approx(variance)
    at_level = squares(fit, new, level="outer")
    assert at_level[0] - at_level[1] == pytest.approx(variance)


def test_where_the_fit_kept_rows_without_an_inner_id_they_have_no_effect(
    data: pd.DataFrame,
) -> None:
    alone = data.assign(inner=data["inner"].where(data["outer"] != "T1"))
    fit = fit_linear("y ~ time", alone, {"inner": "1"}, missing_innermost="no effect")
    new = pd.DataFrame({"time": 1.0, "inner": [None, "new"]})
    spread = squares(fit, new, interval="prediction")
    assert spread[1] - spread[0] == pytest.approx(fit.level_covariances["inner"][0, 0])


@pytest.mark.parametrize("confidence", [95, 0, 1, -0.5, np.nan, np.inf, "0.9", None, True])
def test_a_confidence_lies_between_0_and_1(
    confidence: Any, fit: LinearFit, data: pd.DataFrame
) -> None:
    binary = fit_logistic("b ~ time", data, "outer")
    for call in (
        fit.predict,
        fit.icc,
        fit.profile,
        fit.bootstrap(5, "outer", 1).table,
        fit.parametric_bootstrap(5, 1).variance_table,
        binary.predict,
        binary.profile,
    ):
        with pytest.raises(FitError, match=r"confidence=.*between 0 and 1"):
            call(confidence=confidence)


def test_a_level_named_population_cannot_be_predicted(data: pd.DataFrame) -> None:
    named = data.rename(columns={"inner": "population"})
    fit = fit_linear("y ~ time", named, {"population": "1"})
    with pytest.raises(InvalidSpecification, match="rename the column"):
        fit.predict(named.head(2))
    for name in ("population", "marginal"):
        renamed = data.rename(columns={"inner": name})
        with pytest.raises(InvalidSpecification, match="rename its column"):
            fit_logistic("b ~ time", renamed, name).predict(level=name)
