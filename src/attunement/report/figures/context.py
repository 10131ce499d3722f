"""This study beside published effects: one panel a metric, filled for this study, open for others.

In black and white: the two kinds differ in marker and filling, not in colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attunement.report.figures.forest import Mark, panel
from attunement.report.figures.style import picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS = {
    "d": "d, clinical outcome (right of 0: accommodation helps)",
    "OR": "odds ratio of leaving (left of 1: accommodation protects)",
    "RR": "risk ratio of leaving (left of 1: accommodation protects)",
}


def draw_context(panels: Mapping[str, Sequence[Mark]], simulated: bool) -> bytes:
    """Draw one panel for each metric that has marks, in the order given."""
    shown = {metric: marks for metric, marks in panels.items() if marks}
    sizes = [
        sum(1.45 if mark.heading else 1.0 for mark in marks) + 0.35 for marks in shown.values()
    ]

    def draw(figure: Figure) -> None:
        grid = {"height_ratios": sizes}
        axes = figure.subplots(len(shown), 1, squeeze=False, gridspec_kw=grid)[:, 0]
        for place, (metric, marks) in zip(axes, shown.items(), strict=True):
            panel(place, marks, metric != "d", UNITS[metric])

    height = 0.42 * sum(sizes) + 0.55 * len(shown) + (0.2 if simulated else 0.0)
    return picture(draw, height, simulated)
