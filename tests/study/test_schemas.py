"""The JSON schemas for editors say what the models say, and accept the files that are shipped."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from attunement.study.schemas import FOLDER, MODELS, main, schema_text


def shipped(repository: Path) -> list[Path]:
    """The datasets that come with the project; others beside them are their owners'."""
    names = ("beat_the_blues", "example", "reframed")
    return [repository / "data" / name / "dataset.yaml" for name in names]


def validator(name: str) -> Any:
    return jsonschema.Draft202012Validator(json.loads(schema_text(name)))


def as_editor(path: Path) -> Any:
    """The content as an editor hands it to a schema: every key is text."""
    return json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_file_is_up_to_date(name: str, repository: Path) -> None:
    kept = (repository / FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    assert kept == schema_text(name), "run `python -m attunement.study.schemas`"


def test_shipped_files_are_accepted(repository: Path) -> None:
    files = {
        "config": [repository / "config.yaml"],
        "dataset": shipped(repository),
        "instrument": sorted((repository / "data/instruments").glob("*.yaml")),
    }
    for name, paths in files.items():
        assert paths
        for path in paths:
            faults = [fault.message for fault in validator(name).iter_errors(as_editor(path))]
            assert faults == [], path


def test_an_unknown_key_is_refused(repository: Path) -> None:
    content = as_editor(repository / "config.yaml") | {"dataset": ["example"]}
    faults = [fault.message for fault in validator("config").iter_errors(content)]
    assert len(faults) == 1
    assert "'dataset' was unexpected" in faults[0]


def test_the_files_name_their_schema(repository: Path) -> None:
    for path in [repository / "config.yaml", *shipped(repository)]:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema="), path
        assert (path.parent / first.partition("=")[2]).resolve().is_file(), path


def test_outside_a_project_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main() == 1
    assert "workflow/ is not here" in capsys.readouterr().err
    (tmp_path / "workflow").mkdir()
    assert main() == 0
    assert len(list((tmp_path / FOLDER).iterdir())) == len(MODELS)
