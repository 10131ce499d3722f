"""Before a run: a faulty configuration stops all, a faulty dataset only itself."""

import shutil
from pathlib import Path

import pytest

from attunement.cli.dag import SECTIONS, Dag
from attunement.cli.declared import check, read_dataset
from attunement.cli.paths import RESERVED
from attunement.study.config import Config
from attunement.study.layout import OUTPUTS, STAGES
from attunement.study.problems import StudyError


@pytest.fixture
def project(tmp_path: Path, repository: Path) -> Path:
    for folder in ("example", "beat_the_blues", "instruments"):
        shutil.copytree(repository / "data" / folder, tmp_path / "data" / folder)
    shutil.copyfile(repository / "config.yaml", tmp_path / "config.yaml")
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_configured_datasets_are_checked_in_order(project: Path) -> None:
    assert check(project, []).sound == ["example", "beat_the_blues"]
    assert check(project, ["beat_the_blues", "beat_the_blues"]).sound == ["beat_the_blues"]


def test_a_faulty_dataset_does_not_stop_the_others(project: Path) -> None:
    edit(project / "data/beat_the_blues/dataset.yaml", "licence:", "license:")
    checked = check(project, [])
    assert checked.sound == ["example"]
    assert "the nearest known one is 'licence'" in checked.faulty["beat_the_blues"]


def test_a_faulty_configuration_or_instrument_stops_all(project: Path) -> None:
    edit(project / "data/instruments/ors.yaml", "id: ors", "id: orz")
    with pytest.raises(StudyError, match="orz"):
        check(project, [])
    edit(project / "config.yaml", "seed:", "sead:")
    with pytest.raises(StudyError, match="the nearest known one is 'seed'"):
        check(project, [])


OWN = """
id: mood
name: Mood today
kind: outcome
citation: [our clinic]
response: {low: 0, high: 4, step: 1}
direction: higher_better
scales: {total: {name: Mood today, items: 1-3, low: 0, high: 12}}
licence: our own
verified: true
source: [our clinic]
"""


def test_a_dataset_may_have_its_own_instrument(project: Path) -> None:
    own = project / "data/example/instruments/mood.yaml"
    own.parent.mkdir()
    own.write_text(OWN, encoding="utf-8")
    assert check(project, []).sound == ["example", "beat_the_blues"]
    dag = Dag([], project)
    assert "data/example/instruments/mood.yaml" in dag.inputs("example", "score")["instruments"]
    assert "mood" not in str(dag.inputs("beat_the_blues", "score")["instruments"])
    edit(own, "items: 1-3", "items: 1-4")
    faulty = check(project, []).faulty
    assert list(faulty) == ["example"]
    assert "scales.total: its items give 0 to 16, but low and high say 0 to 12" in faulty["example"]
    assert "mood.yaml" in faulty["example"]


def test_a_fact_of_a_dataset_own_instrument_can_be_accepted(project: Path) -> None:
    own = project / "data/example/instruments/mood.yaml"
    own.parent.mkdir()
    own.write_text(OWN.replace("verified: true", "verified: false"), encoding="utf-8")
    edit(project / "config.yaml", "accept_unverified: []", "accept_unverified: [mood.key]")
    assert check(project, []).sound == ["example", "beat_the_blues"]
    edit(project / "config.yaml", "[mood.key]", "[moody.key]")
    with pytest.raises(StudyError, match=r"'moody\.key'.*nearest known fact is 'mood\.key'"):
        check(project, [])


def test_an_instrument_without_a_known_key_is_told_why(project: Path) -> None:
    edit(project / "data/example/dataset.yaml", "instrument: srs", "instrument: blri")
    told = check(project, []).faulty["example"]
    assert "'blri' has no key here: which items are reversed is not known" in told
    assert "data/example/instruments/blri.yaml" in told


def test_an_unknown_dataset_is_told_with_the_nearest(project: Path) -> None:
    faulty = check(project, ["exampel", "zzz"]).faulty
    assert "Did you mean 'example'?" in faulty["exampel"]
    assert "Known: beat_the_blues, example." in faulty["zzz"]


@pytest.mark.parametrize("name", RESERVED)
def test_names_of_folders_of_results_are_taken(project: Path, name: str) -> None:
    (project / "data" / name).mkdir(exist_ok=True)
    (project / "data" / name / "dataset.yaml").write_text("name: x\n", encoding="utf-8")
    with pytest.raises(StudyError, match=f"cannot be called '{name}'"):
        read_dataset(project, name)


def test_the_dag_demands_every_output_of_every_stage_of_every_dataset(project: Path) -> None:
    targets = Dag("example beat_the_blues", project).targets()
    for name in ("example", "beat_the_blues"):
        for stage in STAGES:
            for output in OUTPUTS[stage]:
                assert f"results/{name}/private/{stage}/{output}" in targets


def test_the_dag_refuses_a_faulty_dataset(project: Path) -> None:
    with pytest.raises(StudyError, match="There is no dataset 'zzz'"):
        Dag(["example", "zzz"], project)


def test_a_missing_data_file_is_left_to_the_stage(project: Path) -> None:
    dag = Dag("example", project)
    files = dag.data_files("example", "ingest")
    assert "data/example/clients.csv" in files
    (project / "data/example/clients.csv").unlink()
    assert dag.data_files("example", "ingest") == [
        file for file in files if file != "data/example/clients.csv"
    ]


def test_an_edit_of_a_section_touches_only_the_stages_that_obey_it(project: Path) -> None:
    before = {stage: Dag("", project).settings(stage) for stage in STAGES}
    edit(project / "config.yaml", "smallest_cell: 10", "smallest_cell: 11")
    after = {stage: Dag("", project).settings(stage) for stage in STAGES}
    assert [stage for stage in STAGES if before[stage] != after[stage]] == ["release"]
    edit(project / "config.yaml", "seed: 2", "seed: 3")
    last = {stage: Dag("", project).settings(stage) for stage in STAGES}
    touched = [stage for stage in STAGES if last[stage] != after[stage]]
    assert touched == ["accommodate", "model", "challenge", "release"]


def test_every_section_but_the_list_of_datasets_belongs_to_a_stage() -> None:
    named = {section for sections in SECTIONS.values() for section in sections}
    assert named == set(Config.model_fields) - {"datasets"}
