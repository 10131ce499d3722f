"""What several sections share: marked pictures and the names of models."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.report import units, words
from attunement.report.figures.forest import Mark
from attunement.report.numbers import Effect
from attunement.report.pieces import Picture, Released


def marked_picture(
    released: Released, name: str, svg: bytes, alt: str, caption: str, folded: str = ""
) -> Picture:
    """Return a picture whose words say that the data are simulated, where they are."""
    marked = f"Simulated data. {alt}" if released.simulated else alt
    caption = f"{caption} Simulated data." if released.simulated else caption
    return Picture(name, svg, marked, caption, folded)


def estimate_marks(rows: pd.DataFrame, released: Released) -> list[Mark]:
    """Return a mark for each estimate, on the axis of its own unit, under the name of its model."""
    marks: list[Mark] = []
    for row in rows.to_dict("records"):
        effect, name = Effect.of(row), str(row["specification"])
        planned = released.specifications.get(name, {})
        marks.append(
            Mark(
                words.sentence_case(words.term(str(row["term"]), released.about)),
                f"{effect.value} {effect.interval}",
                effect.estimate,
                effect.low,
                effect.high,
                effect.ratio,
                filled=effect.clear,
                heading=heading(name, planned, released, marks),
                axis=units.axis(row, released),
            )
        )
    return marks


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
