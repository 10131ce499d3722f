"""Who took part, what they wanted and were given, how they fared, who left."""

from __future__ import annotations

from attunement.report import counts, grids, words
from attunement.report.figures import change as change_figure
from attunement.report.figures import profiles as profiles_figure
from attunement.report.figures import trajectories as trajectories_figure
from attunement.report.figures.flow import FURTHER, draw_flow, numbers, steps
from attunement.report.numbers import missing, number
from attunement.report.pieces import Grid, Missing, Released, Section
from attunement.report.sections import accommodation, change
from attunement.report.sections.common import marked_picture


def participants(released: Released) -> Section:
    """Participant flow and table 1."""
    parts: list[object] = []
    flow = released.table("participant_flow")
    flow = flow.assign(label=[words.with_outcomes(str(t), released.about) for t in flow["label"]])
    counted = steps(flow)
    if len(counted):
        told = "; ".join(f"{row['label']}: {numbers(row)}" for row in counted.to_dict("records"))
        parts.append(
            marked_picture(
                released,
                "flow",
                draw_flow(flow, released.simulated),
                f"Participant flow. {told}.",
                "Participant flow: of the clients listed, how many there are for each question.",
            )
        )
    else:
        parts.append(Missing("No figure of the participant flow: no step counts clients."))
    if analysed := counts.analysed_grid(released):
        parts.append(analysed)
    rows = flow.drop(counted.index)
    rows = rows[~rows["step"].str.startswith(FURTHER)]
    if len(rows):
        lines = [
            [str(row["label"]), counts.counted(row["n_rows"], released)]
            for row in rows.to_dict("records")
        ]
        caption = "Rows read, set missing and left out."
        parts.append(Grid(caption, ["Rows", "n"], lines, folded="Rows read and left out"))
    if len(released.table("description")):
        parts.append(grids.table_one(released))
    else:
        parts.append(Missing("No table 1: the dataset declares no covariates and no first scores."))
    return Section("participants", "Who took part", "ingest", parts)


def preferences(released: Released) -> Section:
    """Preference against delivery, and accommodation under each scoring."""
    profiles = released.shown("profiles")
    parts: list[object] = []
    if profiles.empty:
        reason = released.reason("preferences", "delivery", otherwise="nothing was released")
        told = "No figure of preferences against what was given"
        if released.table("accommodation_summary").empty:
            parts.append(Missing(f"{told}, and no accommodation: {reason}."))
        else:
            parts += [Missing(f"{told}: {reason}."), *accommodation.parts(released)]
        return Section(
            "preferences", "What clients wanted and what they were given", "accommodate", parts
        )
    parts.append(
        marked_picture(
            released,
            "profiles",
            profiles_figure.draw_profiles(profiles, released.about, released.simulated),
            profiles_figure.describe_profiles(profiles, released.about),
            "Mean preference at intake and mean of what was given, dimension by dimension, on the "
            "common scale from one pole (\u22121) to the other (1); in brackets: who rated it.",
        )
    )
    parts += accommodation.parts(released)
    return Section(
        "preferences", "What clients wanted and what they were given", "accommodate", parts
    )


def outcomes(released: Released) -> Section:
    """Trajectories and classes of change."""
    parts: list[object] = []
    trajectories = trajectories_figure.drawn(released.shown("trajectories"))
    if len(trajectories):
        parts.append(
            marked_picture(
                released,
                "trajectories",
                trajectories_figure.draw_trajectories(
                    trajectories, released.about, released.simulated
                ),
                trajectories_figure.describe_trajectories(trajectories, released.about),
                "Mean scores over time with 95% intervals, of those who still gave a score (n "
                "below the axis): clients who left are not in later means. Times with fewer than "
                f"{trajectories_figure.LEAST} scores are not drawn.",
            )
        )
    else:
        topics = [f"outcome.{name}" for name in released.about.get("outcomes", {})]
        reason = released.reason(*topics, otherwise="no scores")
        parts.append(Missing(f"No figure of outcomes over time: {reason}."))
    classes = change_figure.evaluated(released.table("change_classes"))
    if len(classes):
        parts.append(
            marked_picture(
                released,
                "change",
                change_figure.draw_change(classes, released.about, released.simulated),
                change_figure.describe_change(classes, released.about),
                _change_told(released),
            )
        )
    parts.extend(_change_notes(released))
    parts.extend(change.by_method(released))
    return Section("outcomes", "How clients fared", "score", parts)


def _change_told(released: Released) -> str:
    """What is to be known of classes of change: from when to when, by whom, of whom, why."""
    raters = {
        words.plain(str(told["informant"]))
        for told in released.about.get("outcomes", {}).values()
        if told.get("informant")
    }
    rated = f", rated by the {' or the '.join(sorted(raters))}" if raters else ""
    return (
        "Reliable and clinically significant change from the first to the last score while in "
        f"treatment{rated}. Open cases count with their last score so far, those who left early "
        "with an early one. Clients mostly come when they are worse than usual: some of the "
        "improvement is regression to the mean, which no comparison group is set against here."
    )


def _change_notes(released: Released) -> list[object]:
    """A line per outcome and method: criterion, cut-off, their source, how many evaluated."""
    table = released.table("change_classes").drop_duplicates(["outcome", "method"])
    lines = [
        [
            words.outcome(row["outcome"], released.about),
            words.METHODS.get(row["method"], words.plain(row["method"])),
            number(row["criterion"], 1),
            number(row["cutoff"], 1),
            " of ".join(counts.counted(row[n], released) for n in ("n_analysed", "n_available")),
            "" if missing(row["reason"]) else str(row["reason"]),
        ]
        for row in table.to_dict("records")
    ]
    if lines:
        heads = "Outcome;Criterion from;Reliable change (points);Cut-off;Evaluated;Source or reason"
        return [Grid("Criteria of change.", heads.split(";"), lines)]
    topics = [f"change.{name}" for name in released.about.get("outcomes", {})]
    reason = released.reason(*topics, otherwise="nothing was released")
    return [Missing(f"No classes of change: {reason}.")]
