"""Expected scores, flags and what they foretell, as grids of text."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import words
from attunement.report.numbers import DASH, bounded, count, missing, number, percent, share
from attunement.report.pieces import Grid, Released

WITHHELD = "withheld"
FLAGS = {
    "not_on_track": "Not on track",
    "alliance_alert": "Alliance alert",
    "alliance_item_alert": "Alliance alert, lowest item",
    "first_above_32": "First ORS score above 32",
    "fewer_than_two_scores": "Fewer than two ORS scores",
    "sawtooth": "Sawtooth of ORS scores",
    "validity": "Rules on validity",
}
NOTES = {
    "not_on_track": "Ever up: the more scores a client gave, the more chances there were for it.",
    "alliance_alert": "Alliance alert: the score is beyond the published border; a drop between "
    "sessions raises none, since no number of points could be verified.",
    "alliance_item_alert": "Lowest item: below 9 of 10.",
    "sawtooth": "The rules on validity (ORS) are those of Better Outcomes Now, the sawtooth as "
    "read here: four changes in turn, each of 6 points or more against the one before. They leave "
    "nobody out.",
}
EVENTS = {
    "no_reliable_improvement": "no reliable improvement at the end",
    "reliable_deterioration": "reliably worse at the end",
}


def _named(row: Any, about: dict[str, Any]) -> str:
    flag, outcome = FLAGS.get(row["flag"], words.plain(row["flag"])), str(row["outcome"])
    if outcome == "client":
        return flag
    return f"{flag} ({words.short_outcome(outcome, about).removesuffix('.total').upper()})"


def event(name: str, about: dict[str, Any]) -> str:
    """Return an event in words."""
    return EVENTS.get(name) or words.definition(name, about)


def expected_grid(released: Released) -> Grid | None:
    """Return the percentiles at a few times by fifth of the first scores, or None."""
    table = released.shown("expected_trajectory")
    if table.empty:
        return None
    times = sorted(set(table.loc[table["n_clients"] >= 10, "time"].astype(float)))
    if not times:
        return None
    step = max(1, -(-len(times) // 6))
    chosen = times[::step]
    lines = [
        [
            number(row["intake"], 1),
            f"{row['time']:g}",
            *(number(row[f"p{p}"], 1) for p in (10, 25, 50, 75, 90)),
            number(row["limit"], 1),
            count(row["n_clients"]),
            WITHHELD if missing(row["n_below"]) else count(row["n_below"]),
        ]
        for row in table[table["time"].isin(chosen)].to_dict("records")
        if row["n_clients"] >= 10
    ]
    unit = released.about["time"]["unit"]
    heads = ["First score", f"After {unit}", "10th", "25th", "50th", "75th", "90th"]
    return Grid(
        "Expected scores: percentiles by first score (mean of each fifth) and time since.",
        [*heads, "Border", "Clients", "Not on track"],
        lines,
        folded="Expected scores as a table",
        note=f"Border: worse is not on track. How it was estimated: {table['reason'].iloc[0]}.",
    )


def counts_grid(released: Released) -> Grid | None:
    """Return how often each flag is up, or None where there is no flag at all."""
    lines = []
    table = released.table("flag_counts")
    table = table[table["n_clients"].notna() | table["withheld"].astype(bool)]
    for row in table.to_dict("records"):
        if bool(row["withheld"]):
            lines.append([_named(row, released.about), *[WITHHELD] * 4])
        elif not missing(row["n_clients"]):
            of = percent(row["n_flagged"] / row["n_clients"]) if row["n_clients"] else DASH
            scores = [count(row[name]) for name in ("n_scores_flagged", "n_scores")]
            cells = [f"{count(row['n_flagged'])} ({of})", count(row["n_clients"]), *scores]
            lines.append([_named(row, released.about), *cells])
    if not lines:
        return None
    return Grid(
        "Flags: clients for whom each was ever up, and scores.",
        ["Flag", "Clients flagged", "of", "Scores flagged", "of"],
        lines,
        note=" ".join(said for flag, said in NOTES.items() if flag in set(table["flag"])),
    )


def unused(released: Released) -> str:
    """Return which flags are not used, and why; '' where all are."""
    table = released.table("flag_counts")
    rows = table[table["n_clients"].isna() & ~table["withheld"].astype(bool)]
    told = [f"{_named(row, released.about)} ({row['reason']})" for row in rows.to_dict("records")]
    return f"Not used: {'; '.join(told)}." if told else ""


def _cells(row: Any) -> list[str]:
    found = [count(row["n_clients"]), count(row["n_flagged"]), percent(row["base_rate"])]
    for name in ("sensitivity", "specificity", "ppv", "npv"):
        found.append(share(row[name], row[f"{name}_low"], row[f"{name}_high"]))
    if missing(row["auc"]):
        return [*found, DASH]
    limits = (
        ""
        if missing(row["auc_low"])
        else (f" [{bounded(row['auc_low'])}, {bounded(row['auc_high'])}]")
    )
    return [*found, f"{bounded(row['auc'])}{limits}"]


def _of_all(released: Released) -> str:
    """How many clients there are in all, and who counts under study attrition."""
    n = released.about.get("counts", {}).get("clients")
    said = "" if missing(n) else f", of {count(n)} in the study"
    events = set(released.table("flag_validity")["event"])
    if "study_attrition" in events:
        said += " (study attrition: who was assessed when last due by then)"
    return said


def validity_grid(released: Released, flag: str, outcome: str, folded: str = "") -> Grid | None:
    """Return what one flag at the landmark foretells, or None where nothing can be told."""
    table = released.table("flag_validity")
    rows = table[(table["flag"] == flag) & (table["outcome"] == outcome)]
    rows = rows[rows["n_clients"].notna() | rows["withheld"].astype(bool)]
    if rows.empty:
        return None
    marked = bool(rows["note"].notna().any())
    lines = []
    for row in rows.to_dict("records"):
        name = words.sentence_case(event(str(row["event"]), released.about))
        name += "*" if not missing(row["note"]) else ""
        lines.append([name, *([WITHHELD] * 8 if bool(row["withheld"]) else _cells(row))])
    landmark = float(rows["landmark"].iloc[0])
    note = (
        f"n: clients still in treatment at {released.about['time']['unit']} {landmark:g} whose "
        f"event is known{_of_all(released)}; the flag is that of their last "
        "score by then. Base rate: share with the event. "
        "PPV: with the event of those flagged; NPV: without it of those not flagged. AUC: chance "
        "that who has the event stood worse than who has it not; .50 foretells nothing, less: who "
        "stood better had it more often. 95% "
        "intervals allow for clients of the same therapist where ten therapists are known."
    )
    note += (
        " * The event is judged by the same outcome and informant, for those who left at once "
        "by the same score: part of the agreement is built in."
        if marked
        else ""
    )
    first = {"flag": flag, "outcome": outcome}
    return Grid(
        f"{_named(first, released.about)}: what it foretells, out of sample.",
        "Later event;n;Flagged;Base rate;Sensitivity;Specificity;PPV;NPV;AUC".split(";"),
        lines,
        folded=folded,
        note=note,
    )


def pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the flags and the outcomes that they look at, in order."""
    held = table[["flag", "outcome"]].drop_duplicates()
    return [(str(row["flag"]), str(row["outcome"])) for row in held.to_dict("records")]
