"""What was set out to be reached, and how far each measured figure is from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Figure:
    """One measured value of the table."""

    part: str
    figure: str
    size: str
    engine: str = "attunement"

    def of(self, table: pd.DataFrame) -> float:
        """The value, NaN where it was not measured."""
        found = table
        for name in ("part", "figure", "size", "engine"):
            found = found[found[name] == getattr(self, name)]
        return float(found["value"].iloc[0]) if len(found) else math.nan


@dataclass(frozen=True)
class Target:
    """A bound on a value, or on the ratio of a value to that of another engine.

    `least` bounds from below (times faster), otherwise from above; `why` is told where the target
    is missed.
    """

    words: str
    value: Figure
    bound: float
    unit: str
    least: bool = False
    beside: Figure | None = None
    why: str = ""

    def measured(self, table: pd.DataFrame) -> float:
        """The value or ratio."""
        value = self.value.of(table)
        if self.beside is None:
            return value
        other = self.beside.of(table)
        return other / value if self.least else value / other

    def verdict(self, table: pd.DataFrame) -> str:
        """Whether the target is reached, and by how much it is missed."""
        value = self.measured(table)
        if math.isnan(value):
            return "not measured"
        short = 1.0 - value / self.bound if self.least else value / self.bound - 1.0
        if short <= 0.0:
            return "reached"
        return f"missed by {short:.0%}" + (f": {self.why}" if self.why else "")


def _whole(size: str, engine: str = "attunement") -> Figure:
    return Figure("linear", "whole call", size, engine)


def _kernel(size: str, engine: str = "attunement") -> Figure:
    return Figure("linear", "kernel", size, engine)


def _faster(words: str, value: Figure, bound: float, beside: Figure, why: str = "") -> Target:
    return Target(words, value, bound, "times", least=True, beside=beside, why=why)


TARGETS = [
    _faster("Whole call against lme4's, S2", _whole("S2"), 30, _whole("S2", "lme4")),
    _faster("Whole call against glmm's, S2", _whole("S2"), 4, _whole("S2", "glmm")),
    _faster("Whole call against lme4's, S4", _whole("S4"), 100, _whole("S4", "lme4")),
    _faster("Whole call against glmm's, S4", _whole("S4"), 12, _whole("S4", "glmm")),
    _faster(
        "Kernel against lme4's kernel, S2", _kernel("S2"), 150, _kernel("S2", "lme4"),
        "lme4 itself spends half of its whole call outside its optimisation",
    ),
    _faster("Kernel against lme4's whole call, S2", _kernel("S2"), 150, _whole("S2", "lme4")),
    *(
        Target(
            f"Kernel in least squares by normal equations, S4{words}",
            _kernel("S4"),
            bound,
            "times",
            beside=Figure("linear", "floor", "S4", "least squares"),
        )
        for bound, words in ((10, ""), (6, " (goal)"))
    ),
    Target(
        "1,000 therapist bootstraps, S2", Figure("refits", "1,000 therapist bootstraps", "S2"),
        1.0, "s", why="half of a draw is outside the compiled loops, where threads take turns",
    ),
    Target(
        "Leaving out each therapist, S3", Figure("refits", "leaving out each therapist", "S3"),
        1.5, "s",
    ),
    Target("500 specifications, S2", Figure("refits", "500 specifications", "S2"), 1.0, "s"),
    Target("Kenward-Roger apart, S2", Figure("refits", "Kenward-Roger apart", "S2"), 0.05, "s"),
    Target("Kenward-Roger apart, S4", Figure("refits", "Kenward-Roger apart", "S4"), 1.0, "s"),
    Target(
        "Logistic, 25 nodes, whole call, S4", Figure("logistic", "whole call", "S4"), 1.5, "s"
    ),
    Target(
        "Peak memory of a process with one whole call, S4",
        Figure("memory", "peak", "S4"), 700, "MB",
    ),
]  # fmt: skip
