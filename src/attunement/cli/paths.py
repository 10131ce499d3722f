"""Where the workflow puts what it makes, relative to the project's folder."""

from __future__ import annotations

from pathlib import Path

from attunement.study.layout import STAGES, blinded_run, outputs

# A blinded run keeps all it makes apart from results.
RESULTS = Path("results/blinded") if blinded_run() else Path("results")
PRIVATE = RESULTS / "private"
INDEX = RESULTS / "index.html"
NOTEBOOKS = PRIVATE / "notebooks"
NOTEBOOK_LOGS = PRIVATE / "logs"
PUBLISHED_NOTEBOOKS = RESULTS / "notebooks"
COMBINED = PRIVATE / "combined"
COMBINED_LOG = NOTEBOOK_LOGS / "combine.log"
PUBLISHED_COMBINED = RESULTS / "combined"
SNAKEMAKE_REPORT = RESULTS / "snakemake_report.html"
INSTRUMENTS = Path("data/instruments")
# Folders of results/ that a dataset may not be called.
RESERVED = ("private", "notebooks", "combined", "blinded", "instruments", "published")


def stage_folder(dataset: str, stage: str) -> Path:
    """The private folder of one stage of one dataset (or of the wildcard `{dataset}`)."""
    return RESULTS / dataset / "private" / stage


def log_of(dataset: str, stage: str) -> Path:
    """The log of one stage of one dataset."""
    return RESULTS / dataset / "private" / "logs" / f"{stage}.log"


def release_of(dataset: str) -> Path:
    """The published folder of one dataset."""
    return RESULTS / dataset / "release"


def all_outputs(dataset: str, *stages: str) -> list[Path]:
    """Every output of the stages named (of all stages where none is) for one dataset."""
    return [
        stage_folder(dataset, stage) / name
        for stage in (stages or STAGES)
        for name in outputs(stage)
    ]


def notebook_names(root: Path) -> list[str]:
    """The names of the project's notebooks, in order."""
    return sorted(path.stem for path in (root / "notebooks").glob("*.ipynb"))


def notebook_outputs(name: str) -> list[Path]:
    """What executing one notebook makes."""
    return [NOTEBOOKS / f"{name}.ipynb", NOTEBOOKS / f"{name}.html"]


def error_files(root: Path, datasets: list[str]) -> list[Path]:
    """What failed jobs of an earlier run left to be read."""
    logs = [root / RESULTS / name / "private" / "logs" for name in datasets]
    return [
        file for folder in (*logs, root / NOTEBOOK_LOGS) for file in sorted(folder.glob("*.error"))
    ]
