"""How every figure looks: readable in black and white, on a small screen and on paper."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito's colours, dark enough for white paper; each comes with its own marker and line.
BLACK, BLUE, VERMILION, GREEN, PURPLE, ORANGE = (
    "#1a1a1a",
    "#0072B2",
    "#B54708",
    "#00694B",
    "#8A4A78",
    "#8A5A00",
)
GREY, PALE = "#5c5c5c", "#d9d9d9"
COLOURS = (BLACK, BLUE, VERMILION, GREEN, PURPLE, ORANGE)
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)), (0, (3, 1)), "-.")
# Steps across a figure, far finer than what is seen; a prime, so that no place in round numbers
# lies half-way between two steps, where a last digit would decide.
STEPS = 1_000_003
WIDTH = 4.5  # inches: scaled up on a page, hardly scaled down on a telephone
RC: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": BLACK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "lines.linewidth": 1.5,
    "lines.markersize": 5,
    "figure.dpi": 100,
    "savefig.facecolor": "white",
    # Text as outlines looks the same everywhere; a fixed salt gives the same bytes twice.
    "svg.fonttype": "path",
    "svg.hashsalt": "attunement",
    "axes.unicode_minus": True,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in the house style, whatever the reader's own matplotlib settings."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC)
        yield


def picture(
    draw: Callable[[Figure], None], height: float, simulated: bool, width: float = WIDTH
) -> bytes:
    """Return a figure as SVG bytes without a date; simulated data are marked in the corner.

    Parameters
    ----------
    draw : callable
        Draws on the figure that it is given.
    height, width : float
        Inches.
    simulated : bool
        Whether to write "simulated data" below the figure.
    """
    from matplotlib.figure import Figure

    with drawing():
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        if simulated:
            figure.supxlabel("simulated data", x=0.995, ha="right", fontsize=8, color=GREY)
        _settle(figure)
        content = io.BytesIO()
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    return content.getvalue()


def _settle(figure: Figure) -> None:
    """Lay the figure out once and round the places of its axes and labels.

    The solver of the layout may differ in the last digit from one process to the next, and the
    names of clipped regions are hashed from unrounded places: rounded, the bytes are the same.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = map(_to_a_step, axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))
    for text in figure.texts:
        x, y = map(_to_a_step, text.get_position())
        text.set_position((x, y))


def _to_a_step(place: float) -> float:
    return round(float(place) * STEPS) / STEPS


def in_order(groups: Any, about: dict[str, Any]) -> list[str]:
    """Return groups in the declared order of the arms, others after them by name."""
    found = {str(group) for group in groups}
    declared = [str(arm) for arm in about.get("arm_levels") or [] if str(arm) in found]
    return [*declared, *sorted(found - set(declared))]


def lines(text: str, width: int = 46) -> str:
    """Return text broken into lines short enough for a title."""
    return "\n".join(textwrap.wrap(text, width))


def spread(positions: list[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions moved apart to at least `gap`, in their order, within low..high."""
    order = np.argsort(positions, kind="stable")
    placed = np.array(positions, dtype=float)
    last = low - gap
    for index in order:
        placed[index] = max(placed[index], last + gap)
        last = placed[index]
    ceiling = high + gap
    for index in order[::-1]:
        placed[index] = min(placed[index], ceiling - gap)
        ceiling = placed[index]
    return [float(value) for value in placed]


def label_ends(
    axes: Axes, ends: list[tuple[float, float, str, str]], gap: float, x: float | None = None
) -> None:
    """Write labels (x, y, text, colour) to the right of the ends of lines, moved apart."""
    low, high = axes.get_ylim()
    low, high = min(low, high), max(low, high)
    heights = spread([end[1] for end in ends], gap * (high - low), low, high)
    for (end_x, y, text, colour), height in zip(ends, heights, strict=True):
        axes.annotate(
            text,
            xy=(end_x, y),
            xytext=(end_x if x is None else x, height),
            textcoords="data",
            va="center",
            ha="left",
            color=colour,
            fontsize=8.5,
            annotation_clip=False,
        )
