"""The shipped datasets, from their sources to scores, against counts that were known before."""

from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from attunement.accommodate import accommodate
from attunement.ingest import ingest, obtain
from attunement.score import score
from attunement.study.dataset import load_dataset


def _study(repository: Path, name: str, instruments: dict) -> dict[str, pd.DataFrame]:
    folder = repository / "data" / name
    dataset = load_dataset(folder / "dataset.yaml")
    tables = ingest(dataset, obtain(dataset, folder), instruments)
    tables |= score(tables, dataset, instruments)
    return tables | accommodate(tables, dataset, instruments)


def _by_arm(tables: dict[str, pd.DataFrame], arm: str) -> pd.DataFrame:
    dropout = tables["dropout"].merge(tables["clients"][["client", arm]], on="client")
    return pd.crosstab(dropout[arm], dropout["status"])


def test_beat_the_blues_loses_48_of_100(repository, instruments):
    tables = _study(repository, "beat_the_blues", instruments)
    assert _by_arm(tables, "treatment").sum().to_dict() == {"dropped_out": 48, "stayed": 52}
    reasons = tables["availability"].set_index("topic")["reason"]
    assert reasons["accommodation"] == "no preferences recorded"
    assert reasons["change.bdi2.total"].startswith("no verified criterion")


@pytest.mark.shared
def test_reframed_agrees_with_its_source(repository, instruments, shared_folder, monkeypatch):
    """Last PHQ-9 before month 12: 27.8% of 162 and 29.5% of 88."""
    monkeypatch.setenv("ATTUNEMENT_DATA", str(shared_folder / "data"))
    tables = _study(repository, "reframed", instruments)
    lost = _by_arm(tables, "grp")
    share = (lost["dropped_out"] / lost.sum(axis=1)).round(3).to_dict()
    assert share == {"RO-DBT": 0.278, "TAU": 0.295}
    assert (tables["scores"]["instrument"] == "phq9").sum() == 2433


def test_the_example_supports_every_definition_of_treatment(repository, instruments):
    tables = _study(repository, "example", instruments)
    dropped = tables["dropout"].pivot(index="client", columns="definition", values="status")
    dropped = dropped == "dropped_out"
    assert len(dropped.columns) == 6
    for one, other in combinations(dropped.columns, 2):
        both = (dropped[one] & dropped[other]).sum() / (dropped[one] | dropped[other]).sum()
        assert both < 0.8, (one, other)
    accommodation = tables["accommodation"].groupby(["rater", "scoring"])["value"].count()
    assert (accommodation > 500).all()
    # The observer rated delivery; wishes met and types received are the client's to tell.
    assert accommodation.groupby("rater").size().to_dict() == {"client": 10, "observer": 8}
    reliability = tables["reliability"]
    alpha = reliability[reliability["coefficient"] == "alpha"]
    assert len(alpha) == 7
    assert alpha["reason"].isna().all()
