"""Standardised probabilities against glm, glmer and the delta method in R: standardised.R."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from attunement.mixed import fit_logistic

HERE = Path(__file__).parent


@pytest.mark.parametrize("link", ["logit", "cloglog"])
@pytest.mark.parametrize("grouped", [False, True])
def test_probabilities_and_their_covariance(link: str, grouped: bool) -> None:
    rows = pd.read_csv(HERE / "logistic_rows.csv")
    rows["event"] = (rows["logit"] > 0) * 1.0
    values = pd.read_csv(HERE / "standardised_values.csv")
    values = values[(values["link"] == link) & (values["grouped"] == grouped)]
    wanted = values.set_index("quantity")["value"]
    fit = fit_logistic("event ~ x + arm", rows, "group" if grouped else None, link)
    found = fit.averages([rows.assign(x=-1.0), rows.assign(x=1.0)])
    assert found.estimates == pytest.approx([wanted["low"], wanted["high"]], abs=2e-6)
    spread = found.covariance
    close = 1e-3 if grouped else 1e-6  # R's Hessian is by differences
    assert spread[0, 0] == pytest.approx(wanted["var_low"], rel=close)
    assert spread[1, 1] == pytest.approx(wanted["var_high"], rel=close)
    assert spread[0, 1] == pytest.approx(wanted["covariance"], rel=close)
