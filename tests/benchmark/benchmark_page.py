"""The page of the benchmark, written from its table."""

from __future__ import annotations

import math
from typing import Any

import machine
import pandas as pd
from models import EVENT, LINEAR, SEEDS
from targets import TARGETS

SIZES = ("S1", "S2", "S3", "S4")


def number(value: float) -> str:
    """Three figures, without an exponent."""
    if math.isnan(value):
        return "-"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.01 else f"{value:.{1 - math.floor(math.log10(value))}f}"


def _cell(found: pd.DataFrame) -> str:
    if found.empty:
        return ""
    row = found.iloc[0]
    stopped = "stopped" in str(row["detail"])
    return "> limit" if stopped and math.isnan(row["value"]) else number(row["value"])


def seconds_table(table: pd.DataFrame, part: str, kind: str) -> list[str]:
    """Engines down, sizes across."""
    shown = table[(table["part"] == part) & table["figure"].isin([kind, "floor"])]
    if kind != "kernel":
        shown = shown[shown["figure"] != "floor"]
    lines = ["| engine | model | S1 | S2 | S3 | S4 |", "|---|---|---:|---:|---:|---:|"]
    for engine in dict.fromkeys(shown["engine"]):
        mine = shown[shown["engine"] == engine]
        model = str(mine["detail"].iloc[0]).split("; stopped")[0]
        cells = [_cell(mine[mine["size"] == size]) for size in SIZES]
        lines.append(f"| {engine} | {model} | {' | '.join(cells)} |")
    return lines


def targets_table(table: pd.DataFrame) -> list[str]:
    """Every target with what was measured."""
    lines = ["| | target | measured | |", "|---|---:|---:|---|"]
    for target in TARGETS:
        sign = "≥" if target.least else "≤"
        value = target.measured(table)
        shown = "-" if math.isnan(value) else f"{number(value)} {target.unit}"
        lines.append(
            f"| {target.words} | {sign} {target.bound:g} {target.unit} | {shown} "
            f"| {target.verdict(table)} |"
        )
    return lines


def agreement_table(table: pd.DataFrame) -> list[str]:
    """How far the engines' answers were apart before anything was timed: the largest."""
    shown = table[table["part"] == "agreement"]
    lines = ["| | " + " | ".join(SIZES) + " |", "|---|" + "---:|" * len(SIZES)]
    for name in dict.fromkeys(shown["figure"]):
        mine = shown[shown["figure"] == name].set_index("size")["value"]
        cells = [f"{mine[size]:.1e}" if size in mine.index else "" for size in SIZES]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def page(table: pd.DataFrame, about: dict[str, Any]) -> str:
    """The whole page in Markdown."""
    counted = table[table["part"] == "linear"].groupby("size")["rows"].first()
    rows = ", ".join(f"{size} {int(counted[size]):,} rows" for size in SIZES if size in counted)
    seeds = ", ".join(str(SEEDS[size]) for size in SIZES)
    refits = table[table["part"] == "refits"]
    memory = table[table["part"] == "memory"].set_index("figure")["value"]
    threads = about["threads"]
    lines = [
        "# How fast the multilevel engine is",
        "",
        "Sessions in clients in therapists from `attunement.simulate.sessions` with 20, 100, 300",
        f"and 1,000 therapists: {rows} (seeds {seeds}).",
        "",
        f"Linear model: `{LINEAR}`,",
        "ten fixed effects, random intercepts and slopes of time of therapists and of clients,",
        "REML. Logistic model:",
        f"`{EVENT}`,",
        "random intercept by therapist.",
        "",
        f"Command: `{about['command']}`. Machine: {machine.description()}.",
        f"Versions: {', '.join(f'{name} {which}' for name, which in about['versions'].items())};",
        f"numpy with {machine.libraries()}. Linear algebra on one thread in every engine;",
        f"attunement works on up to {threads} threads of its own, its default here.",
        "Seconds are medians of runs that took turns, each in a warm process; an engine whose",
        "first run filled its time is run once. `> limit`: stopped; an empty cell: not tried, as",
        "it would take minutes. Every figure with its range and number of runs is in",
        "`benchmark.csv`.",
        "",
        "![Seconds against rows, on logarithmic axes](benchmark.svg)",
        "",
        "## Targets",
        "",
        *targets_table(table),
        "",
        "## Linear, whole call",
        "",
        "From data frame and formula to a table of coefficients, with Satterthwaite's degrees of",
        "freedom in every engine that has them (lme4 by itself has none; lmerTest adds them).",
        "",
        *seconds_table(table, "linear", "whole call"),
        "",
        "## Linear, kernel",
        "",
        "The optimum from ready arrays. attunement: columns conditioned, rows compressed, deviance",
        "minimised. lme4: `mkLmerDevfun` and `optimizeLmer` without its check of derivatives.",
        "Least squares by normal equations on the same ten columns is the floor: one pass over",
        "the rows that any of them must make.",
        "",
        *seconds_table(table, "linear", "kernel"),
        "",
        "## Logistic, whole call",
        "",
        *seconds_table(table, "logistic", "whole call"),
        "",
        "## Refits, Kenward-Roger, memory",
        "",
        "| | size | seconds | |",
        "|---|---|---:|---|",
        *(
            f"| {row.figure} | {row.size} | {number(row.value)} | {row.detail} |"
            for row in refits.itertuples()
        ),
        "",
        "Specifications are `fit.refit(terms=...)`, one after the other, of choices among nine",
        "terms beside time. Kenward-Roger apart is what a whole call takes longer with",
        '`df="kenward-roger"` than with `df="normal"`.',
        *(
            [
                f"A fresh process with one whole call at S4 held at most {memory['peak']:.0f} MB,",
                f"of which {memory['before']:.0f} MB were libraries and the data frame.",
            ]
            if len(memory)
            else []
        ),
        "",
        "## Agreement",
        "",
        "Before anything is timed the engines must agree: lme4's deviance function at our",
        "estimates gives our deviance to 1e-9; no engine of the same model finds a lower",
        "deviance, none one higher by more than .01; no coefficient differs by more than 2% of its",
        "standard error.",
        "",
        *agreement_table(table),
        "",
    ]
    return "\n".join(lines)
