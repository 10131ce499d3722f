"""What the name of a column announces, where the values look like it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from attunement.ingest.privacy.identifiers.cells import Cells
from attunement.ingest.privacy.identifiers.dates import OF_A_BIRTH
from attunement.ingest.privacy.identifiers.names import announced, of_a_birth

Role = Literal["id", "day", "number", "words", "other", "unread"]
FLAGS = (
    r"(?i)^(yes|no|true|false|ja|nein|nee|oui|non|si|sí|y|n|j|na|n/a|none|unknown|consented|"
    r"refused)$"
)
INITIALS = r"^\p{L}([. -]{0,2}\p{L}){1,3}\.?$"
# What values must look like for a name of a column to count (RE2).
LOOKS = {
    "name": rf"^[^\d]*\p{{L}}{{2}}[^\d]*$|{INITIALS}",
    "geography": r"\p{L}{3}|\d{4}|^[A-Za-z]{1,2}\d",
    "phone": r"(\d\D{0,2}){5}",
    "fax": r"(\d\D{0,2}){5}",
    "email": r"@|[\[({<]\W?(at|a|ät)\W?[\])}>]|\S\.\p{L}{2,}$",
    "url": r"[./].*[a-z]",
    "ip address": r"\d.*[.:].*\d",
    "photograph": r"\p{L}.*[\d._/-]|^.{12}",
    "biometric": r"\p{L}.*[\d._/-]|^.{12}|\d{5}",
    "other code": rf"\p{{L}}{{3}}|\d{{4}}|{INITIALS}",
    "vehicle": r"\p{L}\W*\d.*\d|\d.*\d\W*\p{L}|(\d.*){4}",
    "employer or school": r"\p{L}{3}",
    "free text": r"\S+\s+\S+\s+\S",
}
CODED = r"(\d.*){4}"
DECIMAL = r"^[-+]?\d*[.,]\d+([eE][-+]?\d+)?$"
MEASURED = ("photograph", "biometric", "device", "vehicle", "other code")
FEWEST_EACH = 3  # rows of a category


def _as_announced(cells: Cells, kind: str, column: str, role: Role) -> np.ndarray:
    """Which values are what a name announces."""
    if kind == "date":
        told = cells.dates & (role != "day" or of_a_birth(column))
        if of_a_birth(column) or role not in ("day", "number"):
            # In whatever way, and days as programs count them.
            told |= cells.matches(OF_A_BIRTH)
        return told
    told = cells.matches(LOOKS.get(kind, CODED)) & ~cells.matches(FLAGS)
    return told & ~cells.matches(DECIMAL) if kind in MEASURED else told


def _categories(cells: Cells, told: np.ndarray, kind: str) -> bool:
    """Whether what looks like an identifier is a few labels that come again and again."""
    rows, different = int(cells.counts[told].sum()), int(told.sum())
    often = rows >= 10 * different and different < 30 and cells.counts[told].min() >= FEWEST_EACH
    if kind == "free text":
        again = different <= 0.5 * rows
        return often or (again and not bool(cells.matches(r"(\S+\s+){8}", told).any()))
    return often and kind == "employer or school"


def by_name(cells: Cells, column: str, role: Role) -> tuple[str, np.ndarray] | None:
    """Return the kind that a column's name announces, and which values are of it.

    Parameters
    ----------
    cells : Cells
        The column.
    column : str
        Its name; one that ends in what is measured, counted or grouped announces nothing.
    role : str
        What the column is declared as.

    Returns
    -------
    tuple or None
        None where the name announces nothing, or where no value looks like it.
    """
    for kind in announced(column):
        if role == "id" and kind in ("medical record number", "other code", "device"):
            continue
        if role == "number" and kind in ("name", "geography", "other code", "employer or school"):
            continue
        told = _as_announced(cells, kind, column, role)
        if not told.any() or _categories(cells, told, kind):
            continue
        if kind == "name" and told.sum() < 0.5 * cells.telling.sum():
            continue
        return kind, told
    return None
