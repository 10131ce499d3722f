"""Accommodation under each scoring: how much, how reliable, how far the scorings agree."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import counts, words
from attunement.report.figures import agreement
from attunement.report.numbers import DASH, bounded, interval, missing, number
from attunement.report.pieces import Grid, Missing, Released
from attunement.report.sections.common import marked_picture
from attunement.study.contracts import WITH_THIRD_GROUP

SCALES = (
    "Accommodation. Scales: 0 (nothing of what was wanted) to 1 (all of it); profile and the "
    "distinctive part from \u22121 (the opposite) to 1."
)
SCORED_HOW = (
    "Normative: near what the average client wants. Distinctive: given more than to others where "
    "this client wants more than others, near 0 where what is given does not hang on who wants "
    "it; only this part can bear a claim of personalisation. "
    "What the average client wants, and is given at first, is a constant of the sample. What a "
    "client wants in a session is what was stated last until then, in that session included."
)
GAPS = (
    "Signed gaps: what was given minus what was wanted, on the common scale of \u22121 to 1. Too "
    "much and too little: of the pole named first, as means over clients of the part above and "
    "below 0. Reliability of a client\u2019s mean gap, from those of preference and delivery."
)
RELIABILITY = (
    "What a mean over sessions, or over a therapist\u2019s clients, is worth, and where the "
    "variance lies: between therapists, between clients of a therapist, between sessions. The "
    "client\u2019s preference stands still meanwhile: its own error counts as true here."
)
AGREEMENT = (
    "Correlations of scorings of the same sessions: sessions about their client, clients about "
    "their therapist, therapists. Of observed means, whose error is in them."
)
SHARES = ("share_therapist", "share_client", "share_session")
Row = dict[Any, Any]


def _withheld(row: Row, told: str) -> str:
    emptied = str(row.get("reason", "")).startswith("withheld") or bool(row.get("withheld", False))
    return counts.WITHHELD if emptied else told


def summary_grid(released: Released) -> Grid | None:
    """Return mean and spread of each scoring over all dimensions, or None without any."""
    table = released.table("accommodation_summary")
    table = table[table["scoring"] != "signed_gap"]
    lines = [
        [
            words.sentence_case(words.scoring(row["scoring"])),
            str(row["rater"]),
            *(_withheld(row, number(row[name])) for name in ("mean", "sd_between", "sd_within")),
            *(counts.counted(row[name], released) for name in ("n_clients", "n_sessions")),
            counts.counted(row["n_no_strong_preference"], released)
            if row["scoring"] in WITH_THIRD_GROUP
            else DASH,
        ]
        for row in _in_order(table)
    ]
    heads = "Scoring;Rated by;Mean;SD between clients;SD within clients;Clients;Sessions;"
    heads += "No (strong) preference"
    return Grid(SCALES, heads.split(";"), lines, note=SCORED_HOW) if lines else None


def gaps_grid(released: Released) -> Grid | None:
    """Return the signed gap on each dimension with its reliability, or None without any."""
    table = released.table("accommodation_summary")
    known = released.table("accommodation_reliability")
    known = known[known["coefficient"] == "difference"].set_index(["rater", "dimension"])
    lines = []
    for row in table[table["scoring"] == "signed_gap"].to_dict("records"):
        key = (row["rater"], row["dimension"])
        told = known.loc[key].to_dict() if key in known.index else {"value": None}
        value = bounded(told["value"])
        lines.append(
            [
                words.dimension(str(row["dimension"]), released.about),
                str(row["rater"]),
                *(
                    _withheld(row, number(row[name]))
                    for name in ("mean", "too_much", "too_little", "sd_between")
                ),
                _withheld(told, value),
                _withheld(told, interval(told.get("ci_low"), told.get("ci_high"), below_one=True)),
                counts.counted(row["n_clients"], released),
            ]
        )
    heads = "Dimension;Rated by;Mean;Too much;Too little;SD between clients;Reliability;95% CI;"
    return Grid(GAPS, [*heads.split(";")[:-1], "Clients"], lines) if lines else None


def reliability_grid(released: Released) -> Grid | None:
    """Return reliability and shares of variance of each scoring, or None without any."""
    table = released.table("accommodation_reliability")
    table = table[table["coefficient"] != "difference"]
    lines = []
    for key, rows in table.groupby(["scoring", "rater", "dimension"], sort=False):
        scoring, rater, dimension = (str(part) for part in key)
        told = {str(row["coefficient"]): row for row in rows.to_dict("records")}
        cells = []
        for name in ("client_mean", "therapist_mean", *SHARES):
            row = told.get(name, {"value": None, "reason": ""})
            cells.append(_withheld(row, bounded(row["value"])))
        label = words.sentence_case(words.scoring(scoring))
        if dimension != "all":
            label += f", {words.dimension(dimension, released.about)}"
        reasons = dict.fromkeys(str(r) for r in rows["reason"] if not missing(r))
        n = counts.counted(rows["n_clients"].max(), released)
        lines.append([label, rater, *cells, n, "; ".join(reasons)])
    heads = "Scoring;Rated by;Mean of a client;Mean of a therapist;Between therapists;"
    heads += "Between clients;Between sessions;Clients;Note"
    if not lines:
        return None
    return Grid(
        RELIABILITY, heads.split(";"), lines, folded="Reliability and variance of the scorings"
    )


def correlations_grid(released: Released) -> Grid | None:
    """Return the correlations of scorings at each level, or None without any."""
    table = released.table("scoring_correlations")
    lines = []
    keys = ["scoring_1", "rater_1", "scoring_2", "rater_2"]
    for key, rows in table.groupby(keys, sort=False):
        first, rater, second, other = (str(part) for part in key)
        told = {str(row["level"]): row for row in rows.to_dict("records")}
        line = [
            words.sentence_case(words.scoring(first)),
            words.sentence_case(words.scoring(second)),
            rater if rater == other else f"{rater}, {other}",
        ]
        for level in ("within", "between", "therapist"):
            row = told.get(level, {"correlation": None})
            line.append(_withheld(row, bounded(row["correlation"])))
            limits = interval(row.get("ci_low"), row.get("ci_high"), below_one=True)
            line.append(_withheld(row, limits))
        lines.append([*line, counts.counted(rows["n_clients"].max(), released)])
    heads = "Scoring;With;Rated by;Within clients;95% CI;Between clients;95% CI;"
    heads += "Between therapists;95% CI;Clients"
    if not lines:
        return None
    return Grid(AGREEMENT, heads.split(";"), lines, folded="Correlations of the scorings")


def _in_order(table: pd.DataFrame) -> list[Row]:
    rank = {name: place for place, name in enumerate(words.SCORINGS)}
    order = table["scoring"].map(rank).fillna(len(rank))
    return list(table.assign(order=order).sort_values(["order", "rater"]).to_dict("records"))


def _poles(released: Released) -> str:
    """Return the question that `accommodate` left where wishes and delivery go apart; else ''."""
    known = released.table("availability").set_index("topic")
    return f"Note: {known.loc['poles', 'reason']!s}." if "poles" in known.index else ""


def parts(released: Released) -> list[object]:
    """Return what is shown of accommodation, or a sentence that says why there is nothing."""
    found: list[object] = []
    if (summary := summary_grid(released)) is None:
        reason = released.reason(
            "accommodation", "commensurable", otherwise="no value was released"
        )
        return [Missing(f"Accommodation is not scored: {reason}.")]
    found.append(summary)
    if doubt := _poles(released):
        found.append(Missing(doubt))
    reason = released.reason("accommodation", otherwise="")
    if reason:
        found.append(Missing(f"Preference is not compared with delivery: {reason}."))
    if gaps := gaps_grid(released):
        found.append(gaps)
    drawn = agreement.drawn(released.table("scoring_correlations"))
    if len(drawn):
        found.append(
            marked_picture(
                released,
                "scorings",
                agreement.draw_agreement(drawn, released.simulated),
                agreement.describe_agreement(drawn),
                "Correlations of the scorings, as the client rated the sessions: between clients "
                "below the diagonal, within clients above it. Darker: stronger.",
            )
        )
    found += [grid for grid in (correlations_grid(released), reliability_grid(released)) if grid]
    return found
