"""What a page is made of: pictures, grids of text, and sentences for what is missing."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from attunement.study.contracts import empty
from attunement.study.files import Tables

# Words that stand in columns of numbers.
LIKE_NUMBERS = re.compile(r"\b(?:withheld|n =|to|of)(?= |$)")


@dataclass(frozen=True)
class Picture:
    """A figure: its file name, its SVG, what a reader who cannot see it needs, and its caption.

    One that is `folded` shows these words until it is opened.
    """

    name: str
    svg: bytes
    alt: str
    caption: str
    folded: str = ""

    @property
    def address(self) -> str:
        """The SVG as a data address, so that the page stands alone."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg).decode("ascii")


@dataclass(frozen=True)
class Missing:
    """A sentence where a figure or a table would stand."""

    sentence: str


@dataclass(frozen=True)
class Grid:
    """A table of text: caption, heads, rows; the first column heads its row."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    folded: str = ""
    note: str = ""

    @cached_property
    def looks(self) -> list[str]:
        """The class of each column: 'words', 'words long' or '' for numbers."""
        long = [any(len(str(row[k])) > 60 for row in self.rows) for k in range(len(self.heads))]
        return [
            "" if not word else "words long" if much else "words"
            for word, much in zip(self.words, long, strict=True)
        ]

    @cached_property
    def words(self) -> list[bool]:
        """Whether each column holds words (set left, wrapped) rather than numbers (set right)."""
        told = [True]
        for column in range(1, len(self.heads)):
            cells = [LIKE_NUMBERS.sub("", str(row[column])) for row in self.rows]
            told.append(any(letter.isalpha() for cell in cells for letter in cell))
        return told


@dataclass(frozen=True)
class Section:
    """One section of the page: the stage that it tells of, its heading and its content in order."""

    anchor: str
    heading: str
    stage: str
    parts: Sequence[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Released:
    """The released tables and what they are about; the published effects to set beside them."""

    tables: Tables
    about: dict[str, Any]
    published: pd.DataFrame = field(default_factory=pd.DataFrame)

    def table(self, name: str) -> pd.DataFrame:
        """Return a released table; an empty one where it was not released."""
        return self.tables[name] if name in self.tables else empty(name)

    def shown(self, name: str) -> pd.DataFrame:
        """Return the rows of a table that the gate did not empty."""
        table = self.table(name)
        if "withheld" not in table.columns:
            return table
        return table[~table["withheld"].astype(bool)].reset_index(drop=True)

    def reason(self, *topics: str, otherwise: str) -> str:
        """Return the recorded reason of the first topic that is not available, else `otherwise`."""
        known = self.table("availability").set_index("topic")
        for topic in topics:
            if topic in known.index and not bool(known.loc[topic, "available"]):
                return str(known.loc[topic, "reason"])
        return otherwise

    def groups(self, table: pd.DataFrame) -> list[str]:
        """Return the groups of a table: 'all', then the arms in their declared order."""
        found = set(table["group"].astype(str)) - {"all"}
        declared = [str(level) for level in self.about.get("arm_levels") or []]
        known = [level for level in declared if level in found]
        return ["all", *known, *sorted(found - set(known))]

    def reference_arm(self) -> str | None:
        """Return the arm that the others are compared with, where it is declared."""
        levels = self.about.get("arm_levels") or []
        return str(levels[0]) if levels else None

    @property
    def simulated(self) -> bool:
        """The data come from a simulation."""
        return bool(self.about.get("simulated"))

    @property
    def confidential(self) -> bool:
        """Counts are rounded and small cells withheld: whatever is not declared open."""
        return self.about.get("disclosure") not in ("public", "simulated")

    @property
    def specifications(self) -> dict[str, dict[str, Any]]:
        """What is known of each planned specification, by name."""
        return {str(one["name"]): one for one in self.about.get("specifications", [])}
