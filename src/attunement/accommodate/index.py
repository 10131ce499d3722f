"""A scoring with the sessions that it scores, and the table `accommodation` made of scorings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.accommodate.delivery import Rated
from attunement.accommodate.preferences import Dimension
from attunement.accommodate.scorings import Scored
from attunement.study.contracts import conform, empty

# Which rows a scoring leaves: whole profiles have no value on one dimension, signed gaps have none
# over all of them; for the rest what a single dimension would hold stands in another scoring.
BY_DIMENSION = ("distance", "signed_gap", "strong_met")
# The parts of these sum up to the whole, as the items of a scale do.
OF_PARTS = ("distance", "normative")


@dataclass(frozen=True)
class Index:
    """One scoring: rows are the sessions of a client and rater in order, columns are `names`.

    `value` and `none` (1 no strong preference, 0 some, NaN not known or not asked) are numbers,
    `count` says on how many dimensions (aspects, items) a value rests. `parts` are the values by
    dimension of a scoring that is their mean, else None.
    """

    scoring: str
    client: pd.Series
    place: np.ndarray
    session: np.ndarray
    rater: pd.Series
    names: tuple[str, ...]
    value: np.ndarray
    count: np.ndarray
    none: np.ndarray
    parts: np.ndarray | None = None

    def column(self, name: str) -> np.ndarray:
        """Return the values under one name."""
        return self.value[:, self.names.index(name)]


def group_means(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the mean of each column over the rows of each group 0, 1, ...; every one has rows."""
    size = np.bincount(group)
    return np.column_stack([np.bincount(group, column) for column in values.T]) / size[:, None]


def index_of(
    scoring: str, rated: Rated, scored: Scored, dims: list[Dimension], by_dimension: bool
) -> Index:
    """Return a scoring of the rated sessions with the rows that it leaves."""
    values, counts = [scored.all_value], [scored.n_dimensions]
    none, names = [scored.all_none_strong], ["all"]
    if by_dimension and scoring in BY_DIMENSION:
        values += list(scored.value.T)
        counts += list((~np.isnan(scored.value)).T)
        none += list(scored.none_strong.T)
        names += [dimension.name for dimension in dims]
    kept = slice(1, None) if scoring == "signed_gap" else slice(None)
    n = len(rated.session)
    return Index(
        scoring,
        rated.client,
        rated.place,
        rated.session,
        rated.rater,
        tuple(names[kept]),
        np.column_stack(values[kept]) if values[kept] else np.zeros((n, 0)),
        np.column_stack(counts[kept]) if counts[kept] else np.zeros((n, 0)),
        np.column_stack(none[kept]) if none[kept] else np.zeros((n, 0)),
        scored.value if scoring in OF_PARTS else None,
    )


def _rows(index: Index) -> pd.DataFrame:
    n, width = index.value.shape
    row, column = np.divmod(np.arange(n * width), max(width, 1))
    none = index.none.ravel()
    return pd.DataFrame(
        {
            "client": index.client.take(row).reset_index(drop=True),
            "session": index.session[row],
            "rater": index.rater.take(row).reset_index(drop=True),
            "scoring": pd.Series(index.scoring, index=range(len(row)), dtype="str"),
            "dimension": pd.Series(index.names, dtype="str").take(column).reset_index(drop=True),
            "value": index.value.ravel(),
            "n_dimensions": index.count.ravel(),
            "no_strong_preference": pd.arrays.BooleanArray(none == 1, np.isnan(none)),
        }
    )


def accommodation_table(indexes: list[Index]) -> pd.DataFrame:
    """Return the table `accommodation`: scoring by scoring, session by session, all dimensions."""
    # The scoring is part of the key: each part keeps the contract, and so does the whole.
    parts = [conform(_rows(index), "accommodation") for index in indexes if index.value.size]
    return pd.concat(parts, ignore_index=True) if parts else empty("accommodation")
