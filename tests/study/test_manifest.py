"""The manifest: commit, dirty flag, checksums, seed, versions; the same for the same state."""

import shutil
import subprocess
from pathlib import Path

import pytest

from attunement.study.dataset import load_dataset
from attunement.study.files import sha256
from attunement.study.manifest import code_state, dataset_manifest, input_checksums, versions


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path, repository: Path) -> Path:
    folder = tmp_path / "a study"
    shutil.copytree(repository / "data/example", folder / "data/example")
    shutil.copytree(repository / "data/instruments", folder / "data/instruments")
    shutil.copyfile(repository / "config.yaml", folder / "config.yaml")
    (folder / "requirements.lock").write_text("numpy==2\n", encoding="utf-8")
    return folder


def test_without_git_there_is_no_commit(project: Path) -> None:
    assert code_state(project) == {"commit": None, "dirty": None}


def test_the_commit_and_whether_files_differ_from_it(project: Path) -> None:
    git(project, "init", "--quiet")
    assert code_state(project) == {"commit": None, "dirty": True}
    git(project, "add", ".")
    git(project, "commit", "--quiet", "-m", "all")
    clean = code_state(project)
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    (project / "config.yaml").write_text("x", encoding="utf-8")
    assert code_state(project) == {"commit": clean["commit"], "dirty": True}


def test_a_project_inside_another_repository_does_not_take_its_commit(project: Path) -> None:
    git(project, "init", "--quiet")
    assert code_state(project / "data") == {"commit": None, "dirty": None}


def test_every_input_has_its_checksum(project: Path) -> None:
    dataset = load_dataset(project / "data/example/dataset.yaml")
    found = input_checksums(project, dataset)
    assert list(found) == sorted(found)
    assert found["data/example/dataset.yaml"] == sha256(project / "data/example/dataset.yaml")
    assert "data/instruments/phq9.yaml" in found
    for source in dataset.sources.values():
        assert found[f"data/example/{source.path}"]
    first = next(iter(dataset.sources.values())).path
    assert first is not None
    (project / "data/example" / first).unlink()
    assert input_checksums(project, dataset)[f"data/example/{first}"] is None


def test_what_is_downloaded_stands_with_the_checksum_demanded(repository: Path) -> None:
    blues = load_dataset(repository / "data/beat_the_blues/dataset.yaml")
    (source,) = blues.sources.values()
    assert source.package
    assert input_checksums(repository, blues)[source.package] == source.sha256


def test_the_manifest_holds_no_time_and_is_the_same_twice(project: Path, tmp_path: Path) -> None:
    released = tmp_path / "released"
    (released / "figures").mkdir(parents=True)
    (released / "figures" / "a.svg").write_text("<svg/>", encoding="utf-8")
    dataset = load_dataset(project / "data/example/dataset.yaml")
    made = dataset_manifest(project, dataset, released)
    assert made == dataset_manifest(project, dataset, released)
    assert set(made) == {
        "dataset",
        "commit",
        "dirty",
        "lock_sha256",
        "config_sha256",
        "seed",
        "versions",
        "inputs",
        "files",
    }
    assert made["files"] == {"figures/a.svg": sha256(released / "figures" / "a.svg")}
    assert made["lock_sha256"] == sha256(project / "requirements.lock")


def test_versions_name_python_and_what_results_rest_on() -> None:
    found = versions()
    assert {"python", "attunement", "numpy", "pandas", "snakemake", "glmm"} <= set(found)
    assert found["numpy"] is not None
