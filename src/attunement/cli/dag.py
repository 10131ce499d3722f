"""What the rules need to know: which datasets, which files a stage reads, which settings it obeys.

All of it follows from `config.yaml`, the `dataset.yaml` files and the sources, never from values.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from pathlib import Path

from attunement.cli.declared import check
from attunement.cli.paths import (
    COMBINED,
    INSTRUMENTS,
    all_outputs,
    notebook_names,
    notebook_outputs,
    stage_folder,
)
from attunement.cli.sources import sources_of
from attunement.study.layout import COMBINED as OUTPUTS_COMBINED
from attunement.study.problems import StudyError

LOCK = "requirements.lock"

EXAMPLE = "data/example"
PUBLISHED = "data/published/effects.csv"

# The stages whose tables a stage is given.
READS: dict[str, tuple[str, ...]] = {
    "ingest": (),
    "score": ("ingest",),
    "accommodate": ("ingest", "score"),
    "model": ("ingest", "score", "accommodate"),
    "challenge": ("ingest", "score", "accommodate", "model"),
    "release": ("ingest", "score", "accommodate", "model", "challenge"),
    "report": ("release",),
}

# The sections of config.yaml that a stage obeys; an edit elsewhere does not run it again.
SECTIONS: dict[str, tuple[str, ...]] = {
    "ingest": (),
    "score": ("accept_unverified",),
    "accommodate": ("accept_unverified", "seed"),
    "model": ("bounds", "limits", "multiplicity", "plan", "seed"),
    "challenge": ("accept_unverified", "limits", "multiplicity", "plan", "seed"),
    "release": ("accept_unverified", "bounds", "limits", "multiplicity", "plan", "release", "seed"),
    "report": (),
}

# Results must not hang on the number of cores, the language of the machine or the hash seed.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "MPLBACKEND": "Agg",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}


def settle_environment() -> None:
    """Fix for all jobs what results must not hang on, and put this Python first on the PATH."""
    os.environ.update(ENVIRONMENT)
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", "")])


class Dag:
    """The project as the rules see it.

    Parameters
    ----------
    names : str or list of str
        Datasets asked for; nothing: those of config.yaml.

    Raises
    ------
    StudyError
        The configuration or one of the datasets is faulty.
    """

    def __init__(self, names: str | list[str] = "", root: Path = Path()) -> None:
        self.root = root
        asked = names.split() if isinstance(names, str) else [str(name) for name in names]
        checked = check(root, asked)
        if checked.faulty:
            raise StudyError(" ".join(checked.faulty.values()))
        self.config, self._datasets = checked.config, checked.datasets
        self.datasets = checked.sound
        self.notebooks = notebook_names(root)
        self.instruments = sorted(path.as_posix() for path in (root / INSTRUMENTS).glob("*.yaml"))

    def targets(self) -> list[str]:
        """Every output of every stage of every dataset, and every notebook."""
        wanted = [path for name in self.datasets for path in all_outputs(name)]
        wanted += [path for name in self.notebooks for path in notebook_outputs(name)]
        wanted += self.combined_outputs()
        return [path.as_posix() for path in wanted]

    def combined_outputs(self) -> list[Path]:
        """What the datasets of this run say together; nothing where it has only one."""
        return [COMBINED / name for name in OUTPUTS_COMBINED] if len(self.datasets) > 1 else []

    @property
    def combined(self) -> list[str]:
        """The datasets that are combined: by name, in whatever order they were asked for."""
        return sorted(self.datasets)

    def combined_inputs(self) -> dict[str, list[str]]:
        """The released tables of every dataset of this run, and the sources of the report."""
        tables = [
            stage_folder(name, "release") / file
            for name in self.combined
            for file in ("estimates.csv", "about.json")
        ]
        return {"tables": [path.as_posix() for path in tables], "sources": self.sources("report")}

    def settings(self, stage: str) -> str:
        """A fingerprint of the sections of config.yaml that a stage obeys."""
        whole = self.config.model_dump(mode="json")
        sections = {name: whole[name] for name in SECTIONS[stage]}
        return hashlib.sha256(json.dumps(sections, sort_keys=True).encode()).hexdigest()

    def sources(self, stage: str) -> list[str]:
        """The files of the package that a stage (or another room) rests on, and the lock."""
        lock = [LOCK] if (self.root / LOCK).is_file() else []
        return [*sources_of(self.root / "src", stage), *lock]

    def data_files(self, name: str, stage: str) -> list[str]:
        """The files of a dataset's folder that a stage reads and that stand there.

        One that is missing is left to the stage: it says so, and only its dataset fails.
        """
        dataset = self._datasets[name]
        if stage == "ingest":
            files = [path for source in dataset.sources.values() for path in source.paths]
        else:
            files = [dataset.truth] if dataset.truth and stage == "release" else []
        paths = [Path("data") / name / Path(file).expanduser() for file in files]
        return [path.as_posix() for path in paths if (self.root / path).is_file()]

    def own_instruments(self, name: str) -> list[str]:
        """The instruments that lie in a dataset's own folder."""
        folder = self.root / "data" / name / "instruments"
        found = sorted(folder.glob("*.yaml"))
        return [path.relative_to(self.root).as_posix() for path in found]

    def inputs(self, name: str, stage: str) -> dict[str, list[str] | str]:
        """The inputs of one stage of one dataset, by name."""
        tables = [path for earlier in READS[stage] for path in all_outputs(name, earlier)]
        found: dict[str, list[str] | str] = {
            "tables": [path.as_posix() for path in tables],
            "sources": self.sources(stage),
        }
        if stage == "report":
            found["published"] = [PUBLISHED] if (self.root / PUBLISHED).is_file() else []
        else:
            found["dataset_file"] = f"data/{name}/dataset.yaml"
            found["instruments"] = [*self.instruments, *self.own_instruments(name)]
            found["data"] = self.data_files(name, stage)
        return found

    def folders(self, name: str, stage: str) -> list[str]:
        """The folders that hold the tables a stage is given."""
        return [stage_folder(name, earlier).as_posix() for earlier in READS[stage]]

    def notebook_inputs(self, name: str) -> list[str]:
        """What a notebook rests on: the simulated example and what it imports of the package."""
        example = [path for path in sorted((self.root / EXAMPLE).glob("*")) if path.is_file()]
        files = {path.relative_to(self.root).as_posix() for path in example} | {*self.instruments}
        text = (self.root / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
        for room in sorted(set(re.findall(r"(?:from|import) attunement\.(\w+)", text))):
            files |= set(self.sources(room))
        return sorted(files)
