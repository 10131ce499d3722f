"""The participant flow as boxes from top to bottom."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from attunement.report.figures.style import BLACK, GREY, picture
from attunement.report.numbers import count, missing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINE, GAP, PADDING = 0.19, 0.24, 0.16  # inches


def _numbers(row: dict) -> str:
    parts = []
    for column, one, many in (
        ("n_clients", "client", "clients"),
        ("n_therapists", "therapist", "therapists"),
        ("n_rows", "row", "rows"),
    ):
        value = row[column]
        if not missing(value):
            parts.append(f"{count(value)} {one if int(value) == 1 else many}")
    if bool(row["withheld"]):
        parts.append("number withheld")
    return ", ".join(parts)


def draw_flow(flow: pd.DataFrame, simulated: bool) -> bytes:
    """Draw one box per step of `participant_flow`."""
    boxes = [
        (textwrap.wrap(str(row["label"]), 52) or [str(row["step"])], _numbers(row))
        for row in flow.to_dict("records")
    ]
    heights = [PADDING + LINE * (len(words) + 1) for words, _ in boxes]
    total = sum(heights) + GAP * (len(boxes) - 1) + 0.05

    def draw(figure: Figure) -> None:
        from matplotlib.patches import FancyBboxPatch

        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_xlim(0, 1)
        axes.set_ylim(total, 0)
        top = 0.03
        for index, ((words, numbers), height) in enumerate(zip(boxes, heights, strict=True)):
            axes.add_patch(
                FancyBboxPatch(
                    (0.08, top),
                    0.84,
                    height,
                    boxstyle="round,pad=0,rounding_size=0.02",
                    mutation_aspect=total / 3,
                    facecolor="white",
                    edgecolor=BLACK,
                    linewidth=0.9,
                )
            )
            middle = top + PADDING / 2
            for line in words:
                axes.text(0.5, middle + LINE / 2, line, ha="center", va="center", fontsize=9)
                middle += LINE
            axes.text(
                0.5, middle + LINE / 2, numbers, ha="center", va="center", fontsize=9, weight="bold"
            )
            top += height
            if index < len(boxes) - 1:
                axes.annotate(
                    "",
                    xy=(0.5, top + GAP),
                    xytext=(0.5, top),
                    arrowprops={"arrowstyle": "-|>", "color": GREY, "linewidth": 1},
                )
            top += GAP

    return picture(draw, total + (0.25 if simulated else 0.0), simulated)
