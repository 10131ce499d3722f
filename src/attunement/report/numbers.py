"""Numbers as they stand in sentences and tables (APA 7: no leading zero where 1 is the limit)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

MINUS, DASH = "\u2212", "\u2013"
HUGE = 1e7  # from here on digits are powers of ten: an odds ratio of a polynomial


def missing(value: Any) -> bool:
    """Return whether a single value is missing."""
    return value is None or bool(pd.isna(value))


def number(value: Any, digits: int = 2) -> str:
    """Return a number with a true minus sign; a dash where it is missing; never minus zero."""
    if missing(value):
        return DASH
    if abs(float(value)) >= HUGE:
        return f"{float(value):.1e}".replace("-", MINUS)
    text = f"{float(value):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def bounded(value: Any, digits: int = 2) -> str:
    """Return a number that cannot exceed 1 (r, p, ICC, a share) without its leading zero."""
    text = number(value, digits)
    for sign in ("", MINUS):
        if text.startswith(f"{sign}0."):
            return sign + text.removeprefix(f"{sign}0")
    return text


def count(value: Any) -> str:
    """Return a whole number with separators of thousands; a dash where it is missing."""
    return DASH if missing(value) else f"{int(value):,}"


def percent(value: Any, digits: int = 0) -> str:
    """Return a share (0..1) as a percentage."""
    return DASH if missing(value) else f"{100 * float(value):.{digits}f}%"


def interval(low: Any, high: Any, digits: int = 2, below_one: bool = False) -> str:
    """Return an interval in brackets; a dash where a limit is missing."""
    if missing(low) or missing(high):
        return DASH
    shown = bounded if below_one else number
    return f"[{shown(low, digits)}, {shown(high, digits)}]"


def fine(low: Any, high: Any) -> int:
    """Return how many digits a coefficient with these limits needs: more where two tell little.

    Three where all is small or the interval narrower than .1, four where it is narrower than .01:
    an odds ratio of a year of age, points of a scale from 1 to 4.
    """
    limits = [float(value) for value in (low, high) if not missing(value)]
    if not limits:
        return 2
    width = max(limits) - min(limits)
    if len(limits) == 2 and width < 0.01:
        return 4
    return 3 if max(map(abs, limits)) < 0.1 or (len(limits) == 2 and width < 0.1) else 2


def share(value: Any, low: Any = None, high: Any = None) -> str:
    """Return a percentage with its interval, where there is one."""
    if missing(low) or missing(high):
        return percent(value)
    return f"{percent(value)} [{100 * float(low):.0f}, {100 * float(high):.0f}]"


def p_value(value: Any, name: str = "p") -> str:
    """Return `p = .031`, or `p < .001`; a dash where it is missing."""
    if missing(value):
        return DASH
    return f"{name} < .001" if float(value) < 0.001 else f"{name} = {bounded(value, 3)}"


def p_cell(value: Any) -> str:
    """Return a p value for a column headed p."""
    return p_value(value).removeprefix("p = ").removeprefix("p ")


@dataclass(frozen=True)
class Effect:
    """One coefficient: the same object gives the words of a sentence and the cells of a table."""

    metric: str
    estimate: float
    low: float
    high: float
    p: float
    p_adjusted: float
    se: float
    df: float
    multiplicity: str = ""

    @classmethod
    def of(cls, row: Any, multiplicity: str = "") -> Effect:
        """Make an effect from a row of `estimates` (a mapping)."""
        return cls(
            row["metric"],
            row["estimate"],
            row["ci_low"],
            row["ci_high"],
            row["p"],
            row["p_adjusted"],
            row["se"],
            row["df"],
            multiplicity,
        )

    @property
    def ratio(self) -> bool:
        """The effect is a ratio: 1, not 0, is no effect."""
        return self.metric in ("OR", "hOR", "HR", "RR")

    @property
    def judged(self) -> float:
        """The p value that counts: the adjusted one where there is one."""
        return self.p if missing(self.p_adjusted) else self.p_adjusted

    @property
    def clear(self) -> bool:
        """The p value that counts is below .05."""
        return not missing(self.judged) and float(self.judged) < 0.05

    @property
    def above(self) -> bool:
        """The estimate lies above no effect."""
        return float(self.estimate) > (1.0 if self.ratio else 0.0)

    @property
    def digits(self) -> int:
        """Digits after the point: more where two would leave little (see `fine`)."""
        return fine(self.low, self.high)

    @property
    def value(self) -> str:
        """The estimate."""
        return number(self.estimate, self.digits)

    @property
    def interval(self) -> str:
        """The 95% interval in brackets."""
        return interval(self.low, self.high, self.digits)

    @property
    def sentence(self) -> str:
        """`b = 0.12, 95% CI [0.02, 0.22], p = .021 (Holm)`."""
        p = p_value(self.judged)
        if not missing(self.p_adjusted) and self.multiplicity:
            p = f"{p} ({self.multiplicity})"
        return f"{self.metric} = {self.value}, 95% CI {self.interval}, {p}"

    @property
    def cells(self) -> list[str]:
        """Metric, estimate, interval, standard error, df, p, adjusted p."""
        return [
            self.metric,
            self.value,
            self.interval,
            number(self.se, self.digits),
            number(self.df, 0),
            p_cell(self.p),
            p_cell(self.p_adjusted),
        ]
