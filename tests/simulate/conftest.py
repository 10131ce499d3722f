"""The committed world, the study made from it, and one large enough to find the truth again."""

from pathlib import Path

import pandas as pd
import pytest

from attunement.simulate import Study, World, load_world, simulate


@pytest.fixture(scope="session")
def example(repository: Path) -> Path:
    return repository / "data" / "example"


@pytest.fixture(scope="session")
def world(example: Path) -> World:
    return load_world(example / "world.yaml")


@pytest.fixture(scope="session")
def study(world: World) -> Study:
    return simulate(world)


@pytest.fixture(scope="session")
def large(world: World) -> Study:
    """A study of 2,000 therapists."""
    return simulate(world.with_(therapists=2000))


@pytest.fixture(scope="session")
def committed(example: Path) -> dict[str, pd.DataFrame]:
    """The committed files as text, by name."""
    return {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted(example.glob("*.csv"))
    }
