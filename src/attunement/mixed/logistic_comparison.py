"""Likelihood-ratio comparison of two binary models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from attunement.mixed.errors import NotComparable
from attunement.mixed.hypotheses import compare_fits

if TYPE_CHECKING:
    from attunement.mixed.logistic_results import LogisticFit


def compare_binary(first: LogisticFit, second: Any) -> pd.DataFrame:
    """Compare as `LogisticFit.compare` says."""
    table = compare_fits(first, second)
    _require_comparable(first, second)
    df, statistic = float(table["df"].iloc[1]), float(table["chi2"].iloc[1])
    if statistic < 1e-12 * abs(first.deviance) + 1e-8:
        statistic = 0.0  # nothing but rounding
    if (first.group is None) != (second.group is None):
        below = float(chdtrc(df - 1.0, statistic)) if df > 1.0 else float(statistic == 0.0)
        table.loc[1, "p_boundary"] = 0.5 * below + 0.5 * float(chdtrc(df, statistic))
        mixture = f"half chi2({df - 1:.0f}) and half chi2({df:.0f})"
        table.loc[1, "note"] = f"one variance is added: p_boundary, {mixture}"
    return table


def _require_comparable(first: LogisticFit, second: Any) -> None:
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
