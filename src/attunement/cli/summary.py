"""What a run says of each dataset in the end: what was not taken as it stood, and its page."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from attunement.cli.paths import release_of, stage_folder

# Action in conflicts.csv: how one and how many are told.
TOLD = {
    "set missing": ("value set missing", "values set missing"),
    "row left out": ("row left out", "rows left out"),
    "kept": ("kept though odd", "kept though odd"),
    "settled by rule": ("settled by rule", "settled by rule"),
}


def conflicts_line(root: Path, name: str) -> str:
    """How many conflicts ingest listed for a dataset, by what was done; '' where there are none.

    Parameters
    ----------
    root : Path
        The project's folder.
    name : str
        A dataset whose stage `ingest` is done.
    """
    file = stage_folder(name, "ingest") / "conflicts.csv"
    if not (root / file).is_file():
        return ""
    with (root / file).open(encoding="utf-8", newline="") as lines:
        found = Counter(row.get("action") or "" for row in csv.DictReader(lines))
    parts = [
        f"{found[action]:,} {one if found[action] == 1 else many}"
        for action, (one, many) in TOLD.items()
        if found[action]
    ]
    return f"  {name:<20} {', '.join(parts)}: see {file.as_posix()}" if parts else ""


def page_line(name: str) -> str:
    """Where the page of a published dataset lies."""
    return f"  {name:<20} {(release_of(name) / 'index.html').as_posix()}"
