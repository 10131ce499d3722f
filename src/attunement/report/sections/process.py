"""How, and for whom: what may lie between accommodation and outcome, and where it differs."""

from __future__ import annotations

from attunement.report import change_odds, words
from attunement.report import process as grids
from attunement.report.pieces import Missing, Released, Section

ASSUMED = (
    "An indirect effect is one of causes only if nothing unmeasured drives two of accommodation, "
    "the measure and the outcome; if accommodation comes before the measure and the measure before "
    "the outcome; and if the agreement is not that of one person\u2019s ratings with themselves. "
    "No data of this kind show that. Within clients the measure closes the session and the outcome "
    "opens the next; between clients there is no such order. All of this is exploratory, and the "
    "word is association. Estimates from one informant throughout are marked; cross-informant ones "
    "stand beside them."
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
