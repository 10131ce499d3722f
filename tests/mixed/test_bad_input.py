"""Bad input gives a named refusal that says what and where, or a named result; nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from attunement.mixed import errors, fit_linear

BOTH = {"outer": "1", "inner": "1"}
INNER = {"inner": "1"}


@pytest.fixture(scope="module")
def data(nested_data: Callable) -> pd.DataFrame:
    return nested_data(31)


def ones_but(data: pd.DataFrame, value: float) -> np.ndarray:
    """One a row, but `value` in the first three."""
    return np.where(np.arange(len(data)) < 3, value, 1.0)


def at_4(data: pd.DataFrame, name: str, value: object) -> pd.DataFrame:
    """The data with one value replaced, in the row at position 4."""
    return data.assign(**{name: data[name].where(data.index != 4, value)})


# the call, the name of the refusal, and what its message must hold
Refused = tuple[Callable[[pd.DataFrame], object], type[errors.FitError], str]
REFUSED: dict[str, Refused] = {
    "constant, large": (
        lambda d: fit_linear("y ~ x", d.assign(y=1e12), BOTH),
        errors.ConstantOutcome,
        r"'y' is 1e\+12 in all 85 rows",
    ),
    "one outer group": (
        lambda d: fit_linear("y ~ x", d.assign(outer="only"), BOTH),
        errors.TooFewGroups,
        "1 'outer' group",
    ),
    "no outer id": (
        lambda d: fit_linear("y ~ x", d.assign(outer=None), BOTH),
        errors.TooFewGroups,
        "0 'outer' group",
    ),
    "no inner id": (
        lambda d: fit_linear("y ~ x", d.assign(inner=None), BOTH),
        errors.EmptyData,
        "85 dropped",
    ),
    "missing outcome": (
        lambda d: fit_linear("y ~ x", d.assign(y=np.nan), BOTH),
        errors.EmptyData,
        "85 given, 85 dropped",
    ),
    "missing outcome of objects": (
        lambda d: fit_linear("y ~ x", d.assign(y=pd.Series([None] * len(d), dtype=object))),
        errors.EmptyData,
        "85 given, 85 dropped",
    ),
    "infinite outcome": (
        lambda d: fit_linear("y ~ x", at_4(d, "y", np.inf), BOTH),
        errors.InvalidValues,
        "outcome y: 1 rows are infinite.*row 4",
    ),
    "infinite predictor": (
        lambda d: fit_linear("y ~ time + x", at_4(d, "x", -np.inf), BOTH),
        errors.InvalidValues,
        "predictor x: 1 rows are infinite.*row 4",
    ),
    "infinite random column": (
        lambda d: fit_linear("y ~ 1", at_4(d, "x", np.inf), {"inner": "1 + x"}),
        errors.InvalidValues,
        "'inner': x: 1 rows are infinite.*row 4",
    ),
    "division by zero": (
        lambda d: fit_linear("y ~ I(1 / time)", d),
        errors.InvalidValues,
        r"I\(1 / time\): 24 rows",
    ),
    "levels in the wrong order": (
        lambda d: fit_linear("y ~ x", d, {"inner": "1", "outer": "1"}),
        errors.CrossedGroups,
        "every 'inner' lies in one 'outer': give the outermost level first",
    ),
    "no column at all": (
        lambda d: fit_linear("y ~ x", pd.DataFrame(), BOTH),
        errors.InvalidSpecification,
        "not in the data: y, x, outer, inner",
    ),
    "column of two": (
        lambda d: fit_linear("y ~ x", pd.concat([d, d[["x"]]], axis=1), BOTH),
        errors.InvalidSpecification,
        "'x' occurs more than once",
    ),
    "id of two": (
        lambda d: fit_linear("y ~ x", pd.concat([d, d[["inner"]]], axis=1), BOTH),
        errors.InvalidSpecification,
        "'inner' occurs more than once",
    ),
    "columns of two levels": (
        lambda d: fit_linear("y ~ x", pd.concat({"a": d}, axis=1), BOTH),
        errors.InvalidSpecification,
        "not in the data: y, x, outer, inner",
    ),
    "ids in the index": (
        lambda d: fit_linear("y ~ x", d.set_index(["outer", "inner"]), BOTH),
        errors.InvalidSpecification,
        "not in the data: outer, inner",
    ),
    "dates": (
        lambda d: fit_linear("y ~ x", d.assign(x=pd.Timestamp("2020-01-01"))),
        errors.InvalidValues,
        "'x' holds dates",
    ),
    "lists": (
        lambda d: fit_linear("y ~ x", d.assign(x=[[1.0]] * len(d))),
        errors.InvalidSpecification,
        "'y ~ x'",
    ),
    "unknown random column": (
        lambda d: fit_linear("y ~ x", d, {"inner": "1 + q"}),
        errors.InvalidSpecification,
        "not in the data: q",
    ),
    "unknown function": (
        lambda d: fit_linear("y ~ foo(x)", d),
        errors.InvalidSpecification,
        "not in the data: foo",
    ),
    "mistyped df": (
        lambda d: fit_linear("y ~ x", d, df="satterthwait"),
        errors.InvalidSpecification,
        "'satterthwait'; one of .*satterthwaite",
    ),
    "mistyped residual": (
        lambda d: fit_linear("y ~ x", d, BOTH, residual="ar2:time"),
        errors.InvalidSpecification,
        "'ar2:time'.*ar1:",
    ),
    "mistyped engine": (
        lambda d: fit_linear("y ~ x", d, engine="lme4"),
        errors.InvalidSpecification,
        "'lme4'; one of attunement",
    ),
    "mistyped missing_innermost": (
        lambda d: fit_linear("y ~ x", d, INNER, missing_innermost="keep"),
        errors.InvalidSpecification,
        "'keep'",
    ),
    "no precision": (
        lambda d: fit_linear("y ~ x", d, precision=np.full(len(d), np.nan)),
        errors.EmptyData,
        "85 dropped",
    ),
    "precision of zero": (
        lambda d: fit_linear("y ~ x", d, precision=ones_but(d, 0.0)),
        errors.InvalidValues,
        "precision must be above 0; 3 rows",
    ),
    "infinite precision": (
        lambda d: fit_linear("y ~ x", d, precision=ones_but(d, np.inf)),
        errors.InvalidValues,
        "precision holds infinite",
    ),
    "precision of text": (
        lambda d: fit_linear("y ~ x", d, precision="inner"),
        errors.InvalidValues,
        "precision must be numbers",
    ),
    "unknown precision": (
        lambda d: fit_linear("y ~ x", d, precision="nothing"),
        errors.InvalidSpecification,
        "precision: no column 'nothing'",
    ),
    "short precision": (
        lambda d: fit_linear("y ~ x", d, precision=np.ones(3)),
        errors.InvalidSpecification,
        "precision has 3 values for 85 rows",
    ),
    "negative frequency": (
        lambda d: fit_linear("y ~ x", d, frequency=ones_but(d, -1.0)),
        errors.InvalidValues,
        "frequency.*3 rows",
    ),
    "half a row": (
        lambda d: fit_linear("y ~ x", d, frequency=ones_but(d, 0.5)),
        errors.InvalidValues,
        "frequency.*3 rows",
    ),
    "as many coefficients as rows": (
        lambda d: fit_linear("y ~ time + x + arm", d.iloc[:4]),
        errors.TooFewRows,
        "4 rows for 4 coefficients",
    ),
    "more random effects than rows": (
        lambda d: fit_linear("y ~ 1", d, {"inner": "1 + time + x + arm + np.sin(time)"}),
        errors.TooManyRandomEffects,
        "rows are too few for 5 random effects of each of 24 'inner' groups",
    ),
    "outcome among its predictors": (
        lambda d: fit_linear("y ~ y", d, INNER),
        errors.NoResidualVariation,
        "'y' exactly",
    ),
    "array": (
        lambda d: fit_linear("y ~ x", d[["y", "x"]].to_numpy()),
        errors.InvalidSpecification,
        "DataFrame, not ndarray",
    ),
    "two outcomes": (
        lambda d: fit_linear("y + x ~ time", d),
        errors.InvalidSpecification,
        "'y [+] x ~ time' gives 2 columns",
    ),
    "two tildes": (
        lambda d: fit_linear("y ~ x ~ time", d),
        errors.InvalidSpecification,
        "cannot read the formula 'y ~ x ~ time'",
    ),
    "three levels": (
        lambda d: fit_linear("y ~ x", d.assign(z=1), {"z": "1", **BOTH}),
        errors.InvalidSpecification,
        "at most two",
    ),
    "random part with its level": (
        lambda d: fit_linear("y ~ x", d, {"inner": "1 | inner"}),
        errors.InvalidSpecification,
        "the level is the key",
    ),
    "random part of nothing": (
        lambda d: fit_linear("y ~ x", d, {"inner": "0"}),
        errors.InvalidSpecification,
        "'0' has no column",
    ),
    "random column of zeros": (
        lambda d: fit_linear("y ~ x", d.assign(zero=0.0), {"inner": "1 + zero"}),
        errors.InvalidSpecification,
        "'1 [+] zero'.*dependent",
    ),
    "formula of a number": (
        lambda d: fit_linear(5, d),
        errors.InvalidSpecification,
        "the formula is 5",
    ),
    "open bracket": (
        lambda d: fit_linear("y ~ (x", d),
        errors.InvalidSpecification,
        r"'y ~ \(x': [^\x1b⧛]*$",
    ),
    "power as in R": (
        lambda d: fit_linear("y ~ I(x^2)", d),
        errors.InvalidSpecification,
        r"written with \*\*",
    ),
    "offset as in R": (
        lambda d: fit_linear("y ~ x + offset(time)", d),
        errors.InvalidSpecification,
        "not in the data: offset .* is subtracted",
    ),
    "random part of text": (
        lambda d: fit_linear("y ~ x", d, "1"),
        errors.InvalidSpecification,
        "random='1'",
    ),
    "start of a number": (
        lambda d: fit_linear("y ~ x", d, INNER, start=3),
        errors.InvalidSpecification,
        "start=3",
    ),
    "ids of lists": (
        lambda d: fit_linear("y ~ x", d.assign(inner=[[1]] * len(d)), INNER),
        errors.InvalidValues,
        "ids 'inner'",
    ),
    "outcome too large": (
        lambda d: fit_linear("y ~ x", d.assign(y=1e200 * d["y"]), INNER),
        errors.InvalidValues,
        r"outcome y: .*e\+200 cannot be squared",
    ),
    "predictor too small": (
        lambda d: fit_linear("y ~ x", d.assign(x=1e-200 * d["x"]), INNER),
        errors.InvalidValues,
        "predictor x: .*e-200 cannot be squared",
    ),
    "numbers and text": (
        lambda d: fit_linear("y ~ x", at_4(d.astype({"x": object}), "x", "?"), INNER),
        errors.InvalidValues,
        r"'x' mixes numbers with text in 1 rows \(first: '\?'\)",
    ),
    "constant but for rounding": (
        lambda d: fit_linear("y ~ x", d.assign(y=1.0 + 1e-13 * d["x"]), INNER),
        errors.ConstantOutcome,
        "'y' is 1 in all 85 rows, but for rounding",
    ),
    "precision of another scale": (
        lambda d: fit_linear("y ~ x", d, INNER, precision=np.full(len(d), 1e-15)),
        errors.InvalidValues,
        "around 1e-15: divide it by its mean",
    ),
    "precision of other rows": (
        lambda d: fit_linear("y ~ x", d, precision=d["time"].iloc[::-1] + 1.0),
        errors.InvalidSpecification,
        "another index",
    ),
    "categories beyond memory": (
        lambda d: fit_linear(
            "y ~ C(k)",
            pd.DataFrame(
                {"y": np.arange(6000) % 7, "k": np.arange(6000) % 1500, "g": np.arange(6000) % 1200}
            ),
            {"g": "1"},
        ),
        errors.NotAvailable,
        "1200 groups with 1501 columns each need 22 GB",
    ),
    "weight of no group": (
        lambda d: fit_linear("y ~ x", d, INNER).refit(cluster_weights={"nobody": 0.0}),
        errors.InvalidSpecification,
        "no group 'nobody'",
    ),
    "no draws": (
        lambda d: fit_linear("y ~ x", d, INNER).bootstrap(0, by="inner", seed=1),
        errors.InvalidSpecification,
        "n=0: a whole number of at least 1",
    ),
    "seed of text": (
        lambda d: fit_linear("y ~ x", d, INNER).parametric_bootstrap(5, seed="a"),
        errors.InvalidSpecification,
        "seed='a'",
    ),
    "another start": (
        lambda d: fit_linear("y ~ x", d, BOTH, start=fit_linear("y ~ x", d, INNER)),
        errors.InvalidSpecification,
        "another random part",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_by_name_with_what_and_where(case: str, data: pd.DataFrame) -> None:
    call, expected, message = REFUSED[case]
    with pytest.raises(errors.FitError, match=message) as caught:
        call(data)
    assert type(caught.value) is expected
