"""Curves of dropout of clients who share therapists against R's survival."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.model.incidence_variance import clustered_variance
from attunement.release.curves import cumulative_incidence

HERE = Path(__file__).parent


@pytest.mark.parametrize("kind", ["competing", "alone"])
def test_share_and_variance_by_therapists(kind: str) -> None:
    clients = pd.read_csv(HERE / "clustered_curve_clients.csv")
    values = pd.read_csv(HERE / "clustered_curve_values.csv")
    values = values[values["kind"] == kind].set_index("time")
    competing = kind == "competing"
    curve = cumulative_incidence(clients["last_time"], clients["status"], competing)
    curve = curve.set_index("time").loc[values.index]
    assert curve["dropped_out"].to_numpy() == pytest.approx(values["share"].to_numpy())
    code, last = pd.factorize(clients["therapist"])[0], clients["last_time"]
    times = np.unique(last)
    gone, stayed = clients["status"] == "dropped_out", clients["status"] == "stayed"
    counts = np.zeros((3, 16, len(times)))
    for place, time in enumerate(times):
        at_risk = (last > time) | ((last == time) & (gone | stayed))
        ended = gone | stayed if competing else gone
        for row, held in enumerate((at_risk, gone & (last == time), ended & (last == time))):
            counts[row, :, place] = np.bincount(code[held], minlength=16)
    there = counts[0].sum(axis=0) > 0
    found = pd.Series(clustered_variance(*counts[..., there]), index=times[there])
    # The other package leaves out the factor of 16 therapists.
    assert found.loc[values.index].to_numpy() == pytest.approx(
        values["se"].to_numpy() ** 2 * 16 / 15, rel=1e-8
    )
