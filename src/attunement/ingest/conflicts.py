"""The list of what could not be taken as it stood, row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.ingest.places import Places, places_of
from attunement.study.contracts import conform
from attunement.study.problems import StudyError

KINDS = {
    "out of range": "outside the possible range",
    "text in a number column": "text where a number belongs",
    "not a whole number": "a fraction where only whole numbers are possible",
    "unknown code": "a code that dataset.yaml does not name",
    "declared missing": "a possible answer that the file itself declares missing",
    "unmatched word": "a word that dataset.yaml names and no cell holds",
    "missing id": "no client or therapist",
    "id like another": "an id that differs from another by capitals, zeros or '.0' only",
    "missing key": "no session, time or other part of the row's key",
    "unknown client": "a client that the clients table does not hold",
    "unknown therapist": "a therapist that the therapists table does not hold",
    "agreeing duplicate": "a row that repeats an earlier one",
    "disagreeing duplicate": "rows of the same key that differ",
    "two therapists": "a client with more than one therapist",
    "unmatched row": "a row without a partner in the source it is joined to",
    "unmatched day": "answers of a day on which the sessions table has no session of the client",
    "missing column": "a column that a wide layout has for some occasions and not for others",
    "impossible date": "no date, or one that cannot be",
    "day out of order": "a day that does not follow the order of the client's sessions",
    "spreadsheet error": "an error of the spreadsheet in place of a value",
}

EXAMPLES = 5  # kinds of conflict of which a message shows the first


def _example(row: pd.Series) -> str:
    """Where a conflict stands and what stands there, in words."""
    column = "" if pd.isna(row["column"]) else f", column '{row['column']}'"
    value = "" if pd.isna(row["value"]) else f": '{row['value']}'"
    return f"{row['source']}{column}, row {row['row']}{value}"


class Conflicts:
    """Collects conflicts while the tables are built."""

    def __init__(self) -> None:
        self._parts: list[pd.DataFrame] = []

    def add(
        self,
        source: Places | str,
        column: str | None,
        rows: np.ndarray | pd.Index,
        kind: str,
        values: object,
        action: str,
        detail: str,
    ) -> None:
        """Add one conflict per row.

        Parameters
        ----------
        source, column : Places or str, str
            Where the rows stand (of a mere name the rows are as the file's program shows them), and
            the column as it is called there.
        rows : array
            Numbers of the rows.
        kind : str
            One of `KINDS`.
        values : array, scalar or None
            The values as they stood.
        action, detail : str
            What was done, and why in words.
        """
        assert kind in KINDS
        if len(rows) == 0:
            return
        part = places_of(source).locate(column, np.asarray(rows))
        part["value"] = None if values is None else np.asarray(values, dtype=object)
        part = part.assign(kind=kind, action=action, detail=detail)
        self._parts.append(part)

    def table(self) -> pd.DataFrame:
        """All conflicts, ordered by source, row and column; one read twice is listed once."""
        if not self._parts:
            return conform(pd.DataFrame(columns=["source"]), "conflicts")
        whole = conform(pd.concat(self._parts, ignore_index=True), "conflicts").drop_duplicates()
        return whole.sort_values(
            ["source", "row", "column", "kind"], kind="stable", ignore_index=True
        )

    def count(self, *kinds: str) -> int:
        """How many conflicts of these kinds are listed."""
        return int(self.table()["kind"].isin(kinds).sum())

    def stop_if_any(self) -> None:
        """Raise if anything is listed: what `on_conflict: stop` demands."""
        table = self.table()
        if table.empty:
            return
        told = [
            f"{kind} {len(rows)} ({_example(rows.iloc[0])})" if number < EXAMPLES
            else f"{kind} {len(rows)}"
            for number, (kind, rows) in enumerate(table.groupby("kind", observed=True))
        ]  # fmt: skip
        first = (table["source"] + " row " + table["row"].astype("str")).head(5)
        raise StudyError(
            "The data hold conflicts, and dataset.yaml says `on_conflict: stop`: "
            + ", ".join(told),
            rows=len(table),
            first=list(first),
            advice="Correct the data, or set `on_conflict: list` to go on and list them.",
        )
