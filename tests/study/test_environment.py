"""The conda environment of the workflow says what pyproject.toml says."""

from pathlib import Path

import pytest
import yaml

from attunement.study.environment import (
    ENVIRONMENT_FILE,
    ONLY_WITH_PIP,
    environment_text,
    main,
    split_requirement,
    write_environment,
)

PYPROJECT = """
[project]
name = "house"
requires-python = ">=3.11,<3.14"
dependencies = ["matplotlib >= 3.9", "glmm==0.6.2", "PyYAML"]
"""


def test_the_file_is_up_to_date(repository: Path) -> None:
    made = environment_text((repository / "pyproject.toml").read_text(encoding="utf-8"))
    kept = (repository / ENVIRONMENT_FILE).read_text(encoding="utf-8")
    assert kept == made, "run `make lock`, or `python -m attunement.study.environment`"


def test_conda_and_pip_packages_are_kept_apart() -> None:
    content = yaml.safe_load(environment_text(PYPROJECT))
    *conda, pip = content["dependencies"]
    assert conda == ["python>=3.11,<3.14", "pip", "matplotlib-base>=3.9", "pyyaml"]
    assert pip == {"pip": ["glmm==0.6.2"]}
    assert content["name"] == "house"


def test_without_pip_packages_there_is_no_pip_section() -> None:
    content = yaml.safe_load(environment_text(PYPROJECT.replace('"glmm==0.6.2", ', "")))
    assert all(isinstance(item, str) for item in content["dependencies"])


def test_every_package_only_with_pip_is_still_a_dependency(repository: Path) -> None:
    text = (repository / ENVIRONMENT_FILE).read_text(encoding="utf-8")
    pip = yaml.safe_load(text)["dependencies"][-1]["pip"]
    assert {split_requirement(item)[0] for item in pip} == ONLY_WITH_PIP


@pytest.mark.parametrize("requirement", ["name[extra]>=1", "name>=1; sys_platform == 'win32'"])
def test_what_conda_cannot_say_is_an_error(requirement: str) -> None:
    with pytest.raises(ValueError, match="cannot read the dependency"):
        split_requirement(requirement)


def test_it_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    first = write_environment(tmp_path).read_bytes()
    assert write_environment(tmp_path).read_bytes() == first
    assert b"\r" not in first


def test_outside_a_repository_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main() == 1
    assert "pyproject.toml is not here" in capsys.readouterr().err
