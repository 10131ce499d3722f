"""`attunement run`: from the data to results/index.html, and plain words where it cannot."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from attunement.cli.declared import check
from attunement.cli.engine import LOG, Engine, usable_cores
from attunement.cli.locks import Busy, clear_stale_lock, hold
from attunement.cli.paths import (
    COMBINED_LOG,
    INDEX,
    NOTEBOOK_LOGS,
    PRIVATE,
    SNAKEMAKE_REPORT,
    all_outputs,
    error_files,
    log_of,
    notebook_names,
    notebook_outputs,
    release_of,
)
from attunement.cli.publish import heal, publish
from attunement.cli.summary import conflicts_line, page_line
from attunement.study.layout import BLINDED, STAGES, blinded_run

HELP = "analyse the datasets of config.yaml (or those named) and write results/index.html"


class Failure(NamedTuple):
    """What failed (a dataset, a notebook, the workflow), where in it, and why in one paragraph."""

    name: str
    place: str
    text: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `attunement run` takes."""
    parser.add_argument("names", nargs="*", metavar="DATASET", help="folders of data/ to analyse")
    parser.add_argument("--datasets", default="", help="the same as one text: 'example reframed'")
    parser.add_argument(
        "--cores", type=int, default=usable_cores(), help="jobs at a time (default: all cores)"
    )
    parser.add_argument(
        "--blinded",
        action="store_true",
        help="exchange preferences between clients first; all goes to results/blinded",
    )
    parser.add_argument(
        "--no-workflow-report", action="store_true", help="leave out Snakemake's own report"
    )


def _say(text: str = "") -> None:
    print(text, flush=True)


def _failures_of_dataset(root: Path, name: str) -> Iterator[Failure]:
    """What the jobs of a dataset complained of; else the first stage that lacks an output."""
    complaints = {stage: root / log_of(name, stage).with_suffix(".error") for stage in STAGES}
    told = [stage for stage in STAGES if complaints[stage].exists()]
    for stage in told:
        yield Failure(name, stage, complaints[stage].read_text("utf-8").strip())
    lacking = [
        stage
        for stage in STAGES
        if not all((root / path).exists() for path in all_outputs(name, stage))
    ]
    if lacking and not told:
        said = "It ended without a word; it may have been stopped from outside."
        yield Failure(name, lacking[0], f"{said} See {log_of(name, lacking[0])} and {LOG}.")


def _failures_of_notebooks(root: Path) -> Iterator[Failure]:
    for name in notebook_names(root):
        complaint = root / NOTEBOOK_LOGS / f"{name}.error"
        if complaint.exists():
            yield Failure("notebook", name, complaint.read_text("utf-8").strip())
        elif not all((root / path).exists() for path in notebook_outputs(name)):
            yield Failure("notebook", name, f"It was not made. See {LOG}.")


def _failures_of_combining(root: Path) -> Iterator[Failure]:
    complaint = (root / COMBINED_LOG).with_suffix(".error")
    if complaint.exists():
        yield Failure("combined", "combine", complaint.read_text("utf-8").strip())


def _print_failures(root: Path, failures: list[Failure]) -> None:
    for name, place, text in failures:
        _say(f"\nFAILED {name}, {place}: {text}" if place else f"\nFAILED {name}: {text}")
        if (root / release_of(name)).is_dir():
            _say(f"  The earlier release of {name} stays as it was.")


def _analyse(
    root: Path, names: list[str], options: argparse.Namespace, lock: int
) -> tuple[list[Failure], list[str]]:
    """Run the sound datasets; publish those whose every output stands.

    Returns what failed, and the datasets published.
    """
    for file in error_files(root, names):
        file.unlink()
    engine = Engine(root, names, options.cores, lock)
    if not engine.run():
        reason = f"It did not come to its end. {engine.reason()}"
        return [Failure("the workflow", "", reason)], []
    failures = [failure for name in names for failure in _failures_of_dataset(root, name)]
    complete = [name for name in names if name not in {failure.name for failure in failures}]
    publish(root, complete)
    wanted = engine.did_something or not (root / SNAKEMAKE_REPORT).exists()
    if complete and wanted and not options.no_workflow_report:
        engine.write_report(complete)
        publish(root, complete)  # the index links the report
    failures += [*_failures_of_notebooks(root), *_failures_of_combining(root)]
    return failures, complete


def _say_where_to_look(root: Path, names: list[str], failed: bool) -> None:
    """What could not be taken as it stood, the index, and the page of each dataset published."""
    for line in filter(None, (conflicts_line(root, name) for name in names)):
        _say(line)
    if (root / INDEX).exists():
        _say(f"What is released lies in {INDEX}." if failed else f"Look at {INDEX}.")
    for name in names:
        _say(page_line(name))


def main(options: argparse.Namespace) -> int:
    """Check, run, publish, and say where to look."""
    root, began = Path(), time.monotonic()
    if options.blinded and not blinded_run():
        # A run of its own from the start: every path and every job of it is that of a blinded one.
        return subprocess.call(
            [sys.executable, *sys.orig_argv[1:]], env=os.environ | {BLINDED: "1"}
        )
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
            failures = [Failure(name, "dataset.yaml", why) for name, why in checked.faulty.items()]
            published: list[str] = []
            if checked.sound:
                blindly = " blindly" if blinded_run() else ""
                _say(f"Attunement analyses {', '.join(checked.sound)}{blindly}.")
                failed, published = _analyse(root, checked.sound, options, lock)
                failures += failed
    except Busy as error:
        print(str(error), file=sys.stderr)
        return 1
    _print_failures(root, failures)
    _say()
    _say_where_to_look(root, published, bool(failures))
    _say(f"{'Failed' if failures else 'Done'} after {time.monotonic() - began:.1f} s.")
    return 1 if failures else 0
