"""How far therapists differ: variances between them, with limits that hold at few therapists."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attunement.mixed import FitError
from attunement.model.estimate import fit, supported
from attunement.model.prepare import prepare
from attunement.model.result import Model, Result
from attunement.model.rows import derived_rows, variance_rows
from attunement.model.variance_limits import icc_rows, set_limits
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

ENOUGH_THERAPISTS, FEWEST_THERAPISTS = 50, 5
# Estimates of variances between fewer groups than fifty are biased in their errors: Maas & Hox
# 2005, doi:10.1027/1614-2241.1.3.86.
WARNING = "fewer than 50 therapists: variances between them are known only roughly"
DRAWS = "499"


def term_of(column: str) -> str:
    """Return the term of a random column: therapist_sd_level, _growth, _accommodation."""
    known = {"1": "level", "Intercept": "level", "time": "growth"}
    return f"therapist_sd_{known.get(column, column.removesuffix('_between'))}"


def random_columns(part: str) -> list[str]:
    """Return the random columns of a part such as `1 + time`, the intercept first.

    Raises
    ------
    ValueError
        It does not begin with the intercept.
    """
    columns = [column.strip() for column in part.split("+")]
    if columns[0] != "1":
        raise ValueError(f"the random part of therapists is '{part}'; it begins with 1")
    return columns


def ladder(model: Model) -> list[Model]:
    """Return models with no, one, two, ... random columns of therapists: each adds one to the last.

    Adding one at a time keeps the null of each step on the boundary of one variance, where the
    mixture of two chi-squared holds (Stram & Lee 1994, doi:10.2307/2533455).
    """
    columns = random_columns(model.random["therapist"])
    others = {name: part for name, part in model.random.items() if name != "therapist"}
    steps = [model._replace(random=others)]
    for number in range(1, len(columns) + 1):
        part = " + ".join(columns[:number])
        steps.append(model._replace(random={"therapist": part} | others))
    return steps


def boundary_test(smaller: Any, larger: Any, specification: Specification) -> tuple[float, str]:
    """Return the p value of one added variance, and how it was found.

    The mixture of two chi-squared; where it does not hold (the smaller fit is singular itself), the
    likelihood ratio's own distribution, simulated from the smaller fit.
    """
    table = smaller.compare(larger)
    p = float(table["p_boundary"].iloc[1])
    if np.isfinite(p):
        return p, "likelihood ratio at the boundary"
    draws = int(specification.setting("draws", DRAWS))
    seed = int(specification.setting("seed", "1"))
    if draws < 1 or specification.link != "identity" or not smaller.random:
        return float("nan"), "no test holds"
    null = larger.parametric_bootstrap(draws, seed, null=smaller)
    return float(null.p), "likelihood ratio, simulated"


def limits(fitted: Any, column: str) -> tuple[float, float, float, str]:
    """Return a therapists' standard deviation, its profile limits, and a note where one has none.

    A lower limit of zero is a limit, not a gap: data that no differences would fit, too.
    """
    shown = "Intercept" if column == "1" else column
    row = fitted.profile([f"therapist: {shown}, {shown}"]).iloc[0]
    note = str(row["status"])
    return float(row["estimate"]), float(row["ci_low"]), float(row["ci_high"]), note


def therapist_variance(tables: Tables, specification: Specification) -> Result:
    """Return the standard deviations between therapists, their profile limits and tests.

    A row for each random column of therapists: of the level, of growth, of the accommodation
    effect. Where the level is all that varies at random, a row `therapist_share` tells what part of
    the variance it is (of log odds: with the logistic's pi^2 / 3), as `variance` does.

    Raises
    ------
    NotEstimable
        Fewer than five therapists, or the model cannot be fitted.
    """
    model = supported(prepare(tables, specification), specification)
    therapists = int(model.frame["therapist"].nunique())
    if therapists < FEWEST_THERAPISTS:
        few = f"{therapists} therapists" if therapists else "no therapists recorded"
        raise NotEstimable(f"{few}; a variance between them needs {FEWEST_THERAPISTS}")
    steps = ladder(model)
    try:
        fits = [fit(step, specification) for step in steps]
        rows = _rows(steps, fits, specification)
    except FitError as problem:
        raise NotEstimable(str(problem)) from None
    last = fits[-1]
    warning = [WARNING] if therapists < ENOUGH_THERAPISTS else []
    said = "; ".join([*warning, *dict.fromkeys([*last.messages, *model.notes])])
    table = pd.DataFrame(rows).assign(
        level="therapist", direction="above 0: therapists differ", reason=said or None
    )
    estimates = derived_rows(table, last, model, specification)
    variance = variance_rows(last, model, specification)
    for row in (row for row in rows if row["metric"] == "sd"):
        limits_of = (row["ci_low"], row["ci_high"])
        variance = set_limits(variance, "therapist", row["column"], *limits_of)
    return Result(estimates, variance)


def _rows(
    steps: list[Model], fits: list[Any], specification: Specification
) -> list[dict[str, Any]]:
    columns = random_columns(steps[-1].random["therapist"])
    scale = "log" if specification.link != "identity" else specification.outcome_scale
    rows: list[dict[str, Any]] = []
    for number, column in enumerate(columns):
        sd, low, high, _ = limits(fits[-1], column)
        p, how = boundary_test(fits[number], fits[number + 1], specification)
        rows.append(
            {
                "term": term_of(column),
                "column": "Intercept" if column == "1" else column,
                "metric": "sd",
                "scale": scale,
                "estimate": sd,
                "df_method": how,
                "p": p,
                "ci_low": low,
                "ci_high": high,
            }
        )
    if len(columns) == 1 and len(steps[-1].random) == 1:
        found = icc_rows(fits[-1]).iloc[0]
        share = {name: found[name] for name in ("estimate", "ci_low", "ci_high")}
        share |= {"term": "therapist_share", "metric": "icc", "scale": "raw", "column": ""}
        rows.append(rows[0] | share)
    return rows
