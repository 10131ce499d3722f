"""Small datasets and instruments for the tests of ingest; everything in them is made up."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from attunement.ingest import ingest, obtain
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument


def instrument(
    name: str, kind: str, items: int, low: float, high: float, **more: Any
) -> Instrument:
    """An instrument with one scale `total` over all its items."""
    step = more.pop("step", 1)
    scale = {"name": "total", "items": list(range(1, items + 1)), "low": low * items,
             "high": high * items}  # fmt: skip
    content = {
        "id": name, "name": name, "kind": kind, "citation": ["made up"],
        "direction": "higher_worse",
        "response": {"low": low, "high": high, "step": step}, "scales": {"total": scale},
        "licence": "none", "verified": False, "source": ["made up"],
    }  # fmt: skip
    return Instrument.model_validate(content | more)


INSTRUMENTS = {
    "mood": instrument("mood", "outcome", 2, 0, 3),
    "visual": instrument("visual", "outcome", 2, 0, 10, step=0.1),
    "bond": instrument("bond", "alliance", 1, 0, 10),
    "wish": instrument(
        "wish",
        "preference",
        2,
        -3,
        3,
        scales={
            "AB": {"name": "A B", "items": [1], "low": -3, "high": 3},
            "CD": {"name": "C D", "items": [2], "low": -3, "high": 3},
        },
    ),
}

BASIC: dict[str, Any] = {
    "name": "small", "title": "Small", "about": "made up", "is_not": "real",
    "disclosure": "simulated", "licence": "none",
    "sources": {"people": {"path": "people.csv"}, "visits": {"path": "visits.csv"}},
    "time": {"unit": "session", "per": 10},
    "clients": {"source": "people", "columns": {"client": "id", "therapist": "who"}},
    "responses": [
        {"source": "visits", "instrument": "mood", "rater": "client", "client": "id",
         "session": "visit", "items": "mood_{item}"}
    ],
    "outcomes": {"primary": "mood.total"},
}  # fmt: skip

PEOPLE = "id,who\na,t1\nb,t2\nc,\n"
VISITS = "id,visit,mood_1,mood_2\na,0,3,2\na,1,2,2\nb,0,1,0\nb,1,0,0\nc,0,3,3\n"
FILES = {"people.csv": PEOPLE, "visits.csv": VISITS}


def declared(**changes: Any) -> Dataset:
    """The basic dataset with some keys replaced."""
    return Dataset.model_validate(copy.deepcopy(BASIC) | copy.deepcopy(changes))


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
    return folder


def read(
    folder: Path, dataset: Dataset | None = None, **files: str | bytes
) -> dict[str, pd.DataFrame]:
    """Ingest the basic files (some replaced, `people=...`, `visits=...`) under a declaration."""
    put(folder, FILES | {f"{name}.csv": content for name, content in files.items()})
    dataset = dataset or declared()
    return ingest(dataset, obtain(dataset, folder), INSTRUMENTS)


def from_memory(dataset: Dataset, **sources: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Ingest tables that come from memory."""
    return ingest(dataset, sources, INSTRUMENTS)


def listed(tables: dict[str, pd.DataFrame]) -> list[tuple]:
    """The conflicts as (source, column, row, kind, value, action)."""
    columns = ["source", "column", "row", "kind", "value", "action"]
    frame = tables["conflicts"][columns].astype(object)
    return [tuple(row) for row in frame.where(frame.notna(), None).itertuples(index=False)]


def write_study(folder: Path, name: str = "small", **changes: Any) -> tuple[Path, Path]:
    """A dataset folder and an instruments folder on disk; their paths."""
    home = put(folder / "data" / name, FILES)
    (home / "dataset.yaml").write_text(yaml.safe_dump(BASIC | {"name": name} | changes))
    keys = folder / "data" / "instruments"
    keys.mkdir()
    for key, one in INSTRUMENTS.items():
        (keys / f"{key}.yaml").write_text(yaml.safe_dump(one.model_dump(exclude_none=True)))
    return home / "dataset.yaml", keys
