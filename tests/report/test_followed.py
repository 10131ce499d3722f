"""The page on the expected trajectory, flags, and how definitions of dropout agree."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from attunement.report import Released
from attunement.report.counts import life_grid, rates_grid
from attunement.report.figures import expected as fan
from attunement.report.figures import overlap
from attunement.report.flags import counts_grid, expected_grid, unused, validity_grid
from attunement.report.page import render
from attunement.report.sections.dropout import dropout
from attunement.report.sections.followed import followed
from attunement.study.contracts import conform

OUTCOME = "phq9.total"


def _trajectory() -> pd.DataFrame:
    rows = []
    for band in range(1, 6):
        for time in (1.0, 2.0, 3.0):
            middle = 4.0 * band - time
            shares = {f"p{p}": middle + (p - 50) / 10 for p in (10, 25, 50, 75, 90)}
            n = 5 if (band, time) == (5, 3.0) else 20
            rows.append(
                {"outcome": OUTCOME, "band": band, "intake": 4.0 * band, "time": time}
                | {"n_clients": n, "mean": middle, "sd": 3.7, "limit": shares["p75"], "n_below": 5}
                | shares
            )
    told = "intercepts of clients; flags by 5 folds of clients"
    return pd.DataFrame(rows).assign(reason=told)


def _validity() -> pd.DataFrame:
    line = {"flag": "not_on_track", "outcome": OUTCOME, "landmark": 3.0, "n_clients": 100}
    line |= {"n_flagged": 30, "n_events": 40, "n_both": 20, "n_neither": 50, "base_rate": 0.4}
    for name in ("sensitivity", "specificity", "ppv", "npv", "auc"):
        line |= {name: 0.5, f"{name}_low": 0.4, f"{name}_high": 0.6}
    notes = {"no_reliable_change": "the event is judged by the outcome"}
    events = ["therapist_judgement", "no_reliable_change", "no_reliable_improvement"]
    rows = [line | {"event": event, "note": notes.get(event)} for event in events]
    few = {name: line[name] for name in ("flag", "outcome", "landmark")}
    return pd.DataFrame([*rows, few | {"event": "below_expected", "withheld": True}])


@pytest.fixture(scope="module")
def shown(simulated: Released) -> Released:
    """The small study with trajectory, flags and overlap."""
    names = ["therapist_judgement", "missed_last_appointment", "below_expected"]
    pairs = [(0, 1, 20, 40, 0.5, False), (0, 2, 10, 50, 0.2, False), (1, 2, None, None, None, True)]
    patterns = [("none", 0, 40), (" + ".join(names[:2]), 2, 15), ("other patterns", None, 20)]
    made = {
        "expected_trajectory": _trajectory(),
        "flag_counts": pd.DataFrame(
            {
                "flag": ["not_on_track", "sawtooth", "alliance_alert"],
                "outcome": [OUTCOME, "client", "wai_sr.total"],
                "n_clients": [80, None, None],
                "n_flagged": [40, None, None],
                "n_scores": [400, None, None],
                "n_scores_flagged": [100, None, None],
                "reason": [None, "withheld: fewer than 10", "no cut-off is known"],
                "withheld": [False, True, False],
            }
        ),
        "flag_validity": _validity(),
        "dropout_overlap": pd.DataFrame(
            [(names[a], names[b], *rest) for a, b, *rest in pairs],
            columns="definition_1 definition_2 n_both n_either agreement withheld".split(),
        ),
        "dropout_patterns": pd.DataFrame(
            patterns, columns=["pattern", "n_definitions", "n_clients"]
        ).assign(compared=" + ".join(names), n_compared=75),
    }
    made = {
        name: conform(
            frame.assign(withheld=frame.get("withheld", False)).fillna({"withheld": False}), name
        )
        for name, frame in made.items()
    }
    told = simulated.about | {"pcoms": {"percentile": 20.0, "landmark": 3.0}}
    return replace(simulated, tables=simulated.tables | made, about=told)


def test_the_page_shows_all_of_it(shown: Released) -> None:
    page, pictures = render(shown)
    assert {"expected.svg", "dropout_overlap.svg", "dropout_patterns.svg"} <= set(pictures)
    assert "Who was on track, and what a flag foretells" in page
    assert "percentile 20 from the worst" in page
    assert "regression to the mean" in page
    assert "75 clients whom all of these definitions classify" in page


def test_nothing_followed_is_no_section(nothing: Released, simulated: Released) -> None:
    assert followed(nothing) is None
    assert followed(simulated) is None
    assert "what a flag foretells" not in render(nothing)[0]


def test_without_a_trajectory_its_reason_stands_there(shown: Released) -> None:
    told = pd.DataFrame(
        {"topic": ["flags.not_on_track"], "available": [False], "reason": ["12 clients"]}
    )
    tables = shown.tables | {
        "availability": conform(told, "availability"),
        "expected_trajectory": shown.tables["expected_trajectory"].iloc[:0],
    }
    section = followed(replace(shown, tables=tables))
    assert section is not None
    assert section.parts[0].sentence == "No expected trajectory: 12 clients."


def test_the_fan_is_drawn_where_enough_clients_are(shown: Released) -> None:
    rows = fan.drawn(shown.table("expected_trajectory"))
    assert rows.groupby("band")["time"].max().to_dict() == {1: 3.0, 3: 3.0, 5: 2.0}
    said = fan.describe_expected(shown.table("expected_trajectory"), shown.about)
    assert "first score 4.0 (lowest fifth): median 1.0, middle half \u22121.5 to 3.5" in said
    grid = expected_grid(shown)
    assert grid is not None
    assert len(grid.rows) == 14
    assert "intercepts of clients" in grid.note


def test_flags_are_counted_withheld_or_explained(shown: Released) -> None:
    grid = counts_grid(shown)
    assert grid is not None
    assert grid.rows[0] == ["Not on track (PHQ-9)", "40 (50%)", "80", "100", "400"]
    assert grid.rows[1] == ["Sawtooth of ORS scores", *["withheld"] * 4]
    assert "Better Outcomes Now" in grid.note
    assert "published border" not in grid.note
    assert unused(shown) == "Not used: Alliance alert (WAI SR) (no cut-off is known)."


def test_what_a_flag_foretells(shown: Released) -> None:
    grid = validity_grid(shown, "not_on_track", OUTCOME)
    assert grid is not None
    assert grid.rows[0][:5] == ["Therapist's judgement", "100", "30", "40%", "50% [40, 60]"]
    assert grid.rows[0][-1] == ".50 [.40, .60]"
    assert grid.rows[1][0] == "Left without reliable change (outcome-defined)*"
    assert grid.rows[3] == [
        "Left below the expected course (outcome-defined)",
        *["withheld"] * 8,
    ]
    assert "part of the agreement is built in" in grid.note
    assert "session 3" in grid.note
    assert validity_grid(shown, "sawtooth", "client") is None


def test_rare_patterns_are_pooled_in_the_figure() -> None:
    table = pd.DataFrame(
        {"pattern": [f"p{k}" for k in range(20)], "n_clients": range(40, 20, -1), "compared": "p"}
    )
    rows = overlap.drawn(table)
    assert len(rows) == overlap.MOST + 1
    assert rows["n_clients"].sum() == table["n_clients"].sum()
    assert rows["pattern"].iloc[-1] == "other patterns"


def test_overlap_in_words(shown: Released) -> None:
    said = overlap.describe_overlap(shown.table("dropout_overlap"), shown.about)
    assert "therapist's judgement and missed last appointment: 50%" in said
    assert said.count("%") == 2
    said = overlap.describe_patterns(shown.table("dropout_patterns"), shown.about)
    assert "under none: 40" in said
    assert "under other combinations: 20" in said


def test_arms_that_are_not_told_apart_are_named(shown: Released) -> None:
    def told(released: Released) -> str:
        section = followed(released)
        assert section is not None
        return " ".join(part for part in section.parts if isinstance(part, str))

    assert "regression to the mean" in told(shown)
    assert "arms" not in told(shown)
    with_arms = replace(shown, about=shown.about | {"arm": "treatment"})
    assert "arms of the study are not told apart" in told(with_arms)


def test_definitions_by_scores_say_who_is_not_classified(shown: Released) -> None:
    rates = shown.table("dropout_rates")
    assert "need a second score" not in rates_grid(shown).note
    changed = rates.assign(definition="no_reliable_change")
    tables = shown.tables | {"dropout_rates": changed}
    assert "need a second score" in rates_grid(replace(shown, tables=tables)).note


def test_two_definitions_need_no_map(shown: Released) -> None:
    pair = shown.table("dropout_overlap").iloc[:1]
    tables = shown.tables | {"dropout_overlap": pair}
    names = {getattr(part, "name", "") for part in dropout(replace(shown, tables=tables)).parts}
    assert "dropout_overlap" not in names
    assert "dropout_patterns" in names


def test_the_life_table_counts_every_ending(shown: Released, nothing: Released) -> None:
    curves = shown.table("dropout_curves").assign(n_planned=[15, 20, 1], n_censored=[0, 2, 0])
    curves = curves.assign(planned=[0.15, 0.31, 0.4], planned_low=[0.1, 0.2, 0.3])
    curves = curves.assign(planned_high=[0.2, 0.4, 0.5])
    grid = life_grid(replace(shown, tables=shown.tables | {"dropout_curves": curves}))
    assert grid is not None
    assert grid.rows[1] == [
        "Therapist's judgement",
        *["3", "60", "8", "20", "30", "2", "13.3%", "22% [15, 30]", "31% [20, 40]"],
    ]
    assert life_grid(nothing) is None


def test_curves_tell_how_their_bands_were_made(shown: Released) -> None:
    def told(effect: float | None) -> str:
        rates = shown.table("dropout_rates").assign(design_effect=effect)
        tables = shown.tables | {"dropout_rates": conform(rates, "dropout_rates")}
        parts = dropout(replace(shown, tables=tables)).parts
        return " ".join(getattr(part, "caption", "") for part in parts)

    assert "allowing for clients of the same therapist" in told(1.2)
    assert "delta method" not in told(1.2)
    assert "delta method" in told(None)
