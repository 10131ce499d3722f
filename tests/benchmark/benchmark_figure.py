"""Time against rows on logarithmic axes, the floor drawn in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from attunement.report.figures.style import BLACK, COLOURS, GREY, LINES, MARKERS, PALE, picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# An engine looks the same in every panel.
ENGINES = ("attunement", "glmm", "lme4", "lmerTest", "gpboost", "statsmodels")
PANELS = (
    ("linear", "whole call", "Linear: whole call"),
    ("linear", "kernel", "Linear: kernel"),
    ("logistic", "whole call", "Logistic: whole call"),
)


def benchmark_figure(table: pd.DataFrame) -> bytes:
    """One panel for each kind of call; SVG bytes."""
    floor = table[table["figure"] == "floor"].sort_values("rows")

    def draw(figure: Figure) -> None:
        panels = figure.subplots(len(PANELS), 1, sharex=True)
        for axes, (part, kind, title) in zip(panels, PANELS, strict=True):
            axes.set(xscale="log", yscale="log", title=title, ylabel="seconds")
            axes.grid(True, color=PALE, linewidth=0.5)
            shown = table[(table["part"] == part) & (table["figure"] == kind)]
            for place, engine in enumerate(ENGINES):
                line = shown[(shown["engine"] == engine) & shown["value"].notna()]
                line = line.sort_values("rows")
                if line.empty:
                    continue
                axes.plot(
                    line["rows"],
                    line["value"],
                    color=COLOURS[place],
                    marker=MARKERS[place],
                    linestyle=LINES[place],
                    linewidth=2.2 if engine == "attunement" else 1.3,
                    label=engine,
                )
            if part == "linear" and not floor.empty:
                axes.fill_between(floor["rows"], floor["value"], 1e-9, color=PALE, zorder=0)
                axes.plot(
                    floor["rows"], floor["value"], color=GREY, linewidth=1, label="least squares"
                )
            lowest = shown["value"].min()
            if part == "linear" and not floor.empty:
                lowest = min(lowest, floor["value"].min())
            axes.set_ylim(lowest / 2.0, 2.0 * shown["value"].max())
            axes.legend(
                fontsize=7.5, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5),
                labelcolor=BLACK,
            )  # fmt: skip
        panels[-1].set_xlabel("rows (sessions)")

    return picture(draw, height=8.0, simulated=True, width=5.5)
