"""Response surfaces: is it best where what was given agrees with what was wanted?"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from attunement.report import words
from attunement.report.figures.surface import Map, describe_surfaces, draw_surfaces, map_of
from attunement.report.numbers import Effect, count, missing, number, p_cell
from attunement.report.pieces import Grid, Missing, Released, Section
from attunement.report.sections.common import marked_picture

LINES = ("a1", "a2", "a3", "a4", "a5", "p10", "p11")
JOINT = {
    "surface_joint": "all five terms",
    "curvature_joint": "squares and product",
    "algebraic_difference_joint": "difference D \u2212 P",
    "squared_difference_joint": "squared difference",
}
HEADING = "Where what was given agrees with what was wanted"


def _surfaces(released: Released) -> dict[str, pd.DataFrame]:
    """Rows of each specification that has a surface in its plan, by name, in the plan's order."""
    estimates = released.table("estimates")
    named = released.specifications
    planned = [name for name, one in named.items() if one.get("family") == "surface"]
    found = {str(name): rows for name, rows in estimates.groupby("specification", sort=False)}
    return {name: found[name] for name in planned if name in found}


def _model(name: str, released: Released) -> str:
    """Outcome or definition of dropout, and the level, without the dimension."""
    planned = released.specifications.get(name, {})
    choice = words.choices({**planned, "dimension": "all"}, released.about)
    level = {"next_session": "within clients", "clients": "between clients"}
    where = level.get(str(planned.get("rows")), "means so far")
    return f"{words.sentence_case(choice)}, {where}"


def _cell(row: Any) -> str:
    effect = Effect.of(row)
    return f"{effect.value} {effect.interval}"


def _shape_grid(rows: dict[str, pd.DataFrame], released: Released) -> Grid | None:
    lines = []
    for name, held in rows.items():
        by_term = held.drop_duplicates("term").set_index("term")
        if "congruence" not in by_term.index or missing(by_term.loc["congruence", "estimate"]):
            continue
        cells = [_cell(by_term.loc[t]) if t in by_term.index else "\u2013" for t in LINES]
        cells += [_joint(by_term.loc[t]) if t in by_term.index else "\u2013" for t in JOINT]
        dimension = words.dimension(str(by_term["dimension"].iloc[0]), released.about)
        lines.append([_model(name, released), dimension, *cells])
    if not lines:
        return None
    heads = ["Surface", "Dimension", *LINES, *JOINT.values()]
    return Grid(
        "Shape of each surface, with 95% intervals.",
        heads,
        lines,
        folded="Shapes in numbers",
        note="a1, a2: slope and curvature along P = D; a3, a4: along P = \u2212D; "
        "a5 = b3 \u2212 b5; p10, p11: intercept and slope of the first principal axis. Of dropout "
        "a1 to a5 are odds ratios (1 is none), and the axes are those of staying.",
    )


def _verdict_grid(rows: dict[str, pd.DataFrame], released: Released) -> Grid | None:
    lines = []
    for name, held in rows.items():
        by_term = held.drop_duplicates("term").set_index("term")
        if "congruence" not in by_term.index or missing(by_term.loc["congruence", "estimate"]):
            continue
        tests = [by_term.loc[t] if t in by_term.index else None for t in JOINT]
        dimension = words.dimension(str(by_term["dimension"].iloc[0]), released.about)
        verdict = by_term.loc["congruence"]
        said = str(verdict["reason"]).partition(";")[0]
        lines.append(
            [
                _model(name, released),
                dimension,
                words.sentence_case(said),
                *("\u2013" if row is None else p_cell(row["p"]) for row in tests),
                count(verdict["n_clients"]),
            ]
        )
    if not lines:
        return None
    return Grid(
        "Is it a congruence effect? One verdict for each dimension.",
        ["Surface", "Dimension", "Verdict", *(f"p: {name}" for name in JOINT.values()), "Clients"],
        lines,
        note="A verdict needs all conditions of Humberg, Nestler and Back (2019) at once, and that "
        "the squares and the product differ from 0 together and preference \u00d7 delivery by "
        "itself. p of F tests: all five terms together; the three of second order; what a "
        "difference score takes for granted (b1 = \u2212b2, b3 = b4 = b5 = 0); what its square "
        "does (b1 = b2 = 0, b3 = b5, b3 + b4 + b5 = 0). Where p < .05 in the last two, the data "
        "contradict that score. Preferences measured with error tilt the first axis (p11 below 1) "
        "and hide congruence. Exploratory: no p value is adjusted.",
    )


def _joint(row: Any) -> str:
    """`F(4, 490) = 4.65`; chi-squared over its df where there is no second df."""
    if missing(row["estimate"]):
        return "\u2013"
    told = re.search(r"\((\d+) constraints\)", str(row["direction"]))
    second = "\u221e" if missing(row["df"]) else number(row["df"], 0)
    return f"F({told[1] if told else '?'}, {second}) = {number(row['estimate'], 2)}"


def surfaces(released: Released) -> Section | None:
    """Maps, verdicts and shapes of the response surfaces; reasons where there are none."""
    rows = _surfaces(released)
    if not rows:
        return None
    parts: list[object] = []
    maps: dict[str, list[Map]] = {}
    reasons: dict[str, None] = {}
    for name, held in rows.items():
        surface = map_of(held)
        if surface is not None:
            maps.setdefault(_model(name, released), []).append(surface)
            continue
        absent = held[held["term"].isin(LINES) & held["reason"].notna()]
        for reason in absent["reason"].astype(str).unique():
            reasons[f"{_model(name, released)}: {reason}"] = None
    for place, (title, drawn) in enumerate(maps.items(), start=1):
        ratio = drawn[0].ratio
        unit = (
            "odds ratio of dropout against the midpoint of both scales (below 1: less dropout)"
            if ratio
            else "difference from the midpoint of both scales in standard deviations of the first "
            "score (above 0: better)"
        )
        parts.append(
            marked_picture(
                released,
                f"surface_{place}",
                draw_surfaces(drawn, released.about, released.simulated),
                describe_surfaces(drawn, released.about),
                f"{title}: the fitted surface over preference and delivery, 1 at the pole named "
                f"first. Contours: {unit}; lighter is {'less dropout' if ratio else 'better'}. "
                "Beyond the dotted outline a tenth of the clients or fewer lie on each side: there "
                "the surface is hardly known.",
            )
        )
    parts += [grid for grid in (_verdict_grid(rows, released), _shape_grid(rows, released)) if grid]
    if reasons:
        parts.append(Missing(f"No surface: {'; '.join(reasons)}."))
    return Section("surfaces", HEADING, "model", parts)
