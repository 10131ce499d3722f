"""Time the multilevel engine beside others: `make benchmark`."""

from __future__ import annotations

import argparse
import math
import shlex
import time
from pathlib import Path
from typing import Any

import linear_engines
import logistic_engines
import machine
import pandas as pd
import peak_memory
import r_process
import refits
from benchmark_figure import benchmark_figure
from benchmark_page import page
from models import data
from timing import Answer, Engine, first_answers, interleaved, rows_of, say

from attunement.mixed.threads import n_threads
from attunement.study.files import write_text

DOCS = Path(__file__).parents[2] / "docs"
SIZES = ("S1", "S2", "S3", "S4")


def _agreement(part: str, apart: dict[str, float], size: str, n_rows: int) -> list[dict[str, Any]]:
    return [
        {"part": "agreement", "figure": f"{part}: {what}", "size": size, "rows": n_rows,
         "value": value}
        for what, value in apart.items()
    ]  # fmt: skip


def _timed(lines: list[Engine], size: str, n_rows: int) -> list[dict[str, Any]]:
    interleaved(lines)
    rows = rows_of(lines, size, n_rows)
    for row in rows:
        say(f"    {row['engine']}, {row['figure']}: {row['value']:.4g} s of {row['runs']}")
    return rows


def of_size(size: str, with_r: bool) -> list[dict[str, Any]]:
    """Every line of one size."""
    frame = data(size)
    n_rows = len(frame)
    process = r_process.RProcess(frame) if with_r else None
    rows: list[dict[str, Any]] = []

    say(f"{size}, {n_rows:,} rows: linear")
    lines = linear_engines.engines(size, frame, process)
    first: dict[str, Answer] = first_answers(lines)
    rows += _agreement("linear", linear_engines.check(first, process), size, n_rows)
    first.clear()
    rows += _timed(lines, size, n_rows)

    say(f"{size}: logistic")
    lines = logistic_engines.engines(size, frame, process)
    first = first_answers(lines)
    rows += _agreement("logistic", logistic_engines.check(first), size, n_rows)
    rows += _timed(lines, size, n_rows)
    if process is not None:
        process.close()

    lines = refits.engines(size, frame)
    if lines:
        say(f"{size}: refits")
        rows += _timed(lines, size, n_rows)
    return rows


def main() -> None:
    """Run the sizes asked for and write table, page and figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", default=SIZES, help="S1 S2 S3 S4 (default: all)")
    parser.add_argument("--without-r", action="store_true", help="leave out lme4")
    parser.add_argument("--to", type=Path, default=DOCS, help="folder of the page (default: docs)")
    given = parser.parse_args()
    if not machine.one_thread_each():
        raise SystemExit("Start by `make benchmark`, or with OMP_NUM_THREADS=1 and its like set.")
    with_r = not given.without_r and r_process.found()
    if not with_r:
        say("Without R: lme4 is left out.")
    started = time.monotonic()
    rows: list[dict[str, Any]] = []
    if "S4" in given.sizes:
        before, most = peak_memory.of_whole_call("S4")
        rows += [
            {"part": "memory", "figure": figure, "size": "S4", "engine": "attunement",
             "value": value, "unit": "MB", "runs": 1}
            for figure, value in (("before", before), ("peak", most))
        ]  # fmt: skip
        say(f"S4: {before:.0f} MB before, {most:.0f} MB at the peak of a whole call")
    for size in given.sizes:
        rows += of_size(size, with_r)
    columns = "part figure size rows engine value unit low high runs detail".split()
    table = pd.DataFrame(rows, columns=columns)
    table["detail"] = table["detail"].fillna("")
    table[["rows", "runs"]] = table[["rows", "runs"]].astype("Int64")
    chosen = [] if list(given.sizes) == list(SIZES) else [f'OPTIONS="{shlex.join(given.sizes)}"']
    about = {
        "command": " ".join(["make benchmark", *chosen]),
        "versions": machine.versions(with_r),
        "threads": n_threads(),
    }
    given.to.mkdir(parents=True, exist_ok=True)
    stored = table.to_csv(index=False, lineterminator="\n", float_format="%.5g")
    write_text(given.to / "benchmark.csv", stored)
    write_text(given.to / "benchmark.md", page(table, about))
    (given.to / "benchmark.svg").write_bytes(benchmark_figure(table))
    missing = table["value"].map(math.isnan).sum()
    say(f"{len(table)} figures ({missing} stopped) after {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
