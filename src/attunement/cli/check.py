"""`attunement check`: what a colleague would report of a dataset before anything is run.

The configuration is checked as `run` checks it, the files are read, brought into the canonical
tables and scored in memory; every analysis is run up to its first fit, and nothing is written.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any

from attunement.cli.plain_report import head, say, width
from attunement.study.problems import StudyError

HELP = "read a dataset and report what was found, what conflicts and what can be estimated"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what may be asked of the command."""
    command.add_argument("name", help="a folder of data/ that holds a dataset.yaml")


def _open_questions(file: Path) -> int:
    if not file.exists():
        return 0
    return sum(
        line.lstrip().startswith("# QUESTION ")
        for line in file.read_text(encoding="utf-8").splitlines()
    )


def _would_not_run(error: StudyError | str, name: str) -> int:
    head("This would not run")
    sys.stdout.flush()
    for line in str(error).splitlines():
        if len(line) <= width() - 2 or line.startswith(" "):
            print(f"  {line}")  # a list, or lines to paste
        else:
            say(line, "  ", "")
    if "rules: {duplicates" in str(error):
        say("A rule keeps one of such rows and drops the others: it is right where a row was "
            "entered twice, and wrong where the rows are of different sessions or items. Then "
            "say under responses which column tells the session.", "  ", "")  # fmt: skip
    head("What to do next")
    n = _open_questions(Path("data") / name / "dataset.yaml")
    if n:
        say(f"{n} question(s) are still open in data/{name}/dataset.yaml: one may be about this.",
            "  ", "")  # fmt: skip
    say(f"Put this right, then type: .venv/bin/attunement check {name}", "  ", "")
    return 1


def main(arguments: argparse.Namespace) -> int:
    """Report on one dataset.

    Returns
    -------
    int
        0 if a run of the dataset would go through ingest and scoring, else 1.
    """
    from attunement.cli.declared import check

    root, name = Path(), arguments.name
    print(f"Dataset {name}: what it holds and what it can carry")
    checked = check(root, [name])
    if checked.faulty:
        return _would_not_run(checked.faulty[name], name)
    return _report(root, name, checked)


def _report(root: Path, name: str, checked: Any) -> int:
    from attunement.accommodate.stage import accommodate
    from attunement.cli import check_doubts, check_estimable, check_found
    from attunement.cli.paths import INSTRUMENTS
    from attunement.ingest import ingest, obtain
    from attunement.ingest.future import dates_after
    from attunement.score.stage import score
    from attunement.score.unscored import unscored
    from attunement.study.instruments import load_instruments

    dataset, config = checked.datasets[name], checked.config
    file = root / "data" / name / "dataset.yaml"
    open_questions = _open_questions(file)
    sources: dict[str, Any] = {}
    tables: dict[str, Any] = {}

    try:
        instruments = load_instruments(root / INSTRUMENTS, file)
        sources = obtain(dataset, file.parent)
        check_found.files(dataset, sources)
        tables = ingest(dataset, sources, instruments)
        tables |= score(tables, dataset, instruments, config.accept_unverified)
        tables |= accommodate(tables, dataset, instruments, config.accept_unverified)
    except StudyError as error:
        return _would_not_run(error, name)
    check_found.people(tables)
    check_found.measures(dataset, tables, instruments)
    check_found.endings(dataset, tables)
    check_doubts.unscored(unscored(tables["scores"], instruments, config.accept_unverified))
    check_doubts.lowest(tables, instruments)
    check_doubts.future(dates_after(dataset, sources, dt.date.today()))
    check_doubts.poles(dataset, tables)
    check_doubts.conflicts(tables["conflicts"])
    check_doubts.privacy(dataset, tables)
    check_estimable.models(config, dataset, instruments, tables)
    head("What to do next")
    if open_questions:
        say(f"{open_questions} question(s) are still open in data/{name}/dataset.yaml: answer each"
            ", then delete its lines.", "  ", "")  # fmt: skip
    if len(tables["conflicts"]):
        say("Look at the conflicts above: correct the files, or leave them as listed.", "  ", "")
    say(f"It would run: make DATASETS={name}", "  ", "")
    return 0
