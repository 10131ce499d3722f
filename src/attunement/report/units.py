"""What a coefficient counts in, told of each row: standard deviations, points, odds."""

from __future__ import annotations

from typing import Any

from attunement.report import words
from attunement.report.numbers import missing
from attunement.report.pieces import Released

FIRST_SCORE = "standard deviations of the first score"
# Metrics that carry the unit of the outcome; all others are numbers of their own kind.
LINEAR = ("b", "ab", "slope")
RATIOS = ("OR", "hOR", "HR", "RR")
RATIO_WORDS = {"OR": "OR (odds ratio)", "hOR": "hOR (hazard odds ratio)"}
SHORT = {"better outcome": "better", "higher score": "higher"}


def _outcome(row: dict[Any, Any], released: Released) -> str:
    named = row.get("outcome")
    if missing(named):
        named = released.specifications.get(str(row["specification"]), {}).get("outcome", "")
    return str(named)


def unit(row: dict[Any, Any], released: Released) -> str:
    """Return the unit of a row of `estimates` in words; nothing where its metric is the unit.

    Outcomes that are no score of an instrument (a rating, attendance, accommodation itself) count
    in their own standard deviations, or as they were recorded.
    """
    if str(row["metric"]) not in LINEAR:
        return ""
    name, scores = _outcome(row, released), released.about.get("outcomes", {})
    if str(row.get("scale")) == "raw":
        if name in scores:
            return f"points of {words.short_outcome(name, released.about)}"
        return f"units of {words.measure(name)}"
    if not name or name in scores:
        return FIRST_SCORE
    return f"standard deviations of {words.measure(name)}"


def beside(row: dict[Any, Any], released: Released) -> str:
    """Return ` (points of PHQ-9)` behind a number whose unit is not the usual one."""
    told = unit(row, released)
    return f" ({told})" if told not in ("", FIRST_SCORE) else ""


def _meaning(row: dict[Any, Any], otherwise: str) -> tuple[str, str]:
    """The side of no effect that `direction` speaks of, and what lies there."""
    side, _, meaning = str(row.get("direction")).partition(": ")
    if not meaning or side.split()[0] not in ("above", "below"):
        side, _, meaning = otherwise.partition(": ")
    return ("left" if side.startswith("below") else "right"), SHORT.get(meaning, meaning)


def axis(row: dict[Any, Any], released: Released) -> str:
    """Return the words for the axis on which an estimate is drawn."""
    if str(row["metric"]) in RATIOS:
        side, meaning = _meaning(row, "below 1: less dropout")
        return f"odds or hazard ratio ({side} of 1: {meaning})"
    side, meaning = _meaning(row, "above 0: better outcome")
    told = unit(row, released).replace(FIRST_SCORE, "SD of the first score")
    told = f"difference in {told}" if told else words.METRICS.get(str(row["metric"]), "difference")
    return f"{told} ({side} of 0: {meaning})"


def note(rows: list[dict[Any, Any]], released: Released) -> str:
    """Return what the metrics of a table of estimates count in, as its rows do."""
    linear = [row for row in rows if str(row["metric"]) in LINEAR]
    said = []
    if linear:
        units = {unit(row, released) for row in linear}
        named = [FIRST_SCORE] if FIRST_SCORE in units else []
        named += ["the unit named beside it"] if units - {FIRST_SCORE} else []
        better = all(_meaning(row, "above 0: better outcome")[1] == "better" for row in linear)
        said.append(f"b: in {' or '.join(named)}{', positive is better' if better else ''}")
    ratios: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        if str(row["metric"]) in RATIOS:
            held = ratios.setdefault(_meaning(row, "below 1: less dropout"), {})
            held[RATIO_WORDS.get(str(row["metric"]), str(row["metric"]))] = None
    for (side, meaning), names in ratios.items():
        where = "below" if side == "left" else "above"
        said.append(f"{', '.join(names)}: {where} 1 is {meaning}")
    return f"{'. '.join(said)}." if said else ""


def ratios(rows: list[dict[Any, Any]]) -> list[str]:
    """Return what ratios among rows of `estimates` are of: the odds or hazards of which event."""
    held: dict[tuple[str, str, str], dict[str, None]] = {}
    for row in rows:
        if (metric := str(row["metric"])) in ("OR", "hOR", "HR"):
            kind = "hazard ratio" if metric == "HR" else "odds ratio"
            held.setdefault((kind, *_meaning(row, "below 1: less dropout")), {})[metric] = None
    said = []
    for (kind, side, meaning), names in held.items():
        of = " of dropout" if meaning.endswith("dropout") else ""
        where = "below" if side == "left" else "above"
        said.append(f"{' and '.join(names)} = {kind}{of}, {where} 1 is {meaning}")
    return said
