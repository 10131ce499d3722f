"""What a fit would refuse at sight of its rows, and which columns it would drop: nothing fitted."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from attunement.mixed.basis import orthogonal_basis
from attunement.mixed.design import build_design
from attunement.mixed.errors import TooFewRows
from attunement.mixed.formula import parse_random
from attunement.mixed.logistic_outcome import check_groups, outcome_rows, require_binary_outcome
from attunement.mixed.options import row_values, row_weights
from attunement.mixed.prepare import prepare
from attunement.mixed.residual import parse_residual, residual_of


def linear_columns(
    formula: str,
    data: pd.DataFrame,
    random: Mapping[str, str] | None = None,
    residual: str = "independent",
    frequency: str | None = None,
    missing_innermost: str = "drop",
) -> dict[str, bool]:
    """Return each column of the fixed part that `fit_linear` would have, and whether it is kept.

    Parameters
    ----------
    formula, data, random, residual, frequency, missing_innermost : as of `fit_linear`.

    Raises
    ------
    FitError
        As `fit_linear` before its search: too few rows or groups, more random effects than rows,
        levels that cannot be told apart. What only a search shows is not raised.
    """
    terms, term = parse_random(random), parse_residual(residual)
    extra = row_weights(data, frequency, None)
    if term is not None:
        extra |= term.columns(data)
    design, kept = build_design(formula, data, terms, extra, missing_innermost == "drop")
    design.frequency = kept.get("frequency")
    prepared = prepare(design, kept.get("precision"))
    if term is not None:
        residual_of(term, data, design, kept, prepared.rows.nesting)
    return dict(zip(design.names, map(bool, prepared.basis.kept), strict=True))


def logistic_columns(
    formula: str, data: pd.DataFrame, group: str | None = None, frequency: str | None = None
) -> dict[str, bool]:
    """Return each column of the fixed part that `fit_logistic` would have, and whether it is kept.

    Parameters
    ----------
    formula, data, group, frequency : as of `fit_logistic`.

    Raises
    ------
    FitError
        As `fit_logistic` before its search. Whether events are separated is not looked for.
    """
    weights = row_values(data, frequency, "frequency")
    require_binary_outcome(formula, data)
    extra = {} if weights is None else {"frequency": weights}
    terms = parse_random(None if group is None else {group: "1"})
    design, kept = build_design(formula, data, terms, extra, drop_missing_innermost=False)
    basis = orthogonal_basis(design.fixed, design.names)
    binary = outcome_rows(design, basis, kept, group)
    if len(binary.events) < int(basis.kept.sum()):
        raise TooFewRows(f"{len(binary.events)} rows for {int(basis.kept.sum())} coefficients")
    if group is not None:
        check_groups(design, binary, group)
    return dict(zip(design.names, map(bool, basis.kept), strict=True))
