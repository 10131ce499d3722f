"""In context: this study's estimates beside published ones, metric by metric, never pooled."""

from __future__ import annotations

from attunement.report import words
from attunement.report.beside import PANELS, Own, Theirs, inside, own_effects, their_effects
from attunement.report.context_grids import (
    limits,
    name,
    other_grid,
    own_grid,
    studies,
    their_grid,
    value,
)
from attunement.report.figures.context import draw_context
from attunement.report.figures.forest import Mark, describe_forest
from attunement.report.numbers import DASH, interval, missing
from attunement.report.pieces import Missing, Released, Section
from attunement.report.sections.common import marked_picture
from attunement.study.effects import EffectSize
from attunement.study.published import RATIOS

MOST_OWN = 8  # lines of this study in one panel; the table holds all
LONGEST = 40  # letters of a label in the figure


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
        parts.append(own_grid(released, own))
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
    parts.append(their_grid(shown, folded="" if own else "Published effects"))
    parts.append(other_grid(released, shown))
    return Section("context", "In context", "report", parts)


def sentence(own: Own, theirs: list[Theirs], released: Released) -> str:
    """Return what one estimate says, and which published ones lie inside its interval."""
    told = released.about.get("bounds", {})
    smallest = float(told.get("d", 0.14))
    metric = own.shown.metric
    said = f"{name(own, released)}: {metric} = {value(own.shown)}, "
    said += f"95% CI {limits(own.shown)}: {own.word(smallest)}"
    inside_bounds = own.within(smallest)
    if own.usable and inside_bounds is not None and (inside_bounds or not own.clear):
        bounds = EffectSize("d", 0.0, -smallest, smallest)
        bounds = bounds.to("OR") if metric == "OR" else bounds
        where = "lies inside" if inside_bounds else "reaches beyond"
        said += f" (the 90% interval {interval(*own.narrow)} {where} {limits(bounds)}, "
        said += f"declared bounds; {told.get('source', 'declared in the configuration')})"
    said += ". "
    if missing(own.shown.low):
        return said + "It has no interval to hold published values."
    held, others = inside(own, theirs)
    parts = [
        f"{label} its 95% interval: "
        + ", ".join(f"{one.row['study']} ({value(one.shown)})" for one in group)
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
                _short(one, released),
                f"{value(one.shown)} {limits(one.shown)}",
                one.shown.estimate,
                one.shown.low,
                one.shown.high,
                panel in RATIOS,
                heading="This study" if place == 0 else "",
            )
            for place, one in enumerate(_first_of_each(own[panel]))
        ]
        marks += [
            Mark(
                _label(one),
                f"{value(one.shown)} {limits(one.shown)}".replace(f" {DASH}", ", no interval"),
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
        "found, all turned one way; of each planned model the first scoring, the table has all. "
        "\u2020 known to share primary studies with another line; all reviews of a panel may. They "
        "are not pooled. k: studies (\u2264: of the whole review).",
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
        said.append(studies(one.row))
    return ", ".join(said)


def _short(own: Own, released: Released) -> str:
    """A label that leaves room for the numbers of the figure."""
    row = own.row
    entry = words.sentence_case(words.plain(str(row["specification"]).partition(".")[0]))
    leaving = row["dropout_definition"]
    if missing(leaving):
        said = f"{entry}: {words.scoring(str(row['scoring']))}"
    else:
        said = f"{entry}: {words.definition(str(leaving), released.about)}"
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1].rstrip()}…"


def _first_of_each(own: list[Own]) -> list[Own]:
    """One estimate for each planned model and definition, the first: the table holds the others."""
    found: dict[tuple[str, str], Own] = {}
    for one in own:
        entry = str(one.row["specification"]).partition(".")[0]
        found.setdefault((entry, str(one.row["dropout_definition"])), one)
    return list(found.values())[:MOST_OWN]
