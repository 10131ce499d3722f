"""Classes of change as bars, one panel per outcome and method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from attunement.report.figures.style import BLACK, BLUE, lines, picture
from attunement.report.numbers import count, percent
from attunement.report.words import METHODS, outcome, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLASSES = ("recovered", "improved", "unchanged", "deteriorated")
HATCHES = {"recovered": "////", "improved": "//", "unchanged": "", "deteriorated": "xx"}


def evaluated(classes: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of outcomes and methods under which somebody was evaluated."""
    rows = classes[classes["result"].isin(CLASSES)]
    return rows[(rows["n_analysed"] > 0).fillna(False)]


def draw_change(classes: pd.DataFrame, about: dict[str, Any], simulated: bool) -> bytes:
    """Draw shares of those evaluated, with the numbers written beside the bars."""
    rows = evaluated(classes)
    panels = list(rows.groupby(["outcome", "method"], sort=True))

    def draw(figure: Figure) -> None:
        drawn = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for axes, ((name, method), held) in zip(drawn, panels, strict=True):
            held = held.set_index("result").reindex(CLASSES)
            for height, result in enumerate(CLASSES):
                row = held.loc[result]
                if pd.isna(row["n_clients"]):
                    axes.text(0.01, -height, "withheld", va="center", fontsize=8.5)
                    continue
                share = float(row["n_clients"]) / float(row["n_analysed"])
                axes.barh(
                    -height,
                    share,
                    height=0.68,
                    facecolor="#cfe3f1",
                    edgecolor=BLUE,
                    hatch=HATCHES[result],
                    linewidth=0.8,
                )
                text = f"{percent(share)} (n = {count(row['n_clients'])})"
                axes.text(share + 0.015, -height, text, va="center", fontsize=8.5, color=BLACK)
            axes.set_yticks([-height for height in range(len(CLASSES))], CLASSES)
            axes.tick_params(left=False)
            axes.set_xlim(0, 1)
            axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
            title = outcome(str(name), about)
            n = held["n_analysed"].dropna().iloc[0]
            named = lines(f"{METHODS.get(str(method), plain(str(method)))}, {count(n)} evaluated")
            axes.set_title(f"{lines(title)}\n{named}", fontsize=8.5)
        drawn[-1].set_xlabel("share of clients evaluated")

    return picture(draw, 1.5 * len(panels) + 0.6, simulated)


def describe_change(classes: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return the figure in words."""
    said = []
    for (name, method), rows in evaluated(classes).groupby(["outcome", "method"], sort=True):
        values = ", ".join(
            f"{row['result']} {count(row['n_clients'])}" for row in rows.to_dict("records")
        )
        said.append(
            f"{outcome(str(name), about)}, {METHODS.get(str(method), str(method))}: {values}"
        )
    return "Clients by class of change. " + ". ".join(said) + "."
