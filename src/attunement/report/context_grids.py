"""The tables beside the figure of published effects, and how their cells are written."""

from __future__ import annotations

from typing import Any

from attunement.report.beside import Own, Theirs
from attunement.report.numbers import DASH, count, interval, missing, number
from attunement.report.pieces import Grid, Released
from attunement.report.sections.common import model_name
from attunement.study.effects import EffectSize
from attunement.study.published import RATIOS


def value(effect: EffectSize) -> str:
    """Return an estimate to two digits."""
    return number(effect.estimate)


def limits(effect: EffectSize) -> str:
    """Return its interval in brackets; a dash where there is none."""
    return interval(effect.low, effect.high)


def name(own: Own, released: Released) -> str:
    """Return the model behind an estimate in words."""
    called = str(own.row["specification"])
    said = model_name(called, released.specifications.get(called, {}), released)
    return f"{said} (over time)" if str(own.row["term"]).startswith("time:") else said


def studies(row: Any) -> str:
    """How many studies: `k = 23`, or of the whole review `k ≤ 32`."""
    return f"k {'=' if row['k_of'] == 'effect' else chr(0x2264)} {count(row['k'])}"


def _printed(row: Any) -> str:
    """An effect as it was printed: `OR 1.37 [1.10, 1.70]`."""
    limits = interval(row["ci_low"], row["ci_high"])
    value = f"{row['metric']} {number(row['estimate'], 3 if row['metric'] == 'prop' else 2)}"
    if limits == DASH:
        return value
    return f"{value} {limits}" + (" (range)" if row["limits"] == "range" else "")


def own_grid(released: Released, own: list[Own]) -> Grid:
    """Return this study's estimates: as estimated, as set beside, and in a word."""
    smallest = float(released.about.get("bounds", {}).get("d", 0.14))
    lines = []
    for one in own:
        lines.append(
            [
                name(one, released),
                f"{one.row['metric']} = {number(one.row['estimate'])}",
                f"{one.shown.metric} = {value(one.shown)}",
                limits(one.shown),
                interval(*one.narrow),
                one.word(smallest),
                one.became,
                str(one.row["informant"] or DASH),
            ]
        )
    heads = "Model;Estimated;Set beside as;95% interval;90% interval;In a word;How;Informant"
    return Grid(
        "This study's estimates as they stand beside published ones.",
        heads.split(";"),
        lines,
        note="Per standard deviation of observed client means, which hold the error of few "
        "sessions; of latent models, of the levels that the means stand for. Partial: preference, "
        "delivery and covariates stand in the model; reviews of trials compare groups and adjust "
        "for nothing. Associations between clients, not effects of assignment.",
    )


def their_grid(theirs: list[Theirs], folded: str) -> Grid:
    """Return published effects, as printed and turned one way."""
    lines = [
        [
            str(one.row["study"]),
            str(one.row["outcome"]),
            str(one.row["contrast"]),
            _printed(one.row),
            f"{one.shown.metric} = {value(one.shown)}"
            + (f", {one.event}" if one.shown.metric in RATIOS else ""),
            limits(one.shown),
            DASH if missing(one.row["k"]) else studies(one.row),
            ", ".join(one.known) or "not known",
            str(one.row["verified"]),
        ]
        for one in theirs
    ]
    heads = "Study;Outcome;Compared;Printed;Turned one way;95% interval;k;"
    heads += "Shares studies with;Verified"
    return Grid(
        "Published effects of accommodation, as printed and turned one way.",
        heads.split(";"),
        lines,
        folded=folded,
        note="d above 0: accommodation helps; ratios below 1: it protects. A risk ratio over a "
        "whole treatment is no odds ratio. Reviews of one question share primary studies "
        "also where it is not known which: nothing is pooled.",
    )


def other_grid(released: Released, shown: list[Theirs]) -> Grid:
    """What else was published of accommodation: other outcomes, and studies without an estimate."""
    table = released.published
    rest = table[
        (table["topic"] == "accommodation") & ~table["id"].isin([one.row["id"] for one in shown])
    ]
    lines = [
        [
            str(row["study"]),
            str(row["outcome"]),
            DASH if missing(row["estimate"]) else _printed(row),
            DASH if missing(row["k"]) else studies(row),
            DASH if missing(row["note"]) else str(row["note"]),
            str(row["citation"]),
        ]
        for row in rest.to_dict("records")
    ]
    return Grid(
        "Other outcomes, and studies whose abstract gives no estimate.",
        ["Study", "Outcome", "Printed", "k", "What is known", "Where"],
        lines,
        folded="Other published results",
    )
