"""Response surfaces as maps: contours over preference and delivery, readable in grey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attunement.report import words
from attunement.report.figures.style import BLACK, GREY, lines, picture
from attunement.report.numbers import missing, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TERMS = (
    "preference",
    "delivery",
    "preference_squared",
    "preference_by_delivery",
    "delivery_squared",
)
BANDS = ("preference", "delivery", "difference", "sum")
POINTS = 81  # along each side of a map
STEPS = 7  # contours, about


@dataclass(frozen=True)
class Map:
    """One surface: dimension, coefficients b1 to b5, axis, point, bands of the data, verdict."""

    dimension: str
    coefficients: tuple[float, ...]
    ratio: bool
    axis: tuple[float, float] | None
    point: tuple[float, float] | None
    bands: dict[str, tuple[float, float]]
    verdict: str

    def height(self, preference: Any, delivery: Any) -> Any:
        """The surface less its value at the midpoint of both scales (log odds for events)."""
        b1, b2, b3, b4, b5 = self.coefficients
        linear = b1 * preference + b2 * delivery
        return linear + b3 * preference**2 + b4 * preference * delivery + b5 * delivery**2

    def inside(self, preference: Any, delivery: Any) -> Any:
        """Whether places lie within every band of the data; everywhere if none is told."""
        values = (preference, delivery, delivery - preference, delivery + preference)
        held = np.ones(np.broadcast(preference, delivery).shape, dtype=bool)
        for name, value in zip(BANDS, values, strict=True):
            if name in self.bands:
                low, high = self.bands[name]
                held &= (value >= low - 1e-9) & (value <= high + 1e-9)
        return held


def map_of(rows: pd.DataFrame) -> Map | None:
    """Return the map of one specification's rows of `estimates`; None where they hold no surface.

    Parameters
    ----------
    rows : DataFrame
        Released rows of one surface; coefficients of events are ratios of odds.
    """
    held = rows.drop_duplicates("term").set_index("term")
    suffix = "_within" if f"{TERMS[0]}_within" in held.index else ""
    terms = [f"{term}{suffix}" for term in TERMS]
    if "congruence" not in held.index or not set(terms) <= set(held.index):
        return None
    values = held["estimate"].astype(float)
    ratio = str(held.loc[terms[0], "metric"]) != "b"
    coefficients = values[terms].to_numpy()
    coefficients = np.log(coefficients) if ratio else coefficients
    if not np.isfinite(coefficients).all() or missing(held.loc["congruence", "estimate"]):
        return None
    bands = {}
    for name in BANDS:
        ends = [f"middle_{name}_{end}" for end in ("low", "high")]
        if set(ends) <= set(held.index) and values[ends].notna().all():
            bands[name] = (float(values[ends[0]]), float(values[ends[1]]))
    return Map(
        str(held["dimension"].iloc[0]),
        tuple(float(value) for value in coefficients),
        ratio,
        _two(values, "p10", "p11"),
        _two(values, "stationary_preference", "stationary_delivery"),
        bands,
        str(held.loc["congruence", "reason"]),
    )


def _two(values: pd.Series, one: str, other: str) -> tuple[float, float] | None:
    both = values.reindex([one, other])
    return None if both.isna().any() else (float(both.iloc[0]), float(both.iloc[1]))


def _draw(axes: Axes, surface: Map) -> None:
    from matplotlib.ticker import MaxNLocator

    side = np.linspace(-1, 1, POINTS)
    preference, delivery = np.meshgrid(side, side)
    height = surface.height(preference, delivery)
    levels = MaxNLocator(STEPS).tick_values(float(height.min()), float(height.max()))
    # Light enough everywhere for black lines and figures on it.
    shades = [str(shade) for shade in np.linspace(0.62, 1.0, max(len(levels) - 1, 1))]
    # Lighter is better: of events that is where the odds are smaller.
    shades = shades[::-1] if surface.ratio else shades
    axes.contourf(preference, delivery, height, levels=levels, colors=shades)
    drawn = axes.contour(
        preference, delivery, height, levels=levels, colors=GREY, linewidths=0.6, linestyles="-"
    )
    axes.clabel(
        drawn,
        fontsize=6.5,
        colors=BLACK,
        fmt=lambda value: number(np.exp(value) if surface.ratio else value, 2),
    )
    if surface.bands:
        inside = surface.inside(preference, delivery).astype(float)
        axes.contour(
            preference, delivery, inside, levels=[0.5], colors=BLACK, linewidths=0.9, linestyles=":"
        )
    axes.plot([-1, 1], [-1, 1], color=BLACK, linewidth=1.6)
    axes.plot([-1, 1], [1, -1], color=BLACK, linewidth=1.0, linestyle=(0, (2, 2)))
    if surface.axis:
        intercept, slope = surface.axis
        axes.plot(side, intercept + slope * side, color=BLACK, linewidth=1.6, linestyle="-.")
    if surface.point and max(map(abs, surface.point)) <= 1:
        axes.plot(*surface.point, "o", color=BLACK, markerfacecolor="white", markersize=5, zorder=5)
    axes.set_xlim(-1, 1)
    axes.set_ylim(-1, 1)
    axes.set_xticks([-1, 0, 1])
    axes.set_yticks([-1, 0, 1])
    axes.set_aspect("equal")


def draw_surfaces(maps: list[Map], about: dict[str, Any], simulated: bool) -> bytes:
    """Draw surfaces of several dimensions side by side, two in a row.

    Contours tell the difference from the midpoint of both scales; the dotted outline is the middle
    of the data, beyond which the surface is hardly known.
    """
    columns = min(2, len(maps))
    n_rows = -(-len(maps) // columns)

    def draw(figure: Figure) -> None:
        from matplotlib.lines import Line2D

        panels = list(figure.subplots(n_rows, columns, squeeze=False).flat)
        for axes, surface in zip(panels, maps, strict=False):
            _draw(axes, surface)
            title = words.sentence_case(words.dimension(surface.dimension, about))
            axes.set_title(lines(title, 26), fontsize=8)
            axes.set_xlabel("preference", fontsize=8)
            axes.set_ylabel("delivery", fontsize=8)
        for axes in panels[len(maps) :]:
            axes.set_axis_off()
        named: list[tuple[str, dict[str, Any]]] = [
            ("P = D", {"linewidth": 1.6}),
            ("P = \u2212D", {"linestyle": (0, (2, 2)), "linewidth": 1.0}),
            ("first principal axis", {"linestyle": "-.", "linewidth": 1.6}),
            ("middle of the data", {"linestyle": ":", "linewidth": 0.9}),
            (
                "stationary point",
                {"marker": "o", "linestyle": "none", "markerfacecolor": "white"},
            ),
        ]
        figure.legend(
            handles=[Line2D([], [], color=BLACK, label=name, **look) for name, look in named],
            loc="outside upper center",
            ncols=3,
            frameon=False,
            fontsize=7.5,
            handlelength=2.6,
        )
        figure.set_layout_engine("constrained", hspace=0.08)  # titles clear of the axis above

    return picture(draw, 2.45 * n_rows + 0.7, simulated)


def describe_surfaces(maps: list[Map], about: dict[str, Any]) -> str:
    """Return the maps in words: verdict, and the difference at the four corners of the scales."""
    said = []
    for surface in maps:
        places = {
            "both at the first pole": (1, 1),
            "both at the other pole": (-1, -1),
            "first pole wanted, other given": (1, -1),
            "other pole wanted, first given": (-1, 1),
        }
        corners = []
        for name, place in places.items():
            value = float(surface.height(*place))
            corners.append(f"{name} {number(np.exp(value) if surface.ratio else value, 2)}")
        title = words.dimension(surface.dimension, about)
        said.append(f"{title}: {surface.verdict}; {', '.join(corners)}")
    unit = "odds ratios" if maps and maps[0].ratio else "differences"
    return f"Response surfaces, {unit} against the midpoint of both scales. {'. '.join(said)}."
