"""Expected scores by first score: a fan of percentiles over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from attunement.report.figures.style import BLACK, PALE, picture
from attunement.report.numbers import number
from attunement.report.words import sentence_case, short_outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST = 10  # fewer clients with a score at that time are not drawn
TITLES = {1: "lowest fifth", 3: "middle fifth", 5: "highest fifth"}


def drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are drawn: three fifths of the first scores, enough clients then."""
    rows = table[(table["n_clients"] >= LEAST).fillna(False) & table["band"].isin(TITLES)]
    return rows.sort_values(["band", "time"], kind="stable")


def _panel(axes: Axes, rows: pd.DataFrame) -> None:
    start = float(rows["intake"].iloc[0])
    time = rows["time"].astype(float).to_list()
    axes.fill_between(time, rows["p10"], rows["p90"], color=PALE, alpha=0.75, linewidth=0)
    axes.fill_between(time, rows["p25"], rows["p75"], color="#b3b3b3", linewidth=0)
    axes.plot(time, rows["p50"], color=BLACK)
    axes.plot(time, rows["limit"], color=BLACK, linestyle=(0, (4, 2)), linewidth=1.2)
    axes.plot([0], [start], "o", color=BLACK, markersize=5, clip_on=False)


def draw_expected(table: pd.DataFrame, about: dict[str, Any], simulated: bool) -> bytes:
    """Draw three panels side by side; the scale of scores is shared."""
    rows = drawn(table)
    bands = sorted(set(rows["band"].astype(int)))

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(bands), sharex=True, sharey=True, squeeze=False)[0]
        for axes, band in zip(panels, bands, strict=True):
            held = rows[rows["band"] == band]
            _panel(axes, held)
            axes.set_title(
                f"{sentence_case(TITLES[band])}\n(mean {number(held['intake'].iloc[0], 1)})",
                fontsize=8.5,
            )
            axes.set_xlim(-0.03 * rows["time"].max(), 1.02 * rows["time"].max())
        name = str(rows["outcome"].iloc[0])
        way = about.get("outcomes", {}).get(name, {}).get("direction", "")
        label = f"{short_outcome(name, about)} score"
        panels[0].set_ylabel(f"{label}\n({way})" if way else label)
        panels[len(bands) // 2].set_xlabel(f"{about['time']['unit']}s since the first score")

    return picture(draw, 2.7, simulated)


def describe_expected(table: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return the figure in words: what is expected last, by first score."""
    said = []
    for band, rows in drawn(table).groupby("band", sort=True):
        row = rows.iloc[-1]
        said.append(
            f"first score {number(row['intake'], 1)} ({TITLES[int(str(band))]}): median "
            f"{number(row['p50'], 1)}, middle half {number(row['p25'], 1)} to "
            f"{number(row['p75'], 1)} after {row['time']:g} {about['time']['unit']}s"
        )
    return "Expected scores by first score. " + "; ".join(said) + "."
