"""Classes of change by several methods, and how far the methods agree."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from attunement.release.change import only, part_of, words_of
from attunement.score.change_methods import PCOMS
from attunement.score.change_nhs import CLASSES as NHS_CLASSES
from attunement.study.contracts import METHODS_OF_CHANGE, conform, empty
from attunement.study.files import Tables

# In order from worst to best: weighted kappa counts how many steps two classes lie apart.
ORDER = ("deteriorated", "unchanged", "improved", "recovered")


def classes_of(method: str) -> dict[str, str]:
    """Return the classes of a method in order, each with the common class that it belongs to."""
    if method == "nhs_talking_therapies":
        own = dict(NHS_CLASSES)
    elif method == "pcoms":
        own = {name: result for result, name in PCOMS.items()}
    else:
        own = {name: name for name in reversed(ORDER)}
    return own | {"not_evaluated": "not evaluated"}


def change_method_classes(tables: Tables) -> pd.DataFrame:
    """Return the number of clients in each class of each method (`change_method_classes`).

    `n_analysed` are the clients whom the method evaluates, `n_available` those in the study. A
    method that evaluates nobody has the row `not_evaluated` alone, with the reason.
    """
    change, available = tables["change_methods"], len(tables["clients"])
    lines: list[dict[str, Any]] = []
    for (outcome, method), rows in change.groupby(["outcome", "method"], sort=True):
        evaluated = rows["result"] != "not evaluated"
        counts = rows["own_class"].value_counts()
        unseen = available - len(rows)
        shared = {
            "outcome": outcome,
            "method": method,
            "n_analysed": int(evaluated.sum()),
            "n_available": available,
            # The criterion of the multilevel method differs between clients.
            "criterion": only(rows["criterion"]),
            "cutoff": only(rows["cutoff"]),
            "reason": words_of(rows, evaluated),
            "withheld": False,
        }
        classes = classes_of(str(method)) if evaluated.any() else {"not_evaluated": "not evaluated"}
        for own_class, result in classes.items():
            extra = unseen if result == "not evaluated" else 0
            n = int(counts.get(own_class, 0)) + extra
            named = {"own_class": own_class, "result": result, "part_of": part_of(result)}
            lines.append(shared | named | {"n_clients": n})
    if not lines:
        return empty("change_method_classes")
    return conform(pd.DataFrame(lines), "change_method_classes")


def kappa(table: np.ndarray, weighted: bool = False) -> float:
    """Return Cohen's kappa of a square table of counts, NaN where it is not defined.

    kappa = 1 - observed disagreement / disagreement expected from the margins. Unweighted, every
    disagreement counts 1; weighted, as many as the classes lie apart (linear weights).

    Parameters
    ----------
    table : counts, shape (k, k), classes in their order.

    References
    ----------
    Cohen J (1960). Educ Psychol Meas 20:37-46. doi:10.1177/001316446002000104
    Cohen J (1968). Psychol Bull 70:213-220. doi:10.1037/h0026256
    """
    places = np.arange(len(table))
    apart = np.abs(places[:, None] - places[None, :]).astype(float)
    apart = apart if weighted else (apart > 0).astype(float)
    n = table.sum()
    if n == 0:
        return float("nan")
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    chance = float((apart * expected).sum())
    return 1 - float((apart * table).sum()) / chance if chance > 0 else float("nan")


def change_agreement(tables: Tables) -> pd.DataFrame:
    """Return how far each pair of methods puts the same clients into the same class.

    Of each outcome, those whom both methods evaluate are compared. Kappas are rounded to two
    decimals: the counts behind them cannot be told from them.
    """
    change = tables["change_methods"]
    change = change[change["result"] != "not evaluated"]
    lines: list[dict[str, Any]] = []
    for outcome, rows in change.groupby("outcome", sort=True):
        codes = pd.Series(pd.Categorical(rows["result"], ORDER).codes, index=rows.index)
        wide = codes.groupby([rows["client"], rows["method"]]).max().unstack("method")
        present = [name for name in METHODS_OF_CHANGE if name in wide.columns]
        for one, two in combinations(present, 2):
            pair = wide[[one, two]].dropna().to_numpy(dtype=int)
            if not len(pair):
                continue
            table = np.zeros((len(ORDER), len(ORDER)))
            np.add.at(table, (pair[:, 0], pair[:, 1]), 1)
            n, same = len(pair), int(np.trace(table))
            lines.append(
                {
                    "outcome": outcome,
                    "method_1": one,
                    "method_2": two,
                    "n_both": n,
                    "n_same": same,
                    "agreement": same / n,
                    "kappa": round(kappa(table), 2),
                    "weighted_kappa": round(kappa(table, weighted=True), 2),
                    "withheld": False,
                }
            )
    return conform(pd.DataFrame(lines), "change_agreement") if lines else empty("change_agreement")
