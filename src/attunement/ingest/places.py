"""Where a row of a sheet stands in the files: the one place that knows.

The tables are built from sheets whose rows have one number each, even if the rows of several files
follow one another, columns of other files stand beside, or a row is one occasion of a row of the
file. Messages and the conflict list translate these numbers back into file, column and row.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from attunement.study.problems import StudyError

BLOCK = 10**9  # a row's number is its row in the file, and blocks for the file and the occasion


@dataclass(frozen=True)
class Beside:
    """Columns that another source gave: its places, and its row for each row beside which it is."""

    places: Places
    rows: pd.Series


@dataclass(frozen=True)
class Places:
    """The places of the rows of one sheet.

    `label` is what messages call the source as a whole; `files` are its files in the order of their
    numbers; `occasions` give for each occasion of a wide layout the column that stands for a
    template such as ``phq9_s{session}``; `beside` are the columns of joined sources.
    """

    label: str
    files: tuple[str, ...] = ()
    occasions: tuple[dict[str, str], ...] = ()
    beside: dict[str, Beside] = field(default_factory=dict)

    def with_occasions(self, columns: list[dict[str, str]]) -> Places:
        """The same places for rows that are occasions (see `numbered`)."""
        return replace(self, occasions=tuple(columns))

    def numbered(self, rows: np.ndarray, occasion: int) -> np.ndarray:
        """The numbers of the rows of one occasion."""
        return rows + BLOCK * max(len(self.files), 1) * occasion

    def whole_rows(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The rows without their occasions, and the occasions."""
        span = BLOCK * max(len(self.files), 1)
        return rows % span, rows // span

    def locate(self, column: str | None, rows: np.ndarray) -> pd.DataFrame:
        """File (`source`), column and row of each numbered row."""
        rows = np.asarray(rows, dtype="int64")
        if not self.occasions and not self.beside and len(self.files) <= 1:
            return pd.DataFrame({"source": self.label, "column": column, "row": rows})
        whole, occasion = self.whole_rows(rows)
        names = np.array(self.files or (self.label,), dtype=object)
        frame = pd.DataFrame({"source": names[whole // BLOCK], "column": column,
                              "row": whole % BLOCK})  # fmt: skip
        if self.occasions and column is not None:
            real = np.array([one.get(column, column) for one in self.occasions], dtype=object)
            frame["column"] = real[occasion]
        for name in frame["column"].dropna().unique() if self.beside else ():
            if name not in self.beside:
                continue
            other = self.beside[name]
            mine = (frame["column"] == name).to_numpy()
            partner = other.rows.reindex(whole[mine]).to_numpy(dtype="float64")
            there = ~np.isnan(partner)
            place = np.flatnonzero(mine)[there]
            found = other.places.locate(name, partner[there].astype("int64"))
            frame.loc[place, ["source", "row"]] = found[["source", "row"]].to_numpy()
        return frame

    def first(self, rows: np.ndarray, column: str | None = None) -> list[str]:
        """The first five rows in words, with their file or column where these differ."""
        frame = self.locate(column, np.asarray(rows)[:5])
        files = frame["source"].nunique() > 1
        columns = bool(self.occasions) and column is not None
        return [
            (f"{file} " if files else "") + f"row {row}" + (f" of '{name}'" if columns else "")
            for file, name, row in frame[["source", "column", "row"]].itertuples(index=False)
        ]

    def fault(
        self, what: str, column: str | None, rows: np.ndarray, advice: str, *, n: int | None = None
    ) -> StudyError:
        """A message about rows: their file, their column, how many, the first of them."""
        rows = np.asarray(rows)
        frame = self.locate(column, rows)
        files = list(dict.fromkeys(frame["source"])) or [self.label]
        named = frame["column"].dropna()
        return StudyError(
            what,
            file=" and ".join(files),
            column=named.iloc[0] if len(named) else column,
            rows=len(rows) if n is None else n,
            first=self.first(rows, column),
            advice=advice,
        )


def places_of(source: Places | str) -> Places:
    """Places of a source that may be a mere name."""
    return Places(source) if isinstance(source, str) else source
