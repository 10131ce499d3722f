"""Running engines in turn, so that what slows the machine for a while slows all of them."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

OWN = "attunement"
FEWEST_RUNS, MOST_RUNS = 3, 15
BUDGET = 15.0  # seconds for the repeated runs of one engine


class TooSlow(Exception):
    """An engine took longer than its limit."""


def say(text: str) -> None:
    """Show progress."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Answer:
    """What one run took, and what an engine found (where that is to be compared)."""

    seconds: float
    deviance: float | None = None
    estimates: NDArray[np.float64] | None = None
    errors: NDArray[np.float64] | None = None
    more: Any = None


@dataclass
class Engine:
    """One line of the table: who computes what of which model.

    `same` says whether the answer must agree with the project's own; `limit` is in seconds, and
    holds where the engine can be stopped.
    """

    part: str
    figure: str
    name: str
    run: Callable[[], Answer]
    model: str = ""
    same: bool = True
    seconds: list[float] = field(default_factory=list)
    note: str = ""


def clocked(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that a call takes after the garbage of earlier ones is gone, and its result."""
    gc.collect()
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def first_answers(engines: list[Engine]) -> dict[str, Answer]:
    """Run every engine once, to warm it and to compare it; those over their limit drop out.

    A peer whose first run fills the budget is not run again; that run counts.
    """
    found = {}
    for engine in engines:
        name = f"{engine.name}, {engine.figure}"
        try:
            found[name] = engine.run()
        except TooSlow as slow:
            engine.note = str(slow)
            say(f"    {name}: {slow}")
            continue
        seconds = found[name].seconds
        say(f"    {name}: {seconds:.4g} s (first run)")
        if engine.name != OWN and seconds > BUDGET:
            engine.seconds = [seconds]
    return found


def interleaved(engines: list[Engine]) -> None:
    """Time the engines in turn, each at least three times and until its budget is spent."""
    waiting = [engine for engine in engines if not engine.seconds and not engine.note]
    while waiting:
        for engine in waiting:
            engine.seconds.append(engine.run().seconds)
        waiting = [
            engine
            for engine in waiting
            if len(engine.seconds) < FEWEST_RUNS
            or (len(engine.seconds) < MOST_RUNS and sum(engine.seconds) < BUDGET)
        ]


def rows_of(engines: list[Engine], size: str, n_rows: int) -> list[dict[str, Any]]:
    """The lines of the stored table."""
    return [
        {
            "part": engine.part,
            "figure": engine.figure,
            "size": size,
            "rows": n_rows,
            "engine": engine.name,
            "value": statistics.median(engine.seconds) if engine.seconds else float("nan"),
            "unit": "s",
            "low": min(engine.seconds, default=float("nan")),
            "high": max(engine.seconds, default=float("nan")),
            "runs": len(engine.seconds),
            "detail": "; ".join(filter(None, [engine.model, engine.note])),
        }
        for engine in engines
    ]
