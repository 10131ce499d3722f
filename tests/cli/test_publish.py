"""Publishing is whole or not at all, and touches nothing that did not change."""

import json
import shutil
from pathlib import Path

import pytest

from attunement.cli.paths import (
    COMBINED,
    PUBLISHED_COMBINED,
    all_outputs,
    notebook_outputs,
    release_of,
)
from attunement.cli.publish import heal, publish, publish_dataset, write_index
from attunement.cli.publish_combined import made_of, publish_combined
from attunement.cli.swapping import same_folders
from attunement.study.files import sha256
from attunement.study.layout import OUTPUTS
from attunement.study.problems import StudyError


def fill(root: Path, name: str, text: str = "1", simulated: bool = False) -> None:
    """Put something in the place of every output of every stage."""
    for path in all_outputs(name):
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.name == "about.json":
            about = {
                "title": f"The {name}",
                "about": "is <it> by `make`",
                "is_not": "",
                "simulated": simulated,
            }
            place.write_text(json.dumps(about), encoding="utf-8")
        elif place.suffix:
            place.write_text(text, encoding="utf-8")
        else:
            place.mkdir(exist_ok=True)
            (place / "one.svg").write_text(text, encoding="utf-8")
            (place / ".snakemake_timestamp").write_text("now", encoding="utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def project(tmp_path: Path, repository: Path) -> Path:
    for folder in ("example", "beat_the_blues", "instruments"):
        shutil.copytree(repository / "data" / folder, tmp_path / "data" / folder)
    shutil.copyfile(repository / "config.yaml", tmp_path / "config.yaml")
    fill(tmp_path, "example", simulated=True)
    fill(tmp_path, "beat_the_blues")
    return tmp_path


def test_a_release_holds_the_released_tables_the_report_and_the_manifest(project: Path) -> None:
    assert publish(project, ["example"]) == ["example"]
    files = set(contents(project / release_of("example")))
    tables = set(OUTPUTS["release"])
    pages = {"index.html", "codebook.html"}
    assert files == tables | pages | {"figures/one.svg", "manifest.json"}
    assert not (project / release_of("beat_the_blues")).exists()
    assert not list((project / "results/example").glob(".release*"))


def test_what_did_not_change_is_not_touched(project: Path) -> None:
    publish(project, ["example", "beat_the_blues"])
    before = {path: path.stat().st_mtime_ns for path in (project / "results").rglob("*")}
    assert publish(project, ["example", "beat_the_blues"]) == []
    after = {path: path.stat().st_mtime_ns for path in (project / "results").rglob("*")}
    files = {path for path in before if path.is_file()}
    assert {path: after[path] for path in files} == {path: before[path] for path in files}


def test_a_changed_output_replaces_the_release(project: Path) -> None:
    publish(project, ["example"])
    fill(project, "example", "2")
    (project / "results/example/private/report/figures/one.svg").rename(
        project / "results/example/private/report/figures/two.svg"
    )
    assert publish(project, ["example"]) == ["example"]
    files = contents(project / release_of("example"))
    assert files["estimates.csv"] == b"2"
    assert "figures/two.svg" in files
    assert "figures/one.svg" not in files


def test_an_incomplete_dataset_is_not_published_and_keeps_its_release(project: Path) -> None:
    publish(project, ["example"])
    before = contents(project / release_of("example"))
    fill(project, "example", "2")
    (project / "results/example/private/model/estimates.csv").unlink()
    with pytest.raises(StudyError, match="not complete"):
        publish_dataset(project, "example")
    assert contents(project / release_of("example")) == before


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_publishing_cut_off_anywhere_is_healed(
    project: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    publish(project, ["example"])
    old = contents(project / release_of("example"))
    fill(project, "example", "2")
    done: list[Path] = []
    real_rename, real_remove = Path.rename, shutil.rmtree

    def rename(self: Path, target: Path) -> Path:
        if len(done) == steps:
            raise KeyboardInterrupt
        done.append(target)
        return real_rename(self, target)

    def remove(path: Path, **keywords: object) -> None:
        if path.name == ".release.old":
            raise KeyboardInterrupt
        real_remove(path, **keywords)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename)
        patched.setattr(shutil, "rmtree", remove)
        with pytest.raises(KeyboardInterrupt):
            publish(project, ["example"])
    heal(project)
    standing = contents(project / release_of("example"))
    assert standing == old if steps < 2 else standing["estimates.csv"] == b"2"
    publish(project, ["example"])
    assert contents(project / release_of("example"))["estimates.csv"] == b"2"
    assert not list((project / "results/example").glob(".release*"))


def test_the_index_lists_releases_and_says_simulated(project: Path) -> None:
    publish(project, ["beat_the_blues", "example"])
    page = (project / "results/index.html").read_text(encoding="utf-8")
    assert page.index("example/release/index.html") < page.index(
        "beat_the_blues/release/index.html"
    )
    assert page.count('class="simulated"') == 1
    assert "is &lt;it&gt; by <code>make</code>" in page
    assert "snakemake_report.html" not in page
    assert "http" not in page.replace("http-equiv", "")
    (project / "results/snakemake_report.html").write_text("x", encoding="utf-8")
    write_index(project)
    assert "snakemake_report.html" in (project / "results/index.html").read_text(encoding="utf-8")


def test_before_any_release_the_index_says_so(project: Path) -> None:
    publish(project, [])
    assert "Nothing has been released yet" in (project / "results/index.html").read_text("utf-8")


def test_a_notebook_that_failed_keeps_its_earlier_page(project: Path) -> None:
    (project / "notebooks").mkdir()
    for name in ("one", "two"):
        cells = [{"cell_type": "markdown", "source": [f"# Tour {name}\n", "text"]}]
        text = json.dumps({"cells": cells})
        (project / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
        for path in notebook_outputs(name):
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(text, encoding="utf-8")
    publish(project, ["example"])
    assert len(list((project / "results/notebooks").iterdir())) == 4
    (project / notebook_outputs("two")[1]).unlink()
    publish(project, ["example"])
    assert len(list((project / "results/notebooks").iterdir())) == 4
    page = (project / "results/index.html").read_text(encoding="utf-8")
    assert '<a href="notebooks/one.html">Tour one</a>' in page


def test_the_manifest_of_all_names_each_release(project: Path) -> None:
    publish(project, ["example", "beat_the_blues"])
    manifest = json.loads((project / "results/manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["releases"]) == {"example", "beat_the_blues"}


def test_folders_are_the_same_only_with_the_same_files_and_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert not same_folders(one, two)
    for folder in (one, two):
        (folder / "deep").mkdir(parents=True)
        (folder / "deep" / "a").write_text("1", encoding="utf-8")
    assert same_folders(one, two)
    (two / "deep" / "a").write_text("2", encoding="utf-8")
    assert not same_folders(one, two)
    (two / "deep" / "a").write_text("1", encoding="utf-8")
    (two / "b").write_text("1", encoding="utf-8")
    assert not same_folders(one, two)


def combine_by_hand(project: Path) -> None:
    """Put a combined page of both datasets in the place of what the workflow makes."""
    sources = {
        name: sha256(project / f"results/{name}/private/release/estimates.csv")
        for name in ("example", "beat_the_blues")
    }
    (project / COMBINED).mkdir(parents=True, exist_ok=True)
    (project / COMBINED / "sources.json").write_text(json.dumps(sources), encoding="utf-8")
    for name in ("estimates.csv", "index.html"):
        (project / COMBINED / name).write_text("together", encoding="utf-8")


def test_what_datasets_say_together_is_published_with_them(project: Path) -> None:
    combine_by_hand(project)
    publish(project, ["example", "beat_the_blues"])
    assert set(contents(project / PUBLISHED_COMBINED)) == {
        "estimates.csv",
        "index.html",
        "sources.json",
    }
    page = (project / "results/index.html").read_text(encoding="utf-8")
    assert '<a href="combined/index.html">' in page
    assert "example, beat_the_blues" in page


def test_a_combined_page_of_other_releases_is_not_published_and_is_told(project: Path) -> None:
    combine_by_hand(project)
    publish(project, ["example"])  # the other dataset failed: it has no release yet
    assert not (project / PUBLISHED_COMBINED).exists()
    publish(project, ["example", "beat_the_blues"])
    before = contents(project / PUBLISHED_COMBINED)
    fill(project, "example", "2")  # a later run of one dataset alone
    publish(project, ["example"])
    assert not publish_combined(project)
    assert contents(project / PUBLISHED_COMBINED) == before
    assert made_of(project, PUBLISHED_COMBINED) == []
    assert "made of earlier releases" in (project / "results/index.html").read_text("utf-8")
