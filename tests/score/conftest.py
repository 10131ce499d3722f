"""The instruments as shipped and the hand-made studies of `tests/spec`."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from attunement.study.instruments import Instrument, load_instruments


@pytest.fixture(scope="session")
def instruments(repository: Path) -> dict[str, Instrument]:
    """The instruments as shipped."""
    return load_instruments(repository / "data" / "instruments")


@pytest.fixture(scope="session")
def studies(repository: Path) -> ModuleType:
    """Small studies built by hand."""
    place = repository / "tests" / "spec" / "studies.py"
    spec = importlib.util.spec_from_file_location("hand_made_studies", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
