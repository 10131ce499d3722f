"""Likelihood-ratio comparison of two binary models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from attunement.mixed.errors import NotComparable
from attunement.mixed.hypotheses import compare_fits

if TYPE_CHECKING:
    from attunement.mixed.logistic_estimates import LogisticEstimates


def compare_binary(first: LogisticEstimates, second: Any) -> pd.DataFrame:
    """Compare as `LogisticFit.compare` says.

    `compare_fits` leaves to simulation what adds a variance and fixed columns at once, which binary
    models do not have; with one variance the mixture holds there, too. Where it says that
    chi-squared does not hold, that stands.
    """
    table = compare_fits(first, second)
    _require_comparable(first, second)
    small, large = sorted((first, second), key=lambda fit: fit.n_parameters)
    df, statistic = float(table["df"].iloc[1]), float(table["chi2"].iloc[1])
    refused = np.isnan(table["p"].iloc[1]) or "does not hold" in table["note"].iloc[1]
    if refused or small.group is not None or large.group is None:
        return table
    if statistic < 1e-12 * abs(first.deviance) + 1e-8:
        statistic = 0.0  # nothing but rounding
    below = float(chdtrc(df - 1.0, statistic)) if df > 1.0 else float(statistic == 0.0)
    table.loc[1, "p_boundary"] = 0.5 * below + 0.5 * float(chdtrc(df, statistic))
    mixture = f"half chi2({df - 1:.0f}) and half chi2({df:.0f})"
    table.loc[1, "note"] = f"one variance is added: p_boundary, {mixture}"
    return table


def _require_comparable(first: LogisticEstimates, second: Any) -> None:
    for name in ("link", "nodes") if first.group and second.group else ("link",):
        ours, theirs = getattr(first, name), getattr(second, name)
        if ours != theirs:
            raise NotComparable(f"the fits differ in {name}: {ours} and {theirs}")
    for name in ("totals", "offset"):
        ours, theirs = (
            fit.binary.in_given_order(getattr(fit.binary, name))
            if len(getattr(fit.binary, name))
            else np.zeros(0)
            for fit in (first, second)
        )
        if not np.array_equal(ours, theirs):
            raise NotComparable(f"the fits differ in their {name}")
    if first.penalty is not None or second.penalty is not None:
        raise NotComparable("penalised fits have no likelihood-ratio test")
    if first.group and second.group and first.group != second.group:
        raise NotComparable(f"the groups differ: {first.group!r} and {second.group!r}")
