"""The README's first command in a fresh clone, under every Python that the project supports."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

VERSIONS = ("3.11", "3.12", "3.13")


def find_python(version: str) -> str | None:
    """A Python of this version: on the PATH, or where pyenv keeps it."""
    if found := shutil.which(f"python{version}"):
        return found
    if not shutil.which("pyenv"):
        return None
    listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True)
    for name in listed.stdout.split():
        if name.startswith(f"{version}."):
            told = subprocess.run(
                ["pyenv", "which", "python"],
                env=os.environ | {"PYENV_VERSION": name},
                capture_output=True,
                text=True,
            )
            return told.stdout.strip() or None
    return None


@pytest.mark.slow
@pytest.mark.workflow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", VERSIONS)
def test_make_in_a_fresh_clone(version: str, repository: Path, tmp_path: Path) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    clone = tmp_path / f"a study {version}"
    subprocess.run(["git", "clone", "--quiet", str(repository), str(clone)], check=True)
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    made = subprocess.run(
        ["make", f"PYTHON={python}", "DATASETS=beat_the_blues"],
        cwd=clone,
        env=clean,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    page = (clone / "results/beat_the_blues/release/index.html").read_text(encoding="utf-8")
    assert "no preferences recorded" in page
    again = subprocess.run(
        ["make", f"PYTHON={python}", "DATASETS=beat_the_blues"],
        cwd=clone,
        env=clean,
        capture_output=True,
        text=True,
    )
    assert again.returncode == 0 and "beat_the_blues       model" not in again.stdout


def test_this_python_is_supported() -> None:
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in VERSIONS
