"""How it was done: the unit of outcomes, and what was fitted, said as the plan has it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attunement.report import Released
from attunement.report.sections.record import fitted, methods


@pytest.mark.parametrize(
    ("scales", "said"),
    [
        (("sd", "sd"), "are in standard deviations of the clients\u2019 first score. "),
        (("raw", "raw"), "are in points as they were recorded. "),
        (("sd", "raw"), "first score, or in the unit named beside an estimate. "),
    ],
)
def test_the_unit_is_that_of_the_models(
    simulated: Released, scales: tuple[str, str], said: str
) -> None:
    estimates = simulated.table("estimates")
    rows = estimates[estimates["metric"] == "b"].head(2).assign(scale=list(scales))
    told = replace(simulated, tables={**simulated.tables, "estimates": rows})
    assert said in str(methods(told).parts[0])


def test_structured_residuals_and_maximum_likelihood_are_told(simulated: Released) -> None:
    one = next(iter(simulated.specifications.values()))
    assert "residuals" not in fitted(one, simulated)[1]
    other = {**one, "residual": "ar1:session", "reml": False}
    assert fitted(other, simulated)[1].endswith("; residuals ar1:session; maximum likelihood")
