"""Pseudonyms replaced by places in the source while a stage works, so that no order follows a key.

Rows sorted by pseudonym, or sums formed client by client in that order, would differ in their last
digits from key to key, and a rounded figure with them. Between reading and writing its tables a
stage of a keyed dataset therefore knows each client and therapist by the place in the source.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from attunement.study.contracts import ContractError
from attunement.study.dataset import Dataset
from attunement.study.files import Tables

KINDS = {"client": "clients", "therapist": "therapists"}


def replaced(ids: pd.Series, known: dict[str, str]) -> pd.Series:
    """Return ids by what stands for them, each different id looked up once; others are missing."""
    codes, different = pd.factorize(ids)
    new = pd.array([known.get(str(one)) for one in different], dtype="str")
    return pd.Series(new.take(codes, allow_fill=True), index=ids.index, name=ids.name, dtype="str")


@dataclass(frozen=True)
class SourceOrder:
    """Which pseudonym stands at which place, for clients and therapists; empty: ids stay."""

    places: dict[str, dict[str, str]]

    @classmethod
    def of(cls, tables: Tables, dataset: Dataset) -> SourceOrder:
        """Read the order off the canonical tables, which are in the order of the source."""
        if not dataset.keyed:
            return cls({})
        found = {}
        for kind, table in KINDS.items():
            ids = tables[table][kind] if table in tables else pd.Series(dtype="str")
            width = len(str(len(ids)))
            found[kind] = {str(one): f"{kind[0]}{k:0{width}d}" for k, one in enumerate(ids)}
        return cls(found)

    def placed(self, tables: Tables) -> Tables:
        """Return the tables with places for pseudonyms."""
        return self._mapped(tables, self.places)

    def restored(self, tables: Tables) -> Tables:
        """Return the tables with pseudonyms for places."""
        backward = {kind: {v: k for k, v in known.items()} for kind, known in self.places.items()}
        return self._mapped(tables, backward)

    @staticmethod
    def _mapped(tables: Tables, known: dict[str, dict[str, str]]) -> Tables:
        found = dict(tables)
        for name, table in tables.items():
            ids = [kind for kind in known if kind in table.columns]
            if ids:
                new = {kind: replaced(table[kind], known[kind]) for kind in ids}
                for kind, column in new.items():
                    if (column.isna() & table[kind].notna()).any():
                        raise ContractError(f"table {name}: a {kind} that the study does not hold")
                found[name] = table.assign(**new)
        return found
