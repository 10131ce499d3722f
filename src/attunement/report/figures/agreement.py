"""How far scorings of accommodation agree: between clients below the diagonal, within above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from attunement.report.figures.style import BLACK, GREY, lines, picture
from attunement.report.numbers import bounded, missing
from attunement.report.words import SCORINGS, scoring, sentence_case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RATER = "client"


def drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Return what is drawn: the correlations within and between clients that the client rated."""
    of_client = (table["rater_1"] == RATER) & (table["rater_2"] == RATER)
    shown = table[of_client & table["level"].isin(["within", "between"])]
    return shown[shown["correlation"].notna()].reset_index(drop=True)


def _names(table: pd.DataFrame) -> list[str]:
    found = set(table["scoring_1"]) | set(table["scoring_2"])
    return [name for name in SCORINGS if name in found]


def draw_agreement(table: pd.DataFrame, simulated: bool) -> bytes:
    """Draw each correlation as a shade of grey with its number."""
    names = _names(table)
    place = {name: number for number, name in enumerate(names)}
    cells = {}
    for row in table.to_dict("records"):
        first, second = sorted((place[row["scoring_1"]], place[row["scoring_2"]]))
        key = (second, first) if row["level"] == "between" else (first, second)
        cells[key] = float(row["correlation"])

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for down in range(len(names)):
            for across in range(len(names)):
                value = cells.get((down, across))
                # From white to a grey on which black figures can still be read.
                shade = "white" if value is None else str(1 - 0.55 * abs(value))
                left, right = across - 0.5, across + 0.5
                axes.fill_between([left, right], down - 0.5, down + 0.5, color=shade, linewidth=0)
                text = "" if down == across else "\u2013" if missing(value) else bounded(value)
                axes.text(across, down, text, ha="center", va="center", fontsize=8, color=BLACK)
        last = len(names) - 0.5
        axes.plot([-0.5, last], [-0.5, last], color=GREY, linewidth=0.8)
        axes.set_xlim(-0.5, last)
        axes.set_ylim(last, -0.5)
        axes.set_aspect("equal")
        labels = [
            f"{lines(sentence_case(scoring(name)), 24)} ({number})"
            for number, name in enumerate(names, start=1)
        ]
        axes.set_yticks(range(len(names)), labels)
        axes.set_xticks(range(len(names)), [f"({number})" for number in range(1, len(names) + 1)])
        axes.xaxis.tick_bottom()
        axes.tick_params(length=0)
        axes.set_xlabel(
            "below the line: between clients\nabove the line: within clients", color=GREY
        )
        for spine in axes.spines.values():
            spine.set_visible(False)

    return picture(draw, 0.42 * len(names) + 0.7, simulated)


def describe_agreement(table: pd.DataFrame) -> str:
    """Return the correlations in words."""
    said = [
        f"{scoring(row['scoring_1'])} and {scoring(row['scoring_2'])}, {row['level']} clients: "
        f"{bounded(row['correlation'])}"
        for row in table.to_dict("records")
    ]
    return "Correlations of scorings of accommodation. " + "; ".join(said) + "."
