"""`attunement run`: from the data to results/index.html, and plain words where it cannot."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from attunement.cli.check import Checked, check
from attunement.cli.engine import Engine, usable_cores
from attunement.cli.locks import Busy, clear_stale_lock, hold
from attunement.cli.paths import (
    INDEX,
    NOTEBOOK_LOGS,
    PRIVATE,
    SNAKEMAKE_REPORT,
    all_outputs,
    error_files,
    log_of,
    notebook_names,
    notebook_outputs,
)
from attunement.cli.publish import heal, publish
from attunement.study.layout import STAGES

HELP = "analyse the datasets of config.yaml (or those named) and write results/index.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `attunement run` takes."""
    parser.add_argument("names", nargs="*", metavar="DATASET", help="folders of data/ to analyse")
    parser.add_argument("--datasets", default="", help="the same as one text: 'example reframed'")
    parser.add_argument(
        "--cores", type=int, default=usable_cores(), help="jobs at a time (default: all cores)"
    )


def _say(text: str = "") -> None:
    print(text, flush=True)


def _failures(root: Path, datasets: list[str]) -> dict[str, list[tuple[str, str]]]:
    """What failed: dataset (or notebook) -> (stage, one paragraph)."""
    failed: dict[str, list[tuple[str, str]]] = {}
    for name in datasets:
        for stage in STAGES:
            file = root / log_of(name, stage).with_suffix(".error")
            if file.exists():
                failed.setdefault(name, []).append((stage, file.read_text("utf-8").strip()))
        if name not in failed:
            for stage in STAGES:
                if not all((root / path).exists() for path in all_outputs(name, stage)):
                    said = "It ended without a word; it may have been stopped from outside."
                    note = f"{said} See {log_of(name, stage)} and {PRIVATE / 'snakemake.log'}."
                    failed[name] = [(stage, note)]
                    break
    for name in notebook_names(root):
        file = root / NOTEBOOK_LOGS / f"{name}.error"
        if file.exists():
            failed[f"notebook {name}"] = [("notebook", file.read_text("utf-8").strip())]
        elif not all((root / path).exists() for path in notebook_outputs(name)):
            note = f"It was not made. See {PRIVATE / 'snakemake.log'}."
            failed[f"notebook {name}"] = [("notebook", note)]
    return failed


def _print_failures(root: Path, failed: dict[str, list[tuple[str, str]]]) -> None:
    for name, stages in failed.items():
        for stage, text in stages:
            _say(f"\nFAILED {name}{f', {stage}' if stage != 'notebook' else ''}: {text}")
        if (root / "results" / name / "release").is_dir():
            _say(f"  The earlier release of {name} stays as it was.")


def _analyse(
    root: Path, checked: Checked, cores: int, lock: int
) -> dict[str, list[tuple[str, str]]]:
    """Run the sound datasets; publish those whose every output stands; return what failed."""
    for file in error_files(root, checked.sound):
        file.unlink()
    engine = Engine(root, checked.sound, cores, lock)
    finished = engine.run()
    if not finished:
        cause = f"The workflow could not be run to its end: {engine.reason()}"
        return {"the workflow": [("notebook", cause)]}
    failed = _failures(root, checked.sound)
    complete = [name for name in checked.sound if name not in failed]
    publish(root, complete)
    if complete and (engine.did_something or not (root / SNAKEMAKE_REPORT).exists()):
        engine.write_report(complete)
        publish(root, complete)
    return failed


def main(options: argparse.Namespace) -> int:
    """Check, run, publish, and say where to look."""
    root, began = Path(), time.monotonic()
    if not ((root / "config.yaml").is_file() and (root / "Snakefile").is_file()):
        print(
            "This folder is no Attunement project (config.yaml and Snakefile are not both here). "
            "Change to the project's folder and run again.",
            file=sys.stderr,
        )
        return 2
    if options.cores < 1:
        print("--cores must be 1 or more.", file=sys.stderr)
        return 2
    try:
        with hold(root / PRIVATE / "run.lock") as lock:
            clear_stale_lock(root)
            heal(root)
            checked = check(root, [*options.names, *options.datasets.split()])
            failed = {name: [("dataset.yaml", text)] for name, text in checked.faulty.items()}
            if checked.sound:
                _say(f"Attunement analyses {', '.join(checked.sound)}.")
                failed |= _analyse(root, checked, options.cores, lock)
    except Busy as error:
        print(str(error), file=sys.stderr)
        return 1
    _print_failures(root, failed)
    _say()
    if (root / INDEX).exists():
        _say(f"What is released lies in {INDEX}." if failed else f"Look at {INDEX}.")
    _say(f"{'Failed' if failed else 'Done'} after {time.monotonic() - began:.1f} s.")
    return 1 if failed else 0
