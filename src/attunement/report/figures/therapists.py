"""Therapists' effects in order of size, without names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from attunement.report.figures.style import BLACK, BLUE, GREY, MARKERS, VERMILION, picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOKS = (BLACK, BLUE, VERMILION)


def draw_therapists(effects: pd.DataFrame, simulated: bool) -> bytes:
    """Draw the caterpillar: effect and 95% interval by rank; markers tell the bands of caseload."""
    rows = effects.sort_values("rank")
    bands = sorted(rows["caseload"].unique(), key=lambda band: int(str(band).split()[0]))

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.axhline(0, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
        for index, band in enumerate(bands):
            held = rows[rows["caseload"] == band]
            colour = LOOKS[index % len(LOOKS)]
            axes.vlines(held["rank"], held["ci_low"], held["ci_high"], color=colour, linewidth=1.2)
            axes.plot(
                held["rank"].astype(float),
                held["effect"].astype(float),
                MARKERS[index],
                color=colour,
                markersize=5,
                label=f"{band} clients",
            )
        axes.set_xlabel("therapists in order")
        axes.set_ylabel("level of the outcome (SD)")
        axes.set_xticks([1, len(rows)], ["lowest", "highest"])
        if len(bands) > 1:
            axes.legend(loc="upper left", frameon=False, fontsize=8.5, title_fontsize=8.5)

    return picture(draw, 3.1, simulated)


def describe_therapists(effects: pd.DataFrame) -> str:
    """Return the figure in words."""
    above = int((effects["ci_low"] > 0).sum())
    below = int((effects["ci_high"] < 0).sum())
    return (
        f"{len(effects)} therapists in order of their clients' level of the outcome, from "
        f"{effects['effect'].min():.2f} to {effects['effect'].max():.2f} standard deviations; the "
        f"intervals of {above} lie wholly above and of {below} wholly below the average therapist."
    )
