"""How far definitions of dropout agree: two at a time, and all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attunement.report.figures.style import BLACK, GREY, PALE, lines, picture
from attunement.report.numbers import count, missing, percent
from attunement.report.words import DEFINITIONS, definition, sentence_case
from attunement.study.contracts.pcoms import POOLED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

JOINED, NOBODY, MOST = " + ", "none", 14


def paired(overlap: pd.DataFrame) -> list[str]:
    """Return the definitions that are compared with another one, in order."""
    found = set(overlap["definition_1"]) | set(overlap["definition_2"])
    return [name for name in DEFINITIONS if name in found]


def draw_overlap(overlap: pd.DataFrame, about: dict[str, Any], simulated: bool) -> bytes:
    """Draw agreement of each pair as a shade with its number; rows and columns are definitions."""
    names = paired(overlap)
    shares = {
        frozenset((row["definition_1"], row["definition_2"])): row["agreement"]
        for row in overlap.to_dict("records")
    }

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for down, one in enumerate(names):
            for across, other in enumerate(names[:down]):
                value = shares.get(frozenset((one, other)))
                known = not missing(value)
                # From white to a grey on which black figures can still be read.
                shade = str(1 - 0.55 * float(value or 0)) if known else "white"
                axes.fill_between(
                    [across - 0.5, across + 0.5], down - 0.5, down + 0.5, color=shade, linewidth=0
                )
                text = percent(value) if known else "\u2013"
                axes.text(across, down, text, ha="center", va="center", fontsize=8.5, color=BLACK)
        last = len(names)
        axes.set_xlim(-0.5, last - 1.5)
        axes.set_ylim(last - 0.5, 0.5)
        axes.set_aspect("equal")
        labels = [
            f"{lines(sentence_case(definition(name, about)), 22)} ({number})"
            for number, name in enumerate(names, start=1)
        ]
        axes.set_yticks(range(1, last), labels[1:])
        axes.set_xticks(range(last - 1), [f"({number})" for number in range(1, last)])
        axes.xaxis.tick_bottom()
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xlabel(f"(1): {definition(names[0], about)}", color=GREY)

    return picture(draw, 0.5 * len(names) + 0.7, simulated)


def describe_overlap(overlap: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return the agreement of each pair in words."""
    said = [
        f"{definition(row['definition_1'], about)} and {definition(row['definition_2'], about)}: "
        f"{percent(row['agreement'])}"
        for row in overlap.to_dict("records")
        if not missing(row["agreement"])
    ]
    return "Dropouts under both of two definitions, of those under either. " + "; ".join(said) + "."


def drawn(patterns: pd.DataFrame) -> pd.DataFrame:
    """Return the patterns that are drawn: the most frequent ones, all others pooled at the end."""
    rows = patterns[patterns["n_clients"].notna()]
    single = rows[rows["pattern"] != POOLED].sort_values(
        "n_clients", ascending=False, kind="stable"
    )
    rest = int(single["n_clients"].iloc[MOST:].sum())
    rest += int(rows.loc[rows["pattern"] == POOLED, "n_clients"].sum())
    kept = single.iloc[:MOST]
    if rest:
        other = single.iloc[:1].assign(pattern=POOLED, n_clients=rest)
        kept = pd.concat([kept, other], ignore_index=True)
    return kept.reset_index(drop=True)


def _bars(axes: Axes, rows: pd.DataFrame) -> None:
    height = rows["n_clients"].astype(float)
    for place, row in enumerate(rows.to_dict("records")):
        pooled = row["pattern"] == POOLED
        axes.bar(
            place,
            float(row["n_clients"]),
            width=0.68,
            facecolor="white" if pooled else GREY,
            edgecolor=BLACK,
            hatch="////" if pooled else "",
            linewidth=0.8,
        )
        axes.text(
            place,
            float(row["n_clients"]) + 0.02 * height.max(),
            count(row["n_clients"]),
            ha="center",
            va="bottom",
            fontsize=8,
        )
    axes.set_ylabel("clients")
    axes.set_ylim(0, 1.12 * height.max())
    axes.set_xticks([])
    axes.set_xlim(-0.6, len(rows) - 0.4)


def _matrix(axes: Axes, rows: pd.DataFrame, names: list[str], about: dict[str, Any]) -> None:
    for place, pattern in enumerate(rows["pattern"].astype(str)):
        if pattern == POOLED:
            axes.text(
                place,
                (len(names) - 1) / 2,
                "other",
                ha="center",
                va="center",
                rotation=90,
                fontsize=8,
            )
            continue
        held = [] if pattern == NOBODY else pattern.split(JOINED)
        up = [height for height, name in enumerate(names) if name in held]
        down = [height for height in range(len(names)) if height not in up]
        axes.plot([place] * len(down), down, "o", color=PALE, markersize=5.5)
        axes.plot([place] * len(up), up, "o-", color=BLACK, markersize=5.5, linewidth=1.2)
    axes.set_xlim(-0.6, len(rows) - 0.4)
    axes.set_ylim(len(names) - 0.5, -0.5)
    labels = [lines(sentence_case(definition(name, about)), 20) for name in names]
    axes.set_yticks(np.arange(len(names)), labels, fontsize=7.5)
    axes.tick_params(length=0)
    axes.set_xticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def draw_patterns(patterns: pd.DataFrame, about: dict[str, Any], simulated: bool) -> bytes:
    """Draw how many clients are dropouts under exactly which definitions."""
    rows = drawn(patterns)
    names = str(patterns["compared"].iloc[0]).split(JOINED)

    def draw(figure: Figure) -> None:
        bars, matrix = figure.subplots(2, 1, height_ratios=[1.3, 0.37 * len(names)])
        _bars(bars, rows)
        _matrix(matrix, rows, names, about)

    return picture(draw, 1.7 + 0.42 * len(names), simulated)


def describe_patterns(patterns: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return the patterns in words."""
    said = []
    for row in drawn(patterns).to_dict("records"):
        pattern = str(row["pattern"])
        named = {NOBODY: "under none", POOLED: "under other combinations"}.get(
            pattern
        ) or ", ".join(definition(name, about) for name in pattern.split(JOINED))
        said.append(f"{named}: {count(row['n_clients'])}")
    return "Clients by the definitions that call them dropouts. " + "; ".join(said) + "."
