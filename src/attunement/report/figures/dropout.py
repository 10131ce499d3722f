"""Dropout rates under each definition, and the curves behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from attunement.report.figures.style import (
    BLACK,
    COLOURS,
    GREY,
    LINES,
    in_order,
    label_ends,
    lines,
    picture,
)
from attunement.report.numbers import count, percent, share
from attunement.report.words import DEFINITIONS, definition, sentence_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST = 10  # a curve stops where fewer clients are at risk


def rated(rates: pd.DataFrame) -> pd.DataFrame:
    """Return the rates that there are: per arm too where there are arms."""
    return rates[rates["rate"].notna()]


def draw_rates(rates: pd.DataFrame, about: dict[str, Any], simulated: bool) -> bytes:
    """Draw each rate with its interval; the label stands above its line."""
    rows = rated(rates).to_dict("records")

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for index, row in enumerate(rows):
            height = -index
            axes.plot([row["ci_low"], row["ci_high"]], [height] * 2, color=BLACK, linewidth=1.3)
            filled = "white" if row["group"] != "all" else BLACK
            axes.plot(row["rate"], height, "o", color=BLACK, markerfacecolor=filled, markersize=6)
            name = sentence_case(definition(row["definition"], about))
            arm = "" if row["group"] == "all" else f" \u2013 {row['group']}"
            numbers = f"{count(row['n_dropped_out'])} of {count(row['n_clients'])}"
            axes.text(0, height + 0.3, f"{name}{arm}", va="bottom", fontsize=8.5)
            axes.text(
                1,
                height + 0.3,
                f"{percent(row['rate'])} ({numbers})",
                ha="right",
                va="bottom",
                fontsize=8.5,
            )
        axes.set_xlim(0, 1)
        axes.set_ylim(-len(rows) + 0.5, 1.0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlabel("clients who dropped out (line: 95% interval)")

    return picture(draw, 0.47 * len(rows) + 0.8, simulated)


def _curve(
    axes: Axes,
    rows: pd.DataFrame,
    index: int,
    columns: tuple[str, str, str] = ("dropped_out", "ci_low", "ci_high"),
) -> tuple[float, float]:
    # Whoever leaves between two sessions was there at the first of them: the step comes after it,
    # and the last step is drawn on a little so that its height is seen.
    seen = rows["time"].astype(float)
    time = [min(0.0, seen.iloc[0]), *seen, seen.iloc[-1] + 0.04 * seen.iloc[-1]]
    gone = rows[columns[0]].astype(float)
    share, low, high = (
        [0.0, *values, values.iloc[-1]]
        for values in (
            gone,
            rows[columns[1]].astype(float).fillna(gone),
            rows[columns[2]].astype(float).fillna(gone),
        )
    )
    colour = COLOURS[index % len(COLOURS)]
    axes.fill_between(time, low, high, step="post", color=colour, alpha=0.14, linewidth=0)
    axes.step(time, share, where="post", color=colour, linestyle=LINES[index % len(LINES)])
    return time[-1], share[-1]


def enough(curves: pd.DataFrame) -> pd.DataFrame:
    """Return the curves as far as there are enough clients at risk to draw them."""
    return curves[curves["n_at_risk"] >= LEAST].sort_values(["definition", "group", "time"])


def draw_curves(curves: pd.DataFrame, about: dict[str, Any], simulated: bool) -> bytes:
    """Draw one panel per definition; arms are lines of one panel, else planned endings a second."""
    curves = enough(curves)
    names = [name for name in DEFINITIONS if name in set(curves["definition"])]
    columns = 2 if len(names) > 2 else 1
    wrap = 24 if columns > 1 else 46
    n_rows = -(-len(names) // columns)
    # Panels share the axis of time: it must reach the end of the longest curve.
    longest = 1.06 * max(1.0, float(curves["time"].max()))

    def draw(figure: Figure) -> None:
        grid = figure.subplots(n_rows, columns, sharex=True, sharey=True, squeeze=False)
        flat = list(grid.flat)
        for axes in flat[len(names) :]:
            axes.set_axis_off()
        for axes, name in zip(flat, names, strict=False):
            rows = curves[curves["definition"] == name]
            arms = in_order(set(rows["group"]) - {"all"}, about)
            ends = []
            for index, group in enumerate(arms or ["all"]):
                x, y = _curve(axes, rows[rows["group"] == group], index)
                ends.append((x, y, str(group) if arms else percent(y), COLOURS[index]))
            planned = rows[rows["planned"].notna()]
            if not arms and len(planned):
                x, y = _curve(axes, planned, 1, ("planned", "planned_low", "planned_high"))
                ends.append((x, y, f"planned {percent(y)}", COLOURS[1]))
            axes.set_ylim(0, 1.02)
            axes.set_title(lines(sentence_case(definition(name, about)), wrap), fontsize=8.5)
            axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
            last = max(end[0] for end in ends)
            axes.set_xlim(0, longest)
            label_ends(axes, ends, 0.13, x=last * 1.02)
        unit = about["time"]["unit"]
        both = set(curves["group"]) == {"all"} and curves["planned"].notna().any()
        for axes in grid[:, 0]:
            axes.set_ylabel("clients who left" if both else "dropped out")
        for axes in flat[max(0, len(names) - columns) : len(names)]:
            axes.set_xlabel(unit, color=GREY)
            axes.tick_params(labelbottom=True)

    return picture(draw, 1.75 * n_rows + 0.45, simulated)


def describe_rates(rates: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return the rates in words."""
    said = [
        f"{definition(row['definition'], about)}"
        f"{'' if row['group'] == 'all' else ' in ' + row['group']}: "
        f"{share(row['rate'], row['ci_low'], row['ci_high'])}"
        for row in rated(rates).to_dict("records")
    ]
    return "Share of clients who dropped out, with 95% intervals. " + "; ".join(said) + "."


def describe_curves(curves: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return the end of each curve in words."""
    said = []
    drawn = enough(curves)
    for (name, group), rows in drawn.groupby(["definition", "group"], sort=False):
        last = rows.iloc[-1]
        who = "" if group == "all" else f" in {group}"
        said.append(
            f"{definition(str(name), about)}{who}: {percent(last['dropped_out'])} dropped out "
            f"after {about['time']['unit']} {last['time']:g}"
            + ("" if pd.isna(last["planned"]) else f", {percent(last['planned'])} ended as planned")
        )
    return "Cumulative incidence of dropout. " + "; ".join(said) + "."
