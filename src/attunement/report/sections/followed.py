"""Who was on track, which flags were up, and what a flag foretold."""

from __future__ import annotations

from attunement.report import flags
from attunement.report.figures import expected as figure
from attunement.report.pieces import Missing, Released, Section
from attunement.report.sections.common import marked_picture


def _arms(released: Released) -> str:
    """Say that arms are not told apart, where there are any."""
    if not released.about.get("arm"):
        return ""
    return (
        " The arms of the study are not told apart: a client is held against those of all arms "
        "together, so that more are behind in the arm that fares worse."
    )


def followed(released: Released) -> Section | None:
    """Return the section on the expected trajectory and flags; None where nothing was scored."""
    table, counts = released.shown("expected_trajectory"), flags.counts_grid(released)
    if table.empty and released.table("flag_counts").empty:
        return None
    parts: list[object] = []
    percentile = released.about.get("pcoms", {}).get("percentile", 25)
    if len(figure.drawn(table)):
        parts.append(
            marked_picture(
                released,
                "expected",
                figure.draw_expected(table, released.about, released.simulated),
                figure.describe_expected(table, released.about),
                "Scores expected of clients by fifth of their first scores (dot: mean), lowest, "
                "middle and highest, estimated from this study: median (line), middle half "
                "(dark), middle four fifths (light). Broken line: "
                f"percentile {percentile:g} from the worst; worse is not on track. Of those "
                "who still gave a score: who left is not in later ones.",
            )
        )
        parts.append(
            "Each client is judged by a trajectory estimated without that client. By design about "
            f"{percentile:g} of 100 scores are not on track; the flag tells who is behind others "
            "with the same first score, not why. An unusually poor score tends to be followed by "
            "a more usual one whatever is done (regression to the mean): a rise after a flag is no "
            f"sign that the flag helped.{_arms(released)}"
        )
    else:
        reason = released.reason("flags.not_on_track", otherwise="too few clients at each time")
        parts.append(Missing(f"No expected trajectory: {reason}."))
    if grid := flags.expected_grid(released):
        parts.append(grid)
    if counts:
        parts.append(counts)
    if said := flags.unused(released):
        parts.append(said)
    for place, (flag, outcome) in enumerate(flags.pairs(released.table("flag_validity"))):
        folded = "" if place == 0 else f"{flags.FLAGS.get(flag, flag)}: what it foretells"
        if found := flags.validity_grid(released, flag, outcome, folded):
            parts.append(found)
    return Section("track", "Who was on track, and what a flag foretells", "score", parts)
