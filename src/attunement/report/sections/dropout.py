"""Who left treatment: rates by definition, their overlap, life tables and curves."""

from __future__ import annotations

import pandas as pd

from attunement.report import counts, words
from attunement.report import dropout_models as models
from attunement.report.figures import dropout as dropout_figure
from attunement.report.figures import incidence as incidence_figure
from attunement.report.figures import overlap as overlap_figure
from attunement.report.numbers import count, missing
from attunement.report.pieces import Missing, Released, Section
from attunement.report.sections.common import marked_picture


def _method(curves: pd.DataFrame, rates: pd.DataFrame) -> str:
    """How the curves were estimated: from a study nobody leaves in another way than by dropout."""
    attrition = curves["definition"] == "study_attrition"
    # Rates and curves allow for therapists alike: where ten are known.
    by_therapists = bool(rates["design_effect"].notna().any())
    clustered = "log-log, allowing for clients of the same therapist"
    if attrition.all():
        bands = clustered if by_therapists else "Greenwood, log-log"
        return f"1 \u2212 Kaplan\u2013Meier; bands: 95%, {bands}"
    none = "; none does under study attrition" if attrition.any() else ""
    bands = clustered if by_therapists else "delta method, log-log"
    return (
        "cumulative incidence, Aalen\u2013Johansen; endings that the definition does not call "
        f"dropout compete{none}; open cases are censored; bands: 95%, {bands}"
    )


def _planned(curves: pd.DataFrame) -> str:
    """Say that planned endings are drawn too, where there are no arms to draw."""
    if set(curves["group"]) != {"all"} or not curves["planned"].notna().any():
        return ""
    return ", and who have ended as planned (dashed)"


def _joined(released: Released) -> str:
    """Say that the curves of confidential data have coarser steps."""
    if not released.confidential:
        return ""
    least = released.about["rules"]["smallest_cell"]
    return f" Confidential data: steps were joined until each holds {least} dropouts."


def _never_assessed(released: Released) -> str:
    """How many dropouts stand in no curve of attrition, since they were never assessed."""
    rates = released.shown("dropout_rates")
    rows = rates[(rates["definition"] == "study_attrition") & (rates["group"] == "all")]
    if rows.empty or missing(rows["n_before_risk"].iloc[0]) or not rows["n_before_risk"].iloc[0]:
        return ""
    n = rows["n_before_risk"].iloc[0]
    who = "client was" if n == 1 else "clients were"
    return (
        f" {count(n)} {who} never assessed and so lost before the curve of study attrition begins."
    )


def _overlap(released: Released) -> list[object]:
    """How far the definitions agree: two at a time, then all at once."""
    overlap = counts.overlap_grid(released)
    if overlap is None:
        return [Missing("No overlap of definitions: fewer than two have dropouts.")]
    parts: list[object] = []
    pairs = released.table("dropout_overlap")
    if len(overlap_figure.paired(pairs)) > 2:
        parts.append(
            marked_picture(
                released,
                "dropout_overlap",
                overlap_figure.draw_overlap(pairs, released.about, released.simulated),
                overlap_figure.describe_overlap(pairs, released.about),
                "Agreement of definitions two at a time: dropouts under both, of those under "
                "either; numbers in brackets name the columns. A dash: withheld, or nobody.",
            )
        )
    patterns = released.shown("dropout_patterns")
    if len(patterns) > 1:
        compared = count(patterns["n_compared"].iloc[0])
        parts.append(
            marked_picture(
                released,
                "dropout_patterns",
                overlap_figure.draw_patterns(patterns, released.about, released.simulated),
                overlap_figure.describe_patterns(patterns, released.about),
                "All definitions at once: each column is a group of clients who are dropouts "
                f"under exactly the definitions marked in black; {compared} clients whom all of "
                "these definitions classify. Hatched: rarer combinations together.",
            )
        )
    return [*parts, overlap]


def _accommodation(released: Released) -> list[object]:
    """What accommodation so far goes with: models side by side, risks, curves after a landmark."""
    grids = (models.hazards_grid(released), models.risks_grid(released))
    parts: list[object] = [grid for grid in grids if grid is not None]
    curves = released.shown("landmark_curves")
    if len(curves):
        landmark = f"{curves['landmark'].iloc[0]:g}"
        parts.append(
            marked_picture(
                released,
                "landmark_curves",
                incidence_figure.draw_landmark(curves, released.about, released.simulated),
                incidence_figure.describe_landmark(curves, released.about),
                f"Clients in treatment after session {landmark}, in halves of accommodation up to "
                "it: share who have dropped out and share who have ended as planned after each "
                "session (cumulative incidence, Aalen\u2013Johansen; grey: 95% intervals). "
                "Nothing that came later has formed the groups. Not adjusted for preference or "
                f"delivery.{_joined(released)}",
            )
        )
    if grid := models.incidence_grid(released):
        parts.append(grid)
    return parts


def _open(rates: pd.DataFrame) -> str:
    """Say that clients still in treatment are in no share, where there are any."""
    if not (rates["n_censored"].fillna(0) > 0).any():
        return ""
    return (
        " Clients still in treatment are in none of the shares; the curves count them up to the "
        "session before their last."
    )


def dropout(released: Released) -> Section:
    """Rates under each definition, their overlap, curves, and what accommodation goes with."""
    parts: list[object] = []
    rates = dropout_figure.rated(released.shown("dropout_rates"))
    if len(rates):
        parts.append(
            marked_picture(
                released,
                "dropout_rates",
                dropout_figure.draw_rates(rates, released.about, released.simulated),
                dropout_figure.describe_rates(rates, released.about),
                "Dropout depends on its definition: share of clients who dropped out under each, "
                f"of those whom it classifies, with 95% intervals.{_open(rates)}",
            )
        )
    else:
        topics = [f"dropout.{name}" for name in words.DEFINITIONS]
        reason = released.reason(*topics, otherwise="no client can be classified")
        parts.append(Missing(f"No figure of dropout rates: {reason}."))
    if len(released.table("dropout_rates")["rate"].dropna()) or not len(rates):
        parts.append(counts.rates_grid(released))
    unknown = released.table("dropout_rates")
    unknown = unknown[unknown["rate"].isna() & unknown["reason"].notna()]
    if len(unknown):
        told = "; ".join(
            f"{words.definition(row['definition'], released.about)} ({row['reason']})"
            for row in unknown.to_dict("records")
        )
        parts.append(f"Definitions that these data cannot support: {told}.")
    if accounting := counts.accounting_grid(released):
        parts.append(accounting)
    parts.extend(_overlap(released))
    curves = dropout_figure.enough(released.shown("dropout_curves"))
    if len(curves):
        unit = released.about["time"]["unit"]
        parts.append(
            marked_picture(
                released,
                "dropout_curves",
                dropout_figure.draw_curves(curves, released.about, released.simulated),
                dropout_figure.describe_curves(curves, released.about),
                f"Share of clients who have dropped out after each {unit}{_planned(curves)} "
                f"({_method(curves, rates)}). A curve stops where fewer than "
                f"{dropout_figure.LEAST} are at risk."
                f"{_joined(released)}{_never_assessed(released)}",
            )
        )
        if table := counts.life_grid(released):
            parts.append(table)
    else:
        parts.append(Missing("No dropout curves: too few clients are known to have dropped out."))
    parts.extend(_accommodation(released))
    return Section("dropout", "Who left, and when", "score", parts)
