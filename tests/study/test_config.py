"""config.yaml: the shipped one is sound; a fault is told with the nearest known key."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from attunement.study.config import Config, load_config
from attunement.study.problems import StudyError


@pytest.fixture
def content(repository: Path) -> dict[str, Any]:
    return yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8"))


def saved(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_the_shipped_configuration_is_sound(repository: Path) -> None:
    config = load_config(repository / "config.yaml")
    assert config.datasets == ["example", "beat_the_blues"]
    assert config.release.smallest_cell == 10
    assert {"growth", "lagged", "change", "hazard", "landmark"} <= set(config.plan)


def test_no_unverified_fact_is_accepted_unasked(repository: Path) -> None:
    assert load_config(repository / "config.yaml").accept_unverified == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dataset": []}, "unknown key 'dataset'; the nearest known one is 'datasets'"),
        ({"datasets": []}, "datasets: it needs at least 1 entry, and has 0"),
        ({"seed": "now"}, "seed: it should be a valid integer"),
        ({"multiplicity": "none"}, "multiplicity: it should be 'holm'"),
        ({"release": {"smallest_cells": 3}}, "release: unknown key 'smallest_cells'"),
        ({"release": {"smallest_cell": 0}}, "release.smallest_cell"),
        ({"limits": {"therapists_for_therapist_terms": 1}}, "greater than or equal to 2"),
        ({"plan": {}}, "plan: it needs at least 1 entry, and has 0"),
    ],
)
def test_a_fault_is_told(
    tmp_path: Path, content: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    with pytest.raises(StudyError) as told:
        load_config(saved(tmp_path, content | change))
    assert said in str(told.value)
    assert "config.yaml" in str(told.value)


def test_a_planned_model_is_typed_as_well(tmp_path: Path, content: dict[str, Any]) -> None:
    content["plan"]["growth"]["rowes"] = "occasions"
    with pytest.raises(StudyError, match=r"plan\.growth: unknown key 'rowes'.*'rows'"):
        load_config(saved(tmp_path, content))


def test_what_is_not_given_has_the_strict_defaults(content: dict[str, Any]) -> None:
    least = Config.model_validate({key: content[key] for key in ("datasets", "seed", "plan")})
    assert least.release.smallest_cell == 10
    assert least.release.rounding == 5
    assert least.accept_unverified == []
