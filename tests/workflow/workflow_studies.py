"""Studies that tests run: copies of the project, a small simulated study, and how a call ended."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from attunement.study.files import sha256

PARTS = ("src", "workflow", "data", "notebooks")
FILES = ("Snakefile", "config.yaml", "requirements.lock", "pyproject.toml", "CITATION.cff")
GENERATED = shutil.ignore_patterns("__pycache__", "downloaded", "*.pyc", ".ipynb_checkpoints")
# What the small studies plan: one linear, one lagged and one logistic model.
SMALL_PLAN = {
    "trajectory": {"outcomes": ["primary"]},
    "lagged": {"scorings": ["distance"]},
    "hazard": {"scorings": ["distance"], "dropout_definitions": ["therapist_judgement"]},
}


@dataclass(frozen=True)
class Told:
    """How a call of `attunement` ended: its status and what it printed."""

    status: int
    text: str

    @property
    def jobs(self) -> list[tuple[str, str]]:
        """The dataset and stage of each job that was done or failed, in the order of ending."""
        lines = [line.split() for line in self.text.splitlines() if line.startswith("  ")]
        return [
            (words[0], words[1])
            for words in lines
            if len(words) in (3, 4) and words[-1] in ("s", "FAILED")
        ]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """This process's environment with the package of the folder and bytecode kept."""
    return os.environ | {
        "PYTHONPATH": str(folder / "src"),
        "PYTHONDONTWRITEBYTECODE": "",
        **more,
    }


def attunement(folder: Path, *arguments: str, **more: str) -> Told:
    """Call `attunement` in a folder."""
    ended = subprocess.run(
        [sys.executable, "-m", "attunement", *arguments],
        cwd=folder,
        env=environment(folder, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Told(ended.returncode, ended.stdout)


def copy_project(repository: Path, folder: Path, *, data: tuple[str, ...] | None = None) -> Path:
    """Copy what a run needs; of the data folders only those named (None: all)."""
    for part in PARTS:
        if (repository / part).is_dir() and part != "data":
            shutil.copytree(repository / part, folder / part, ignore=GENERATED)
    for file in FILES:
        if (repository / file).is_file():
            shutil.copyfile(repository / file, folder / file)
    names = data if data is not None else tuple(p.name for p in (repository / "data").iterdir())
    for name in ("instruments", "published", *names):
        place = repository / "data" / name
        if place.is_dir() and not (folder / "data" / name).exists():
            shutil.copytree(place, folder / "data" / name, ignore=GENERATED)
    return folder


def plan_little(folder: Path) -> None:
    """Leave a few quick models in the plan, and no notebooks: small studies test the house."""
    path = folder / "config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["plan"] = {name: config["plan"][name] | change for name, change in SMALL_PLAN.items()}
    config["datasets"] = ["small"]
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    shutil.rmtree(folder / "notebooks", ignore_errors=True)


def simulate_small(repository: Path, folder: Path) -> None:
    """Make data/small: the example's world with twelve therapists."""
    place = folder / "data" / "small"
    place.mkdir(parents=True)
    described = (repository / "data/example/dataset.yaml").read_text(encoding="utf-8")
    (place / "dataset.yaml").write_text(
        described.replace("name: example", "name: small", 1), encoding="utf-8"
    )
    world = yaml.safe_load((repository / "data/example/world.yaml").read_text(encoding="utf-8"))
    world["sizes"]["therapists"]["value"] = 12
    (place / "world.yaml").write_text(yaml.safe_dump(world, sort_keys=False), encoding="utf-8")
    made = attunement(folder, "simulate", "--name", "small")
    assert made.status == 0, made.text


def published(folder: Path, *names: str) -> dict[str, str]:
    """The checksum of every published file (of the datasets named, else of all and the index)."""
    roots = [folder / "results" / name / "release" for name in names] or [folder / "results"]
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for root in roots
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and "private" not in path.relative_to(folder).parts
        and path.name != "snakemake_report.html"
    }


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def made_once(common: Path, name: str, make: Callable[[Path], str]) -> tuple[Path, str]:
    """Let one process make `<common>/<name>/a study`; return the folder and what `make` told."""
    place, note = common / name / "a study", common / name / "told.txt"
    place.parent.mkdir(exist_ok=True)
    with one_at_a_time(common / f"{name}.lock"):
        if not note.exists():
            if place.exists():
                pytest.fail(f"the shared run '{name}' failed in another process")
            place.mkdir()
            note.write_text(make(place), encoding="utf-8")
    return place, note.read_text(encoding="utf-8")
