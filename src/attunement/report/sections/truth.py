"""Does the analysis of a simulated study find what was put in?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import words
from attunement.report.figures.forest import Mark, describe_forest, draw_forest
from attunement.report.numbers import count, fine, interval, missing, number, percent
from attunement.report.pieces import Grid, Released, Section
from attunement.report.sections.common import heading, marked_picture, model_name

HEADS = "Model;Coefficient;Metric;Target;Estimate;95% interval;Holds it;Coverage;Other seeds"
ESTIMATED = ("estimate", "ci_low", "ci_high", "role")


def _judged(released: Released) -> pd.DataFrame:
    """Targets beside estimates; `holds` is missing where nothing was estimated."""
    keys = ["specification", "term"]
    estimates = released.table("estimates")[[*keys, *ESTIMATED]]
    joined = released.table("targets").merge(estimates, on=keys, how="left")
    joined = joined[joined["target"].notna()].reset_index(drop=True)
    inside = (joined["ci_low"] <= joined["target"]) & (joined["target"] <= joined["ci_high"])
    return joined.assign(holds=inside.where(joined["ci_low"].notna()))


def _name(row: dict[Any, Any], released: Released) -> tuple[str, str]:
    planned = released.specifications.get(str(row["specification"]), {})
    term = words.sentence_case(words.term(str(row["term"]), released.about))
    return model_name(str(row["specification"]), planned, released), term


def _line(row: dict[Any, Any], released: Released) -> list[str]:
    judged = "not estimated" if missing(row["holds"]) else "yes" if row["holds"] else "no"
    return [
        *_name(row, released),
        str(row["metric"]),
        number(row["target"], 3),
        number(row["estimate"], 3),
        interval(row["ci_low"], row["ci_high"], 3),
        judged,
        percent(row["coverage"]),
        count(row["n_studies"]),
    ]


def _marks(rows: pd.DataFrame, released: Released) -> list[Mark]:
    marks: list[Mark] = []
    for row in rows[rows["holds"].notna()].to_dict("records"):
        planned = released.specifications.get(str(row["specification"]), {})
        ratio = row["metric"] != "b"
        digits = 2 if ratio else fine(row["ci_low"], row["ci_high"])
        marks.append(
            Mark(
                label=_name(row, released)[1],
                value=f"{number(row['estimate'], digits)} "
                f"{interval(row['ci_low'], row['ci_high'], digits)}",
                estimate=row["estimate"],
                low=row["ci_low"],
                high=row["ci_high"],
                ratio=ratio,
                target=float(row["target"]),
                filled=bool(row["holds"]),
                heading=heading(str(row["specification"]), planned, released, marks),
            )
        )
    return marks


def _sentence(rows: pd.DataFrame, which: str) -> str:
    judged = rows["holds"].dropna()
    return f"{int(judged.sum())} of {len(judged)} {which} targets"


def targets(released: Released) -> Section | None:
    """Known targets beside the estimates, for simulated data."""
    judged = _judged(released)
    if judged.empty:
        return None
    confirmatory = judged[judged["role"] == "confirmatory"]
    others = judged.drop(confirmatory.index)
    held = [_sentence(confirmatory, "confirmatory")]
    held += [_sentence(others, "exploratory")] if len(others) else []
    parts: list[object] = [
        f"The intervals hold {' and '.join(held)}. A target is what the same specification finds "
        "on a very large simulated sample of the same world. Of many 95% intervals about one in "
        "twenty does not hold its target; the coverage over other seeds tells whether that is so."
    ]
    marks = _marks(confirmatory, released)
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
                "Confirmatory estimates with 95% intervals (filled: the interval holds the target) "
                "and targets (upright strokes).",
            )
        )
    for rows, folded in ((confirmatory, ""), (others, "Targets of exploratory coefficients")):
        if len(rows):
            lines = [_line(row, released) for row in rows.to_dict("records")]
            caption = "Targets beside estimates; coverage: share of other seeds whose interval "
            caption += "holds the target."
            parts.append(Grid(caption, HEADS.split(";"), lines, folded=folded))
    return Section("targets", "Does the analysis find what was put in?", "challenge", parts)
