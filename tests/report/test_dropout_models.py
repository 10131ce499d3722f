"""Leaving and accommodation in the report: models side by side, risks, incidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attunement.report import Released, words
from attunement.report.dropout_models import hazards_grid, incidence_grid, risks_grid
from attunement.report.figures.incidence import describe_landmark, draw_landmark
from attunement.report.sections.dropout import dropout
from attunement.study.contracts import conform

JUDGED = "therapist_judgement"


def spec(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "analysis": "model",
        "settings": {},
        "rows": "person_periods",
        "link": "logit",
        "scoring": "distance",
        "landmark": None,
        "dropout_definition": JUDGED,
        "formula": "event ~ accommodation_past",
        "focal": [],
    } | changes


SPECIFICATIONS = [
    spec("hazard.a"),
    spec("planned_endings.a", settings={"cause": "planned_ending"}),
    spec("hazard_ratio.a", link="cloglog"),
    spec("smooth_baseline.a", settings={"baseline": "spline"}),
    spec("landmark.a", rows="landmark", landmark=3),
    spec("standardised.a", rows="landmark", landmark=3, analysis="standardised"),
    spec("incidence.a", rows="landmark", landmark=3, analysis="cumulative_incidence"),
]


def row(name: str, term: str, metric: str, estimate: float, **changes: Any) -> dict[str, Any]:
    return {
        "dataset": "small",
        "specification": name,
        "dropout_definition": JUDGED,
        "term": term,
        "metric": metric,
        "scale": "ratio" if metric[-1] == "R" else "raw",
        "estimate": estimate,
        "se": 0.1,
        "p": 0.2,
        "ci_low": estimate - 0.1,
        "ci_high": estimate + 0.1,
        "n_clients": 90,
        "n_events": 30,
        "n_before_risk": 12,
        "status": "estimated",
    } | changes


ROWS = [
    row("hazard.a", "accommodation_past", "hOR", 0.8),
    row("hazard.a", "age", "hOR", 1.0),
    row("landmark.a", "accommodation_past", "OR", 0.7, n_before_risk=20),
    row("planned_endings.a", "accommodation_past", "hOR", 1.1, n_before_risk=None),
    row("hazard_ratio.a", "accommodation_past", "HR", 0.82),
    row("smooth_baseline.a", "accommodation_past", "hOR", 0.81),
    row("standardised.a", "risk_at_low_accommodation", "probability", 0.3),
    row("standardised.a", "risk_at_high_accommodation", "probability", 0.2),
    row("standardised.a", "high_vs_low", "RD", -0.1),
    row("standardised.a", "high_vs_low", "RR", 0.67),
    row("standardised.a", "high_vs_low", "OR", 0.58),
    row("standardised.a", "high_vs_low_conditional", "OR", 0.5),
    row("incidence.a", "dropped_out_by_10_low", "probability", 0.25),
    row("incidence.a", "dropped_out_by_10_high", "probability", 0.15, n_clients=80),
    row("incidence.a", "dropped_out_by_10_high_minus_low", "RD", -0.1),
]


@pytest.fixture
def shown(simulated: Released) -> Released:
    estimates = conform(pd.DataFrame(ROWS), "estimates")
    about = {**simulated.about, "specifications": SPECIFICATIONS}
    return replace(simulated, tables=simulated.tables | {"estimates": estimates}, about=about)


def withheld(shown: Released, term: str) -> Released:
    frame = shown.table("estimates").copy()
    hit = frame["term"] == term
    frame.loc[hit, ["estimate", "ci_low", "ci_high", "p"]] = np.nan
    frame.loc[hit, "status"] = "withheld"
    return replace(shown, tables=shown.tables | {"estimates": frame})


def test_models_of_leaving_stand_side_by_side(shown: Released) -> None:
    grid = hazards_grid(shown)
    assert grid is not None
    assert [line[1] for line in grid.rows] == [
        "Dropout, before the next session",
        "Dropout, smooth in time",
        "Dropout, as a hazard ratio",
        "Planned ending, before the next session",
        "Dropout, ever after the landmark",
    ]
    assert grid.rows[0][3:] == ["hOR = 0.80", "[0.70, 0.90]", ".200", "90", "30", "12"]
    assert [line[-1] for line in grid.rows] == ["12", "12", "12", "\u2013", "20"]
    confidential = {**shown.about, "simulated": False, "disclosure": "confidential"}
    grid = hazards_grid(replace(shown, about=confidential))
    assert grid is not None and grid.rows[3][-1] == "withheld"


def test_risks_are_told_with_the_marginal_odds_ratio(shown: Released) -> None:
    grid = risks_grid(shown)
    assert grid is not None
    assert "session 3" in grid.caption
    assert grid.rows == [
        [
            "Therapist's judgement",
            "30% [20, 40]",
            "20% [10, 30]",
            "\u221210 [\u221220, 0]",
            "0.67 [0.57, 0.77]",
            "0.58 [0.48, 0.68]",
            "30 of 90",
        ]
    ]
    hidden = risks_grid(withheld(shown, "risk_at_low_accommodation"))
    assert hidden is not None and hidden.rows[0][1] == "withheld"


def test_incidence_is_told_by_half(shown: Released) -> None:
    grid = incidence_grid(shown)
    assert grid is not None
    assert grid.rows == [
        [
            "Therapist's judgement",
            "dropped out by session 10",
            "25% [15, 35]",
            "15% [5, 25]",
            "\u221210 [\u221220, 0]",
            ".200",
            *["90", "80", "12"],
        ]
    ]
    assert "Not adjusted" in grid.note


def test_without_such_models_there_is_no_grid(simulated: Released) -> None:
    assert hazards_grid(simulated) is None
    assert risks_grid(simulated) is None
    assert incidence_grid(simulated) is None


def test_terms_in_words(simulated: Released) -> None:
    about = simulated.about
    assert words.term("dropped_out_by_10_high_minus_low", about) == (
        "dropped out by session 10, high \u2212 low"
    )
    assert words.term("planned_by_8_low", about) == "ended as planned by session 8, low half"
    assert words.term("high_vs_low", about) == "high vs low accommodation (marginal)"


def curves() -> pd.DataFrame:
    rows = []
    for group, slope in (("low", 0.03), ("high", 0.02)):
        for time in (3.0, 5.0, 8.0):
            share = slope * time
            planned = None if time == 8 else 0.04 * time
            limits = {"ci_low": share - 0.02, "ci_high": share + 0.02}
            counts = {"n_at_risk": 50, "n_events": 10, "n_competing": 10, "n_clients": 60}
            rows.append(
                {"definition": JUDGED, "group": group, "landmark": 3, "time": time}
                | {"dropped_out": share, "planned": planned, "withheld": False}
                | limits
                | counts
            )
    return conform(pd.DataFrame(rows), "landmark_curves")


def test_the_figure_is_drawn_without_colour_and_told(shown: Released) -> None:
    svg = draw_landmark(curves(), shown.about, True).decode()
    assert svg == draw_landmark(curves(), shown.about, True).decode()
    used = {part[:7] for part in svg.split("#")[1:] if len(part) > 6}
    assert not {"0072B2", "B54708", "0072b2", "b54708"} & {part[:6] for part in used}
    assert describe_landmark(curves(), shown.about) == (
        "Cumulative incidence by early accommodation. therapist's judgement, low accommodation: "
        "24% dropped out after session 8; therapist's judgement, high accommodation: 16% dropped "
        "out after session 8."
    )
    both = shown.tables | {"landmark_curves": curves()}
    parts = dropout(replace(shown, tables=both)).parts
    captions = [getattr(part, "caption", "") for part in parts]
    assert any("Nothing that came later has formed the groups" in text for text in captions)
