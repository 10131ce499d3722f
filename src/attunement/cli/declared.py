"""Before anything runs: are the configuration and each dataset's description sound?"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path

from attunement.cli.paths import INSTRUMENTS, RESERVED
from attunement.score.facts import known_facts
from attunement.study.config import Config, load_config
from attunement.study.dataset import Dataset, load_dataset
from attunement.study.instruments import Instrument, load_instruments, without_key
from attunement.study.problems import StudyError


@dataclass
class Checked:
    """The configuration, the datasets that can be analysed, and why the others cannot."""

    config: Config
    datasets: dict[str, Dataset] = field(default_factory=dict)
    faulty: dict[str, str] = field(default_factory=dict)

    @property
    def sound(self) -> list[str]:
        """The names of the datasets that can be analysed, in the order asked for."""
        return list(self.datasets)


def known_datasets(root: Path) -> list[str]:
    """The folders of data/ that hold a dataset.yaml."""
    return sorted(path.parent.name for path in (root / "data").glob("*/dataset.yaml"))


def read_dataset(root: Path, name: str) -> Dataset:
    """Read and check the description of one dataset.

    Raises
    ------
    StudyError
        There is no such dataset, its description is faulty, or its name is taken.
    """
    file = Path("data") / name / "dataset.yaml"
    if not (root / file).is_file():
        known = known_datasets(root)
        near = difflib.get_close_matches(name, known, 1)
        advice = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known) or 'none'}."
        raise StudyError(f"There is no dataset '{name}'", file=file, advice=advice)
    if name in RESERVED:
        raise StudyError(
            f"A dataset cannot be called '{name}'", file=file, advice="Rename folder and dataset."
        )
    return load_dataset(root / file)


def check(root: Path, names: list[str]) -> Checked:
    """Check the configuration, the instruments and the datasets named (else those configured).

    Raises
    ------
    StudyError
        The configuration or an instrument is faulty: then nothing can be run.
    """
    config = load_config(root / "config.yaml")
    known = load_instruments(root / INSTRUMENTS)
    checked = Checked(config)
    for name in dict.fromkeys(names or config.datasets):
        try:
            dataset = read_dataset(root, name)
            known |= load_instruments(root / INSTRUMENTS, root / "data" / name / "dataset.yaml")
            require_keys(dataset, known, root / INSTRUMENTS)
            checked.datasets[name] = dataset
        except StudyError as error:
            checked.faulty[name] = str(error)
    if not checked.faulty:  # a faulty instrument would be missing here
        check_names(config.accept_unverified, known)
    return checked


def require_keys(dataset: Dataset, instruments: dict[str, Instrument], folder: Path) -> None:
    """Say why an instrument that is well known cannot be scored here.

    Raises
    ------
    StudyError
        A source of responses names an instrument whose key is not known.
    """
    reasons = {one["id"]: one["why"] for one in without_key(folder)}
    for response in dataset.responses:
        name = response.instrument
        if name in reasons and name not in instruments and name not in dataset.ratings:
            raise StudyError(
                f"The instrument '{name}' has no key here: {reasons[name]}",
                file=f"data/{dataset.name}/dataset.yaml",
                advice=f"If you hold its key, write data/{dataset.name}/instruments/{name}.yaml.",
            )


def check_names(accepted: list[str], instruments: dict[str, Instrument]) -> None:
    """Refuse names under `accept_unverified` of instruments that no dataset has.

    Raises
    ------
    StudyError
        The nearest known name is told.
    """
    known = known_facts(instruments)
    for name in accepted:
        if name.partition(".")[0] not in instruments:
            near = difflib.get_close_matches(name, known, 1)
            raise StudyError(
                f"accept_unverified names '{name}', of an instrument that is not known",
                file="config.yaml",
                advice=f"The nearest known fact is '{near[0]}'." if near else "",
            )
