"""Estimates, ranges and targets as points and lines; linear and ratio metrics in two panels."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attunement.report.figures.style import BLACK, GREY, PALE, VERMILION, picture
from attunement.report.numbers import missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# Characters that fit a line of the figure: of a heading (bold), of a label beside its number.
HEADING, LABEL = 58, 46
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}


@dataclass(frozen=True)
class Mark:
    """One line: label, estimate, limits, a further value (a target), whether it is filled.

    `axis` is what the estimate counts in; without it that of the whole figure.
    """

    label: str
    value: str
    estimate: float
    low: float
    high: float
    ratio: bool
    target: float | None = None
    filled: bool = True
    heading: str = ""
    axis: str = ""


def _wrapped(text: str, width: int) -> str:
    """Break a long name over lines: one that juts out would press the axes together."""
    return textwrap.fill(text, width, break_long_words=False)


def _room(mark: Mark) -> float:
    """How far down a mark stands below the one before, words included."""
    lines = _wrapped(mark.label, LABEL).count("\n")
    if mark.heading:
        lines += _wrapped(mark.heading, HEADING).count("\n")
    return (1.45 if mark.heading else 1.0) + 0.42 * lines


def panel(axes: Axes, marks: Sequence[Mark], ratio: bool, unit: str) -> None:
    """Draw marks from top to bottom, words above each; ratios on a logarithmic axis."""
    if ratio:
        axes.set_xscale("log")
    centre, height, heights = (1.0 if ratio else 0.0), 0.0, []
    for mark in marks:
        height -= _room(mark)
        heights.append(height)
    axes.axvline(centre, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0.5)
    for mark, y in zip(marks, heights, strict=True):
        if not (missing(mark.low) or missing(mark.high)):
            axes.plot([mark.low, mark.high], [y, y], color=BLACK, linewidth=1.4)
        face = BLACK if mark.filled else "white"
        axes.plot(mark.estimate, y, "o", color=BLACK, markerfacecolor=face, markersize=5.5)
        if mark.target is not None and not missing(mark.target):
            axes.plot(
                mark.target, y, "|", color=VERMILION, markersize=15, markeredgewidth=2.4, zorder=4
            )
        across = axes.get_yaxis_transform()
        # White behind the words keeps the line of no effect out of them.
        words: dict[str, Any] = {
            "transform": across,
            "fontsize": 8.5,
            "va": "bottom",
            "bbox": BEHIND,
        }
        label = _wrapped(mark.label, LABEL)
        axes.text(0, y + 0.28, label, **words)
        axes.text(1, y + 0.28, mark.value, ha="right", **words)
        if mark.heading:
            above = y + 0.78 + 0.42 * label.count("\n")
            heading = _wrapped(mark.heading, HEADING)
            axes.text(0, above, heading, weight="bold", zorder=5, **words)
    axes.set_ylim(heights[-1] - 0.5, -0.15)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.06)
    axes.set_xlabel(unit, color=BLACK)
    if ratio:
        _ratio_ticks(axes)


def _ratio_ticks(axes: Axes) -> None:
    from matplotlib.ticker import NullFormatter, NullLocator

    low, high = axes.get_xlim()
    low, high = min(low, 0.8), max(high, 1.25)
    ticks = [0.05, 0.1, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 10, 20]
    inside = [tick for tick in ticks if low <= tick <= high]
    while len(inside) > 7:
        inside = [tick for place, tick in enumerate(inside) if place % 2 == 0 or tick == 1]
    axes.set_xticks(inside, [f"{tick:g}" for tick in inside])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(low, high)
    axes.grid(visible=False)
    axes.spines["bottom"].set_color(PALE if not inside else BLACK)


def draw_forest(marks: Sequence[Mark], linear_unit: str, ratio_unit: str, simulated: bool) -> bytes:
    """Draw marks, a panel for each unit: linear metrics first, then ratios (on a log axis)."""
    held: dict[tuple[bool, str], list[Mark]] = {}
    for mark in sorted(marks, key=lambda one: one.ratio):
        unit = mark.axis or (ratio_unit if mark.ratio else linear_unit)
        held.setdefault((mark.ratio, unit), []).append(mark)
    groups = [(ratio, found, unit) for (ratio, unit), found in held.items()]
    sizes = [sum(_room(mark) for mark in held) + 0.35 for _, held, _ in groups]

    def draw(figure: Figure) -> None:
        panels = figure.subplots(
            len(groups), 1, squeeze=False, gridspec_kw={"height_ratios": sizes}
        )[:, 0]
        for axes, (ratio, held, unit) in zip(panels, groups, strict=True):
            panel(axes, held, ratio, unit)

    height = 0.42 * sum(sizes) + 0.55 * len(groups) + (0.2 if simulated else 0.0)
    return picture(draw, height, simulated)


def describe_forest(marks: Sequence[Mark]) -> str:
    """Return the figure in words."""
    heading, said = "", []
    for mark in marks:
        heading = mark.heading or heading
        extra = "" if mark.target is None else f", target {mark.target:.2f}"
        said.append(f"{heading + ', ' if heading else ''}{mark.label}: {mark.value}{extra}")
    return "; ".join(said) + "."
