"""How, and for whom: what may lie between accommodation and outcome, and where it differs."""

from __future__ import annotations

from attunement.report import change_odds, words
from attunement.report import process as grids
from attunement.report.figures.forest import Mark, describe_forest, draw_forest
from attunement.report.numbers import Effect
from attunement.report.pieces import Missing, Picture, Released, Section
from attunement.report.sections.common import marked_picture

ASSUMED = (
    "An indirect effect is one of causes only if nothing unmeasured drives two of accommodation, "
    "the measure and the outcome; if accommodation comes before the measure and the measure before "
    "the outcome; and if the agreement is not that of one person\u2019s ratings with themselves. "
    "No data of this kind show that. Within clients the measure closes the session and the outcome "
    "opens the next; between clients there is no such order. All of this is exploratory, and the "
    "word is association. Estimates from one informant throughout are marked; cross-informant ones "
    "stand beside them."
)


def _picture(released: Released) -> Picture | None:
    """The indirect effects as points and lines; None where there are none."""
    rows = grids.rows_of(released, "mediation")
    rows = rows[(rows["term"] == "indirect") & rows["ci_low"].notna()]
    if rows.empty:
        return None
    marks: list[Mark] = []
    for row in rows.to_dict("records"):
        level = words.LEVELS.get(str(row["level"]), "")
        above = f"{words.sentence_case(level)}, {grids.who(row['informant'])}"
        held = next((mark.heading for mark in reversed(marks) if mark.heading), "")
        effect = Effect.of(row)
        marks.append(
            Mark(
                words.sentence_case(str(row["over"])),
                f"{effect.value} {effect.interval}",
                effect.estimate,
                effect.low,
                effect.high,
                ratio=False,
                filled=effect.clear,
                heading="" if above == held else above,
            )
        )
    unit = "indirect effect in SD of the first score (right of 0: better)"
    return marked_picture(
        released,
        "indirect",
        draw_forest(marks, unit, "", released.simulated),
        f"Indirect effects with 95% intervals. {describe_forest(marks)}",
        "Associations of accommodation with the outcome by way of how sessions were experienced, "
        "with 95% Monte Carlo intervals; filled: p < .05, unadjusted.",
    )


def process(released: Released) -> Section | None:
    """Return the section on process, moderators, equity and further outcomes, if planned."""
    asked = [
        one
        for one in released.specifications.values()
        if one.get("analysis", "model") in words.TOLD_APART
    ]
    if not asked:
        return None
    found = [
        _picture(released),
        grids.mediation_grid(released),
        grids.process_grid(released),
        change_odds.lagged_grid(released),
        grids.moderation_grid(released),
        grids.chance_note(released) or None,
        grids.equity_grid(released),
        change_odds.dichotomy_grid(released),
        change_odds.type_grid(released),
        change_odds.further_grid(released),
    ]
    parts: list[object] = [part for part in found if part is not None]
    if not parts:
        estimates = released.table("estimates")
        names = [str(one["name"]) for one in asked]
        reasons = estimates.loc[estimates["specification"].isin(names), "reason"].dropna()
        reason = str(reasons.iloc[0]) if len(reasons) else "nothing was estimated"
        parts = [Missing(f"Nothing of this can be estimated: {reason}.")]
    elif grids.mediation_grid(released):
        parts.insert(0, ASSUMED)
    return Section("process", "How, and for whom", "model", parts)
