"""Which definitions of dropout call the same clients dropouts, all definitions at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.release.cells import PLANNED_SHARES
from attunement.release.rules import Decision, decided, small
from attunement.study.config import Release
from attunement.study.contracts import DROPOUT_DEFINITIONS, conform, empty
from attunement.study.contracts.pcoms import POOLED
from attunement.study.files import Tables

JOINED, NOBODY = " + ", "none"


def dropout_patterns(tables: Tables) -> pd.DataFrame:
    """Return how many clients are dropouts under exactly which definitions.

    Of the clients whom every definition that is computed classifies: a client who is still in
    treatment, or cannot be classified, under one of them is in no pattern. Empty with fewer than
    two definitions.
    """
    known = tables["dropout"][tables["dropout"]["status"].isin(("dropped_out", "stayed"))]
    left = (known["status"] == "dropped_out").groupby([known["client"], known["definition"]]).max()
    wide = left.unstack("definition")
    names = [name for name in DROPOUT_DEFINITIONS if name in wide.columns]
    whole = wide[names].dropna().astype(bool)
    if len(names) < 2 or whole.empty:
        return empty("dropout_patterns")
    counted = whole.groupby(names, sort=False).size().rename("n_clients").reset_index()
    under = [
        [name for name, up in zip(names, row, strict=True) if up]
        for row in counted[names].to_numpy()
    ]
    table = pd.DataFrame(
        {
            "pattern": [JOINED.join(held) or NOBODY for held in under],
            "compared": JOINED.join(names),
            "n_definitions": [len(held) for held in under],
            "n_clients": counted["n_clients"],
            "n_compared": len(whole),
            "withheld": False,
        }
    )
    ordered = table.sort_values(["n_clients", "pattern"], ascending=[False, True])
    return conform(ordered, "dropout_patterns")


def pooled_patterns(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Pool patterns of few clients; one more where those pooled are few themselves."""
    table = tables["dropout_patterns"]
    few = (table["n_clients"] < rules.smallest_cell).fillna(False).to_numpy(dtype=bool)
    if not few.any():
        return {}, []
    if len(table) > few.sum() and table.loc[few, "n_clients"].sum() < rules.smallest_cell:
        few[(~few).nonzero()[0][-1]] = True  # the smallest of the others: they are in order
    pooled = table.loc[few].iloc[:1].copy()
    pooled["pattern"], pooled["n_definitions"] = POOLED, pd.NA
    pooled["n_clients"] = int(table.loc[few, "n_clients"].sum())
    joined = conform(pd.concat([table.loc[~few], pooled], ignore_index=True), "dropout_patterns")
    reason = f"patterns of fewer than {rules.smallest_cell} clients pooled"
    decision = decided("dropout_patterns", "pooled patterns", "withheld", few.sum(), reason)
    return {"dropout_patterns": joined}, [decision]


def linked_endings(tables: Tables, rules: Release) -> tuple[Tables, list[Decision]]:
    """Empty the kinds of endings of those who stayed where one of them is few: they add up.

    In a curve the share of planned endings goes from that step on: it is their sum so far.
    """
    found, decisions = {}, []
    reason = "one kind of ending of those who stayed would follow from the other"

    def said(name: str, hit: pd.Series) -> None:
        decisions.append(decided(name, "linked endings", "withheld", int(hit.sum()), reason))

    rates = tables["dropout_rates"].copy()
    few = small(rates["n_planned"], rules) | small(rates["n_other"], rules)
    if few.any():
        rates.loc[few, ["n_planned", "n_other"]] = pd.NA
        found["dropout_rates"] = rates
        said("dropout_rates", few)
    for name in ("dropout_curves", "landmark_curves"):
        curves = tables[name].copy()
        rest = small(curves["n_competing"] - curves["n_planned"], rules)
        few = rest | small(curves["n_planned"], rules)
        later = few.astype(int).groupby([curves["definition"], curves["group"]]).cummax() > 0
        if rest.any():
            curves.loc[rest, "n_planned"] = pd.NA
            said(name, rest)
        if later.any():
            curves.loc[later, list(PLANNED_SHARES)] = np.nan
        if later.any() or rest.any():
            found[name] = curves
    return found, decisions
