"""Latent estimates stand beside their manifest ones and the reliability of the mean."""

from dataclasses import replace

import pandas as pd

from attunement.report.latent import latent_grid
from attunement.study.contracts import conform


def with_latent(simulated, **changes):
    planned = next(s for s in simulated.about["specifications"] if s["name"] == "growth.phq9")
    planned = planned | {"informant": "client", "dimension": "all", "formula": "y ~ a {} + b"}
    latent = planned | {"name": "growth_latent.phq9", "settings": {"client_means": "latent"}}
    latent |= {"formula": "y ~ a  {}+ b"} | changes
    rows = simulated.table("estimates")
    shown = rows[rows["specification"] == "growth.phq9"].assign(role="exploratory")
    more = shown.assign(specification="growth_latent.phq9", estimate=0.21, p=0.03)
    known = {"scoring": "distance", "rater": "client", "dimension": "all"}
    reliability = pd.DataFrame([known | {"coefficient": "client_mean", "value": 0.62}])
    tables = simulated.tables | {
        "estimates": conform(pd.concat([shown, more], ignore_index=True), "estimates"),
        "accommodation_reliability": reliability,
    }
    return replace(
        simulated,
        tables=tables,
        about=simulated.about | {"specifications": [planned, latent]},
    )


def test_both_stand_in_one_line_with_the_reliability_of_the_mean(simulated):
    grid = latent_grid(with_latent(simulated))
    assert len(grid.rows) == 1
    name, manifest, reliability, latent, _ = grid.rows[0]
    assert "between clients" in name
    assert manifest.startswith("0.14")
    assert reliability == ".62"
    assert latent.startswith("0.21")


def test_another_model_is_not_the_manifest_one(simulated):
    grid = latent_grid(with_latent(simulated, formula="y ~ a + b + c"))
    assert grid.rows[0][1] == "\u2013"


def test_without_a_latent_model_there_is_no_table(simulated):
    assert latent_grid(simulated) is None
