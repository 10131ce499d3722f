"""Which earlier clients a new client's therapist could have learned from, case by case.

One therapist. A client counts for a new one if treatment was closed before the new intake and it is
known whether the client was on track at the last score. `share` is the share of those not on track;
empty where nobody counts.

| client | intake day | last day | off track | share |
|--------|------------|----------|-----------|-------|
| Ada    |          0 |       40 |         1 |       |
| Ben    |         10 |       70 |         0 |       |
| Cy     |         41 |       90 |         1 |     1 |
| Dee    |         70 |      100 |           |     1 |
| Eve    |         71 |          |         0 |    .5 |
| Flo    |         95 |      120 |         0 |  .667 |
| Gus    |        130 |      150 |         0 |    .5 |

Cy's therapist had closed with Ada only. Ben's last day is Dee's first: not yet closed. Of Dee it is
not known whether she was on track: she counts for nobody. Eve is still in treatment: neither does
she. Flo came after Ada, Ben and Cy; Gus after Ada, Ben, Cy and Flo.
"""

import numpy as np
import pytest

from attunement.model.best_teacher import Cases, Lessons


def test_the_share_of_earlier_clients_not_on_track(parse):
    rows = parse(__doc__)

    def column(name: str) -> np.ndarray:
        return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)

    length = column("last day") - column("intake day")
    held = Cases(
        np.array([row["client"] for row in rows], dtype=object),
        np.zeros(len(rows), dtype=int),
        column("intake day"),
        np.where(np.isnan(length), np.inf, length),
        np.log2(np.arange(1.0, len(rows) + 1)),
        np.zeros(len(rows)),
        column("off track"),
    )
    found = Lessons(held).earlier(np.arange(len(rows)))
    assert found == pytest.approx(column("share"), abs=1e-3, nan_ok=True)
