"""Tables of random parts as the page prints them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from attunement.report import Released
from attunement.report.change_odds import type_grid
from attunement.report.grids import estimates_grid, focal_grid, icc_grid, variance_grid
from attunement.report.pieces import Picture
from attunement.report.sections.exploratory import LONGEST, forests, pages
from attunement.report.sections.record import not_estimable
from attunement.report.sections.results import models
from attunement.study.contracts import conform


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.2, 0.9, "[0.200, 0.900]"),
        (3e-18, 7.5e14, "[0.000, not bounded]"),
        (0.01, 49.0, "[0.010, 49.000]"),
        (None, 7.5e14, "\u2013"),
    ],
)
def test_an_upper_limit_beyond_all_sense_is_none(
    nothing: Released, low: float | None, high: float, shown: str
) -> None:
    row = {"dataset": "small", "specification": "hazard", "level": "therapist", "metric": "sd"}
    row |= {"term_1": "Intercept", "term_2": "Intercept", "estimate": 0.5}
    row |= {"ci_low": low, "ci_high": high, "status": "estimated"}
    table = conform(pd.DataFrame([row]), "variance")
    grid = variance_grid(replace(nothing, tables=nothing.tables | {"variance": table}))
    assert grid is not None
    assert grid.rows[0][5] == shown


def told(nothing: Released, rows: list[dict], *planned: dict, table: str = "estimates") -> Released:
    common = {"dataset": "small", "status": "estimated", "metric": "b", "scale": "sd"}
    common |= {"outcome": "phq9.total", "direction": "above 0: better outcome"}
    common |= {"role": "exploratory", "level": "between", "estimate": 0.1, "p": 0.3}
    common |= {"ci_low": -0.1, "ci_high": 0.3, "n_clients": 90, "hypothesis_family": "mine"}
    if table == "variance":
        common = {name: common[name] for name in ("dataset", "status", "estimate", "n_clients")}
    made = conform(pd.DataFrame([common | row for row in rows]), table)
    return replace(
        nothing,
        tables=nothing.tables | {table: made},
        about=nothing.about | {"specifications": list(planned)},
    )


MINE = {"name": "mine.phq9", "role": "exploratory", "outcome": "phq9.total", "focal": ["age"]}


def test_a_raw_score_is_told_and_drawn_in_points(nothing: Released) -> None:
    raw = {"specification": "mine.phq9", "term": "age", "scale": "raw"}
    usual = {"specification": "mine.phq9", "term": "sex"}
    released = told(nothing, [raw, usual], MINE)
    grid = focal_grid(released, "exploratory")
    assert grid is not None
    assert [row[2] for row in grid.rows] == ["b = 0.10 (points of PHQ-9)", "b = 0.10"]
    assert "first score or the unit named beside it" in grid.note
    (picture,) = forests(released)
    confirmed = told(nothing, [raw | {"role": "confirmatory"}], MINE)
    (whole, *_) = models(confirmed).parts
    for one in (picture, whole):
        assert isinstance(one, Picture)
        assert b"points of PHQ-9 (right of 0: better)" in one.svg
    assert b"SD of the first score" not in whole.svg  # type: ignore[attr-defined]


def test_what_above_one_means_stands_on_the_axis(nothing: Released) -> None:
    odds = {"specification": "mine.phq9", "term": "age", "metric": "OR", "scale": "ratio"}
    odds |= {"direction": "above 1: better outcome", "estimate": 1.2, "ci_low": 0.9, "ci_high": 1.6}
    released = told(nothing, [odds], MINE)
    (picture,) = forests(released)
    assert b"(right of 1: better)" in picture.svg
    grid = focal_grid(released, "exploratory")
    assert grid is not None
    assert grid.note == "OR (odds ratio): above 1 is better."


def test_a_model_of_the_reader_is_drawn(nothing: Released) -> None:
    few = [{"specification": "mine.phq9", "term": f"x{k}"} for k in range(3)]
    (picture,) = forests(told(nothing, few, MINE))
    assert picture.folded == ""
    assert "of the family mine" in picture.caption
    many = [{"specification": f"mine{k // 20}.phq9", "term": f"x{k}"} for k in range(70)]
    drawn = forests(told(nothing, many, MINE))
    assert all(one.folded for one in drawn)
    assert sum(one.svg.count(b"<svg") for one in drawn) == len(drawn) >= 70 / LONGEST
    assert len({one.name for one in drawn}) == len(drawn)


def test_figures_break_between_entries_of_the_plan() -> None:
    names = ["a.x"] * 10 + ["b.x"] * 10 + ["c.x"] * 10 + ["d.x"] * 30
    parts = pages(pd.DataFrame({"specification": names}))
    assert [len(part) for part in parts] == [20, 10, 24, 6]
    assert set(parts[1]["specification"]) == {"c.x"}


def test_a_surface_is_told_by_its_lines_and_its_verdict_in_words(nothing: Released) -> None:
    name = {"specification": "surface.phq9.ws_fc"}
    rows = [name | {"term": term} for term in ("a1", "a4")]
    rows += [name | {"term": "stationary_delivery", "metric": "position", "level": "-"}]
    rows += [
        name
        | {"term": "congruence", "metric": "verdict", "estimate": 0.0, "p": None, "ci_low": None}
        | {"ci_high": None, "reason": "no congruence effect shown: a curved surface; RSA cannot"}
    ]
    planned = {"name": name["specification"], "focal": ["a1", "a4"], "family": "surface"}
    planned |= {"role": "exploratory", "outcome": "phq9.total", "analysis": "surface"}
    released = told(nothing, rows, planned)
    grid = focal_grid(released, "exploratory")
    assert grid is not None
    assert [row[1] for row in grid.rows] == [
        "slope along P = D (a1)", "curvature along P = \u2212D (a4)", "congruence"
    ]  # fmt: skip
    assert grid.rows[2][2] == "\u2013"
    assert grid.rows[2][-1] == "No congruence effect shown: a curved surface"
    every = estimates_grid(released, released.table("estimates"), "All")
    assert every.rows[3][3] == "not shown"


def test_shares_of_variance_are_those_of_models_without_accommodation(nothing: Released) -> None:
    rows = [
        {"specification": name, "level": "client", "term_1": "1", "term_2": "1", "metric": "icc"}
        for name in ("unconditional.phq9", "surface.phq9.ws_fc")
    ]
    plain = {"name": "unconditional.phq9", "formula": "outcome ~ time", "scoring": None}
    surface = {"name": "surface.phq9.ws_fc", "formula": "outcome ~ preference + delivery"}
    grid = icc_grid(told(nothing, rows, plain, surface, table="variance"))
    assert grid is not None
    assert [row[0] for row in grid.rows] == ["unconditional"]


def test_the_side_that_a_number_needed_has_not_is_not_missing(nothing: Released) -> None:
    row = {"specification": "dichotomies.phq9", "term": "x", "metric": "NNTH"}
    row |= {"status": "not estimable", "reason": "the whole interval is one of NNTB"}
    section = not_estimable(told(nothing, [row]))
    assert "Everything that was planned could be estimated." in section.parts


def test_many_comparisons_of_types_say_what_chance_does(nothing: Released) -> None:
    rows = [
        {"specification": "type.phq9", "term": f"type_match_a{k}[T.matched]", "metric": "d"}
        for k in range(30)
    ]
    planned = {"name": "type.phq9", "analysis": "type_matched", "outcome": "phq9.total"}
    grid = type_grid(told(nothing, rows, planned))
    assert grid is not None
    assert "30 comparisons were tested" in grid.note
    assert "about 1.5 would still have p < .05" in grid.note


def test_a_bare_index_is_called_one(nothing: Released) -> None:
    planned = MINE | {"scoring": "distance", "bare": True}
    released = told(nothing, [{"specification": "mine.phq9", "term": "age"}], planned)
    grid = focal_grid(released, "exploratory")
    assert grid is not None
    assert grid.rows[0][0] == "mine: PHQ-9, distance (bare index)"


def test_a_coefficient_beside_its_interaction_says_where_it_holds(nothing: Released) -> None:
    """An arm's difference of 76 points is one of clients with a first score of 0."""
    own = {"specification": "mine.phq9"}
    rows = [own | {"term": term} for term in ("age", "sex[T.man]", "age:sex[T.man]")]
    rows[0] |= {"status": "singular"}
    grid = focal_grid(told(nothing, rows, MINE), "exploratory")
    assert grid is not None
    assert [row[-1] for row in grid.rows] == [
        "in the reference category of sex; singular",
        "where age is 0",
        "",
    ]
