"""How well the measures measured: reliability, each item against its scale, floor and ceiling."""

from __future__ import annotations

from typing import Any

from attunement.report import words
from attunement.report.counts import WITHHELD
from attunement.report.numbers import DASH, bounded, count, interval, missing, percent
from attunement.report.pieces import Grid, Released

ITEMS = (
    "Each item against the sum of the others of its scale, at intake: a correlation below zero "
    "hints at poles that are coded the other way round."
)
ENDS = (
    "Scores at the ends of a scale: where many are, change beyond the end cannot show (floor: the "
    "lowest possible score)."
)


def _withheld(row: dict[Any, Any], column: str) -> bool:
    return missing(row[column]) and str(row["reason"]).startswith("withheld")


def _note(row: dict[Any, Any]) -> str:
    return "" if missing(row["reason"]) else str(row["reason"])


def _scale(row: dict[Any, Any]) -> str:
    return f"{row['instrument']}: {row['scale']}"


def reliability_grid(released: Released) -> Grid | None:
    """Return the reliability of every scale, or None where there is none."""
    lines = [
        [
            _scale(row),
            str(row["rater"]),
            words.plain(str(row["coefficient"])),
            WITHHELD if _withheld(row, "value") else bounded(row["value"]),
            WITHHELD if _withheld(row, "value") else count(row["n_clients"]),
            _note(row),
        ]
        for row in released.table("reliability").to_dict("records")
    ]
    heads = ["Scale", "Rater", "Coefficient", "Value", "Clients", "Note"]
    return Grid(words.RELIABILITY, heads, lines, folded="Reliability") if lines else None


def items_grid(released: Released) -> Grid | None:
    """Return the correlation of each item with the rest of its scale, or None without any."""
    lines = []
    for row in released.table("item_checks").to_dict("records"):
        values = [
            bounded(row["item_rest"]),
            interval(row["ci_low"], row["ci_high"], below_one=True),
            count(row["n_clients"]),
        ]
        if _withheld(row, "item_rest"):
            values = [WITHHELD, DASH, WITHHELD]
        lines.append([_scale(row), str(row["rater"]), str(row["item"]), *values, _note(row)])
    heads = ["Scale", "Rater", "Item", "Item-rest r", "95% interval", "Clients", "Note"]
    return Grid(ITEMS, heads, lines, folded="Items against their scale") if lines else None


def ends_grid(released: Released) -> Grid | None:
    """Return the shares of scores at the ends of each scale, or None without any."""
    lines = []
    for row in released.table("floor_ceiling").to_dict("records"):
        values = [
            percent(row["floor"]),
            percent(row["ceiling"]),
            count(row["n_scores"]),
            count(row["n_clients"]),
        ]
        if _withheld(row, "floor"):
            values = [WITHHELD] * 4
        lines.append([_scale(row), str(row["rater"]), str(row["occasions"]), *values, _note(row)])
    heads = ["Scale", "Rater", "Occasions", "Floor", "Ceiling", "Scores", "Clients", "Note"]
    return Grid(ENDS, heads, lines, folded="Floor and ceiling") if lines else None


def measures(released: Released) -> list[Grid]:
    """Return what is known of the quality of the measures, as grids."""
    made = (reliability_grid(released), items_grid(released), ends_grid(released))
    return [grid for grid in made if grid is not None]
