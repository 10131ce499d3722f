"""What a damaged input is: how it is made, and what must come of it.

A damage changes the tables before they are written, the declaration, or the bytes of the files.
It says what must come of it: `refused` (one clear message), `listed` (the run goes on, what could
not be taken is missing and stands in the list of conflicts) or `same` (it does no harm).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from clinic import Clinic

Outcome = Literal["refused", "listed", "refused or listed", "same"]


@dataclass(frozen=True)
class Damage:
    """One damaged input; `before` acts on the tables and the declaration, `after` on the files."""

    name: str
    outcome: Outcome
    layout: str = "comma"
    before: Callable[[Clinic], None] | None = None
    after: Callable[[Path], None] | None = None


def cell(table: str, row: int, column: str, value: str) -> Callable[[Clinic], None]:
    """Write a value into one cell."""

    def act(clinic: Clinic) -> None:
        clinic.frames[table].loc[row, column] = value

    return act


def say(path: str, value: Any) -> Callable[[Clinic], None]:
    """Set a key of the declaration, by its place as `responses.1.items`; `None` takes it out."""

    def act(clinic: Clinic) -> None:
        *parents, last = path.split(".")
        place: Any = clinic.declared
        for key in parents:
            place = place[int(key)] if isinstance(place, list) else place[key]
        if value is None:
            place.pop(last)
        elif isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value

    return act


def edit(file: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change the bytes of a file."""

    def act(folder: Path) -> None:
        path = folder / file
        path.write_bytes(change(path.read_bytes()))

    return act
