"""The scorings in the report: a table each, a figure that needs no colour, withheld is said."""

import pandas as pd
import pytest

from attunement.report.figures.agreement import describe_agreement, draw_agreement, drawn
from attunement.report.pieces import Grid, Missing, Picture, Released
from attunement.report.sections import accommodation
from attunement.study.contracts import conform, empty

ABOUT = {
    "simulated": True,
    "disclosure": "simulated",
    "dimensions": {"td_cd": {"first_pole": "therapist leads", "other_pole": "client leads"}},
}


def _tables():
    summary = [
        {"scoring": "distance", "dimension": "all", "mean": 0.8, "n_no_strong_preference": 0},
        {"scoring": "strong_met", "dimension": "all", "mean": 0.6, "n_no_strong_preference": 12},
        {"scoring": "signed_gap", "dimension": "td_cd", "mean": -0.2, "too_much": 0.1}
        | {"too_little": 0.3},
    ]
    common = {"rater": "client", "n_clients": 100, "n_sessions": 500, "withheld": False}
    known = [
        {"scoring": "signed_gap", "dimension": "td_cd", "coefficient": "difference", "value": 0.64},
        {"scoring": "distance", "dimension": "all", "coefficient": "client_mean", "value": 0.62},
        {"scoring": "distance", "dimension": "all", "coefficient": "share_session", "value": 0.74},
        {"scoring": "rated", "dimension": "all", "coefficient": "client_mean"}
        | {"reason": "withheld: fewer than 10"},
    ]
    pair = {"scoring_1": "distance", "rater_1": "client", "scoring_2": "strong_met"}
    pairs = [
        pair | {"rater_2": "client", "level": level, "correlation": r, "n_clients": 100}
        for level, r in (("within", 0.55), ("between", -0.64), ("therapist", 0.7))
    ]
    return {
        "accommodation_summary": conform(
            pd.DataFrame([common | row for row in summary]), "accommodation_summary"
        ),
        "accommodation_reliability": conform(
            pd.DataFrame([{"rater": "client", "n_clients": 100} | row for row in known]),
            "accommodation_reliability",
        ),
        "scoring_correlations": conform(pd.DataFrame(pairs), "scoring_correlations"),
        "availability": empty("availability"),
    }


@pytest.fixture
def parts():
    return accommodation.parts(Released(_tables(), ABOUT))


def test_wishes_and_delivery_that_go_apart_are_asked_about(parts):
    told = {"topic": ["poles"], "available": [True], "reason": ["are the poles the same way"]}
    tables = _tables() | {"availability": conform(pd.DataFrame(told), "availability")}
    asked = [
        part.sentence
        for part in accommodation.parts(Released(tables, ABOUT))
        if isinstance(part, Missing)
    ]
    assert asked == ["Note: are the poles the same way."]
    assert not any(isinstance(part, Missing) for part in parts)


def test_one_table_each_and_one_figure(parts):
    grids = [part for part in parts if isinstance(part, Grid)]
    assert [len(grid.rows) for grid in grids] == [2, 1, 1, 2]
    assert all(len(row) == len(grid.heads) for grid in grids for row in grid.rows)
    summary, gaps, pairs, reliability = (grid.rows for grid in grids)
    assert [row[-1] for row in summary] == ["\u2013", "12"], "who was not asked is no nought"
    assert gaps[0][0] == "therapist leads vs client leads"
    assert gaps[0][2:5] == ["\u22120.20", "0.10", "0.30"]
    assert gaps[0][6] == ".64"
    assert pairs[0][3::2][:3] == [".55", "\u2212.64", ".70"]
    assert reliability[0][2] == ".62"
    assert reliability[1][2] == "withheld"
    assert [part.name for part in parts if isinstance(part, Picture)] == ["scorings"]


def test_nothing_scored_is_said_with_its_reason():
    known = pd.DataFrame(
        {"topic": ["accommodation"], "available": [False], "reason": ["no delivery recorded"]}
    )
    tables = {"availability": conform(known, "availability")}
    (said,) = accommodation.parts(Released(tables, ABOUT))
    assert isinstance(said, Missing)
    assert said.sentence == "Accommodation is not scored: no delivery recorded."


def test_the_figure_is_grey_and_told_in_words():
    table = drawn(_tables()["scoring_correlations"])
    assert set(table["level"]) == {"within", "between"}
    svg = draw_agreement(table, True).decode()
    colours = {part[:6].lower() for part in svg.split("#")[1:]}
    hexes = {c for c in colours if all(x in "0123456789abcdef" for x in c)}
    assert hexes
    assert all(len({c[:2], c[2:4], c[4:]}) == 1 for c in hexes), "prints in black and white"
    words = describe_agreement(table)
    assert "distance and strong preferences met, between clients: \u2212.64" in words
