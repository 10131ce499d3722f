"""The stage: sources and declaration to canonical tables, conflicts, flow and availability."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from attunement.ingest.ages import pooled_ages
from attunement.ingest.anonymity import anonymity_table
from attunement.ingest.cases import derived_cases
from attunement.ingest.codebook import codebook_table
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.declared import check_declaration
from attunement.ingest.door import guard, record_table
from attunement.ingest.flow import availability_table, flow_table
from attunement.ingest.keyed import keyed_table
from attunement.ingest.obtain import label, obtain
from attunement.ingest.people import clients_table, therapists_table
from attunement.ingest.pseudonyms import key_file, read_key, under_pseudonyms
from attunement.ingest.responses import responses_table
from attunement.ingest.sheet import Sheet
from attunement.study.dataset import Dataset, load_dataset
from attunement.study.files import Tables, write_table
from attunement.study.instruments import Instrument, load_instruments
from attunement.study.layout import OUTPUTS
from attunement.study.problems import StudyError


def _sheets(dataset: Dataset, sources: dict[str, pd.DataFrame]) -> dict[str, Sheet]:
    sheets = {}
    for name, source in dataset.sources.items():
        if name not in sources or sources[name].empty:
            raise StudyError(
                f"The source '{name}' is declared but empty",
                file=label(name, source),
                rows=0,
                advice="Put the data there, or take the source out of dataset.yaml.",
            )
        sheets[name] = Sheet(
            label(name, source),
            sources[name],
            source.decimal,
            tuple(dataset.missing_codes),
            dataset.rules.whole_numbers,
        )
    return sheets


def ingest(
    dataset: Dataset,
    sources: dict[str, pd.DataFrame],
    instruments: dict[str, Instrument],
    key: bytes | None = None,
) -> Tables:
    """Bring the sources of a dataset into the canonical tables.

    Parameters
    ----------
    dataset : Dataset
        What the columns mean.
    sources : dict of DataFrame
        By source name: text as `obtain` reads it, or columns of numbers that come from memory.
        Rows keep the number of their index where it is called ``row``; else they count from 2.
    instruments : dict of Instrument
        By id; they give the possible range of every item and scale.
    key : bytes, optional
        The key of the dataset's pseudonyms (`pseudonyms.read_key`); without one ids stay.

    Returns
    -------
    Tables
        therapists, clients, sessions, responses, type_preferences, endings, conflicts, flow,
        availability, privacy, anonymity, codebook: each in the order and types of its contract.
        Values that cannot be are missing and listed in `conflicts` with their row; nothing is
        filled in.

    Raises
    ------
    StudyError
        Direct identifiers are found. What dataset.yaml names is not there, a source is empty, rows
        or sources disagree and no rule settles it, or `on_conflict: stop` and something is listed.
    """
    check_declaration(dataset, instruments)
    guarded = guard(dataset, sources)
    sheets, conflicts = _sheets(dataset, sources), Conflicts()
    clients = clients_table(dataset, sheets, conflicts)
    tables: Tables = {
        "therapists": therapists_table(dataset, sheets, clients, conflicts),
        "clients": clients,
    }
    for name in ("sessions", "endings", "type_preferences"):
        declared = getattr(dataset, name)
        tables[name] = keyed_table(name, declared, sheets, clients, dataset, conflicts)
    responses = responses_table(
        dataset, sheets, instruments, clients, tables["sessions"], conflicts
    )
    tables["responses"] = responses.table
    if dataset.on_conflict == "stop":
        conflicts.stop_if_any()
    tables["conflicts"] = conflicts.table()
    tables["clients"] = derived_cases(tables, dataset)
    tables, pooled = pooled_ages(tables, dataset)
    tables["flow"] = flow_table(dataset, sheets, tables, instruments, responses.left_out)
    tables["availability"] = availability_table(dataset, tables, instruments)
    tables["privacy"] = record_table(guarded, pooled, dataset, tables, key is not None)
    tables["anonymity"] = anonymity_table(tables, dataset)
    tables["codebook"] = codebook_table(dataset, sources, tables, instruments)
    return tables if key is None else under_pseudonyms(tables, dataset, key)


def run(dataset_file: Path, instruments_folder: Path, out: Path) -> None:
    """Read a dataset from its declaration and write the tables of the stage into a folder.

    Parameters
    ----------
    dataset_file : Path
        `data/<name>/dataset.yaml`.
    instruments_folder : Path
        Folder of `<id>.yaml`.
    out : Path
        Where the files of `layout.OUTPUTS["ingest"]` go.
    """
    dataset_file, out = Path(dataset_file), Path(out)
    dataset = load_dataset(dataset_file)
    instruments = load_instruments(instruments_folder, dataset_file)
    key = read_key(key_file(dataset_file)) if dataset.keyed else None
    tables = ingest(dataset, obtain(dataset, dataset_file.parent), instruments, key)
    for file in OUTPUTS["ingest"]:
        write_table(tables[Path(file).stem], out / file)
