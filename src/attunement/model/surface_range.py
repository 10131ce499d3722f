"""Where the data of a surface lie, told in bands that no single client can be read from."""

from __future__ import annotations

import numpy as np
import pandas as pd

OUTSIDE = 10  # clients beyond each limit, at least: the smallest cell of the disclosure rules
USUAL, WIDEST = 0.1, 0.25  # share of clients beyond each limit
DIGITS = 1  # limits are rounded: none is one client's value


def _limits(values: pd.Series) -> tuple[float, float]:
    """Limits with a tenth of the clients (and at least ten of them) at or beyond each."""
    share = max(USUAL, OUTSIDE / len(values))
    low, high = np.quantile(values, [share, 1.0 - share])
    # Zero is added so that nothing is told as minus zero.
    return round(float(low), DIGITS) + 0.0, round(float(high), DIGITS) + 0.0


def range_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the middle of the data as rows of estimates.

    Four bands (preference, delivery, their difference and their sum), each between limits beyond
    which a tenth of the clients lie, at least ten clients; the limits are then rounded to a tenth.
    The four together leave an octagon, which stands for the hull of the data on a map.

    Parameters
    ----------
    frame : DataFrame
        client, preference and delivery; of several rows of a client the means count.

    Returns
    -------
    DataFrame
        term (`middle_<what>_low` and `_high`), metric, scale, estimate; with fewer than forty
        clients `not estimable` with the reason.
    """
    means = frame.groupby("client", sort=True)[["preference", "delivery"]].mean()
    bands = {
        "preference": means["preference"],
        "delivery": means["delivery"],
        "difference": means["delivery"] - means["preference"],
        "sum": means["delivery"] + means["preference"],
    }
    rows = []
    enough = len(means) * WIDEST >= OUTSIDE
    for name, values in bands.items():
        limits = _limits(values) if enough else (np.nan, np.nan)
        for end, value in zip(("low", "high"), limits, strict=True):
            rows.append({"term": f"middle_{name}_{end}", "metric": "limit", "estimate": value})
    table = pd.DataFrame(rows).assign(
        scale="raw", direction="about a tenth of the clients lie beyond", df_method=None
    )
    if not enough:
        reason = f"fewer than {round(OUTSIDE / WIDEST)} clients: no range is told"
        table = table.assign(status="not estimable", reason=reason)
    return table
