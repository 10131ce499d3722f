"""One run of the whole workflow, and small studies to break, shared by all tests that need them.

The run is made once per session, also where several processes test: the first one runs, the others
wait. ``ATTUNEMENT_FINISHED=<folder>`` names a finished run to read instead (while developing).
"""

import os
import sys
from pathlib import Path

import pytest

# Tests of this folder share a module of helpers.
sys.path.insert(0, str(Path(__file__).parent))
from workflow_studies import (
    Told,
    attunement,
    copy_project,
    made_once,
    plan_little,
    simulate_small,
)


@pytest.fixture(scope="session")
def common_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this session share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "workflow"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def finished_told(common_folder: Path, repository: Path) -> tuple[Path, str]:
    """The folder of the whole run and what it printed."""
    if named := os.environ.get("ATTUNEMENT_FINISHED"):
        return Path(named), ""

    def make(folder: Path) -> str:
        copy_project(repository, folder)
        names, more = ["example", "beat_the_blues"], {}
        shared = Path(os.environ.get("ATTUNEMENT_SHARED") or repository.parent / "shared")
        if (shared / "data" / "reframed").is_dir():
            names.append("reframed")
            more["ATTUNEMENT_DATA"] = str(shared.resolve() / "data")
        told = attunement(folder, "run", "--cores", "2", *names, **more)
        assert told.status == 0, told.text
        return told.text

    return made_once(common_folder, "finished", make)


@pytest.fixture(scope="session")
def finished_run(finished_told: tuple[Path, str]) -> Path:
    """The folder of a finished run of all datasets, called `a study`; read it, change nothing.

    `reframed` is in it where the shared folder is.
    """
    return finished_told[0]


@pytest.fixture(scope="session")
def small_run(common_folder: Path, repository: Path) -> tuple[Path, Told]:
    """The folder of a finished run of the small study, and what it told; copy it to change it."""

    def make(folder: Path) -> str:
        copy_project(repository, folder, data=())
        plan_little(folder)
        simulate_small(repository, folder)
        told = attunement(folder, "run", "--cores", "2")
        assert told.status == 0, told.text
        return told.text

    folder, text = made_once(common_folder, "small", make)
    return folder, Told(0, text)


@pytest.fixture(scope="session")
def small_study(small_run: tuple[Path, Told]) -> Path:
    """The folder of the finished run of the small study; copy it to change it."""
    return small_run[0]
