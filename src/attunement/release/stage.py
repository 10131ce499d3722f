"""Run the release stage: aggregate, pass the gate, write what passed."""

from __future__ import annotations

from pathlib import Path

from attunement.ingest.privacy.texts import guard_texts
from attunement.release.about import about, read_truth, targets
from attunement.release.candidates import candidates
from attunement.release.gate import gate
from attunement.study.config import load_config
from attunement.study.dataset import load_dataset
from attunement.study.files import read_tables, write_json, write_table
from attunement.study.instruments import load_instruments
from attunement.study.layout import OUTPUTS
from attunement.study.plan import specifications
from attunement.study.source_order import SourceOrder


def run(
    config_file: Path, dataset_file: Path, instruments_folder: Path, folders: list[Path], out: Path
) -> None:
    """Read the tables of the earlier stages' folders (later folders win) and write the release."""
    config, dataset = load_config(config_file), load_dataset(dataset_file)
    instruments = load_instruments(instruments_folder, dataset_file)
    tables = read_tables(*folders)
    tables = SourceOrder.of(tables, dataset).placed(tables)
    truth = read_truth(dataset, dataset_file)
    planned = specifications(config, dataset, instruments)
    questions = {f"config.plan.{one.name}.question": one.question for one in planned}
    guard_texts(dataset, questions)  # the declaration may have changed since the door
    landmark = next((one.landmark for one in planned if one.landmark is not None), None)
    found = candidates(tables, dataset, instruments, targets(truth), landmark, planned)
    released, decisions = gate(found, dataset.disclosure, config.release)
    released["decisions"] = decisions
    for name in OUTPUTS["release"]:
        stem = name.removesuffix(".csv")
        if stem in released:
            write_table(released[stem], Path(out) / name)
    write_json(Path(out) / "about.json", about(dataset, config, instruments, released, truth))
