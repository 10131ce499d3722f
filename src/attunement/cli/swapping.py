"""Folders put in place whole, and only where they differ."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

from attunement.study.files import swap_folder


def same_folders(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files with the same bytes."""
    if not (one.is_dir() and other.is_dir()):
        return False
    files = [
        sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        for folder in (one, other)
    ]
    return files[0] == files[1] and all(
        filecmp.cmp(one / name, other / name, shallow=False) for name in files[0]
    )


def put(new: Path, place: Path) -> bool:
    """Swap in the folder where it differs from what stands there; return whether it did."""
    if same_folders(new, place):
        shutil.rmtree(new)
        return False
    swap_folder(new, place)
    return True


def fresh(folder: Path) -> Path:
    """Return an empty folder; whatever stood there is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
