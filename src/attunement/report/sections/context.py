"""In context: this study's estimates beside published ones, metric by metric, never pooled."""

from __future__ import annotations

from typing import Any

from attunement.report import words
from attunement.report.beside import PANELS, Own, Theirs, inside, own_effects, their_effects
from attunement.report.figures.context import draw_context
from attunement.report.figures.forest import Mark, describe_forest
from attunement.report.numbers import DASH, count, interval, missing, number
from attunement.report.pieces import Grid, Missing, Released, Section
from attunement.report.sections.common import marked_picture, model_name
from attunement.study.effects import EffectSize
from attunement.study.published import RATIOS

MOST_OWN = 6  # lines of this study in one panel; the table holds all
RELIABILITIES = (0.8, 0.6)


def context(released: Released) -> Section | None:
    """Return figure, words and tables; None where no published effects were given."""
    if released.published.empty:
        return None
    own = own_effects(released)
    theirs = {panel: their_effects(released.published, panel) for panel in PANELS}
    parts: list[object] = []
    if own:
        by_panel = {panel: [one for one in own if one.shown.metric == panel] for panel in PANELS}
        used = {panel: theirs[panel] for panel in PANELS if by_panel[panel]}
        parts += [sentence(by_panel[panel][0], used[panel], released) for panel in used]
        parts.append(_picture(released, by_panel, used))
        parts.append(_own_grid(released, own))
    else:
        reason = released.reason(
            "preferences",
            "delivery",
            "commensurable",
            "accommodation",
            otherwise="no effect of accommodation between clients could be estimated",
        )
        parts.append(Missing(f"Nothing to set beside published effects: {reason}."))
    shown = [one for panel in PANELS for one in theirs[panel]]
    parts.append(_their_grid(released, shown, folded="" if own else "Published effects"))
    parts.append(_other_grid(released, shown))
    return Section("context", "In context", "report", parts)


def _value(effect: EffectSize) -> str:
    return number(effect.estimate)


def _range(effect: EffectSize) -> str:
    return interval(effect.low, effect.high)


def _name(own: Own, released: Released) -> str:
    name = str(own.row["specification"])
    said = model_name(name, released.specifications.get(name, {}), released)
    return f"{said} (over time)" if str(own.row["term"]).startswith("time:") else said


def _printed(row: Any) -> str:
    """An effect as it was printed: `OR 1.37 [1.10, 1.70]`."""
    limits = interval(row["ci_low"], row["ci_high"])
    value = f"{row['metric']} {number(row['estimate'], 3 if row['metric'] == 'prop' else 2)}"
    if limits == DASH:
        return value
    return f"{value} {limits}" + (" (range)" if row["limits"] == "range" else "")


def sentence(own: Own, theirs: list[Theirs], released: Released) -> str:
    """Return what one estimate says, and which published ones lie inside its interval."""
    told = released.about.get("context", {})
    smallest = float(told.get("smallest_d", 0.14))
    metric = own.shown.metric
    said = f"{_name(own, released)}: {metric} = {_value(own.shown)}, "
    said += f"95% CI {_range(own.shown)}: {own.word(smallest)}"
    if own.usable and own.within(smallest) is not None:
        bounds = EffectSize("d", 0.0, -smallest, smallest)
        bounds = bounds.to("OR") if metric == "OR" else bounds
        where = "lies inside" if own.within(smallest) else "reaches beyond"
        said += f" (the 90% interval {interval(*own.narrow)} {where} {_range(bounds)}, "
        said += f"declared bounds; {told.get('source', 'declared in the configuration')})"
    said += ". "
    if missing(own.shown.low):
        return said + "It has no interval to hold published values."
    held, others = inside(own, theirs)
    parts = [
        f"{label} its 95% interval: "
        + ", ".join(f"{one.row['study']} ({_value(one.shown)})" for one in group)
        for label, group in (("published estimates inside", held), ("outside", others))
        if group
    ]
    return said + words.sentence_case("; ".join(parts)) + "."


def _picture(
    released: Released, own: dict[str, list[Own]], theirs: dict[str, list[Theirs]]
) -> object:
    panels: dict[str, list[Mark]] = {}
    for panel, published in theirs.items():
        marks = [
            Mark(
                _name(one, released),
                f"{_value(one.shown)} {_range(one.shown)}",
                one.shown.estimate,
                one.shown.low,
                one.shown.high,
                panel in RATIOS,
                heading="This study" if place == 0 else "",
            )
            for place, one in enumerate(own[panel][:MOST_OWN])
        ]
        marks += [
            Mark(
                _label(one),
                f"{_value(one.shown)} {_range(one.shown)}".replace(f" {DASH}", ", no interval"),
                one.shown.estimate,
                one.shown.low,
                one.shown.high,
                panel in RATIOS,
                filled=False,
                heading="Published" if place == 0 else "",
            )
            for place, one in enumerate(published)
        ]
        panels[panel] = marks
    told = " ".join(f"{panel}: {describe_forest(marks)}" for panel, marks in panels.items())
    return marked_picture(
        released,
        "context",
        draw_context(panels, released.simulated),
        f"This study beside published effects, with 95% intervals where there are any. {told}",
        "This study (filled) beside published effects (open), with 95% intervals where they were "
        "found, all turned one way. \u2020 known to share primary studies with another line; all "
        "reviews of a panel may. They are not pooled. k: studies.",
    )


def _label(one: Theirs) -> str:
    said = [str(one.row["study"]) + ("\u2020" if one.known else "")]
    if one.shown.metric in RATIOS and one.event != "dropout":
        said.append(one.event)
    if one.converted:
        said.append(f"from {one.row['metric']}")
    if not bool(one.row["psychotherapy"]):
        said.append("not psychotherapy")
    if not missing(one.row["k"]):
        said.append(f"k = {count(one.row['k'])}")
    return ", ".join(said)


def _own_grid(released: Released, own: list[Own]) -> Grid:
    smallest = float(released.about.get("context", {}).get("smallest_d", 0.14))
    lines = []
    for one in own:
        latent = " / ".join(number(one.latent(value)) for value in RELIABILITIES)
        lines.append(
            [
                _name(one, released),
                f"{one.row['metric']} = {number(one.row['estimate'])}",
                f"{one.shown.metric} = {_value(one.shown)}",
                _range(one.shown),
                interval(*one.narrow),
                one.word(smallest),
                latent if one.shown.metric == "d" else DASH,
                one.became,
                str(one.row["informant"] or DASH),
            ]
        )
    first, second = (f"{value:.1f}".removeprefix("0") for value in RELIABILITIES)
    heads = "Model;Estimated;Set beside as;95% interval;90% interval;In a word;"
    heads += f"d at reliability {first} / {second};How;Informant"
    return Grid(
        "This study's estimates as they stand beside published ones.",
        heads.split(";"),
        lines,
        note="Manifest: per standard deviation of observed client means, which hold error; an "
        "association with the latent mean would be larger, as the column for two assumed "
        "reliabilities shows (r divided by their root). Partial: preference, delivery and "
        "covariates stand in the model; reviews of trials compare groups and adjust for nothing. "
        "Associations between clients, not effects of assignment.",
    )


def _their_grid(released: Released, theirs: list[Theirs], folded: str) -> Grid:
    lines = [
        [
            str(one.row["study"]),
            str(one.row["outcome"]),
            str(one.row["contrast"]),
            _printed(one.row),
            f"{one.shown.metric} = {_value(one.shown)}"
            + (f", {one.event}" if one.shown.metric in RATIOS else ""),
            _range(one.shown),
            count(one.row["k"]),
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


def _other_grid(released: Released, shown: list[Theirs]) -> Grid:
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
            count(row["k"]),
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
