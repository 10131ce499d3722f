"""Several datasets together: what is alike, what stands alone and two simulated studies."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attunement.challenge.known_truth import Project, in_memory
from attunement.model import analyse
from attunement.report import Released
from attunement.report.combined import combine
from attunement.report.combined_page import page, run
from attunement.report.pooled import pool
from attunement.simulate import World
from attunement.study.contracts import conform, empty
from attunement.study.files import sha256, write_json, write_table

NAMES = ("north", "south")


def row(**changes: object) -> dict[str, object]:
    """A row of `estimates` of a study."""
    return {
        "dataset": "north",
        "specification": "change.phq9_total.distance",
        "hypothesis_family": "outcome",
        "estimand": "e",
        "role": "confirmatory",
        "outcome": "phq9.total",
        "scoring": "distance",
        "dimension": "all",
        "term": "accommodation_between",
        "level": "between",
        "metric": "b",
        "scale": "sd",
        "direction": "above 0: better outcome",
        "informant": "delivery: client; outcome: client (same informant)",
        "estimate": 0.10,
        "se": 0.05,
        "ci_low": 0.0,
        "ci_high": 0.2,
        "status": "estimated",
    } | changes


def study(name: str, *rows: dict[str, object], **about: object) -> Released:
    """A released study of these rows."""
    table = pd.DataFrame([one | {"dataset": name} for one in rows])
    told = {
        "dataset": name,
        "title": f"The {name}",
        "simulated": True,
        "disclosure": "simulated",
        "time": {"unit": "session", "per": 10.0, "shape": "log"},
        "arm_levels": [],
        "dimensions": {},
        "outcomes": {"phq9.total": {"role": "primary"}, "ors.total": {"role": "secondary"}},
        "specifications": [
            {"name": one["specification"], "focal": [one["term"]], "rows": "clients"}
            for one in rows
        ],
    } | about
    return Released({"estimates": conform(table, "estimates")}, told)


def test_two_estimates_of_one_thing_are_combined() -> None:
    table = combine([study("north", row()), study("south", row(estimate=0.3, se=0.1))])
    assert list(table["status"]) == ["combined"]
    expected = pool([0.1, 0.3], [0.05, 0.1])
    line = table.iloc[0]
    assert line["datasets"] == "north, south"
    assert (line["k"], line["df"]) == (2, 1)
    assert line["estimate"] == pytest.approx(expected.estimate)
    assert line["ci_high"] == pytest.approx(expected.high)
    assert "two studies cannot tell" in line["reason"]
    assert pd.isna(line["prediction_low"])


def test_two_estimates_of_the_same_clients_are_never_combined() -> None:
    asked = [
        {"name": f"mediation.{one}", "focal": ["ab"], "rows": "clients", "settings": {"by": one}}
        for one in ("alliance", "empathy")
    ]
    rows = [row(specification=one["name"], term="ab", level="within") for one in asked]
    table = combine([study("north", *rows, specifications=asked), study("south")])
    assert list(table["status"]) == ["alone", "alone"]
    assert list(table["settings"]) == ["by: alliance", "by: empathy"]
    both = combine([study(name, *rows, specifications=asked) for name in NAMES])
    assert list(both["datasets"]) == ["north, south", "north, south"]
    # Nothing tells these two apart: both are of the same clients.
    alike = [row(specification=name) for name in ("change.one", "change.other")]
    table = combine([study("north", *alike), study("south", row())])
    assert list(table["status"]) == ["alone"]
    assert "several such estimates" in table["reason"][0]


def test_ratios_are_combined_as_logarithms() -> None:
    ratio = {"metric": "hOR", "scale": "ratio", "level": "-", "outcome": "dropout"}
    ratio |= {"term": "accommodation_past", "dropout_definition": "therapist_judgement"}
    studies = [
        study(name, row(**ratio, estimate=value, se=0.2))
        for name, value in zip(("north", "south", "west"), (0.5, 0.8, 1.1), strict=True)
    ]
    line = combine(studies).iloc[0]
    expected = pool(np.log([0.5, 0.8, 1.1]), [0.2] * 3)
    assert line["estimate"] == pytest.approx(math.exp(expected.estimate))
    assert line["se"] == pytest.approx(expected.se)
    assert line["prediction_low"] == pytest.approx(math.exp(expected.prediction_low))
    assert pd.isna(line["reason"])


def test_the_primary_outcomes_of_two_studies_are_one_in_standard_deviations_only() -> None:
    ors = {"phq9.total": {"role": "secondary"}, "ors.total": {"role": "primary"}}
    other = {"outcome": "ors.total", "specification": "change.ors_total.distance"}
    assert list(
        combine([study("north", row()), study("south", row(**other), outcomes=ors)])["k"]
    ) == [2]
    raw = combine(
        [study("north", row(scale="raw")), study("south", row(scale="raw", **other), outcomes=ors)]
    )
    assert list(raw["status"]) == ["alone", "alone"]
    assert "differs in: outcome" in raw["reason"].iloc[0]
    # A secondary outcome is another outcome of the same clients: it is not combined with a primary.
    assert len(combine([study("north", row()), study("south", row(**other))])) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("estimand", "another"),
        ("scoring", "strong_met"),
        ("metric", "r"),
        ("scale", "raw"),
        ("informant", "delivery: observer; outcome: client"),
        ("hypothesis_family", "dropout"),
        ("level", "therapist"),
        ("dimension", "ws_fc"),
        ("direction", "above 0: higher score"),
    ],
)
def test_what_is_not_alike_stands_alone_and_says_why(name: str, value: str) -> None:
    table = combine([study("north", row()), study("south", row(**{name: value}))])
    assert list(table["status"]) == ["alone", "alone"]
    assert name.replace("_", " ") in table["reason"].iloc[0]
    assert table["reason"].iloc[0].startswith("the nearest, of south, differs in: ")


def test_simulated_and_real_data_are_never_combined() -> None:
    real = study("south", row(), simulated=False, disclosure="confidential")
    table = combine([study("north", row()), real])
    assert list(table["reason"]) == [
        "the nearest, of south, differs in: simulated",
        "the nearest, of north, differs in: simulated",
    ]


def test_courses_are_combined_over_the_same_time_and_arms_only() -> None:
    time = row(specification="trajectory.phq9_total", scoring=None, term="time", level="within")
    months = {"unit": "month", "per": 8.0, "shape": "log"}
    table = combine([study("north", time), study("south", time, time=months, arm_levels=["A"])])
    assert table["reason"].iloc[0] == "the nearest, of south, differs in: time, arm"


def test_fits_that_did_not_converge_are_left_out_by_name() -> None:
    unsound = study("south", row(status="not converged"))
    line = combine([study("north", row()), unsound]).iloc[0]
    assert (line["status"], line["k"]) == ("alone", 1)
    assert line["reason"] == "not converged, or without a standard error, in south"
    third = combine([study("north", row()), unsound, study("west", row())]).iloc[0]
    assert (third["status"], third["datasets"]) == ("combined", "north, west")


def test_nothing_to_combine_is_said() -> None:
    nothing = [study("north", row(estimate=None, status="not estimable"))]
    assert combine(nothing).empty
    assert combine([]).empty
    without = Released({"estimates": empty("estimates")}, nothing[0].about)
    assert combine([without, without]).empty
    assert "Nothing to combine: the run had one dataset." in page(nothing, combine(nothing))
    apart = [study("north", row()), study("south", row(scoring="strong_met"))]
    assert "no two datasets of this run share an estimate" in page(apart, combine(apart))


@pytest.fixture(scope="module")
def simulated_studies(repository: Path) -> list[Released]:
    """Two small simulated studies under one plan, analysed as the workflow does."""
    project = Project(repository, "example")
    world = World.load(project.folder / "world.yaml")
    wanted = ("change.phq9_total.distance", "landmark.protocol_not_completed.distance")
    project.planned = [one for one in project.planned if one.name in wanted]
    assert len(project.planned) == 2
    found = []
    for name, seed in zip(NAMES, (11, 12), strict=True):
        tables = in_memory(project, world, seed, therapists=40)
        results = [
            analyse(tables, one.model_copy(update={"dataset": name})) for one in project.planned
        ]
        table = pd.concat([one.estimates for one in results], ignore_index=True)
        about = {
            "outcomes": {project.dataset.outcomes.primary: {"role": "primary"}},
            "specifications": [
                {"name": one.name, "focal": list(one.focal), "rows": one.rows}
                for one in project.planned
            ],
        }
        released = study(name, row(), **about)
        tables = {"estimates": conform(table, "estimates")}
        found.append(Released(tables, released.about))
    return found


def test_two_simulated_studies_say_together_what_each_says_alone(simulated_studies) -> None:
    table = combine(simulated_studies)
    lines = table[table["status"] == "combined"].set_index("term")
    assert {"accommodation_between", "accommodation_past"} <= set(lines.index)
    for term, ratio in (("accommodation_between", False), ("accommodation_past", True)):
        alone = pd.concat([one.table("estimates") for one in simulated_studies])
        alone = alone[alone["term"] == term]
        values = np.log(alone["estimate"]) if ratio else alone["estimate"]
        told = lines.loc[term]
        centre = math.log(told["estimate"]) if ratio else told["estimate"]
        assert values.min() <= centre <= values.max()
        common = told[["common_low", "common_high"]].astype(float)
        width = np.diff(np.log(common) if ratio else common)[0]
        assert width < 2 * 1.96 * alone["se"].min()


def test_the_stage_reads_released_tables_only_and_writes_the_same_twice(
    simulated_studies, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in NAMES]
    for released, folder in zip(simulated_studies, folders, strict=True):
        write_table(released.table("estimates"), folder / "estimates.csv")
        write_json(folder / "about.json", released.about)
    run(folders, tmp_path / "one")
    run(folders, tmp_path / "two")
    for name in ("estimates.csv", "index.html", "sources.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    sources = json.loads((tmp_path / "one" / "sources.json").read_text("utf-8"))
    assert sources == {name: sha256(tmp_path / name / "estimates.csv") for name in NAMES}
    text = (tmp_path / "one" / "index.html").read_text("utf-8")
    assert "Hartung and Knapp" in text
    assert "SIMULATED DATA" in text
    assert not re.search(r"https?://", re.sub(r"data:image[^\"]*", "", text))


@pytest.mark.parametrize(("k", "tau"), [(3, 0.0), (3, 0.2), (8, 0.2)])
def test_intervals_hold_the_mean_of_all_studies_as_often_as_they_say(k: int, tau: float) -> None:
    random = np.random.default_rng(20261125)
    n = 1000
    errors = random.uniform(0.05, 0.2, (n, k))
    estimates = 0.3 + tau * random.normal(size=(n, k)) + errors * random.normal(size=(n, k))
    found = [pool(one, error) for one, error in zip(estimates, errors, strict=True)]
    held = np.mean([one.low <= 0.3 <= one.high for one in found])
    # Three Monte Carlo errors below 95%; above where studies do not differ, for the factor of 1.
    assert held > 0.95 - 3 * math.sqrt(0.95 * 0.05 / n) - (0.02 if tau else 0.0)
    fixed = np.mean([one.common_low <= 0.3 <= one.common_high for one in found])
    assert fixed < 0.80 if tau else fixed > 0.92


def test_what_cannot_be_pooled_is_refused() -> None:
    for estimates, errors in (([0.1], [0.1]), ([0.1, np.nan], [0.1, 0.1]), ([0.1, 0.2], [0.1, 0])):
        with pytest.raises(ValueError, match="error"):
            pool(estimates, errors)
