"""The stage: sources and declaration to canonical tables, conflicts, flow and availability."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from attunement.ingest.cases import derived_cases
from attunement.ingest.codebook import codebook_table
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.declared import check_declaration
from attunement.ingest.flow import availability_table, flow_table
from attunement.ingest.keyed import keyed_table
from attunement.ingest.marks import check_marks
from attunement.ingest.origin import earliest
from attunement.ingest.people import clients_table, therapists_table
from attunement.ingest.privacy.ages import pooled_ages
from attunement.ingest.privacy.anonymity import anonymity_table
from attunement.ingest.privacy.door import guard, record_table
from attunement.ingest.privacy.pseudonyms import key_file, read_key, secret_origin, under_pseudonyms
from attunement.ingest.readers.arranged import arranged, label
from attunement.ingest.readers.obtain import obtain
from attunement.ingest.readers.raw import Raw
from attunement.ingest.responses import responses_table
from attunement.ingest.sheet import Sheet
from attunement.study.dataset import Dataset, load_dataset
from attunement.study.files import Tables, write_table
from attunement.study.instruments import Instrument, load_instruments
from attunement.study.layout import OUTPUTS


def sheets_of(dataset: Dataset, raws: dict[str, Raw]) -> dict[str, Sheet]:
    """The sources as the tables are built from them: with their conventions, and no origin yet."""
    sheets = {}
    for name, source in dataset.sources.items():
        raw = raws[name]
        parts = [dataset.sources[part].occasions for part in source.join or []]
        words = {word: at for part in [*parts, source.occasions] for word, at in part.items()}
        sheets[name] = Sheet(
            label(name, source),
            raw.frame,
            source.decimal,
            tuple(dataset.missing_codes),
            dataset.rules.whole_numbers,
            source.dates,
            raw.labels,
            raw.user_missing,
            raw.forms,
            replace(raw.where, label=label(name, source)),
            occasions=words,
        )
    return sheets


def _from_origin(
    dataset: Dataset, sheets: dict[str, Sheet], origin: dt.date | None
) -> dict[str, Sheet]:
    """The sheets with the day from which their dates count: as given, else the earliest date."""
    first, dated = earliest(dataset, sheets)
    return {
        name: replace(sheet, origin=origin or first, dated=dated) for name, sheet in sheets.items()
    }


def ingest(
    dataset: Dataset,
    sources: Mapping[str, Raw | pd.DataFrame],
    instruments: dict[str, Instrument],
    key: bytes | Callable[[], bytes] | None = None,
    origin: dt.date | None = None,
) -> Tables:
    """Bring the sources of a dataset into the canonical tables.

    Parameters
    ----------
    dataset : Dataset
        What the columns mean.
    sources : dict of Raw or DataFrame
        By source name: as `obtain` reads it, or tables that come from memory. Rows of these keep
        the number of their index where it is called ``row``; else they count from 2.
    instruments : dict of Instrument
        By id; they give the possible range of every item and scale.
    key : bytes or callable, optional
        The key of the dataset's pseudonyms (`pseudonyms.read_key`), or what reads or makes it once
        the door is passed; without one ids stay.
    origin : date, optional
        The day from which dates are counted as days; by default the one that follows from a key
        (`pseudonyms.secret_origin`) if that is to be read, else the earliest date of the dataset.

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
    check_marks(dataset)
    raws, conflicts = arranged(dataset, sources), Conflicts()
    guarded = guard(dataset, raws)
    if callable(key):  # none is made for data that the door refuses
        key = key()
        origin = origin or secret_origin(key)
    sheets = _from_origin(dataset, sheets_of(dataset, raws), origin)
    for raw in raws.values():
        for note in raw.notes:
            conflicts.add(
                note.places, note.column, note.rows, note.kind, note.values, note.action,
                note.detail,
            )  # fmt: skip
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
    tables["codebook"] = codebook_table(dataset, raws, tables, instruments)
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
    key = partial(read_key, key_file(dataset_file)) if dataset.keyed else None
    tables = ingest(dataset, obtain(dataset, dataset_file.parent), instruments, key)
    for file in OUTPUTS["ingest"]:
        write_table(tables[Path(file).stem], out / file)
