"""Change by several methods on the page: counts, agreement, what is withheld, what is lacking."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from attunement.report import Released
from attunement.report.figures.change_methods import by_class, draw_methods, judged, parts
from attunement.report.pieces import Grid, Missing, Picture
from attunement.report.sections.change import by_method
from attunement.score.change_nhs import CLASSES

OUTCOME = "phq9.total"
FOUR = ["recovered", "improved", "unchanged", "deteriorated", "not_evaluated"]


def _classes(method, own, counts, analysed, withheld=(), reason="why", cutoff=10.0):
    return pd.DataFrame(
        {
            "outcome": OUTCOME,
            "method": method,
            "own_class": own,
            "result": [CLASSES.get(one, one).replace("_", " ") for one in own],
            "n_clients": pd.array(counts, dtype="Int64"),
            "n_analysed": pd.array([analysed] * len(own), dtype="Int64"),
            "n_available": pd.array([120] * len(own), dtype="Int64"),
            "cutoff": cutoff,
            "reason": reason,
            "withheld": [one in withheld for one in own],
        }
    )


def _released(released: Released, *classes: pd.DataFrame, agreement=()) -> Released:
    added = {
        "change_method_classes": pd.concat(classes, ignore_index=True),
        "change_agreement": pd.DataFrame(agreement),
    }
    added = {name: frame for name, frame in added.items() if len(frame)}
    return replace(released, tables={**released.tables, **added})


def _grids(parts: list[object]) -> dict[str, Grid]:
    return {part.caption: part for part in parts if isinstance(part, Grid)}


def test_counts_stand_beside_the_number_available(simulated: Released) -> None:
    nhs = [*CLASSES, "not_evaluated"]
    pair = {
        "outcome": OUTCOME,
        "method_1": "jacobson_truax",
        "method_2": "nhs_talking_therapies",
        "n_both": 90,
        "n_same": 81,
        "agreement": 0.9,
        "kappa": 0.85,
        "weighted_kappa": 0.88,
        "withheld": False,
    }
    page = _released(
        simulated,
        _classes("jacobson_truax", FOUR, [20, 30, 40, 10, 20], 100),
        _classes("nhs_talking_therapies", nhs, [21, 9, 4, 30, 6, 1, 5, 13, 1, 30], 90),
        _classes("published", FOUR, [0, 0, 0, 0, 120], 0, reason="phq9.reliable_change is not"),
        agreement=[pair],
    )
    shown = by_method(page)
    assert isinstance(shown[0], Picture)
    found = _grids(shown)
    assert [list(row[1:]) for row in found["Classes of change by each method."].rows] == [
        ["Published criterion", *["\u2013"] * 4, "0 of 120"],
        ["Jacobson\u2013Truax", "20", "30", "40", "10", "100 of 120"],
        ["NHS Talking Therapies", "21", "14", "47", "8", "90 of 120"],
    ]
    own = found["NHS Talking Therapies, in its own classes."].rows
    assert own[0] == ["Reliable recovery", "21"]
    assert len(own) == 9
    agreement = found["Agreement of methods of judging change."].rows
    assert agreement[0][1:] == [
        "Jacobson\u2013Truax and NHS Talking Therapies",
        "90%",
        ".85",
        ".88",
        "90",
    ]
    assert shown[-1] == (
        "Methods that these data cannot support: published criterion on PHQ-9 "
        "(phq9.reliable_change is not)."
    )


def test_a_withheld_class_takes_its_sum_and_its_bar_with_it(simulated: Released) -> None:
    told = simulated.about | {"simulated": False, "disclosure": "confidential"}
    confidential = Released(simulated.tables, told)
    counts = [20, None, None, 10, 20]
    hidden = _classes("multilevel", FOUR, counts, 100, withheld=("improved", "unchanged"))
    page = _released(confidential, hidden, _classes("pcoms", FOUR, [25, 25, 40, 10, 20], 100))
    shown = by_method(page)
    row = _grids(shown)["Classes of change by each method."].rows[0]
    assert list(row[2:]) == ["20", "withheld", "withheld", "10", "100 of 120"]
    assert any(isinstance(part, Missing) for part in shown)  # no agreement was released
    assert isinstance(shown[0], Picture)
    assert "improved withheld" in shown[0].alt
    bar = by_class(hidden).to_dict("records")[0]
    assert parts(bar) == [("recovered", 20), ("withheld", 70), ("deteriorated", 10)]


def test_without_a_cutoff_nobody_is_called_recovered(simulated: Released) -> None:
    bare = _classes("multilevel", FOUR, [0, 40, 50, 10, 20], 100, cutoff=None)
    grid = _grids(by_method(_released(simulated, bare)))["Classes of change by each method."]
    assert list(grid.rows[0][2:4]) == ["\u2013", "40"]
    assert "no usable cut-off" in grid.note


def test_the_order_of_methods_is_that_of_the_list() -> None:
    table = pd.concat(
        [_classes(name, FOUR, [1, 1, 1, 1, 0], 4) for name in ("pcoms", "multilevel", "published")]
    )
    assert by_class(table)["method"].tolist() == ["published", "multilevel", "pcoms"]
    assert len(judged(table)) == 3
    assert draw_methods(table, {"outcomes": {}}, True).startswith(b"<?xml")


def test_nothing_released_is_nothing_said(simulated: Released) -> None:
    assert by_method(simulated) == []
