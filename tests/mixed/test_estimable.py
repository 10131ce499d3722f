"""What the data cannot tell apart is refused or said; what they can is fitted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import errors, fit_linear
from attunement.mixed.intervals import FLAT_MESSAGE
from attunement.mixed.warm_up import small_data

BOTH = {"therapist": "1", "client": "1"}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    """144 sessions of 24 clients of 6 therapists, three of whom are trained."""
    return small_data().assign(trained=lambda d: d["therapist"] % 2)


def apart(data: pd.DataFrame, factor: float) -> pd.DataFrame:
    """The data with clients further apart than their sessions by a factor."""
    effects = np.random.default_rng(8).normal(size=data["client"].max() + 1)
    return data.assign(y=data["y"] + factor * effects[data["client"]])


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("inner", ["1", "1 + session", "1 || session"])
def test_two_levels_of_the_same_groups(inner: str, reml: bool, data: pd.DataFrame) -> None:
    same = data.assign(therapist=data["client"])
    with pytest.raises(errors.ConfoundedLevels, match="every 'therapist' has a single 'client'"):
        fit_linear("y ~ x", same, {"therapist": "1", "client": inner}, reml)
    # an intercept and a slope of the same groups are not the same
    assert fit_linear("y ~ x", same, {"therapist": "1", "client": "0 + session"}, reml).converged


def test_some_therapists_with_a_single_client_are_no_obstacle(data: pd.DataFrame) -> None:
    few = data[(data["client"] % 10 == 0) | (data["therapist"] < 3)]
    assert fit_linear("y ~ x", few, BOTH).converged


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(
    ("formula", "random", "level"),
    [
        ("y ~ C(therapist) + x", BOTH, "therapist"),
        ("y ~ x + C(client)", {"client": "1"}, "client"),
        ("y ~ C(therapist) * session", {"therapist": "1 + session", "client": "1"}, "therapist"),
    ],
)
def test_groups_among_the_predictors(
    formula: str, random: dict[str, str], level: str, reml: bool, data: pd.DataFrame
) -> None:
    with pytest.raises(errors.ConfoundedLevels, match=f"{level!r} groups apart"):
        fit_linear(formula, data, random, reml)


@pytest.mark.parametrize(
    ("outcome", "random"),
    [
        (lambda d: d.groupby("client")["y"].transform("mean"), BOTH),
        (lambda d: d.groupby("therapist")["y"].transform("mean"), {"therapist": "1"}),
        (lambda d: d["client"] + d["session"] * (d["client"] % 5), {"client": "1 + session"}),
        (lambda d: d["x"] + d["therapist"] ** 2, BOTH),
    ],
)
@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite", "normal"])
def test_an_outcome_that_groups_reproduce(
    outcome: Callable, random: dict[str, str], df: str, data: pd.DataFrame
) -> None:
    with pytest.raises(errors.NoResidualVariation, match=r"groups of .* reproduce 'y' exactly"):
        fit_linear("y ~ x", data.assign(y=outcome(data)), random, df=df)


@pytest.mark.parametrize("factor", [1e3, 1e4])
def test_clients_far_apart_are_fitted(factor: float, data: pd.DataFrame) -> None:
    fit = fit_linear("y ~ x", apart(data, factor), {"client": "1"})
    within = data.groupby("client")[["x", "y"]].transform(lambda column: column - column.mean())
    assert fit.converged
    # what lies between clients so far apart says almost nothing of the slope and the residual
    slope = (within["x"] * within["y"]).sum() / (within["x"] ** 2).sum()
    residual = ((within["y"] - slope * within["x"]) ** 2).sum() / (len(data) - 24 - 1)
    assert fit.fixed.loc["x", "estimate"] == pytest.approx(slope, rel=2.0 / factor)
    assert fit.residual_variance == pytest.approx(residual, rel=1e-6)


def test_clients_too_far_apart_are_not_called_converged(data: pd.DataFrame) -> None:
    for factor in (1e5, 1e6, 1e7):
        fit = fit_linear("y ~ x", apart(data, factor), {"client": "1"})
        assert not fit.converged
        assert any("do not hold so small a part" in message for message in fit.messages)


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite", "normal"])
def test_variances_that_share_their_trace_are_named(df: str, data: pd.DataFrame) -> None:
    """Each therapist is trained or not: two variances show, three parameters stand for them."""
    far = np.random.default_rng(3).normal(size=6)[data["therapist"]]
    random = {"therapist": "1 + trained", "client": "1"}
    fit = fit_linear("y ~ session + trained", data.assign(y=data["y"] + 3 * far), random, df=df)
    assert not fit.singular
    table = fit.variance.set_index(["level", "term_1", "term_2"])
    assert FLAT_MESSAGE in fit.messages
    assert fit.messages.count(FLAT_MESSAGE) == 1
    without = table["ci_low"].isna()
    assert list(without) == [False, True, True, False, False]


def test_variances_that_show_have_limits(data: pd.DataFrame) -> None:
    for df in ("kenward-roger", "satterthwaite"):
        fit = fit_linear("y ~ session", data, {"client": "1"}, df=df)
        assert fit.variance["ci_low"].notna().all()
        assert FLAT_MESSAGE not in fit.messages


@pytest.mark.parametrize("kind", [object, Decimal, "Int64"])
def test_numbers_of_any_kind_are_numbers(kind: object, data: pd.DataFrame) -> None:
    column = data["session"]
    made = column.map(lambda value: kind(int(value))) if kind is Decimal else column.astype(kind)
    fit = fit_linear("y ~ session", data.assign(session=made), {"client": "1"})
    plain = fit_linear("y ~ session", data, {"client": "1"})
    pd.testing.assert_frame_equal(fit.fixed, plain.fixed)


def test_rows_keep_their_labels(data: pd.DataFrame) -> None:
    shuffled = data.sample(frac=0.9, random_state=2)
    shuffled.iloc[3, shuffled.columns.get_loc("x")] = np.nan
    fit = fit_linear("y ~ x", shuffled, {"client": "1"})
    own, kept = fit.predict(level="client")["estimate"], shuffled.dropna()
    again = fit.predict(kept, level="client")["estimate"]
    pd.testing.assert_series_equal(own, again)
    pd.testing.assert_series_equal(fit.residuals() + own, kept["y"], check_names=False)


def test_the_scale_of_precisions_does_not_move_shares(data: pd.DataFrame) -> None:
    weights = np.random.default_rng(1).uniform(0.3, 4.0, size=len(data))
    one, other = (
        fit_linear("y ~ session", data, {"client": "1"}, precision=factor * weights)
        for factor in (1.0, 100.0)
    )
    np.testing.assert_allclose(one.icc(), other.icc(), rtol=1e-6)
    np.testing.assert_allclose(one.r_squared(), other.r_squared(), rtol=1e-6)
    equal = fit_linear("y ~ session", data, {"client": "1"}, precision=np.full(len(data), 4.0))
    plain = fit_linear("y ~ session", data, {"client": "1"})
    np.testing.assert_allclose(equal.icc(), plain.icc(), rtol=1e-6)
    np.testing.assert_allclose(equal.r_squared(), plain.r_squared(), rtol=1e-6)


def test_fits_without_groups_are_fitted_again(data: pd.DataFrame) -> None:
    fit = fit_linear("y ~ x + session", data)
    again, expected = fit.refit(terms=["Intercept", "x"]), fit_linear("y ~ x", data)
    np.testing.assert_allclose(again.fixed["estimate"], expected.fixed["estimate"], rtol=1e-9)
    np.testing.assert_allclose(again.fixed["se"], expected.fixed["se"], rtol=1e-9)
    assert fit.refit_each([["Intercept", "x"]])[0].deviance == pytest.approx(expected.deviance)


def test_weights_of_groups_by_a_mapping(data: pd.DataFrame) -> None:
    fit = fit_linear("y ~ x", data, {"client": "1"})
    by_mapping = fit.refit(cluster_weights={10: 0.0}).estimates
    np.testing.assert_array_equal(
        by_mapping, fit.refit(cluster_weights=pd.Series({10: 0})).estimates
    )
    assert not np.array_equal(by_mapping, fit.fixed["estimate"])


def test_a_row_is_predicted_with_its_own_precision(data: pd.DataFrame) -> None:
    weighed = data.assign(w=np.random.default_rng(1).uniform(0.3, 4.0, size=len(data)))
    fit = fit_linear("y ~ session", weighed, {"client": "1"}, precision="w")
    for new in (None, weighed):
        whole = fit.predict(new, "client", "prediction")["se"] ** 2
        mean = fit.predict(new, "client", "confidence")["se"] ** 2
        np.testing.assert_allclose(whole - mean, fit.residual_variance / weighed["w"], rtol=1e-9)
    without = weighed.drop(columns="w")
    single = fit.predict(without, interval="prediction")["se"] ** 2
    unit = fit.predict(weighed.assign(w=1.0), interval="prediction")["se"] ** 2
    np.testing.assert_allclose(single, unit, rtol=1e-12)
    with pytest.raises(errors.InvalidValues, match="144 rows are not"):
        fit.predict(weighed.assign(w=0.0), interval="prediction")
