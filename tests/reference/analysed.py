"""A dataset and a plan as files, analysed in memory: what the reference tests of datasets share."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from attunement.accommodate import accommodate
from attunement.ingest import ingest
from attunement.ingest.readers.obtain import obtain
from attunement.model.analyses import analyse
from attunement.score import score
from attunement.study.config import load_config
from attunement.study.dataset import load_dataset
from attunement.study.files import Tables
from attunement.study.instruments import load_instruments
from attunement.study.plan import specifications
from attunement.study.specification import Specification


def analysed(
    root: Path, dataset_file: Path, config_file: Path
) -> tuple[Tables, list[Specification], pd.DataFrame, pd.DataFrame]:
    """Return the tables, the plan, its estimates and its variances."""
    config, dataset = load_config(config_file), load_dataset(dataset_file)
    instruments = load_instruments(root / "data" / "instruments", dataset_file)
    tables = ingest(dataset, obtain(dataset, dataset_file.parent), instruments)
    tables |= score(tables, dataset, instruments, config.accept_unverified, reliability=False)
    tables |= accommodate(tables, dataset, instruments)
    planned = specifications(config, dataset, instruments)
    results = [analyse(tables, one) for one in planned]
    return (
        tables,
        planned,
        pd.concat([one.estimates for one in results], ignore_index=True),
        pd.concat([one.variance for one in results], ignore_index=True),
    )
