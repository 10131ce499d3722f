"""The tables as the stage works on them: clients are numbers, labels categories.

Hundreds of specifications choose rows of the same tables by the same labels and merge, sort and
group them by client. With text every one of them would compare it letter by letter again.
"""

from __future__ import annotations

import pandas as pd

from attunement.study.files import Tables

# Labels by which rows are chosen, and the long tables that hold them.
LABELS = ("instrument", "scale", "item", "rater", "scoring", "dimension", "definition")
LONG = ("responses", "scores", "dropout", "preferences", "delivery", "accommodation")


def _different(tables: Tables, column: str) -> pd.Index:
    """What stands in a column of any table, in order; missing values are left out."""
    found = [pd.Series(table[column].dropna().unique()) for table in tables.values()]
    return pd.Index(pd.concat(found).unique()).sort_values()


def _holding(tables: Tables, column: str) -> Tables:
    return {name: table for name, table in tables.items() if column in table}


def working(tables: Tables) -> Tables:
    """Return the tables with clients as numbers and the labels of long tables as categories.

    The order of numbers and of categories is that of the text they stand for, so that whatever is
    sorted, and whatever is summed in that order, comes out the same to the last digit. A label has
    the same categories in all tables. No client may be missing.
    """
    found = dict(tables)
    people = _holding(tables, "client")
    clients = _different(people, "client")
    for name, table in people.items():
        found[name] = table.assign(client=clients.get_indexer(pd.Index(table["client"])))
    for label in LABELS:
        labelled = _holding({name: found[name] for name in LONG if name in found}, label)
        if labelled:
            kind = pd.CategoricalDtype(_different(labelled, label))
            found |= {name: table.astype({label: kind}) for name, table in labelled.items()}
    return found
