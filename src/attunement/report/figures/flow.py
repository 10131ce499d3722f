"""The participant flow: how many clients are left for each question, out of those listed."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from attunement.report.figures.style import BLACK, BLUE, picture
from attunement.report.numbers import count, missing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


FURTHER = ("scored.", "analysed.")  # steps after those of the sources: in a table of their own

# What the rows of a step are.
ROWS = {
    "with_session": "session",
    "with_preferences": "occasion",
    "with_outcome": "score",
    "with_two_outcomes": "score",
    "with_delivery": "occasion",
}

LINE = 78  # characters of a label and its numbers side by side
MORE = 0.38  # room of a further line of a label, in steps


def steps(flow: pd.DataFrame) -> pd.DataFrame:
    """Return the steps that count clients in the sources; others count rows, or come later."""
    counts = flow["n_clients"].notna() | flow["withheld"].astype(bool)
    return flow[counts & ~flow["step"].str.startswith(FURTHER)]


def numbers(row: dict[Any, Any]) -> str:
    """Return the numbers of one step in words."""
    if missing(row["n_clients"]):
        return "withheld"
    parts = [f"{count(row['n_clients'])} client{'' if row['n_clients'] == 1 else 's'}"]
    rows = ROWS.get(str(row.get("step")), "row")
    for column, word in (("n_therapists", "therapist"), ("n_rows", rows)):
        if not missing(row[column]) and row[column] > 0:
            parts.append(f"{count(row[column])} {word}{'' if row[column] == 1 else 's'}")
    return ", ".join(parts)


def draw_flow(flow: pd.DataFrame, simulated: bool) -> bytes:
    """Draw one bar per step that counts clients, as long as its share of the first step."""
    rows = steps(flow).to_dict("records")
    all_therapists = rows[0]["n_therapists"] if rows else None
    for row in rows[1:]:
        # Said once; again only where some are missing.
        same = not missing(all_therapists) and row["n_therapists"] == all_therapists
        row["n_therapists"] = None if same else row["n_therapists"]
    most = max([float(row["n_clients"]) for row in rows if not missing(row["n_clients"])] or [1.0])

    labels = [wrap(str(row["label"]), LINE - len(numbers(row))) for row in rows]
    further = [MORE * (len(lines) - 1) for lines in labels]  # room that wrapped labels take
    height = len(rows) + sum(further)

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for index, row in enumerate(rows):
            at = -index - sum(further[: index + 1])
            length = 0.0 if missing(row["n_clients"]) else float(row["n_clients"])
            axes.barh(at, length, height=0.3, facecolor=BLUE, edgecolor=BLACK, linewidth=0.6)
            axes.text(0, at + 0.22, "\n".join(labels[index]), va="bottom", fontsize=8.5)
            axes.text(most, at + 0.22, numbers(row), va="bottom", ha="right", fontsize=8.5)
        axes.set_xlim(0, most)
        axes.set_ylim(-height + 0.6, 0.75)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("clients")

    return picture(draw, 0.45 * height + (0.85 if simulated else 0.65), simulated)
