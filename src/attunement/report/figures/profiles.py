"""Mean preference and mean delivery on each dimension, pole to pole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from attunement.report.figures.style import BLACK, BLUE, GREEN, PALE, VERMILION, picture
from attunement.report.words import plain, sentence_case

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOKS = {
    ("preference", "client"): ("o", BLACK, "wanted"),
    ("delivery", "client"): ("s", BLUE, "given (clients)"),
    ("delivery", "observer"): ("^", VERMILION, "given (observers)"),
    ("delivery", "therapist"): ("D", GREEN, "given (therapists)"),
}


def draw_profiles(profiles: pd.DataFrame, about: dict[str, Any], simulated: bool) -> bytes:
    """Draw a panel per dimension: a marker at the mean and a line of one SD to either side."""
    dimensions = [name for name in about["dimensions"] if name in set(profiles["dimension"])]
    looks = [key for key in LOOKS if _has(profiles, key)]
    panel = 0.38 + 0.24 * len(looks)

    def draw(figure: Figure) -> None:
        panels = figure.subplots(len(dimensions), 1, sharex=True, squeeze=False)[:, 0]
        for axes, dimension in zip(panels, dimensions, strict=True):
            poles = about["dimensions"][dimension]
            for pole, side in (("other_pole", "left"), ("first_pole", "right")):
                name = sentence_case(poles[pole])
                arrow = f"\u2190 {name}" if side == "left" else f"{name} \u2192"
                axes.set_title(arrow, loc=side, fontsize=8, weight="normal")
            axes.axvline(0, color=PALE, linewidth=1, zorder=0)
            for height, key in enumerate(looks):
                rows = profiles[
                    (profiles["dimension"] == dimension)
                    & (profiles["role"] == key[0])
                    & (profiles["rater"] == key[1])
                ]
                if rows.empty:
                    continue
                row, (marker, colour, _) = rows.iloc[0], LOOKS[key]
                if pd.notna(row["sd"]):
                    ends = [row["mean"] - row["sd"], row["mean"] + row["sd"]]
                    axes.plot(ends, [-height] * 2, color=colour, linewidth=1.2)
                axes.plot(row["mean"], -height, marker, color=colour, markersize=6)
            axes.set_yticks(
                [-height for height in range(len(looks))], [LOOKS[key][2] for key in looks]
            )
            axes.tick_params(left=False)
            axes.set_ylim(-len(looks) + 0.4, 0.6)
            axes.set_xlim(-1, 1)
            axes.set_xticks([-1, -0.5, 0, 0.5, 1])
            axes.spines["left"].set_visible(False)
        panels[-1].set_xlabel("mean of clients, one SD to either side")

    return picture(draw, panel * len(dimensions) + (0.75 if simulated else 0.5), simulated)


def _has(profiles: pd.DataFrame, key: tuple[str, str]) -> bool:
    return bool(((profiles["role"] == key[0]) & (profiles["rater"] == key[1])).any())


def describe_profiles(profiles: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return the figure in words for a reader who cannot see it."""
    said = []
    for dimension, rows in profiles.groupby("dimension", sort=False):
        poles = about["dimensions"].get(dimension, {})
        values = "; ".join(
            f"{LOOKS.get((row['role'], row['rater']), ('', '', plain(row['role'])))[2]} "
            f"{row['mean']:.2f}"
            for row in rows.to_dict("records")
        )
        said.append(
            f"{poles.get('first_pole', dimension)} (1) to {poles.get('other_pole', '')} (-1): "
            f"{values}"
        )
    return "Mean preference and delivery per dimension. " + ". ".join(said) + "."
