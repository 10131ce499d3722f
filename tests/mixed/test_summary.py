"""What a fit prints."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import fit_linear, fit_logistic
from attunement.mixed.summary import WIDTH


@pytest.fixture(scope="module")
def data(nested_data: Callable) -> pd.DataFrame:
    data = nested_data(61, 10, 4, 5)
    data.loc[[0, 5], "y"] = np.nan
    generator = np.random.default_rng(61)
    data["b"] = (generator.normal(size=len(data)) + 0.4 * data["time"] > 0.8).astype(int)
    data["k"] = generator.integers(0, 3, len(data))
    return data


def rows_of(text: str, title: str) -> dict[str, list[str]]:
    """Cells of the rows of a table, by the first."""
    block = text.split(f"\n{title}\n")[1].split("\n\n")[0].splitlines()[1:]
    return {line.split()[0]: line.split()[1:] for line in block}


def test_a_linear_fit_shows_what_it_is_and_what_it_found(data: pd.DataFrame) -> None:
    fit = fit_linear("y ~ time + C(k)", data, {"outer": "1", "inner": "1 + time"})
    text = fit.summary()
    assert str(fit) == repr(fit) == text
    rows = f"{fit.n_obs} (2 dropped), {fit.n_groups['outer']} outer, {fit.n_groups['inner']} inner"
    for part in (
        "LinearFit\n",
        "  formula       y ~ time + C(k)\n",
        "  random        outer: 1, inner: 1 + time\n",
        "  estimated by  REML\n",
        f"  rows          {rows}\n",
        f"  deviance      {fit.deviance:.3f} (AIC {fit.aic:.3f}, BIC {fit.bic:.3f})\n",
        "  search        converged\n"
        if not fit.singular
        else "  search        converged, singular",
        "  df            Kenward-Roger\n",
        "2 of ",
    ):
        assert part in text
    shown = rows_of(text, "coefficients")
    assert list(shown) == list(fit.fixed.index)
    for term, row in fit.fixed.iterrows():
        np.testing.assert_allclose(np.array(shown[term], dtype=float), row, atol=6e-4)
    variances = [
        float(line.split()[-2])
        for line in text.split("\nvariances and covariances\n")[1].split("\n\n")[0].splitlines()[1:]
    ]
    np.testing.assert_allclose(variances, fit.variance["covariance"], atol=6e-4)


def test_printing_computes_no_limits_of_variances(data: pd.DataFrame) -> None:
    fit = fit_linear("y ~ time", data, {"inner": "1"})
    before = list(fit.messages)
    assert "inner" in repr(fit)
    assert fit.messages == before
    assert not fit._variance_has_limits


def test_a_binary_fit_shows_link_nodes_and_messages(data: pd.DataFrame) -> None:
    fit = fit_logistic("b ~ time", data, "inner", "cloglog", nodes=9)
    text = str(fit)
    assert "LogisticFit\n" in text
    assert "  estimated by  ML, cloglog link, 9 quadrature nodes\n" in text
    assert "  df            infinite (normal distribution)\n" in text
    assert f"{fit.fixed.loc['time', 'estimate']:.3f}" in text
    assert f"{fit.variance.loc[0, 'covariance']:.3f}" in text
    plain = str(fit_logistic("b ~ time", data, ridge=0.5))
    assert "ML, penalised, logit link\n" in plain
    assert "nodes" not in plain
    assert "variances" not in plain
    assert "  - penalised by ridge=0.5" in plain


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"reml": False}, "ML\n"),
        ({"residual": "by:k"}, "REML, residual by:k\n"),
        ({"residual": "by:k + ar1:time"}, "REML, residual by:k + ar1:time\n"),
        ({"df": "residual"}, "  df            rows minus coefficients\n"),
    ],
)
def test_estimator_and_residuals_are_named(options: dict, shown: str, data: pd.DataFrame) -> None:
    text = str(fit_linear("y ~ x", data, {"inner": "1"}, **options))
    assert shown in text
    if "residual" in options:
        assert "k = 1" in text


def test_nothing_is_wider_than_a_screen(data: pd.DataFrame) -> None:
    long = "a_name_that_no_one_would_like_to_type_twice"
    wide = data.rename(columns={"time": long, "x": f"{long}_either"}).assign(copy=data["time"] * 3)
    wide["y"] = 1e9 * wide["y"]
    formula = f"y ~ {long} * {long}_either * C(k) + copy + I({long} ** 2)"
    fit = fit_linear(formula, wide, {"inner": f"1 + {long}"})
    text = str(fit)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert long not in rows_of(text, "coefficients")
    assert "..." in text
    # what cannot be estimated is shown as such
    assert rows_of(text, "coefficients")["copy"] == ["NaN"] * 7
    short = text.split("random")[0].split("formula")[1].split()
    assert "".join(short) == "".join(formula.split())


def test_a_fit_that_did_not_settle_says_so(data: pd.DataFrame) -> None:
    fit = fit_linear("y ~ x", data, {"inner": "1"})
    fit.converged, fit.singular = False, True
    assert "  search        NOT CONVERGED: do not use the numbers, singular\n" in str(fit)
