"""The page of confidential data, and what the page says of models as they were fitted."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from attunement.report import Released, render
from attunement.report.answers import answers, explained
from attunement.report.counts import rates_grid
from attunement.report.grids import focal_grid, icc_grid
from attunement.report.sections.record import fitted
from attunement.report.sections.results import therapists
from attunement.study.contracts import conform


def _with(released: Released, name: str, frame: pd.DataFrame) -> Released:
    return replace(released, tables={**released.tables, name: conform(frame, name)})


@pytest.fixture(scope="module")
def confidential(simulated: Released) -> Released:
    told = simulated.about | {"simulated": False, "disclosure": "confidential"}
    return Released(simulated.tables, told)


def test_the_page_says_that_the_data_are_confidential(confidential, simulated) -> None:
    page, _ = render(confidential)
    banner = "Confidential data: counts are rounded to 5; cells of fewer than 10 are withheld"
    joined = "Confidential data: steps were joined until each holds 10 dropouts."
    assert banner in page
    assert joined in page
    assert "Confidential data" not in render(simulated)[0]


def test_what_is_withheld_is_said_in_the_same_word(confidential, simulated) -> None:
    rates = confidential.table("dropout_rates").iloc[:1]
    few = _with(confidential, "dropout_rates", rates.assign(n_censored=pd.NA, n_before_risk=pd.NA))
    assert rates_grid(few).rows[0][6] == "withheld"
    assert rates_grid(few).rows[0][8] == "withheld"
    whole = _with(confidential, "dropout_rates", rates.assign(withheld=True))
    assert set(rates_grid(whole).rows[0][1:]) == {"withheld"}
    open_data = _with(simulated, "dropout_rates", rates.assign(n_before_risk=pd.NA))
    assert rates_grid(open_data).rows[0][8] == "\u2013"


def test_the_note_on_delivery_needs_delivery(simulated) -> None:
    assert "delivery" in rates_grid(simulated).note
    none = simulated.table("profiles").query("role != 'delivery'")
    assert "delivery" not in rates_grid(_with(simulated, "profiles", none)).note


def test_the_answer_tells_of_nothing_that_was_not_asked(simulated) -> None:
    rows = simulated.table("estimates")
    asked = rows[rows["estimate"].notna()].iloc[:1]
    others = [
        asked.assign(term=term, level="-", status=status, estimate=pd.NA, reason="r")
        for term, status in (("Intercept", "withheld"), ("baseline[T.2: 2 to 3]", "not estimable"))
    ]
    held = pd.concat([asked, *others], ignore_index=True)
    answered, unanswered = answers(_with(simulated, "estimates", held))
    assert unanswered == []
    assert [len(said) for _, said in answered] == [1]


def test_units_and_terms_are_explained_once(simulated) -> None:
    (line,) = explained(simulated)
    for text in ("standard deviations of the first score", "over 10 sessions", "Holm: ", "hOR ="):
        assert text in line, text
    assert "boundary" not in line
    rows = simulated.table("estimates").assign(status="singular", scoring="distance")
    (line,) = explained(_with(simulated, "estimates", rows))
    assert "On a boundary: " in line
    assert "Distance: " in line


def test_models_are_shown_as_fitted(simulated) -> None:
    planned = simulated.specifications["growth.phq9"]
    planned = planned | {"therapist_terms": "time * accommodation_therapist"}
    assert fitted(planned, simulated) == ["outcome ~ time", "client: 1; therapist: 1"]
    rows = simulated.table("estimates")
    more = rows[rows["specification"] == "growth.phq9"].iloc[:1]
    more = more.assign(term="time:accommodation_therapist")
    used = _with(simulated, "estimates", pd.concat([rows, more], ignore_index=True))
    assert fitted(planned, used)[0] == "outcome ~ time + time * accommodation_therapist"
    absent = _with(simulated, "estimates", rows.assign(status="not estimable", estimate=pd.NA))
    assert fitted(planned, absent) == ["outcome ~ time", "not fitted; planned: client: 1"]


def test_one_is_singular_and_empty_columns_are_left_out(simulated) -> None:
    rows = simulated.table("estimates")
    one = rows[rows["specification"] == "growth.phq9"].iloc[:1].assign(role="exploratory")
    grid = focal_grid(_with(simulated, "estimates", one), "exploratory")
    assert grid is not None
    assert grid.folded == "1 exploratory coefficient"
    shown = icc_grid(simulated)
    assert shown is not None
    assert list(shown.heads) == ["Model", "Level", "ICC", "Clients"]
    assert all(len(row) == 4 for row in shown.rows)


def test_markers_are_promised_only_where_they_differ(simulated) -> None:
    assert "markers" not in therapists(simulated).parts[0].caption  # type: ignore[attr-defined]
    effects = simulated.table("therapist_effects")
    effects = effects.assign(caseload=["10 to 19"] * 6 + ["20 or more"] * 6)
    part = therapists(_with(simulated, "therapist_effects", effects)).parts[0]
    assert "markers" in part.caption  # type: ignore[attr-defined]
