"""Tables with a key under the client (sessions, endings, type preferences), and duplicates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.day_order import note_day_order
from attunement.ingest.layouts import laid_out
from attunement.ingest.places import Places
from attunement.ingest.sheet import Sheet
from attunement.ingest.typed import finish, names_of, read_columns
from attunement.study.contracts import TABLES, conform, empty
from attunement.study.dataset import Dataset, TableSource


def known_clients(
    client: pd.Series, clients: pd.DataFrame, sheet: Sheet, column: str, conflicts: Conflicts
) -> np.ndarray:
    """Position of each row's client in the clients table; -1 for a row that must be left out.

    Rows of clients whom the clients table does not hold are a listed conflict, not a fatal one: in
    an export a few such rows are common (consent withdrawn, another service) and nothing can be
    analysed about them. If no row at all is of a known client the two files do not belong together.

    Raises
    ------
    StudyError
        Not one row is of a known client.
    """
    place = pd.Index(clients["client"]).get_indexer(pd.Index(client))
    nobody = client.isna().to_numpy()
    place[nobody] = -1
    conflicts.add(
        sheet.where, column, sheet.rows[nobody], "missing id", None, "row left out",
        "the row names no client",
    )  # fmt: skip
    unknown = (place < 0) & ~nobody
    if len(place) and (place < 0).all():
        raise sheet.where.fault(
            "Not one row is of a client that the clients table holds",
            column,
            sheet.rows,
            "Check that both files write the client in the same way (leading zeros?).",
        )
    conflicts.add(
        sheet.where, column, sheet.rows[unknown], "unknown client", client[unknown],
        "row left out", "the clients table does not hold this client",
    )  # fmt: skip
    return place


def settle_duplicates(
    frame: pd.DataFrame,
    key: list[str],
    rule: str | None,
    places: Places,
    what: str,
    conflicts: Conflicts,
) -> np.ndarray:
    """Which rows to keep so that the key is unique.

    Rows equal in every column are dropped and listed. Rows of one key that differ, a blank against
    a value included, are settled by the rule: the first or the last row stands as a whole.

    Parameters
    ----------
    frame : DataFrame
        Rows indexed by their number in the source.
    key : list of str
        The columns that must be unique together.
    rule : {'first', 'last'} or None
        `rules.duplicates` of the dataset.
    places, what : Places, str
        Where the rows stand, and what messages call a row.

    Raises
    ------
    StudyError
        Rows differ and there is no rule.
    """
    keep = np.ones(len(frame), dtype=bool)
    again = frame.duplicated(key, keep=False).to_numpy()
    if not again.any():
        return keep
    several = frame[again]
    kept = keep[again]
    distinct = ~several.duplicated().to_numpy()
    group = several.groupby(key, sort=False, dropna=False).ngroup().to_numpy()
    differs = (np.bincount(group, weights=distinct) > 1)[group]
    kept &= differs | distinct
    conflicts.add(
        places, None, several.index[~kept], "agreeing duplicate", None, "row left out",
        "it repeats an earlier row",
    )  # fmt: skip
    if differs.any():
        rows = several.index[differs]
        if rule is None:
            raise places.fault(
                f"Rows of the same {what} disagree, and dataset.yaml states no rule",
                None,
                rows.to_numpy(),
                "Correct the data, or state `rules: {duplicates: first}` (or last).",
            )
        chosen = ~several.duplicated(key, keep=rule).to_numpy()  # type: ignore[arg-type]
        kept &= ~differs | chosen
        conflicts.add(
            places, None, several.index[differs & ~chosen], "disagreeing duplicate", None,
            "settled by rule", f"the {rule} of the rows with the same key was taken",
        )  # fmt: skip
    keep[again] = kept
    return keep


def _told_on_each(name: str, source: TableSource, dataset: Dataset) -> bool:
    """A table of clients that is read from the rows of sessions: equal rows repeat nothing."""
    sessions = dataset.sessions
    by_client = list(TABLES[name].key) == ["client"]
    return by_client and sessions is not None and sessions.source == source.source


def keyed_table(
    name: str,
    source: TableSource | None,
    sheets: dict[str, Sheet],
    clients: pd.DataFrame,
    dataset: Dataset,
    conflicts: Conflicts,
) -> pd.DataFrame:
    """A canonical table with a key under the client, ordered by client and key.

    Rows without a client, of an unknown client, or without a part of what the row must have are
    listed and left out; duplicates are settled (see `settle_duplicates`).
    """
    if source is None:
        return empty(name)
    sheet, contract = laid_out(sheets[source.source], names_of(source), conflicts), TABLES[name]
    frame = read_columns(name, source, sheet, conflicts)
    place = known_clients(
        frame["client"], clients, sheet, source.columns["client"].column, conflicts
    )
    lacking = np.zeros(len(frame), dtype=bool)
    for column in contract.columns:
        if column.required and column.name in source.columns and column.name != "client":
            lacks = frame[column.name].isna().to_numpy() & (place >= 0)
            conflicts.add(
                sheet.where, source.columns[column.name].column, sheet.rows[lacks], "missing key",
                None, "row left out", f"the row has no {column.name}",
            )  # fmt: skip
            lacking |= lacks
    good = (place >= 0) & ~lacking
    if _told_on_each(name, source, dataset):
        good &= ~frame.duplicated().to_numpy()
    frame, place = frame[good], place[good]
    keep = settle_duplicates(
        frame, list(contract.key), dataset.rules.duplicates, sheet.where,
        " and ".join(contract.key), conflicts,
    )  # fmt: skip
    frame, place = frame[keep], place[keep]
    if name == "sessions" and "day" in source.columns:
        note_day_order(
            sheet, source.columns["day"].column, frame.index.to_numpy(), place,
            frame["session"].to_numpy(dtype="float64", na_value=np.nan),
            frame["day"].to_numpy(dtype="float64", na_value=np.nan), conflicts,
        )  # fmt: skip
    frame = frame.reset_index(drop=True)
    for covariate, declared in source.covariates.items():
        frame[covariate] = finish(frame[covariate], declared)
    rest = [frame[column] for column in contract.key if column != "client"]
    order = frame.index.to_frame(name="order").assign(place=place)
    for number, part in enumerate(rest):
        order[f"key{number}"] = part
    by = ["place", *(f"key{number}" for number in range(len(rest)))]
    return conform(frame.loc[order.sort_values(by, kind="stable").index], name)
