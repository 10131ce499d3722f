"""Files that are either whole or absent: every write goes to a temporary name first."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

Tables = dict[str, pd.DataFrame]


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    temporary.write_bytes(content)
    temporary.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends, whole or not at all."""
    _replace(Path(path), text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON with a final newline."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV text: full precision, true / false, empty cells for missing."""
    shown = frame.copy()
    for name in shown.columns:
        if isinstance(shown[name].dtype, pd.BooleanDtype) or shown[name].dtype == bool:
            shown[name] = shown[name].map({True: "true", False: "false"})
    return shown.to_csv(index=False, lineterminator="\n")


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV or Parquet, by the ending of the path."""
    path = Path(path)
    if path.suffix == ".csv":
        write_text(path, csv_text(frame))
    elif path.suffix == ".parquet":
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
        frame.to_parquet(temporary, index=False, compression="zstd")
        temporary.replace(path)
    else:
        raise ValueError(f"tables are written as .csv or .parquet, not {path.name}")


def read_tables(*folders: Path) -> Tables:
    """Read every Parquet and CSV table of the folders, by name, typed by its contract.

    A table that stands in several folders is taken from the last of them.
    """
    from attunement.study.contracts import TABLES, conform

    tables: Tables = {}
    for path in (path for folder in folders for path in sorted(Path(folder).iterdir())):
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
        elif path.suffix == ".csv":
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
        else:
            continue
        tables[path.stem] = conform(frame, path.stem) if path.stem in TABLES else frame
    return tables


def sha256(path: Path) -> str:
    """Return the SHA-256 checksum of a file as hexadecimal text."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def swap_folder(new: Path, place: Path) -> None:
    """Put a finished folder in the place of an earlier one by rename; the earlier one goes."""
    new, place = Path(new), Path(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    old = place.with_name(f".{place.name}.old")
    if old.exists():
        # An earlier swap was cut off: either the place stands and the old copy is spent, or not.
        shutil.rmtree(old) if place.exists() else old.rename(place)
    if place.exists():
        place.rename(old)
    new.rename(place)
    if old.exists():
        shutil.rmtree(old)
