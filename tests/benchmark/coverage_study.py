"""How often intervals hold the truth, over thousands of simulated studies: `make coverage`.

Finished parts lie in `work/`, under the checksum of the code that made them, and are not made
again: an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import machine
import numpy as np
import pandas as pd
import r_process
from coverage_fits import rows_of_studies
from coverage_page import page
from coverage_pbkrtest import agreement, rows_by_pbkrtest
from coverage_table import coverage_table, fits_table, pbkrtest_table
from timing import say

from attunement.study.files import write_text

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
THERAPISTS = (10, 20, 50)
AT_ONCE, STORED = 100, 10
Job = tuple[Callable[[int, int, int], pd.DataFrame], int, int, int]


def checksum() -> str:
    """Of the code that a study passes through."""
    source = ROOT / "src" / "attunement"
    files = [
        *sorted((source / "mixed").rglob("*.py")),
        source / "simulate" / "sessions.py",
        HERE / "coverage_fits.py",
        HERE / "coverage_pbkrtest.py",
        HERE / "worker.R",
    ]
    found = hashlib.sha256()
    for path in files:
        found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _place(folder: Path, job: Job) -> Path:
    make, therapists, first, last = job
    return folder / f"{make.__name__}_{therapists}_{first}_{last}.csv"


def run(jobs: list[Job], folder: Path) -> list[pd.DataFrame]:
    """The rows of every job in order; what was not made yet is made by two processes."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [job for job in jobs if not _place(folder, job).exists()]
    say(f"{len(jobs)} parts, {len(jobs) - len(missing)} of them made before")
    started, done = time.monotonic(), 0
    # fresh processes: a fork would share the threads of the libraries
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        waiting = {pool.submit(job[0], *job[1:]): job for job in missing}
        for future in as_completed(waiting):
            job = waiting[future]
            stored = future.result().to_csv(index=False, lineterminator="\n", float_format="%.17g")
            write_text(_place(folder, job), stored)
            done += 1
            rest = (time.monotonic() - started) / done * (len(missing) - done)
            say(
                f"  {job[1]} therapists, studies {job[2]} to {job[3] - 1};"
                f" {done} of {len(missing)}, about {rest:.0f} s left"
            )
    return [pd.read_csv(_place(folder, job)) for job in jobs]


def _jobs(
    make: Callable[[int, int, int], pd.DataFrame], therapists: int, studies: int, at_once: int
) -> list[Job]:
    return [
        (make, therapists, first, min(first + at_once, studies))
        for first in range(0, studies, at_once)
    ]


def main() -> None:
    """Run what is missing and write tables and page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=5_000, help="of each number of therapists")
    parser.add_argument(
        "--pbkrtest", type=int, default=100, help="studies that pbkrtest analyses too (0: none)"
    )
    parser.add_argument("--to", type=Path, default=ROOT / "docs", help="folder of the page")
    given = parser.parse_args()
    if not machine.one_thread_each():
        raise SystemExit("Start by `make coverage`, or with OMP_NUM_THREADS=1 and its like set.")
    started = time.monotonic()
    folder = HERE / "work" / checksum()
    with_r = given.pbkrtest > 0 and r_process.found()
    jobs = [
        job
        for therapists in THERAPISTS
        for job in _jobs(rows_of_studies, therapists, given.studies, AT_ONCE)
    ]
    rows = pd.concat(run(jobs, folder), ignore_index=True)
    table, beside, apart = coverage_table(rows), None, None
    stored = [table.assign(studies_of="all")]
    if with_r:
        wanted = min(given.pbkrtest, given.studies)
        say("pbkrtest on the same studies")
        theirs = pd.concat(run(_jobs(rows_by_pbkrtest, 10, wanted, 10), folder))
        ours = rows[(rows["therapists"] == 10) & (rows["study"] < wanted)]
        apart = agreement(ours, theirs)
        beside = pd.concat([coverage_table(ours), pbkrtest_table(theirs)], ignore_index=True)
        stored.append(beside.assign(studies_of="pbkrtest"))
    fits = fits_table(rows)
    whole = pd.concat(stored, ignore_index=True).merge(
        fits.drop(columns="studies"), left_on="therapists", right_index=True
    )
    whole.loc[whole["studies_of"] != "all", list(fits.columns.drop("studies"))] = np.nan
    options = [] if given.studies == 5_000 else [f'OPTIONS="--studies {given.studies}"']
    used = ("Python", "numpy", "R", "lme4", "pbkrtest")
    about = {
        "command": " ".join(["make coverage", *options]),
        "checksum": checksum(),
        "versions": ", ".join(
            f"{name} {which}" for name, which in machine.versions(with_r).items() if name in used
        ),
    }
    given.to.mkdir(parents=True, exist_ok=True)
    first = rows[rows["study"] < STORED]
    for name, frame, digits in (("coverage", whole, 6), ("coverage_first_studies", first, 12)):
        text = frame.to_csv(index=False, lineterminator="\n", float_format=f"%.{digits}g")
        write_text(given.to / f"{name}.csv", text)
    write_text(given.to / "coverage.md", page(table, fits, beside, apart, about))
    say(f"{len(fits) * given.studies:,} studies after {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
