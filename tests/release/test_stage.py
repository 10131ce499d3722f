"""The stage on disk: what it writes, and what `about.json` says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from attunement.release import run
from attunement.release.about import about, read_truth, targets
from attunement.study.change_rules import ChangeRule
from attunement.study.contracts import conform, empty
from attunement.study.files import read_json, read_tables, write_table
from attunement.study.layout import OUTPUTS
from attunement.study.problems import StudyError


@pytest.fixture
def study(tmp_path: Path, tables, dataset, instruments, config) -> dict[str, Path]:
    """Files of a study and its earlier stages, in a folder with a space."""
    root = tmp_path / "a study"
    folders = {"ingest": root / "ingest", "score": root / "score"}
    for name, frame in tables.items():
        private = folders["score" if name in ("scores", "estimates") else "ingest"]
        private.mkdir(parents=True, exist_ok=True)
        ending = "csv" if name in ("estimates", "flow", "conflicts", "availability") else "parquet"
        write_table(frame, private / f"{name}.{ending}")
    for place, content in (
        (root / "config.yaml", config),
        (root / "data" / "clinic" / "dataset.yaml", dataset),
        *((root / "instruments" / f"{name}.yaml", one) for name, one in instruments.items()),
    ):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(yaml.safe_dump(content.model_dump(mode="json")), encoding="utf-8")
    return folders | {"root": root}


def _run(study: dict[str, Path], out: Path) -> None:
    root = study["root"]
    run(
        root / "config.yaml",
        root / "data" / "clinic" / "dataset.yaml",
        root / "instruments",
        [study["ingest"], study["score"]],
        out,
    )


def test_it_writes_every_output_and_nothing_else_twice_the_same(study, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    _run(study, first)
    _run(study, second)
    assert {path.name for path in first.iterdir()} == set(OUTPUTS["release"])
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    assert read_tables(first)["description"]["withheld"].any()


def test_about_knows_the_plan_and_only_released_counts(study, tmp_path: Path) -> None:
    _run(study, tmp_path / "out")
    told = read_json(tmp_path / "out" / "about.json")
    assert told["counts"] == {
        "clients": 90,
        "rated": None,
        "scored.preferences": 90,
        "scored.accommodation": 90,
        "analysed.fall.phq9_total": 90,
    }
    assert told["outcomes"]["phq9.total"]["short"] == "PHQ-9"
    assert told["outcomes"]["phq9.total"]["direction"] == "lower is better"
    assert told["specifications"][0]["focal"] == ["time"]
    assert told["arm_levels"] == ["usual", "new"]
    assert told["simulated"] is False


def test_targets_come_from_the_truth_of_a_simulated_study(
    tmp_path: Path, dataset, config, instruments
) -> None:
    entry = {"specification": "fall.phq9_total", "term": "time", "metric": "b", "target": 0.1}
    truth = {"generating": {"seed": 5}, "targets": [entry]}
    (tmp_path / "truth.yaml").write_text(yaml.safe_dump(truth), encoding="utf-8")
    simulated = dataset.model_copy(update={"disclosure": "simulated", "truth": "truth.yaml"})
    read = read_truth(simulated, tmp_path / "dataset.yaml")
    frame = targets(read)
    assert frame is not None
    assert frame["target"].tolist() == [0.1]
    assert targets({}) is None
    released = {name: empty(name) for name in ("participant_flow", "estimates")}
    told = about(simulated, config, instruments, released, read)
    assert told["truth"] == {"generating": {"seed": 5}}


def test_the_cutoff_told_is_the_one_that_was_used(dataset, config, instruments) -> None:
    """A computed cut-off, not the published one that stands in the instrument's file."""
    released = {name: empty(name) for name in ("participant_flow", "estimates", "change_classes")}
    told = about(dataset, config, instruments, released, {})["outcomes"]["phq9.total"]
    assert (told["cutoff"], told["cutoff_from"]) == (None, "published")
    assert told["informant"] == "client"
    rows = pd.DataFrame([{"outcome": "phq9.total", "method": "jacobson_truax", "cutoff": 7.25}])
    released["change_classes"] = conform(
        rows.assign(result="recovered", withheld=False), "change_classes"
    )
    chosen = dataset.model_copy(update={"change": {"phq9.total": ChangeRule(cutoff="a")}})
    told = about(chosen, config, instruments, released, {})["outcomes"]["phq9.total"]
    assert (told["cutoff"], told["cutoff_from"], told["cutoff_verified"]) == (7.25, "a", None)


def test_a_truth_that_is_no_mapping_is_named(tmp_path: Path, dataset) -> None:
    (tmp_path / "truth.yaml").write_text("- 1\n", encoding="utf-8")
    with pytest.raises(StudyError, match="must be a mapping"):
        read_truth(dataset.model_copy(update={"truth": "truth.yaml"}), tmp_path / "dataset.yaml")
