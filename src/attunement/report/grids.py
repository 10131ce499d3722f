"""Released tables as grids of text."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from attunement.report import units, words
from attunement.report.asked import VERDICT, focal, told_here
from attunement.report.counts import therapists_absent
from attunement.report.numbers import (
    DASH,
    Effect,
    bounded,
    count,
    interval,
    missing,
    number,
    p_cell,
    percent,
)
from attunement.report.pieces import Grid, Released
from attunement.report.sentences import places

WITHHELD = "withheld"
DEGREES = {0.0: "not shown", 1.0: "broad", 2.0: "strict"}  # of congruence
NO_LIMIT = 100  # times its estimate: beyond this the upper limit of a standard deviation is none


def table_one(released: Released) -> Grid:
    """Return table 1: a line per number, a line per category, a column per arm."""
    table = released.table("description")
    groups = released.groups(table)
    rows: list[list[str]] = []
    levels: list[str] = []
    for (level, variable), held in table.groupby(["level", "variable"], sort=False):
        label = words.sentence_case(str(held["label"].iloc[0] or variable))
        numeric = bool((held["category"] == "mean").all())
        if level == "therapist" and level not in levels:
            rows.append(["Therapists", *[""] * len(groups)])
        levels.append(str(level))
        if numeric:
            rows.append([f"{label}, M (SD)", *_cells(held, groups, numeric)])
            continue
        rows.append([f"{label}, n (%)", *[""] * len(groups)])
        # A share only where no category is withheld: otherwise the whole is not known.
        whole = held.groupby("group")["n"].sum().where(~held.groupby("group")["withheld"].any())
        for category, lines in held.groupby("category", sort=False):
            # A space that does not break keeps the category visibly inside its variable.
            rows.append(
                [f"\u2003{words.plain(str(category))}", *_cells(lines, groups, numeric, whole)]
            )
    heads = ["", *("All" if group == "all" else str(group) for group in groups)]
    note = (
        "n (%) of those with a value; M (SD) = mean (standard deviation), n where some are missing "
        "and their number may be told."
    )
    return Grid("Table 1. Clients, therapists and first scores.", heads, rows, note=note)


def _cells(
    lines: pd.DataFrame, groups: list[str], numeric: bool, whole: pd.Series | None = None
) -> list[str]:
    cells = []
    by_group = lines.set_index("group")
    for group in groups:
        if group not in by_group.index:
            cells.append(DASH)
            continue
        row = by_group.loc[group]
        if bool(row["withheld"]):
            cells.append(WITHHELD)
        elif numeric:
            n = (
                f", n = {count(row['n'])}"
                if not missing(row["n_missing"]) and row["n_missing"]
                else ""
            )
            cells.append(f"{number(row['mean'], 1)} ({number(row['sd'], 1)}){n}")
        else:
            known = whole is not None and not missing(whole[group]) and whole[group] > 0
            of = f" ({percent(row['n'] / whole[group])})" if known and whole is not None else ""
            cells.append(f"{count(row['n'])}{of}")
    return cells


def estimates_grid(released: Released, rows: pd.DataFrame, caption: str, folded: str = "") -> Grid:
    """Return estimates with metric, interval, p, numbers and status."""
    lines = []
    for row in rows.to_dict("records"):
        effect = Effect.of(row)
        named = row["specification"]
        name = words.term(str(row["term"]), released.about)
        counts = [count(row["n_obs"]), count(row["n_clients"])]
        few = missing(row["n_therapists"])
        counts.append(therapists_absent(released) if few else count(row["n_therapists"]))
        cells = effect.cells
        if row["metric"] == VERDICT:
            cells[1] = DEGREES.get(float(row["estimate"]), cells[1])
        lines.append([str(named), name, *cells, *counts, str(row["status"])])
    heads = "Specification;Coefficient;Metric;Estimate;95% interval;SE;df;p;adjusted p;Rows;Clients"
    return Grid(
        caption,
        [*heads.split(";"), "Therapists", "Status"],
        lines,
        folded=folded,
        note="SE of ratios is that of their logarithm. Adjusted p: confirmatory rows only.",
    )


def focal_grid(released: Released, role: str) -> Grid | None:
    """Return the estimated focal coefficients of one role, or None where there are none."""
    estimates = released.table("estimates")
    rows = focal(estimates[estimates["role"] == role], released, verdicts=True)
    rows = told_here(rows, released)
    if rows.empty:
        return None
    lines = []
    for row in rows.to_dict("records"):
        effect, notes = Effect.of(row), [places(row, released)]
        notes += [str(row["status"])] if row["status"] != "estimated" else []
        note = "; ".join(filter(None, notes))
        value = f"{effect.metric} = {effect.value}{units.beside(row, released)}"
        if row["metric"] == VERDICT:
            value, note = DASH, words.sentence_case(str(row["reason"]).partition(";")[0])
        lines.append(
            [
                _model(str(row["specification"]), released),
                words.term(str(row["term"]), released.about),
                value,
                effect.interval,
                p_cell(effect.p),
                p_cell(effect.p_adjusted),
                count(row["n_clients"]),
                note,
            ]
        )
    folded = f"{len(lines)} exploratory coefficient" + ("" if len(lines) == 1 else "s")
    heads = "Model;Coefficient;Estimate;95% interval;p;adjusted p;Clients;Note".split(";")
    if role == "exploratory":
        heads.pop(5)
        lines = [[*line[:5], *line[6:]] for line in lines]
    return Grid(
        f"{words.sentence_case(role)} coefficients that the planned questions are about.",
        heads,
        lines,
        folded="" if role == "confirmatory" else folded,
        note=units.note(rows.to_dict("records"), released),
    )


def icc_grid(released: Released) -> Grid | None:
    """Return intraclass correlations, or None where there are none."""
    variance = released.table("variance")
    rows = variance[(variance["metric"] == "icc") & variance["estimate"].notna()]
    # The plain question, how much lies where, is for models without accommodation, or what it is
    # made of: surfaces hold preference and delivery without a scoring of them.
    named = released.specifications
    plain = [_plain(named.get(name, {})) for name in rows["specification"].astype(str)]
    rows = rows[plain] if any(plain) else rows
    if rows.empty:
        return None
    lines = [
        [
            _model(str(row["specification"]), released),
            words.LEVELS.get(str(row["level"]), str(row["level"])),
            bounded(row["estimate"], 3),
            interval(row["ci_low"], row["ci_high"], 3, below_one=True),
            count(row["n_clients"]),
        ]
        for row in rows.to_dict("records")
    ]
    heads = ["Model", "Level", "ICC", "95% interval", "Clients"]
    if all(line[3] == DASH for line in lines):
        heads.pop(3)
        lines = [[*line[:3], *line[4:]] for line in lines]
    return Grid("Intraclass correlations: shares of the variance at each level.", heads, lines)


def _plain(planned: dict[str, Any]) -> bool:
    made_of = r"\b(?:preference|delivery|accommodation|measure)(?:_|\b)"
    held = re.search(made_of, str(planned.get("formula", "")))
    return not planned.get("scoring") and not held


def _model(name: str, released: Released) -> str:
    planned = released.specifications.get(name, {})
    choice = words.choices(planned, released.about)
    return f"{words.plain(name.partition('.')[0])}{': ' + choice if choice else ''}"


def _spread(row: dict[Any, Any], below_one: bool) -> str:
    """Return the interval; an upper limit beyond all sense says that the data set none."""
    low, high = row["ci_low"], row["ci_high"]
    endless = row["metric"] == "sd" and not missing(high) and high > NO_LIMIT * row["estimate"]
    if endless and not missing(low):
        return f"[{number(low, 3)}, not bounded]"
    return interval(low, high, 3, below_one=below_one)


def variance_grid(released: Released) -> Grid | None:
    """Return every standard deviation and correlation of the random parts."""
    variance = released.table("variance")
    kept = variance["metric"].isin(("sd", "correlation", "icc"))
    rows = variance[kept & variance["estimate"].notna()]
    if rows.empty:
        return None
    lines = []
    for row in rows.to_dict("records"):
        one, two = (words.term(str(row[name]), released.about) for name in ("term_1", "term_2"))
        correlation, below_one = row["metric"] == "correlation", row["metric"] != "sd"
        shown = (bounded if below_one else number)(row["estimate"], 3)
        lines.append(
            [
                str(row["specification"]),
                words.LEVELS.get(str(row["level"]), str(row["level"])),
                f"{one} with {two}" if correlation else one,
                {"sd": "SD", "icc": "ICC"}.get(row["metric"], "correlation"),
                shown,
                _spread(row, below_one),
                str(row["status"]),
            ]
        )
    return Grid(
        "Random parts: standard deviations, correlations, intraclass correlations.",
        ["Specification", "Level", "Term", "Metric", "Estimate", "95% interval", "Status"],
        lines,
        folded="All variances",
    )
