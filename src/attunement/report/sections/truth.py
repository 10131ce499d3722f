"""Does the analysis of a simulated study find what was put in?"""

from __future__ import annotations

from attunement.report import words
from attunement.report.figures.forest import Mark, describe_forest, draw_forest
from attunement.report.numbers import count, interval, missing, number, percent
from attunement.report.pieces import Grid, Released, Section
from attunement.report.sections.common import heading, marked_picture, model_name


def targets(released: Released) -> Section | None:
    """Known targets beside the estimates, for simulated data."""
    table = released.table("targets")
    if table.empty:
        return None
    keys = ["specification", "term"]
    joined = table.merge(
        released.table("estimates")[[*keys, "estimate", "ci_low", "ci_high"]], on=keys
    )
    marks: list[Mark] = []
    lines, held_count = [], 0
    for row in joined.to_dict("records"):
        known = not missing(row["ci_low"])
        holds = known and row["ci_low"] <= row["target"] <= row["ci_high"]
        held_count += bool(holds)
        planned = released.specifications.get(str(row["specification"]), {})
        name = words.sentence_case(words.term(str(row["term"]), released.about))
        lines.append(
            [
                model_name(str(row["specification"]), planned, released),
                name,
                str(row["metric"]),
                number(row["target"], 3),
                number(row["estimate"], 3),
                interval(row["ci_low"], row["ci_high"], 3),
                ("yes" if holds else "no") if known else "not estimated",
                percent(row["coverage"]) if not missing(row["coverage"]) else "",
                count(row["n_studies"]),
            ]
        )
        if known:
            marks.append(
                Mark(
                    name,
                    f"{number(row['estimate'])} {interval(row['ci_low'], row['ci_high'])}",
                    row["estimate"],
                    row["ci_low"],
                    row["ci_high"],
                    row["metric"] != "b",
                    float(row["target"]),
                    bool(holds),
                    heading(str(row["specification"]), planned, released, marks),
                )
            )
    parts: list[object] = [
        f"The intervals hold {held_count} of {len(joined)} targets. A target is what the same "
        "specification finds on a very large simulated sample of the same world."
    ]
    if marks:
        parts.append(
            marked_picture(
                released,
                "targets",
                draw_forest(
                    marks,
                    "difference in SD of the first score",
                    "odds or hazard ratio",
                    released.simulated,
                ),
                f"Estimates with intervals and targets. {describe_forest(marks)}",
                "Estimates with 95% intervals (filled: the interval holds the target) and targets "
                "(crosses).",
            )
        )
    heads = "Model;Coefficient;Metric;Target;Estimate;95% interval;Holds it;Coverage;Other seeds"
    caption = (
        "Targets beside estimates; coverage is the share of other seeds whose intervals hold them."
    )
    parts.append(Grid(caption, heads.split(";"), lines))
    return Section("targets", "Does the analysis find what was put in?", "challenge", parts)
