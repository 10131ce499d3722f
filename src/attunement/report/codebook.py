"""The codebook as a page of its own, made of released tables only."""

from __future__ import annotations

from typing import Any

from attunement.report.counts import WITHHELD
from attunement.report.numbers import DASH, count, missing, percent
from attunement.report.pieces import Grid, Picture, Released, Section
from attunement.report.sections.people import participants

HEADINGS = {
    "clients": ("Clients", "one row for each client"),
    "therapists": ("Therapists", "one row for each therapist"),
    "sessions": ("Sessions", "one row for each session of a client"),
    "endings": ("Endings", "one row for each client whose ending is told"),
    "type_preferences": ("Preferences for a type of therapy", "one row for each preference"),
}
HEADS = ["Variable", "Meaning", "Values", "Where it comes from", "Rows", "Missing"]
ITEM_HEADS = ["Item or scale", "Meaning", "Values", "Informant", *HEADS[3:]]
NOTE = (
    "Values are those that are possible, not those found. Rows: of the table; of an item, the "
    "occasions on which its instrument was answered at all."
)


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "\u2212")


def values(row: dict[str, Any]) -> str:
    """Return the type, possible range, unit and categories of a variable in words."""
    kind = str(row["type"])
    unit = "" if missing(row["unit"]) else f" {row['unit']}"
    unit = f" ({unit.strip()})" if "=" in unit else unit  # 0 = intake
    if kind == "flag":
        return "yes / no"
    if kind == "id":
        return "pseudonym or code"
    if kind == "category":
        return "categories as recorded" if missing(row["levels"]) else str(row["levels"])
    kind = {"integer": "whole number", "text": "words"}.get(kind, kind)
    low, high = row["low"], row["high"]
    if not missing(low) and not missing(high):
        return f"{kind}, {_number(low)} to {_number(high)}{unit}"
    if not missing(low):
        return f"{kind}, from {_number(low)}{unit}"
    if not missing(high):
        return f"{kind}, up to {_number(high)}{unit}"
    return f"{kind},{unit}" if unit else kind


def _origin(row: dict[str, Any]) -> str:
    if str(row["source"]) == "-":
        return str(row["column"])
    file = DASH if missing(row["file"]) else str(row["file"])
    title = "" if missing(row["title"]) else f" \u201c{row['title']}\u201d"
    return f"{file}: {row['column']}{title}"


def _counts(row: dict[str, Any], released: Released) -> list[str]:
    if str(row["source"]) == "-" and missing(row["n_rows"]) and row["table"] == "scores":
        return [DASH, DASH]
    hidden = WITHHELD if released.confidential else DASH
    rows = hidden if missing(row["n_rows"]) else count(row["n_rows"])
    if missing(row["n_missing"]):
        # Of a table that is shown the gate hides a count only where it is small.
        few = f"<{released.about.get('rules', {}).get('smallest_cell', 10)}"
        return [rows, few if released.confidential and not missing(row["n_rows"]) else hidden]
    share = percent(row["share_missing"]) if row["share_missing"] >= 0.005 else "<1%"
    return [rows, "none" if int(row["n_missing"]) == 0 else f"{count(row['n_missing'])} ({share})"]


def _line(row: dict[str, Any], released: Released, instrument: str = "") -> list[str]:
    meaning = DASH if missing(row["meaning"]) else str(row["meaning"])
    # The instrument's name stands above the table.
    meaning = meaning.removeprefix(f"{instrument}, ").removeprefix(f"{instrument}: ")
    start = [str(row["variable"]), meaning, values(row)]
    if instrument:
        start.append(str(row["informant"]))
    return [*start, _origin(row), *_counts(row, released)]


def sections(released: Released) -> list[Section]:
    """Return the participant flow, each table, and each instrument or rating with its scales."""
    flow = [part for part in participants(released).parts if isinstance(part, Picture)]
    made = [Section("flow", "Who took part", "ingest", flow)] if flow else []
    book = released.table("codebook")
    for table, (heading, row_is) in HEADINGS.items():
        rows = book[book["table"] == table].to_dict("records")
        if rows:
            lines = [_line(row, released) for row in rows]  # type: ignore[arg-type]
            grid = Grid(f"{heading}: {row_is}.", HEADS, lines)
            made.append(Section(table, heading, "ingest", [grid]))
    answered = book[book["table"].isin(("responses", "scores"))]
    instrument = answered["variable"].str.replace(r"\..*", "", regex=True)
    names = {str(one.get("id")): str(one["name"]) for one in released.about.get("instruments", [])}
    for name in instrument.drop_duplicates():
        rows = answered[instrument == name].to_dict("records")
        heading = names.get(str(name), str(name).replace("_", " "))
        lines = [_line(row, released, heading) for row in rows]  # type: ignore[arg-type]
        grid = Grid(f"{heading}: items and scales.", ITEM_HEADS, lines)
        made.append(Section(f"of-{name}", heading, "ingest and score", [grid]))
    return made
