"""Run the challenge stage: leave one therapist out for every confirmatory specification."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from attunement.challenge.leave_one_out import Family, families, leave_one_therapist_out
from attunement.study.config import load_config
from attunement.study.contracts import empty
from attunement.study.dataset import load_dataset
from attunement.study.files import read_tables, write_table
from attunement.study.instruments import load_instruments
from attunement.study.plan import specifications
from attunement.study.source_order import SourceOrder


def run(
    config_file: Path, dataset_file: Path, instruments_folder: Path, folders: list[Path], out: Path
) -> None:
    """Read the tables of the earlier stages' folders, challenge the plan, write the results."""
    config, dataset = load_config(config_file), load_dataset(dataset_file)
    tables = read_tables(*folders)
    tables = SourceOrder.of(tables, dataset).placed(tables)
    planned = specifications(config, dataset, load_instruments(instruments_folder, dataset_file))
    judged_in = families(tables["estimates"], planned, config.multiplicity)
    challenged = [
        leave_one_therapist_out(
            tables, specification, judged_in.get(specification.name, Family(config.multiplicity))
        )[0]
        for specification in planned
        if specification.role == "confirmatory"
    ]
    influence = pd.concat(challenged, ignore_index=True) if challenged else empty("influence")
    write_table(influence, Path(out) / "influence.csv")
