"""Odd but honest input: the same fit as from plain input, or a result that is named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import LinearFit, fit_linear

BOTH = {"outer": "1", "inner": "1"}
INNER = {"inner": "1"}

IDS: dict[str, Callable] = {
    "int": lambda code: code,
    "negative": lambda code: -3 * code,
    "beyond int64": lambda code: code.astype("uint64") + np.uint64(2**63),
    "nullable": lambda code: pd.array(code, dtype="Int64"),
    "text": lambda code: pd.Series(code).astype(str),
    "arrow text": lambda code: pd.Series(code).astype("string[pyarrow]"),
    "empty text": lambda code: pd.Series(code).astype(str).replace("2", ""),
    "mixed": lambda code: pd.Series([str(c) if c % 2 else c for c in code], dtype=object),
    "tuples": lambda code: pd.Series([("a", c) for c in code]),
    "bytes": lambda code: pd.Series([bytes([c]) for c in code]),
    "unused categories": lambda code: pd.Categorical(code, categories=range(99)),
    "dates": lambda code: pd.Timestamp("2020-01-01") + pd.to_timedelta(code, unit="D"),
    "intervals": lambda code: pd.IntervalIndex.from_arrays(code, code + 1),
    "fractions": lambda code: code / 3.0,
    "infinity": lambda code: np.where(code == 2, np.inf, code),
}
MISSING: dict[str, Callable] = {
    "nullable": lambda code: pd.Series(code).astype("Int64").where(code != 2),
    "float": lambda code: np.where(code == 2, np.nan, code),
    "date": lambda code: IDS["dates"](code).where(code != 2),
    "zoned date": lambda code: IDS["dates"](code).tz_localize("UTC").where(code != 2),
    "none": lambda code: pd.Series(code).astype(object).where(code != 2, None),
    "category": lambda code: pd.Series(code).where(code != 2).astype("category"),
}
FRAMES: dict[str, Callable] = {
    "repeated index": lambda d: d.set_index(np.zeros(len(d), dtype=int)),
    "index of two levels": lambda d: d.set_index(["outer", "inner"], drop=False),
    "names that are no text": lambda d: d.assign(**{"q": 1}).rename(columns={"q": 7}),
    "an unused column twice": lambda d: pd.concat([d, d[["arm"]], d[["arm"]]], axis=1),
    "nullable numbers": lambda d: d.astype({"y": "Float64", "x": "Float64"}),
    "arrow numbers": lambda d: d.astype({"y": "double[pyarrow]", "x": "double[pyarrow]"}),
    "shuffled": lambda d: d.sample(frac=1.0, random_state=3),
}


@pytest.fixture(scope="module")
def data(nested_data: Callable) -> pd.DataFrame:
    return nested_data(31)


@pytest.fixture(scope="module")
def plain(data: pd.DataFrame) -> LinearFit:
    return fit_linear("y ~ x", data, BOTH)


def assert_same(found: LinearFit, wanted: LinearFit) -> None:
    assert found.n_obs == wanted.n_obs
    assert list(found.n_groups.values()) == list(wanted.n_groups.values())
    assert found.deviance == pytest.approx(wanted.deviance, rel=1e-10)
    np.testing.assert_allclose(found.fixed, wanted.fixed, rtol=1e-5)


@pytest.mark.parametrize("kind", IDS)
def test_ids_of_any_type(kind: str, data: pd.DataFrame, plain: LinearFit) -> None:
    made = data.assign(
        **{name: IDS[kind](pd.factorize(data[name])[0]) for name in ("outer", "inner")}
    )
    fit = fit_linear("y ~ x", made, BOTH)
    assert_same(fit, plain)
    labels = fit.random_effects("inner")["inner"]
    assert set(labels) == set(made["inner"])


@pytest.mark.parametrize("kind", MISSING)
def test_a_missing_id_of_any_type(kind: str, data: pd.DataFrame) -> None:
    code = pd.factorize(data["inner"])[0]
    fit = fit_linear("y ~ x", data.assign(inner=MISSING[kind](code)), INNER)
    assert fit.n_dropped == (code == 2).sum()
    assert f"{fit.n_dropped} of 85 rows dropped" in fit.messages[0]
    assert_same(fit, fit_linear("y ~ x", data[code != 2], INNER))


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_of_any_shape(kind: str, data: pd.DataFrame, plain: LinearFit) -> None:
    made = FRAMES[kind](data)
    before = made.copy()
    assert_same(fit_linear("y ~ x", made, BOTH), plain)
    pd.testing.assert_frame_equal(made, before)


def test_missing_weights_drop_their_rows(data: pd.DataFrame) -> None:
    weights = np.where(np.arange(len(data)) < 3, np.nan, 1.0)
    for name in ("precision", "frequency"):
        fit = fit_linear("y ~ x", data, BOTH, **{name: weights})
        assert "3 of 85 rows dropped" in fit.messages[0]
        assert_same(fit, fit_linear("y ~ x", data.iloc[3:], BOTH))


def test_missing_ids_at_both_levels(data: pd.DataFrame) -> None:
    """Without an inner id a row is dropped; without an outer one it has no effect there."""
    made = data.assign(
        outer=data["outer"].where(data["outer"] != "T1"),
        inner=data["inner"].where(data["inner"] != "2/1"),
    )
    dropped = int((data["inner"] == "2/1").sum())
    alone = int((data["outer"] == "T1").sum())
    fit = fit_linear("y ~ x", made, BOTH)
    assert fit.n_dropped == dropped
    assert fit.n_groups == {"outer": 5, "inner": 23}
    assert f"{alone} rows without 'outer' have no effect at that level" in fit.messages
    kept = fit_linear("y ~ x", made, BOTH, missing_innermost="no effect")
    assert kept.n_dropped == 0
    assert f"{dropped} rows without 'inner' have no effect at that level" in kept.messages


@pytest.mark.parametrize(
    ("formula", "lost"),
    [
        ("y ~ x + twice", ["twice"]),
        ("y ~ x * time + twice * time", ["twice", "twice:time"]),
        ("y ~ x + ten", ["ten"]),
        ("y ~ x + zero", ["zero"]),
        ("y ~ x + C(arm) + arm", ["arm"]),
        ("y ~ x + almost", ["almost"]),
    ],
)
def test_columns_that_depend_on_others_are_named_and_nan(
    formula: str, lost: list[str], data: pd.DataFrame
) -> None:
    noise = np.random.default_rng(1).normal(size=len(data))
    made = data.assign(
        twice=2 * data["x"] + 1, ten=10.0, zero=0.0, almost=data["x"] + 1e-10 * noise
    )
    fit = fit_linear(formula, made, BOTH)
    table = fit.fixed
    assert list(table.index[table["estimate"].isna()]) == lost
    assert table.loc[lost].isna().all(axis=None)
    assert table.drop(index=lost).notna().all(axis=None)
    named = next(message for message in fit.messages if message.startswith("not estimable"))
    assert named.split(": ", 1)[1].split(", ") == lost
    assert fit.n_parameters == len(table) - len(lost) + 3


@pytest.mark.parametrize("one", ["only", pd.Categorical(["a"] * 85, categories=["a", "b"])])
def test_a_category_of_one_level_adds_no_column(
    one: object, data: pd.DataFrame, plain: LinearFit
) -> None:
    assert_same(fit_linear("y ~ x + one", data.assign(one=one), BOTH), plain)


def test_a_group_with_one_row_each_at_the_inner_level_of_some_outer_groups(
    data: pd.DataFrame, dense_deviance: Callable
) -> None:
    few = data[(data["time"] == 0) | data["inner"].str.endswith("1")]
    fit = fit_linear("y ~ x", few, BOTH, df="satterthwaite")
    assert fit.converged
    assert fit.deviance == pytest.approx(dense_deviance(fit), rel=1e-9)
