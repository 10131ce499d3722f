"""What every test can rely on: one locale, one thread, and a named reason for what is absent.

A test that needs something a machine may lack carries the marker of it, or asks for the fixture.
Where that thing is absent the test is skipped by name; ``ATTUNEMENT_REQUIRE=browser,shared``
turns the skip into a failure.
"""

import locale
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Set before anything imports numpy; processes that a test starts inherit it.
os.environ.update(
    LC_ALL="C.UTF-8",
    LANG="C.UTF-8",
    TZ="UTC",
    PYTHONUTF8="1",
    MPLBACKEND="Agg",
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
)

import pytest
from xdist.scheduler import LoadScopeScheduling

REPOSITORY = Path(__file__).resolve().parent.parent


def find_shared() -> Path | None:
    """The shared folder: ``ATTUNEMENT_SHARED``, else beside the repository."""
    folder = Path(os.environ.get("ATTUNEMENT_SHARED") or REPOSITORY.parent / "shared")
    return folder.resolve() if (folder / "data").is_dir() else None


def find_program(*names: str) -> Path | None:
    """The first of the programs that is on the PATH."""
    found = next(filter(None, map(shutil.which, names)), None)
    return Path(found) if found else None


def find_chromium() -> Path | None:
    """``ATTUNEMENT_CHROMIUM``, else a Chromium or Chrome on the PATH."""
    named = os.environ.get("ATTUNEMENT_CHROMIUM")
    return find_program(*([named] if named else ["chromium", "chromium-browser", "google-chrome"]))


# marker: (how to find it, what to say where it is absent)
NEEDS: dict[str, tuple[Callable[[], Path | None], str]] = {
    "browser": (find_chromium, "no Chromium on the PATH"),
    "office": (lambda: find_program("soffice", "libreoffice"), "no LibreOffice on the PATH"),
    "r": (lambda: find_program("Rscript"), "no Rscript on the PATH"),
    "shared": (find_shared, "no shared folder (set ATTUNEMENT_SHARED)"),
}


def require(name: str) -> Path:
    """The thing, or a skip that names it, or a failure where ATTUNEMENT_REQUIRE lists it."""
    find, absent = NEEDS[name]
    if found := find():
        return found
    if name in os.environ.get("ATTUNEMENT_REQUIRE", "").replace(",", " ").split():
        pytest.fail(f"{name} is required here: {absent}", pytrace=False)
    pytest.skip(f"{name}: {absent}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests tell by ``record_property("figure", ...)``."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    told = {
        text: None
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, text in report.user_properties
        if name == "figure"
    }
    if told:
        terminalreporter.section("figures")
        for text in told:
            terminalreporter.write_line(text)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long tests go first, so that the processes end together."""
    items.sort(key=lambda item: item.get_closest_marker("workflow") is None)


# Files whose tests share what takes long to make: one process runs them, before all others.
TOGETHER = (
    "tests/model/test_surface_tests.py",
    "tests/workflow/test_bad_input.py",
    "tests/workflow/test_blinded.py",
    "tests/workflow/test_workflow.py",
)


class Together(LoadScopeScheduling):
    """Tests go to whoever is free, those of some files together.

    The plugin's own groups go by a suffix of a test's name, which pytest 9 no longer lets it add.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return file if file in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Together(config, log)


def pytest_configure() -> None:
    unknown = set(os.environ.get("ATTUNEMENT_REQUIRE", "").replace(",", " ").split()) - set(NEEDS)
    if unknown:
        raise pytest.UsageError(
            f"ATTUNEMENT_REQUIRE names {', '.join(sorted(unknown))}; "
            f"known are {', '.join(sorted(NEEDS))}"
        )
    locale.setlocale(locale.LC_ALL, "C.UTF-8")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name in NEEDS:
        if item.get_closest_marker(name):
            require(name)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The shared folder with the data that are not shipped."""
    return require("shared")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's executable."""
    return require("browser")
