"""What several sections share: marked pictures and the names of models."""

from __future__ import annotations

from typing import Any

from attunement.report import words
from attunement.report.figures.forest import Mark
from attunement.report.pieces import Picture, Released


def marked_picture(released: Released, name: str, svg: bytes, alt: str, caption: str) -> Picture:
    """Return a picture whose words say that the data are simulated, where they are."""
    marked = f"Simulated data. {alt}" if released.simulated else alt
    return Picture(
        name, svg, marked, f"{caption} Simulated data." if released.simulated else caption
    )


def model_name(name: str, planned: dict[str, Any], released: Released) -> str:
    """Return the name of a model with the choices that tell it from its siblings."""
    choice = words.choices(planned, released.about)
    entry = words.sentence_case(words.plain(name.partition(".")[0]))
    return f"{entry}: {choice}" if choice else entry


def heading(name: str, planned: dict[str, Any], released: Released, marks: list[Mark]) -> str:
    """The heading of a group of marks, only above its first."""
    choice = words.choices(planned, released.about)
    entry = words.sentence_case(words.plain(name.partition(".")[0]))
    heading = f"{entry}: {choice}" if choice else entry
    above = next((mark.heading for mark in reversed(marks) if mark.heading), "")
    return "" if heading == above else heading
