"""Exploratory estimates that the plan names, drawn like the confirmatory ones, family by family."""

from __future__ import annotations

import pandas as pd

from attunement.report import words
from attunement.report.asked import focal, told_here
from attunement.report.figures.forest import describe_forest, draw_forest
from attunement.report.pieces import Picture, Released
from attunement.report.sections.common import estimate_marks, marked_picture

OPEN = 12  # marks that a reader takes in without opening anything
LONGEST = 24  # marks of one figure


def drawn(released: Released) -> pd.DataFrame:
    """Return the exploratory rows that are drawn here, one for each coefficient that has a level.

    Surfaces are drawn as maps, and what has a section of its own there.
    """
    estimates = released.table("estimates")
    rows = focal(estimates[estimates["role"] == "exploratory"], released)
    rows = told_here(rows[rows["estimate"].notna() & rows["ci_low"].notna()], released)
    named = released.specifications
    maps = [named.get(str(one), {}).get("family") == "surface" for one in rows["specification"]]
    return rows[~pd.Series(maps, index=rows.index, dtype=bool)]


def pages(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Split the rows of a family into figures of at most `LONGEST`, between entries of the plan.

    An entry that is longer than that by itself is cut.
    """
    entry = rows["specification"].astype(str).str.partition(".")[0]
    found: list[list[object]] = [[]]
    for _, held in rows.groupby(entry, sort=False):
        if found[-1] and len(found[-1]) + len(held) > LONGEST:
            found.append([])
        for place in held.index:
            if len(found[-1]) == LONGEST:
                found.append([])
            found[-1].append(place)
    return [rows.loc[places] for places in found if places]


def forests(released: Released) -> list[Picture]:
    """Return a forest for each family of exploratory models; long ones are folded."""
    rows = drawn(released)
    families = rows["hypothesis_family"].astype(str).where(rows["hypothesis_family"].notna(), "-")
    found: list[Picture] = []
    for family, held in rows.groupby(families, sort=False):
        parts = pages(held)
        of = "" if family == "-" else f" of the family {words.plain(str(family))}"
        for number, part in enumerate(parts, 1):
            marks = estimate_marks(part, released)
            entries = dict.fromkeys(part["specification"].astype(str).str.partition(".")[0])
            models = ", ".join(words.plain(entry) for entry in entries)
            count = f"{len(part)} exploratory estimate{'' if len(part) == 1 else 's'}{of}"
            which = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
            found.append(
                marked_picture(
                    released,
                    f"exploratory_{len(found) + 1}",
                    draw_forest(marks, "", "", released.simulated),
                    f"Exploratory estimates with 95% intervals. {describe_forest(marks)}",
                    f"Exploratory estimates{of}{which}, with 95% intervals ({models}); filled: "
                    "p < .05, unadjusted. Of as many, some will be filled by chance.",
                    folded=f"{count}: {models}" if len(held) > OPEN else "",
                )
            )
    return found
