"""Run the model stage: every planned specification of one dataset."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from attunement.accommodate.blinding import is_blinded
from attunement.model.analyses import analyse
from attunement.model.learning import learning_clients
from attunement.model.meaning import judged
from attunement.model.multiplicity import adjust
from attunement.model.remembered import remembering
from attunement.model.rows import with_few_degrees
from attunement.model.therapists import therapist_effects
from attunement.model.working import working
from attunement.study.config import Bounds, load_config
from attunement.study.contracts import conform, empty
from attunement.study.dataset import load_dataset
from attunement.study.files import Tables, read_tables, write_table
from attunement.study.instruments import load_instruments
from attunement.study.plan import specifications
from attunement.study.source_order import SourceOrder
from attunement.study.specification import Specification


def model(
    tables: Tables, planned: list[Specification], multiplicity: str, bounds: Bounds | None = None
) -> Tables:
    """Estimate planned specifications; clients worth learning from beside them, private.

    Returns `estimates`, `variance`, `therapist_effects` and `learning_clients`.

    Parameters
    ----------
    tables : dict of DataFrame
        Everything the earlier stages made.
    planned : list of Specification
        The plan for this dataset.
    multiplicity : {"holm", "benjamini-hochberg"}
        Rule within each confirmatory family.
    bounds : Bounds, optional
        What counts as a meaningful difference; by default that of an empty configuration.
    """
    worked = working(tables)
    with remembering():
        results = [analyse(worked, specification) for specification in planned]
    estimates = pd.concat([result.estimates for result in results], ignore_index=True)
    estimates = with_few_degrees(estimates)
    variance = pd.concat([result.variance for result in results], ignore_index=True)
    for table in (estimates, variance):
        table["blinded"] = is_blinded(tables)
    described = [
        s
        for s in planned
        if s.rows == "occasions" and s.family == "description" and s.link == "identity"
    ]
    effects = therapist_effects(worked, described[0]) if described else empty("therapist_effects")
    taught = [s for s in planned if s.analysis == "best_teacher"]
    return {
        "learning_clients": learning_clients(tables, taught[0])
        if taught
        else empty("learning_clients"),
        "estimates": conform(
            judged(adjust(estimates, multiplicity, planned), planned, bounds or Bounds()),
            "estimates",
        ),
        "variance": conform(variance, "variance"),
        "therapist_effects": effects,
    }


def run(
    config_file: Path, dataset_file: Path, instruments_folder: Path, folders: list[Path], out: Path
) -> None:
    """Read the tables of the earlier stages' folders, estimate the plan, write the results."""
    config, dataset = load_config(config_file), load_dataset(dataset_file)
    planned = specifications(config, dataset, load_instruments(instruments_folder, dataset_file))
    tables = read_tables(*folders)
    order = SourceOrder.of(tables, dataset)
    results = model(order.placed(tables), planned, config.multiplicity, config.bounds)
    for name, table in order.restored(results).items():
        write_table(table, Path(out) / f"{name}.csv")
