"""What the models say, how far one therapist carries it, how far therapists differ."""

from __future__ import annotations

from attunement.report import grids, units, words
from attunement.report.asked import focal
from attunement.report.counts import counted
from attunement.report.figures.forest import Mark, describe_forest, draw_forest
from attunement.report.figures.therapists import describe_therapists, draw_therapists
from attunement.report.latent import latent_grid
from attunement.report.numbers import fine, number
from attunement.report.pieces import Grid, Missing, Released, Section
from attunement.report.sections.common import (
    estimate_marks,
    heading,
    marked_picture,
    model_name,
)
from attunement.report.sections.exploratory import forests
from attunement.report.sections.therapists import tables

ROLES = ("confirmatory", "exploratory")


def models(released: Released) -> Section:
    """Estimates: confirmatory figure, focal tables, exploratory figures, everything, variances."""
    parts: list[object] = []
    estimates = released.table("estimates")
    rows = focal(estimates[estimates["estimate"].notna()], released)
    marks = estimate_marks(rows[rows["role"] == "confirmatory"], released)
    if marks:
        parts.append(
            marked_picture(
                released,
                "estimates",
                draw_forest(marks, "", "", released.simulated),
                f"Confirmatory estimates with 95% intervals. {describe_forest(marks)}",
                "Confirmatory estimates with 95% intervals; filled: adjusted p < .05.",
            )
        )
    else:
        parts.append(
            Missing("No figure of estimates: no confirmatory coefficient could be estimated.")
        )
    for role in ROLES:
        grid = grids.focal_grid(released, role)
        parts += [grid] if grid else []
    parts += forests(released)
    latent = latent_grid(released)
    parts += [latent] if latent else []
    icc = grids.icc_grid(released)
    parts.append(
        icc or Missing("No intraclass correlations: no model with groups could be fitted.")
    )
    parts.append(
        grids.estimates_grid(
            released,
            estimates[estimates["estimate"].notna()],
            "Every coefficient of every model.",
            folded="All coefficients",
        )
    )
    variance = grids.variance_grid(released)
    if variance:
        parts.append(variance)
    return Section("models", "What the models say", "model", parts)


def challenge(released: Released) -> Section:
    """How far estimates move when each therapist is left out in turn."""
    influence = released.table("influence")
    rows = influence[influence["lowest"].notna()]
    parts: list[object] = []
    if rows.empty:
        reasons = influence["reason"].dropna().unique()
        reason = str(reasons[0]) if len(reasons) else "no confirmatory model has therapists"
        parts.append(Missing(f"Leaving one therapist out at a time is not possible: {reason}."))
        return Section("challenge", "Does one therapist carry the result?", "challenge", parts)
    marks: list[Mark] = []
    lines = []
    estimates = released.table("estimates").to_dict("records")
    told = {(one["specification"], one["term"], one["metric"]): one for one in estimates}
    for row in rows.to_dict("records"):
        whole = told.get((row["specification"], row["term"], row["metric"]), row)
        planned = released.specifications.get(str(row["specification"]), {})
        ratio = row["metric"] in ("OR", "hOR", "HR", "RR")
        label = words.sentence_case(words.term(str(row["term"]), released.about))
        digits = fine(whole.get("ci_low"), whole.get("ci_high"))
        span = f"{number(row['lowest'], digits)} to {number(row['highest'], digits)}"
        above = heading(str(row["specification"]), planned, released, marks)
        value = f"{number(row['estimate'], digits)}; {span}"
        marks.append(
            Mark(
                label,
                value,
                row["estimate"],
                row["lowest"],
                row["highest"],
                ratio,
                None,
                True,
                above,
                units.axis(whole, released),
            )
        )
        lines.append(
            [
                model_name(str(row["specification"]), planned, released),
                label,
                str(row["metric"]),
                number(row["estimate"], digits),
                span,
                *(
                    counted(row[column], released)
                    for column in ("n_refits", "n_failed", "sign_changes", "significance_changes")
                ),
            ]
        )
    parts.append(
        marked_picture(
            released,
            "influence",
            draw_forest(marks, "", "", released.simulated),
            f"Range of estimates with one therapist left out. {describe_forest(marks)}",
            "Confirmatory estimates (points) and their range when each therapist is left out in "
            "turn (lines). These are not confidence intervals.",
        )
    )
    heads = "Model;Coefficient;Metric;All therapists;Range;Refits;Failed;Other sign;"
    heads += "Other side of p = .05"
    note = (
        "p is the one that the answer is judged by: adjusted, where it is, with the other p values "
        "of the family as they are. A coefficient that is clear neither with all therapists nor "
        "without any of them lies on no other side."
    )
    parts.append(Grid("One therapist left out at a time.", heads.split(";"), lines, note=note))
    return Section("challenge", "Does one therapist carry the result?", "challenge", parts)


def therapists(released: Released) -> Section:
    """Therapists' levels in order, where the gate let them pass; variances, growth, learning."""
    effects = released.table("therapist_effects")
    if effects.empty:
        decisions = released.table("decisions")
        withheld = decisions[
            (decisions["table"] == "therapist_effects") & (decisions["decision"] == "withheld")
        ]
        reason = (
            str(withheld["reason"].iloc[0])
            if len(withheld)
            else released.reason("therapists", otherwise="no therapist effects were estimated")
        )
        part: object = Missing(f"Therapists' effects are not shown: {reason}.")
    else:
        alike = effects["caseload"].nunique() < 2
        bands = "" if alike else "; markers tell the caseload"
        outcome = words.outcome(str(effects["outcome"].iloc[0]), released.about)
        part = marked_picture(
            released,
            "therapists",
            draw_therapists(effects, released.simulated),
            describe_therapists(effects),
            f"Predicted level of {outcome} among each therapist\u2019s clients, all scores with "
            "those at intake, against the average therapist\u2019s (in standard deviations of the "
            f"first score, higher is better), with 95% intervals, in order{bands}. "
            "This is not improvement: whose clients begin better stands higher.",
        )
    parts = [part, *tables(released)]
    return Section("therapists", "How far therapists differ", "model", parts)
