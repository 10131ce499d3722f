"""A test that asks for `case` is run once for each row of the table in its own docstring."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from attunement.study.instruments import Instrument, load_instruments


def _load(name: str) -> ModuleType:
    place = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"spec_{name}", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


table, hand_made, filled_in = _load("table"), _load("studies"), _load("forms")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        rows = table.parse(metafunc.function.__doc__)
        names = [" ".join(str(cell) for cell in list(row.values())[:3]) for row in rows]
        metafunc.parametrize("case", rows, ids=[f"{i + 1}: {n}" for i, n in enumerate(names)])


@pytest.fixture(scope="session")
def instruments(repository: Path) -> dict[str, Instrument]:
    """The instruments as shipped."""
    return load_instruments(repository / "data" / "instruments")


@pytest.fixture(scope="session")
def parse() -> Callable[[str | None], list[dict[str, float | str | None]]]:
    """The reader of tables, for one that has to be read as a whole."""
    return table.parse


@pytest.fixture(scope="session")
def studies() -> ModuleType:
    """Small studies built by hand."""
    return hand_made


@pytest.fixture(scope="session")
def forms() -> ModuleType:
    """Questionnaires filled in by one client."""
    return filled_in
