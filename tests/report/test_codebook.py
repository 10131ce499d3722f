"""The codebook page and the section on privacy: what they show and what they keep back."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from attunement.report.codebook import sections, values
from attunement.report.page import render_codebook
from attunement.report.pieces import Grid, Missing, Released
from attunement.report.sections.privacy import persons
from attunement.study.contracts import conform

ROW = {
    "table": "clients", "variable": "age", "meaning": "age at intake", "type": "integer",
    "unit": "years", "low": 18, "high": 95, "informant": "-", "source": "clients",
    "file": "clients.csv", "column": "Alter", "title": "Alter in Jahren", "n_rows": 120,
    "n_missing": 12, "share_missing": 0.1,
}  # fmt: skip
ITEM = ROW | {
    "table": "responses", "variable": "mood.1", "meaning": "Mood, item 1", "unit": None, "low": -3,
    "high": 3, "informant": "client", "title": None, "n_missing": None, "share_missing": None,
}  # fmt: skip


def _with(released: Released, **tables: list[dict]) -> Released:
    made = {name: conform(pd.DataFrame(rows), name) for name, rows in tables.items()}
    return replace(released, tables=released.tables | made)


@pytest.fixture
def held(simulated: Released) -> Released:
    return _with(simulated, codebook=[ROW, ITEM])


def _confidential(released: Released) -> Released:
    about = released.about | {
        "simulated": False,
        "disclosure": "confidential",
        "rules": {"smallest_cell": 10, "rounding": 5},
    }
    return replace(released, about=about)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "whole number, 18 to 95 years"),
        ({"high": None}, "whole number, from 18 years"),
        ({"low": None, "high": None}, "whole number, years"),
        ({"low": -3, "high": 3, "unit": None, "type": "number"}, "number, \u22123 to 3"),
        ({"type": "flag"}, "yes / no"),
        ({"type": "category", "levels": "woman, man"}, "woman, man"),
        ({"type": "category", "levels": None}, "categories as recorded"),
        ({"unit": "0 = intake", "low": 0, "high": None}, "whole number, from 0 (0 = intake)"),
    ],
)
def test_possible_values_in_words(changes: dict, expected: str) -> None:
    assert values(ROW | {"levels": None} | changes) == expected


def test_every_variable_has_its_line(held: Released) -> None:
    grids = {s.heading: s.parts[0] for s in sections(held) if isinstance(s.parts[0], Grid)}
    assert grids["Clients"].rows == [
        ["age", "age at intake", "whole number, 18 to 95 years",
         "clients.csv: Alter \u201cAlter in Jahren\u201d", "120", "12 (10%)"]
    ]  # fmt: skip
    assert grids["mood"].rows[0][:4] == [
        "mood.1", "Mood, item 1", "whole number, \u22123 to 3", "client",
    ]  # fmt: skip


def test_small_counts_of_confidential_data_are_said_to_be_small(held: Released) -> None:
    grids = {s.heading: s.parts[0] for s in sections(_confidential(held))}
    assert grids["mood"].rows[0][-2:] == ["120", "<10"]


def test_the_page_stands_alone_and_shows_the_flow(held: Released) -> None:
    page = render_codebook(held)
    assert "SIMULATED DATA" in page
    assert page.count("<h1>") == 1
    assert "<script" not in page
    outside = re.sub(r"data:image[^\"]*", "", page)
    assert "http" not in outside
    assert set(re.findall(r'href="([^#"]+)"', page)) == {"index.html", "codebook.csv"}
    assert re.search(r'<img src="data:image/svg\+xml[^>]+alt="[^"]{60}', page)
    ids = set(re.findall(r'<section id="([^"]+)"', page))
    assert set(re.findall(r'<li><a href="#([^"]+)"', page)) == ids


def test_a_page_without_variables_says_so(nothing: Released) -> None:
    assert "No variable was released." in render_codebook(nothing)


def test_what_was_let_in_and_why_is_printed(simulated: Released) -> None:
    row = {
        "what": "people.town", "place": "people.csv", "kind": "geography", "n_rows": 40,
        "decision": "allowed", "reason": "size of the town only",
    }  # fmt: skip
    grid = persons(_with(simulated, privacy=[row])).parts[1]
    assert isinstance(grid, Grid)
    assert list(grid.rows[0]) == [
        "people.town", "people.csv", "geography", "Allowed", "40", "size of the town only",
    ]  # fmt: skip


def test_anonymity_is_shown_or_said_to_be_missing(simulated: Released) -> None:
    row = {
        "variables": "age + gender", "ages": "exact", "n_variables": 2, "n_clients": 120,
        "n_classes": 40, "smallest_class": None, "n_unique": None, "n_below_5": 20,
        "n_below_10": 35,
    }  # fmt: skip
    grid = persons(_confidential(_with(simulated, anonymity=[row]))).parts[-1]
    assert isinstance(grid, Grid)
    assert list(grid.rows[0]) == ["age + gender", "exact", "120", "40", "<10", "<10", "20", "35"]
    bare = {"variables": "-", "ages": "-", "reason": "no quasi-identifiers are declared"}
    said = persons(_with(simulated, anonymity=[bare])).parts[-1]
    assert isinstance(said, Missing)
    assert "no quasi-identifiers are declared" in said.sentence
