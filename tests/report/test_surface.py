"""The section on response surfaces: maps, verdicts and reasons, from released rows alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from attunement.report import Released
from attunement.report.figures.surface import describe_surfaces, draw_surfaces, map_of
from attunement.report.pieces import Grid, Missing, Picture
from attunement.report.sections.surface import surfaces
from attunement.report.words import term
from attunement.study.contracts import conform

TERMS = (
    "preference",
    "delivery",
    "preference_squared",
    "preference_by_delivery",
    "delivery_squared",
)
RIDGE = (0.0, 0.0, -1.0, 2.0, -1.0)
ABOUT: dict[str, Any] = {
    "simulated": True,
    "disclosure": "simulated",
    "outcomes": {"ors.total": {"short": "ORS", "label": "Outcome Rating Scale"}},
    "dimensions": {"ws_fc": {"first_pole": "warm support", "other_pole": "focused challenge"}},
}


def planned(name: str, **changes: Any) -> dict[str, Any]:
    one = {"name": name, "family": "surface", "rows": "clients", "outcome": "ors.total"}
    return one | {"dimension": "ws_fc", "scoring": None, "dropout_definition": None} | changes


def rows(name: str, b: tuple[float, ...] = RIDGE, ratio: bool = False) -> list[dict[str, Any]]:
    """Released rows of one surface, with the bands of its data."""
    metric, shown = ("OR", np.exp) if ratio else ("b", float)
    common = {"dataset": "small", "specification": name, "status": "estimated", "n_clients": 200}
    common |= {"dimension": "ws_fc", "level": "between"}
    number = {"se": 0.1, "df": 190.0, "p": 0.04}
    made = [
        {"term": t, "metric": metric, "estimate": shown(v)} for t, v in zip(TERMS, b, strict=True)
    ]
    lines = (b[0] + b[1], b[2] + b[3] + b[4], b[0] - b[1], b[2] - b[3] + b[4], b[2] - b[4])
    for place, value in enumerate(lines, start=1):
        limits = {"ci_low": shown(value - 0.2), "ci_high": shown(value + 0.2)}
        line = {"term": f"a{place}", "metric": metric, "estimate": shown(value)}
        made.append(line | limits | number)
    for name_of, value in (("p10", 0.0), ("p11", 1.0)):
        axis = {"term": name_of, "metric": "slope", "estimate": value}
        made.append(axis | {"ci_low": value - 0.3, "ci_high": value + 0.3} | number)
    joint = {
        "metric": "F",
        "estimate": 4.652,
        "df": 490.4,
        "p": 0.001,
        "direction": "x (4 constraints)",
    }
    made += [{"term": "algebraic_difference_joint"} | joint]
    said = "strict congruence: best where delivery agrees with preference; RSA cannot tell more"
    made.append({"term": "congruence", "metric": "verdict", "estimate": 2.0, "reason": said})
    for band in ("preference", "delivery", "difference", "sum"):
        for end, value in (("low", -0.5), ("high", 0.6)):
            made.append({"term": f"middle_{band}_{end}", "metric": "limit", "estimate": value})
    return [common | row for row in made]


def released(found: list[dict[str, Any]], *specifications: dict[str, Any]) -> Released:
    table = conform(pd.DataFrame(found), "estimates")
    return Released({"estimates": table}, ABOUT | {"specifications": list(specifications)})


@pytest.fixture
def one() -> Released:
    return released(rows("surface.ors.ws_fc"), planned("surface.ors.ws_fc"))


def test_a_map_holds_the_surface_that_was_released(one: Released) -> None:
    surface = map_of(one.table("estimates"))
    assert surface is not None
    assert surface.height(0.5, 0.5) == pytest.approx(0)
    assert surface.height(1, -1) == pytest.approx(-4)
    assert surface.axis == (0.0, 1.0)
    assert surface.point is None
    assert surface.bands["sum"] == (-0.5, 0.6)


def test_ratios_are_drawn_on_the_scale_of_their_logarithm() -> None:
    table = conform(pd.DataFrame(rows("surface_landmark.x.ws_fc", ratio=True)), "estimates")
    surface = map_of(table)
    assert surface is not None and surface.ratio
    assert surface.height(1, -1) == pytest.approx(-4)
    assert f"{np.exp(-4):.2f}" in describe_surfaces([surface], ABOUT)


def test_the_outline_lies_within_all_four_bands(one: Released) -> None:
    surface = map_of(one.table("estimates"))
    assert surface is not None
    preference, delivery = np.array([0.0, 0.6, 0.4, -0.4]), np.array([0.0, 0.0, 0.4, 0.4])
    # the second: D - P below -.5; the third: D + P above .6; the fourth: D - P above .6
    assert surface.inside(preference, delivery).tolist() == [True, False, False, False]


def test_the_section_has_a_map_a_verdict_and_the_numbers(one: Released) -> None:
    section = surfaces(one)
    assert section is not None
    kinds = [type(part) for part in section.parts]
    assert kinds == [Picture, Grid, Grid]
    picture, verdicts, shapes = section.parts
    assert picture.alt.startswith("Simulated data. Response surfaces")
    assert "warm support vs focused challenge: strict congruence" in picture.alt
    assert "first pole wanted, other given \u22124.00" in picture.alt
    (line,) = verdicts.rows
    assert line[0] == "ORS, between clients"
    assert line[2] == "Strict congruence: best where delivery agrees with preference"
    assert line[5] == ".001"
    assert line[6] == "\u2013"
    assert shapes.rows[0][11] == "F(4, 490) = 4.65"
    assert shapes.rows[0][12] == "\u2013"
    assert shapes.rows[0][5] == "\u22124.00 [\u22124.20, \u22123.80]"


def test_the_same_picture_twice_without_text_that_needs_a_font(one: Released) -> None:
    surface = map_of(one.table("estimates"))
    assert surface is not None
    twice = [draw_surfaces([surface] * 3, ABOUT, True) for _ in range(2)]
    assert twice[0] == twice[1]
    assert b"<text" not in twice[0]


def test_surfaces_of_one_outcome_share_a_picture() -> None:
    names = ["surface.ors.ws_fc", "surface.ors.td_cd", "surface_landmark.x.ws_fc"]
    found = [row for name in names[:2] for row in rows(name)] + rows(names[2], ratio=True)
    section = surfaces(
        released(
            found,
            *[planned(name) for name in names[:2]],
            planned(names[2], rows="landmark", dropout_definition="therapist_judgement"),
        )
    )
    assert section is not None
    pictures = [part for part in section.parts if isinstance(part, Picture)]
    assert [picture.name for picture in pictures] == ["surface_1", "surface_2"]
    assert "lighter is less dropout" in pictures[1].caption
    assert pictures[1].caption.startswith("Therapist's judgement, means so far")


def test_what_is_no_surface_is_a_sentence() -> None:
    name = "surface_within.ors.ws_fc"
    said = "preferences were stated once: no surface within clients"
    absent = {"dataset": "small", "specification": name, "dimension": "ws_fc", "metric": "b"}
    absent |= {"status": "not estimable", "reason": said}
    found = [absent | {"term": f"a{k}"} for k in range(1, 6)]
    section = surfaces(released(found, planned(name, rows="next_session")))
    assert section is not None
    (part,) = section.parts
    assert part == Missing(f"No surface: ORS, within clients: {said}.")


def test_withheld_surfaces_are_not_drawn(one: Released) -> None:
    table = one.table("estimates").copy()
    table["estimate"] = np.nan
    table["status"] = "withheld"
    table["reason"] = "withheld: fewer than 10 clients"
    section = surfaces(Released({"estimates": table}, one.about))
    assert section is not None
    (part,) = section.parts
    assert isinstance(part, Missing)
    assert "fewer than 10 clients" in part.sentence


def test_a_plan_without_surfaces_has_no_section() -> None:
    assert surfaces(released(rows("growth.ors"), planned("growth.ors", family="outcome"))) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a4", "curvature along P = \u2212D (a4)"),
        ("preference_by_delivery", "preference \u00d7 delivery"),
        ("preference_by_delivery_within", "preference \u00d7 delivery (within clients)"),
        ("delivery_squared_between", "delivery squared (between clients)"),
    ],
)
def test_terms_have_words(name: str, said: str) -> None:
    assert term(name, ABOUT) == said
