"""How many clients recovered, improved, stayed unchanged, deteriorated."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.study.contracts import conform, empty
from attunement.study.files import Tables

CLASSES = ("recovered", "improved", "unchanged", "deteriorated", "not evaluated")


def part_of(result: str) -> str:
    """Return the total of a class: those analysed, shown as well, are the sum of the four."""
    return "available" if result == "not evaluated" else "analysed"


def only(values: pd.Series) -> float | None:
    """Return the value that all share, or None where there is none or several."""
    known = values.dropna().unique()
    return float(known[0]) if len(known) == 1 else None


def words_of(rows: pd.DataFrame, evaluated: pd.Series) -> str | None:
    """Return where the criterion comes from; where nobody was evaluated, why not."""
    reasons = rows.loc[evaluated if evaluated.any() else ~evaluated, "reason"].dropna()
    return str(reasons.mode().iloc[0]) if len(reasons) else None


def change_classes(tables: Tables) -> pd.DataFrame:
    """Return the number of clients in each class (contract `change_classes`).

    The classes stand beside the number evaluated and the number in the study.
    """
    change, available = tables["change"], len(tables["clients"])
    lines: list[dict[str, Any]] = []
    for (outcome, method), rows in change.groupby(["outcome", "method"], sort=True):
        evaluated = rows["result"] != "not evaluated"
        counts = rows["result"].value_counts()
        # Clients without a row of change were not evaluated either.
        unseen = available - len(rows)
        for result in CLASSES:
            extra = unseen if result == "not evaluated" else 0
            lines.append(
                {
                    "outcome": outcome,
                    "method": method,
                    "result": result,
                    "part_of": part_of(result),
                    "n_clients": int(counts.get(result, 0)) + extra,
                    "n_analysed": int(evaluated.sum()),
                    "n_available": available,
                    "criterion": only(rows["criterion"]),
                    "cutoff": only(rows["cutoff"]),
                    "reason": words_of(rows, evaluated),
                    "withheld": False,
                }
            )
    return conform(pd.DataFrame(lines), "change_classes") if lines else empty("change_classes")
