"""The contracts of all tables: canonical, scored, estimated, released."""

from __future__ import annotations

import pandas as pd

from attunement.study.contracts import schema
from attunement.study.contracts.accommodated import (
    ACCOMMODATED,
    SCORINGS,
    WITH_THIRD_GROUP,
    WITHOUT_COMMON_SCALE,
)
from attunement.study.contracts.canonical import AVAILABILITY, INGESTED
from attunement.study.contracts.change import METHODS_OF_CHANGE
from attunement.study.contracts.estimated import ESTIMATES, INFLUENCE, VARIANCE
from attunement.study.contracts.learning import PRIVATE
from attunement.study.contracts.pcoms import DROPOUT_DEFINITIONS
from attunement.study.contracts.privacy import GUARDED
from attunement.study.contracts.released import RELEASED
from attunement.study.contracts.schema import Column, ContractError, Table
from attunement.study.contracts.scored import SCORED

TABLES: dict[str, Table] = {
    table.name: table
    for table in (*INGESTED, *GUARDED, *SCORED, *ACCOMMODATED, *PRIVATE, *RELEASED)
}


def conform(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a frame as the named table's contract orders and types it (see `schema.conform`)."""
    return schema.conform(frame, TABLES[name])


def empty(name: str) -> pd.DataFrame:
    """Return the named table without rows, typed."""
    return schema.empty(TABLES[name])


__all__ = [
    "ACCOMMODATED",
    "AVAILABILITY",
    "DROPOUT_DEFINITIONS",
    "ESTIMATES",
    "INFLUENCE",
    "INGESTED",
    "METHODS_OF_CHANGE",
    "RELEASED",
    "SCORED",
    "SCORINGS",
    "TABLES",
    "VARIANCE",
    "WITHOUT_COMMON_SCALE",
    "WITH_THIRD_GROUP",
    "Column",
    "ContractError",
    "Table",
    "conform",
    "empty",
]
