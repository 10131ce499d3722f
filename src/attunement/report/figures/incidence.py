"""Who left, and how, by accommodation up to a landmark: dropout and planned endings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from attunement.report.figures.style import (
    BLACK,
    GREY,
    LINES,
    label_ends,
    lines,
    picture,
)
from attunement.report.numbers import percent
from attunement.report.words import DEFINITIONS, definition, sentence_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GROUPS = ("low", "middle", "high")
ENDINGS = {
    "dropped_out": ("dropped out", "ci_low", "ci_high"),
    "planned": ("ended as planned", "planned_low", "planned_high"),
}


def _line(axes: Axes, rows: pd.DataFrame, ending: str, group: str) -> tuple[float, float]:
    """Draw one curve with its band; return its end."""
    _, low, high = ENDINGS[ending]
    held = rows[rows[ending].notna()]
    # Nobody has left at the landmark; whoever leaves after a session was there at it.
    start, last = float(held["landmark"].iloc[0]), float(held["time"].iloc[-1])
    time = [start - 1e-9, *held["time"].astype(float), last + 0.03 * (last - start + 1)]
    share = held[ending].astype(float)
    values, below, above = (
        [0.0, *column, column.iloc[-1]]
        for column in (
            share,
            held[low].astype(float).fillna(share),
            held[high].astype(float).fillna(share),
        )
    )
    style = LINES[GROUPS.index(group)]
    axes.fill_between(time, below, above, step="post", color=GREY, alpha=0.15, linewidth=0)
    axes.step(time, values, where="post", color=BLACK, linestyle=style)
    return time[-1], values[-1]


def draw_landmark(curves: pd.DataFrame, about: dict[str, Any], simulated: bool) -> bytes:
    """Draw, per definition, dropout (left) and planned endings (right) of each group.

    Groups are told apart by their lines (whole, dashed, dotted) and by words at their ends, so that
    the figure can be printed without colour.
    """
    curves = curves.sort_values(["definition", "group", "time"])
    names = [name for name in DEFINITIONS if name in set(curves["definition"])]
    start, end = float(curves["landmark"].min()), float(curves["time"].max())

    def draw(figure: Figure) -> None:
        grid = figure.subplots(len(names), 2, sharex=True, sharey=True, squeeze=False)
        for panels, name in zip(grid, names, strict=True):
            rows = curves[curves["definition"] == name]
            for axes, ending in zip(panels, ENDINGS, strict=True):
                axes.set_ylim(0, 1.02)
                axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
                axes.set_xlim(start, end + 0.42 * (end - start + 1))
                ends = []
                for group in (one for one in GROUPS if one in set(rows["group"])):
                    held = rows[(rows["group"] == group) & rows[ending].notna()]
                    if len(held):
                        x, y = _line(axes, held, ending, group)
                        ends.append((x, y, f"{group} {percent(y)}", BLACK))
                if ends:
                    label_ends(axes, ends, 0.13, x=max(one[0] for one in ends) + 0.1)
                title = sentence_case(definition(name, about)) if ending == "dropped_out" else ""
                axes.set_title(lines(title, 26), fontsize=8.5)
                axes.set_ylabel(ENDINGS[ending][0])
        for axes in grid[-1]:
            axes.set_xlabel("session", color=GREY)

    return picture(draw, 1.75 * len(names) + 0.45, simulated)


def describe_landmark(curves: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return the end of each curve in words."""
    said = []
    for (name, group), rows in curves.groupby(["definition", "group"], sort=False):
        last = rows.sort_values("time").iloc[-1]
        parts = [
            f"{percent(last[ending])} {told}"
            for ending, (told, *_) in ENDINGS.items()
            if not pd.isna(last[ending])
        ]
        said.append(
            f"{definition(str(name), about)}, {group} accommodation: {' and '.join(parts)} after "
            f"session {last['time']:g}"
        )
    return "Cumulative incidence by early accommodation. " + "; ".join(said) + "."
