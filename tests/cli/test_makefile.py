"""A slip in the datasets named to make is told, not passed over."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def told(repository: Path, *words: str, **more: str) -> tuple[int, str]:
    """Status and complaint of make, which would only list its targets."""
    taken = ("MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "MFLAGS", "DATASETS")
    environment = {name: value for name, value in os.environ.items() if name not in taken}
    done = subprocess.run(
        ["make", "--dry-run", "help", *words],
        cwd=repository, env=environment | more, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("words", [[], ["DATASETS=my_clinic"], ["DATASETS=a b"]])
def test_datasets_named_or_not(repository: Path, words: list[str]) -> None:
    assert told(repository, *words) == (0, "")


@pytest.mark.parametrize("words", ["DATASETS=", "DATASETS= "])
def test_an_empty_name_is_refused(repository: Path, words: str) -> None:
    status, complaint = told(repository, words)
    assert status == 2
    assert "DATASETS is given but empty" in complaint
    assert len(complaint.splitlines()) == 1


def test_an_empty_name_in_the_environment_is_refused(repository: Path) -> None:
    assert told(repository, DATASETS="")[0] == 2
    assert told(repository, DATASETS="my_clinic") == (0, "")


@pytest.mark.parametrize("slip", ["datasets", "dataset", "DATASET"])
def test_another_spelling_is_refused(repository: Path, slip: str) -> None:
    status, complaint = told(repository, f"{slip}=my_clinic")
    assert status == 2
    assert f"make knows DATASETS, not {slip}" in complaint
    assert told(repository, **{slip: "of the environment"}) == (0, "")
