"""Classes of change by method and their agreement, by hand and through the gate."""

import numpy as np
import pandas as pd
import pytest

from attunement.release import candidates
from attunement.release.change_methods import change_agreement, change_method_classes, kappa
from attunement.release.gate import gate
from attunement.score.change_nhs import CLASSES
from attunement.study.contracts import conform

RESULTS = ("recovered", "improved", "unchanged", "deteriorated")


def _tables(**classes):
    """Tables of as many clients as classes are given for each method; 'not evaluated' may be."""
    n = len(next(iter(classes.values())))
    names = [f"secret-{k}" for k in range(n)]
    known = (*RESULTS, "not evaluated")
    frames = [
        pd.DataFrame(
            {
                "client": names,
                "outcome": "phq9.total",
                "method": method,
                "criterion": 6.0,
                "result": [one if one in known else "recovered" for one in given],
                "own_class": [one.replace(" ", "_") for one in given],
                "reason": "why",
            }
        )
        for method, given in classes.items()
    ]
    clients = pd.DataFrame({"client": names})
    return {
        "clients": conform(clients, "clients"),
        "change_methods": conform(pd.concat(frames), "change_methods"),
    }


def test_kappa_by_hand() -> None:
    # 35 of 50 alike, 25 expected by chance: 1 - 15/25.
    assert kappa(np.array([[20, 5], [10, 15]])) == pytest.approx(0.4)
    three = np.array([[2, 1, 0], [0, 2, 1], [0, 0, 2]])
    # Disagreement 2 of 8; expected 43/8. With linear weights 2, expected 56/8.
    assert kappa(three) == pytest.approx(1 - 2 / (43 / 8))
    assert kappa(three, weighted=True) == pytest.approx(1 - 2 / 7)
    assert kappa(np.diag([3, 4, 5])) == 1
    assert np.isnan(kappa(np.diag([7, 0])))
    assert np.isnan(kappa(np.zeros((2, 2))))


def test_classes_stand_beside_analysed_and_available() -> None:
    given = ["recovered"] * 3 + ["improved"] * 2 + ["unchanged"] * 4 + ["not evaluated"]
    tables = _tables(jacobson_truax=given)
    found = change_method_classes(tables).set_index("own_class")
    assert found["n_clients"].to_dict() == {
        "recovered": 3,
        "improved": 2,
        "unchanged": 4,
        "deteriorated": 0,
        "not_evaluated": 1,
    }
    assert set(found["n_analysed"]) == {9}
    assert set(found["n_available"]) == {10}


def test_classes_of_the_nhs_are_one_partition() -> None:
    given = ["reliable recovery", "not evaluated"]
    tables = _tables(nhs_talking_therapies=given, multilevel=["not evaluated"] * 2)
    found = change_method_classes(tables).set_index(["method", "own_class"])
    nhs = found.loc["nhs_talking_therapies"]
    assert nhs["result"].to_dict() == CLASSES | {"not_evaluated": "not evaluated"}
    assert nhs["n_clients"].sum() == 2
    # A method that evaluates nobody has no classes to show.
    assert found.loc["multilevel"].index.tolist() == ["not_evaluated"]


def test_agreement_of_those_whom_both_evaluate() -> None:
    one = ["recovered", "improved", "unchanged", "unchanged", "not evaluated"]
    two = ["recovered", "unchanged", "unchanged", "deteriorated", "improved"]
    row = change_agreement(_tables(jacobson_truax=one, edwards_nunnally=two)).iloc[0]
    assert (row["method_1"], row["method_2"]) == ("jacobson_truax", "edwards_nunnally")
    assert (row["n_both"], row["n_same"], row["agreement"]) == (4, 2, 0.5)
    # Margins (deteriorated, unchanged, improved, recovered): 0 2 1 1 and 1 2 0 1.
    assert row["kappa"] == pytest.approx(round(1 - 2 / (4 - 5 / 4), 2))
    # Steps apart expected: unchanged 2 + 4, improved 2 + 2 + 1, recovered 3 + 4, over 4 clients.
    apart = 18 / 4
    assert row["weighted_kappa"] == pytest.approx(round(1 - 2 / apart, 2))


def test_small_classes_and_disagreements_do_not_leave(tables, dataset, instruments, disclosure):
    one = ["recovered"] * 43 + ["improved"] * 3 + ["unchanged"] * 30 + ["deteriorated"] * 14
    two = ["recovered"] * 43 + ["unchanged"] * 33 + ["deteriorated"] * 14
    made = _tables(jacobson_truax=one, edwards_nunnally=two)["change_methods"]
    names = dict(zip(made["client"].unique(), tables["clients"]["client"], strict=True))
    mine = tables | {"change_methods": made.assign(client=made["client"].map(names))}
    released, _ = gate(candidates(mine, dataset, instruments), "confidential", disclosure)
    classes = released["change_method_classes"].set_index(["method", "own_class"])
    jt = classes.loc["jacobson_truax"]
    assert jt.loc["improved", "withheld"]
    # A second one among the four, or the first would follow from the number analysed.
    assert jt.loc[list(RESULTS), "withheld"].sum() == 2
    assert pd.isna(jt.loc["improved", "n_clients"])
    shown = released["change_method_classes"]["n_clients"].dropna()
    assert (shown % disclosure.rounding == 0).all()
    row = released["change_agreement"].iloc[0]
    assert row["withheld"]  # three clients differ
    assert row[["n_both", "n_same", "agreement", "kappa", "weighted_kappa"]].isna().all()
