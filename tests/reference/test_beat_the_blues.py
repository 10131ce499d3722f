"""A model of one's own, given as a formula in a plan, against lme4 (beat_the_blues/lme4.R)."""

from pathlib import Path

import pandas as pd
import pytest
from analysed import analysed

HERE = Path(__file__).parent / "beat_the_blues"
NAMES = {
    "(Intercept)": "Intercept",
    "time": "time",
    "treatmentBtheB": "treatment[T.BtheB]",
    "drugTRUE": "drug",
    "long_episodeTRUE": "long_episode",
    "time:treatmentBtheB": "time:treatment[T.BtheB]",
}


@pytest.fixture(scope="module")
def theirs() -> pd.DataFrame:
    return pd.read_csv(HERE / "lme4.csv").set_index("term")


@pytest.fixture(scope="module")
def ours(repository: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    dataset = repository / "data" / "beat_the_blues" / "dataset.yaml"
    *_, estimates, variance = analysed(repository, dataset, HERE / "config.yaml")
    return estimates.set_index("term"), variance


@pytest.mark.parametrize("name", NAMES)
def test_lme4_finds_the_same_coefficients(ours, theirs: pd.DataFrame, name: str) -> None:
    row = ours[0].loc[NAMES[name]]
    # Complaints: here a higher outcome is better.
    assert row["estimate"] == pytest.approx(-theirs.loc[name, "estimate"], rel=1e-6)
    assert row["se"] == pytest.approx(theirs.loc[name, "se"], rel=1e-6)
    assert row["n_obs"] == theirs.loc["rows", "estimate"]
    assert row["n_clients"] == theirs.loc["clients", "estimate"]


@pytest.mark.parametrize("level", ["client", "residual"])
def test_lme4_finds_the_same_variances(ours, theirs: pd.DataFrame, level: str) -> None:
    variance = ours[1]
    found = variance[(variance["level"] == level) & (variance["metric"] == "variance")]
    expected = theirs.loc[f"var {level}", "estimate"]
    assert found["estimate"].item() == pytest.approx(expected, rel=1e-5)
