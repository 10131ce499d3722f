"""Mean outcome over time, one panel per outcome, one line per arm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attunement.report.figures.style import (
    COLOURS,
    GREY,
    LINES,
    MARKERS,
    in_order,
    label_ends,
    lines,
    picture,
)
from attunement.report.numbers import count
from attunement.report.words import outcome as outcome_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST = 10  # a mean of fewer clients is not drawn


def drawn(trajectories: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are drawn: the arms where there are any, enough clients at each time."""
    kept = trajectories[trajectories["n_clients"] >= LEAST]
    arms = kept[kept["group"] != "all"]
    return (arms if len(arms) else kept).sort_values(["outcome", "time"], kind="stable")


def _panel(axes: Axes, rows: pd.DataFrame, label: str, about: dict[str, Any]) -> None:
    ends = []
    groups = in_order(rows["group"], about)
    for index, group in enumerate(groups):
        line = rows[rows["group"] == group]
        time, mean = line["time"].to_numpy(float), line["mean"].to_numpy(float)
        n = line["n_clients"].to_numpy(float)
        half = 1.96 * line["sd"].fillna(0.0).to_numpy(float) / np.sqrt(n)
        colour = COLOURS[index % len(COLOURS)]
        many = len(time) > 25
        axes.fill_between(time, mean - half, mean + half, color=colour, alpha=0.14, linewidth=0)
        axes.plot(
            time,
            mean,
            color=colour,
            linestyle=LINES[index % len(LINES)],
            marker=MARKERS[index % len(MARKERS)],
            markersize=3 if many else 4.5,
        )
        ends.append((time[-1], mean[-1], "" if group == "all" else str(group), colour))
    axes.set_title(lines(label))
    axes.margins(x=0.03)
    low, high = axes.get_xlim()
    label_ends(axes, ends, 0.12, x=high + 0.01 * (high - low))
    _numbers(axes, rows, groups, str(about["time"]["unit"]))


def _numbers(axes: Axes, rows: pd.DataFrame, groups: list[str], unit: str) -> None:
    """Write the number of clients below the ticks: means of those who are left, not of all."""
    low, high = axes.get_xlim()
    known = np.array(sorted(rows["time"].unique()), dtype=float)
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    nearest = sorted({float(known[np.argmin(np.abs(known - tick))]) for tick in ticks})
    rows_of_text = [[f"{time:g}" for time in nearest]]
    for group in groups:
        held = rows[rows["group"] == group].set_index("time")["n_clients"]
        rows_of_text.append([count(held[time]) if time in held.index else "" for time in nearest])
    axes.set_xticks(nearest, ["\n".join(column) for column in zip(*rows_of_text, strict=True)])
    axes.set_xlim(low, high)
    axes.set_xlabel(unit, color=GREY)
    for place, group in enumerate(groups, start=1):
        axes.annotate(
            "n" if group == "all" else f"n {group}",
            xy=(0, 0),
            xycoords="axes fraction",
            xytext=(-9, -3.5 - 9.9 * place),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=8.5,
            color=GREY,
        )


def draw_trajectories(trajectories: pd.DataFrame, about: dict[str, Any], simulated: bool) -> bytes:
    """Draw the panels, in the order of the dataset's outcomes."""
    rows = drawn(trajectories)
    outcomes = [name for name in about["outcomes"] if name in set(rows["outcome"])]

    def draw(figure: Figure) -> None:
        panels = figure.subplots(len(outcomes), 1, squeeze=False)[:, 0]
        for axes, outcome in zip(panels, outcomes, strict=True):
            direction = about["outcomes"][outcome].get("direction")
            label = outcome_words(outcome, about)
            _panel(axes, rows[rows["outcome"] == outcome], label, about)
            axes.set_ylabel(f"mean score\n({direction})" if direction else "mean score")

    return picture(draw, 2.7 * len(outcomes) + 0.2, simulated)


def describe_trajectories(trajectories: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return the figure in words: first and last mean of each line."""
    said = []
    for (outcome, group), rows in drawn(trajectories).groupby(["outcome", "group"], sort=False):
        first, last = rows.iloc[0], rows.iloc[-1]
        who = "" if group == "all" else f" in {group}"
        said.append(
            f"{outcome_words(str(outcome), about)}{who}: mean {first['mean']:.1f} at "
            f"{about['time']['unit']} {first['time']:g} (n = {count(first['n_clients'])}), "
            f"{last['mean']:.1f} at {last['time']:g} (n = {count(last['n_clients'])})"
        )
    return "Mean outcome over time. " + ". ".join(said) + "."
