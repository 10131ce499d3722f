"""How persons are kept from being found: what was left at the door, and who hides among whom."""

from __future__ import annotations

from typing import Any

from attunement.report import words
from attunement.report.counts import WITHHELD
from attunement.report.numbers import DASH, count, missing
from attunement.report.pieces import Grid, Missing, Released, Section

LOOKED = (
    "Every column of every source was looked at for direct identifiers (the eighteen kinds of "
    "HIPAA Safe Harbor, and free text), by its name and by what stands in it; one is refused "
    "unless its column is dropped or let in with a reason."
)
CLASSES = (
    "Clients who share the same values of what others may know of a person; a missing value counts "
    "as a value of its own. k: clients in the smallest class."
)
COUNTS = ("n_clients", "n_classes", "smallest_class", "n_unique", "n_below_5", "n_below_10")


def _few(value: Any, released: Released) -> str:
    """A count; one that the gate emptied is small, which is what there is to know."""
    if missing(value) and released.confidential:
        return f"<{released.about.get('rules', {}).get('smallest_cell', 10)}"
    return count(value)


def _record(released: Released) -> Grid | None:
    lines = []
    for row in released.table("privacy").to_dict("records"):
        touched = count(row["n_rows"])
        # Only ages and the columns let in are counted; there an empty count is a small one.
        counted = row["decision"] in ("allowed", "pooled", "kept", "pseudonyms", "as given")
        if missing(row["n_rows"]) and counted and released.confidential:
            touched = WITHHELD
        lines.append(
            [
                str(row["what"]),
                DASH if missing(row["place"]) else str(row["place"]),
                str(row["kind"]),
                words.sentence_case(str(row["decision"])),
                touched,
                DASH if missing(row["reason"]) else str(row["reason"]),
            ]
        )
    heads = ["What", "Where", "Kind", "What was done", "Rows or ids", "Reason"]
    return Grid("What was done so that nobody is named.", heads, lines) if lines else None


def _anonymity(released: Released) -> Grid | Missing | None:
    table = released.table("anonymity")
    counted = table[table["n_clients"].notna()]
    if counted.empty:
        reasons = table["reason"].dropna()
        if reasons.empty:
            return None
        return Missing(f"How well clients hide among each other is not counted: {reasons.iloc[0]}.")
    lines = [
        [
            words.plain(str(row["variables"])),
            "" if str(row["ages"]) == "-" else str(row["ages"]),
            *(_few(row[column], released) for column in COUNTS),
        ]
        for row in counted.to_dict("records")
    ]
    heads = "Quasi-identifiers;Ages;Clients;Classes;k;Unique;In classes below 5;Below 10"
    return Grid(CLASSES, heads.split(";"), lines)


def persons(released: Released) -> Section:
    """What was dropped, let in, pooled and replaced; k-anonymity over quasi-identifiers."""
    parts: list[object] = [LOOKED]
    parts += [part for part in (_record(released), _anonymity(released)) if part is not None]
    return Section("privacy", "How persons are kept from being found", "ingest", parts)
