"""Incidence of dropout and of planned endings after a landmark against R's survival."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.model.clusters import clusters
from attunement.model.incidence import incidence_rows
from attunement.model.incidence_curve import counted, cumulative_incidence
from attunement.model.incidence_variance import clustered_variance

HERE = Path(__file__).parent
CAUSES = ["dropped_out", "planned"]


@pytest.fixture(scope="module")
def clients() -> pd.DataFrame:
    table = pd.read_csv(HERE / "incidence_clients.csv")
    return table.assign(planned=table["planned"].astype(str).str.lower() == "true")


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    return pd.read_csv(HERE / "incidence_values.csv")


@pytest.mark.parametrize("group", ["low", "high"])
@pytest.mark.parametrize("cause", CAUSES)
def test_shares_and_variances_of_both_endings(clients, values, group: str, cause: str) -> None:
    wanted = values[(values["group"] == group) & (values["cause"] == cause)].set_index("time")
    here = clients[clients["group"] == group]
    curve = cumulative_incidence(here["last"], here["status"], planned=here["planned"])
    found = curve.set_index("time")[cause].loc[wanted.index]
    assert found.to_numpy() == pytest.approx(wanted["share"].to_numpy())
    code = pd.factorize(here["therapist"])[0]
    counts = counted(here["last"], here["status"], planned=here["planned"], cluster=code)
    ended = counts.dropped_out + counts.stayed
    variance = clustered_variance(counts.at_risk, getattr(counts, cause), ended)
    variance = pd.Series(variance, index=counts.times).loc[wanted.index]
    # The factor G / (G - 1) is ours.
    factor = len(counts.at_risk) / (len(counts.at_risk) - 1)
    assert variance.to_numpy() == pytest.approx(wanted["se"].to_numpy() ** 2 * factor, rel=1e-8)


@pytest.mark.parametrize("cause", CAUSES)
def test_the_difference_counts_what_therapists_have_in_both_groups(
    clients, values, cause: str
) -> None:
    wanted = values[(values["group"] == "high_minus_low") & (values["cause"] == cause)].iloc[0]
    rows = incidence_rows(clients, 10).set_index("term")
    row = rows.loc[f"{cause}_by_10_high_minus_low"]
    assert row["estimate"] == pytest.approx(wanted["share"])
    n = len(np.unique(clusters(clients["client"], clients)))
    assert n == wanted["n_therapists"]
    assert row["se"] == pytest.approx(wanted["se"] * np.sqrt(n / (n - 1)), rel=1e-8)
