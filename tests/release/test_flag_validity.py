"""What a flag foretells, counted by hand; patterns of definitions; what the gate makes of them."""

import pandas as pd
import pytest

from attunement.release.cells import CELLS
from attunement.release.dropout_patterns import (
    dropout_patterns,
    linked_endings,
    pooled_patterns,
)
from attunement.release.flag_validity import at_landmark, flag_validity
from attunement.release.flags import flag_counts
from attunement.release.rules import small_cells
from attunement.study.contracts import conform, empty

FLAGGED = [("a", 1, True), ("a", 3, False), ("b", 2, True), ("c", 3, True), ("d", 1, False)]
FLAGGED += [("d", 4, True), ("e", 3, True), ("f", 5, True), ("g", 2, False), ("h", 1, True)]


def flags(rows=FLAGGED) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["client", "time", "flagged"])
    z = [-1.0 if up else 1.0 for up in table["flagged"]]
    told = {"flag": "not_on_track", "outcome": "phq9.total", "occasion": table["time"]}
    numbers = {"session": table["time"], "value": 5.0, "limit": 6.0, "z": z}
    return conform(table.assign(**told, **numbers), "flags")


def study(dataset, **changed):
    status = {
        "a": ("dropped_out", 5),
        "b": ("dropped_out", 3),
        "c": ("stayed", 8),
        "d": ("stayed", 8),
        "e": ("censored", 6),
        "f": ("dropped_out", 6),
        "g": ("dropped_out", 9),
        "h": ("dropped_out", 2),  # gone before the landmark
    }
    rows = [(client, "therapist_judgement", *held) for client, held in status.items()]
    rows += [(client, "no_reliable_change", *held) for client, held in status.items()]
    columns = ["client", "definition", "status", "last_time"]
    change = pd.DataFrame(
        {
            "client": list("abcdgh"),
            "outcome": "phq9.total",
            "method": "published",
            "result": [
                "unchanged",
                "improved",
                "deteriorated",
                "improved",
                "recovered",
                "unchanged",
            ],
        }
    )
    scores = pd.DataFrame(
        [(client, time) for client in "abcdegh" for time in (0, 3 if client in "bh" else 6)],
        columns=["client", "occasion"],
    )
    scores = scores.assign(
        time=scores["occasion"], session=scores["occasion"], rater="client", instrument="phq9"
    ).assign(scale="total", value=5.0, n_items=9, n_answered=9)
    endings = pd.DataFrame({"client": ["e"], "ending": ["ongoing"]})
    return {
        "flags": flags(),
        "dropout": conform(pd.DataFrame(rows, columns=columns), "dropout"),
        "change": conform(change, "change"),
        "scores": conform(scores, "scores"),
        "endings": conform(endings, "endings"),
        "clients": conform(pd.DataFrame({"client": list("abcdefgh")}), "clients"),
        "validity_flags": empty("validity_flags"),
        "availability": empty("availability"),
    } | changed


def test_the_last_score_by_the_landmark_counts() -> None:
    held = at_landmark(flags(), 3).set_index("client")
    assert held["flagged"].to_dict() == {
        "a": False,
        "b": True,
        "c": True,
        "d": False,
        "e": True,
        "g": False,
        "h": True,
    }
    assert held["worse"]["b"] == 1
    alerts = at_landmark(flags().assign(z=float("nan")), 3).set_index("client")
    assert (alerts["worse"] == 1).all()  # how far below the limit


def test_counts_by_hand(dataset) -> None:
    """In treatment at 3, ended, with a flag by then: a -, b +, c +, d -, g -. Left: a, b, g."""
    table = flag_validity(study(dataset), dataset).set_index("event")
    row = table.loc["therapist_judgement"]
    counts = ["n_clients", "n_flagged", "n_events", "n_both", "n_neither"]
    assert row[counts].tolist() == [5, 2, 3, 1, 1]
    measures = ["base_rate", "sensitivity", "specificity", "ppv", "npv"]
    assert row[measures].tolist() == pytest.approx([3 / 5, 1 / 3, 1 / 2, 1 / 2, 1 / 3])
    assert row["auc"] == pytest.approx((0 + 0.5 + 0.5 + 1 + 0 + 0.5) / 6)
    assert pd.isna(row["note"])
    assert "judged by the outcome" in table.loc["no_reliable_change", "note"]
    assert "a later score" in table.loc["reliable_deterioration", "note"]
    # Poor outcome: a, c, d, g; the last score of b is the flagged one.
    poor = table.loc["no_reliable_improvement"]
    assert poor[counts].tolist() == [4, 1, 2, 1, 2]
    assert table.loc["reliable_deterioration", "n_events"] == 1


def test_what_cannot_be_compared_is_said(dataset) -> None:
    months = dataset.model_copy(update={"time": dataset.time.model_copy(update={"unit": "month"})})
    table = flag_validity(study(dataset), months).set_index("event")
    assert "timed in months" in table.loc["therapist_judgement", "reason"]
    assert flag_validity(study(dataset, flags=empty("flags")), dataset).empty
    none = study(dataset, change=empty("change"))
    assert (
        "not evaluated"
        in flag_validity(none, dataset).set_index("event").loc["no_reliable_improvement", "reason"]
    )
    nobody = study(dataset, flags=flags([("f", 9, True)]))
    assert flag_validity(nobody, dataset)["reason"].str.startswith("nobody with a flag").all()


def test_flags_are_counted(dataset) -> None:
    validity = pd.DataFrame(
        {"client": list("abc"), "flag": "sawtooth", "flagged": [True, False, None]}
    )
    told = pd.DataFrame(
        {"topic": ["flags.alliance.srs.total"], "available": [False], "reason": ["not verified"]}
    )
    table = flag_counts(
        study(dataset)
        | {
            "validity_flags": conform(validity, "validity_flags"),
            "availability": conform(told, "availability"),
        }
    ).set_index("flag")
    counts = ["n_clients", "n_flagged", "n_scores", "n_scores_flagged"]
    assert table.loc["not_on_track", counts].tolist() == [8, 7, 10, 7]
    assert table.loc["sawtooth", counts[:2]].tolist() == [2, 1]
    assert table.loc["alliance_alert", ["outcome", "reason"]].tolist() == [
        "srs.total",
        "not verified",
    ]


def _dropout(groups) -> pd.DataFrame:
    """Clients by pattern: the number of them, and their status under two definitions."""
    rows = []
    for number, (count, one, two) in enumerate(groups):
        for k in range(count):
            rows.append((f"{number}-{k}", "therapist_judgement", one))
            rows.append((f"{number}-{k}", "below_expected", two))
    return conform(pd.DataFrame(rows, columns=["client", "definition", "status"]), "dropout")


def test_patterns_are_of_those_whom_all_definitions_classify() -> None:
    out, stayed = "dropped_out", "stayed"
    groups = [(12, stayed, stayed), (7, out, out), (3, out, stayed), (5, out, "unknown")]
    table = dropout_patterns({"dropout": _dropout(groups)})
    assert table[["pattern", "n_definitions", "n_clients", "n_compared"]].to_numpy().tolist() == [
        ["none", 0, 12, 22],
        ["therapist_judgement + below_expected", 2, 7, 22],
        ["therapist_judgement", 1, 3, 22],
    ]
    one = _dropout(groups)
    one = one[one["definition"] == "below_expected"]
    assert dropout_patterns({"dropout": one}).empty


def test_small_patterns_are_pooled_and_one_more_where_they_are_few(disclosure) -> None:
    out, stayed = "dropped_out", "stayed"
    groups = [(30, stayed, stayed), (15, out, out), (7, out, stayed), (4, stayed, out)]
    table = dropout_patterns({"dropout": _dropout(groups)})
    found, _ = pooled_patterns({"dropout_patterns": table}, disclosure)
    shown = found["dropout_patterns"].set_index("pattern")["n_clients"].to_dict()
    assert shown == {"none": 30, "therapist_judgement + below_expected": 15, "other patterns": 11}
    few = table[table["pattern"] != "below_expected"].reset_index(drop=True)
    found, _ = pooled_patterns({"dropout_patterns": few}, disclosure)
    assert found["dropout_patterns"].set_index("pattern")["n_clients"].to_dict() == {
        "none": 30,
        "other patterns": 22,
    }
    whole = table[table["n_clients"] >= 10]
    assert pooled_patterns({"dropout_patterns": whole}, disclosure) == ({}, [])


def test_one_kind_of_ending_does_not_tell_the_other(disclosure) -> None:
    rates = pd.DataFrame({"definition": ["a", "b", "c"], "group": "all", "withheld": False})
    rates = conform(rates.assign(n_planned=[40, 40, 40], n_other=[3, 0, 20]), "dropout_rates")
    curves = pd.DataFrame({"definition": "a", "group": "all", "time": [1, 2, 3], "withheld": False})
    counts = {"n_competing": [40, 40, 40], "n_planned": [33, 40, 20]}
    tables = {"dropout_rates": rates}
    curves = curves.assign(planned=[0.1, 0.2, 0.3])
    tables["dropout_curves"] = conform(curves.assign(**counts), "dropout_curves")
    tables["landmark_curves"] = empty("landmark_curves")
    found, decisions = linked_endings(tables, disclosure)
    frame = found["dropout_rates"]
    assert frame["n_planned"].isna().tolist() == [True, False, False]
    assert frame["n_other"].isna().tolist() == [True, False, False]
    assert found["dropout_curves"]["n_planned"].isna().tolist() == [True, False, False]
    # The share of planned endings is their sum so far: it would tell the hidden step later on.
    assert found["dropout_curves"]["planned"].isna().all()
    assert [row["n_rows"] for row in decisions] == [1, 1]


@pytest.mark.parametrize(
    "cell", ["n_both", "n_events", "n_neither", "missed", "false_alarms", "unflagged"]
)
def test_a_small_cell_empties_the_whole_row_of_a_flag(disclosure, cell) -> None:
    counts = {"n_clients": 200, "n_flagged": 60, "n_events": 70, "n_both": 30, "n_neither": 100}
    counts |= {
        "n_both": {"n_both": 4},
        "n_events": {"n_events": 9},
        "n_neither": {"n_neither": 3},
        "missed": {"n_both": 62},
        "false_alarms": {"n_flagged": 34},
        "unflagged": {"n_flagged": 195},
    }[cell]
    line = {"flag": "not_on_track", "outcome": "phq9.total", "event": "x", "withheld": False}
    row = conform(pd.DataFrame([line | counts | {"ppv": 0.5, "auc": 0.6}]), "flag_validity")
    tables = {name: empty(name) for name in CELLS} | {"flag_validity": row}
    found, _ = small_cells(tables, disclosure)
    emptied = found["flag_validity"].iloc[0]
    assert emptied["withheld"]
    assert emptied[list(CELLS["flag_validity"].numbers)].isna().all()


def test_attrition_counts_from_the_last_time_due_by_the_landmark(dataset) -> None:
    """Due at 0, 2, 5, 8, landmark 3: who was assessed at 2 and then lost is foretold, too."""
    due = [0.0, 2.0, 5.0, 8.0]
    declared = dataset.dropout.model_copy(update={"study_attrition_times": due})
    rows = [("a", "dropped_out", 2.0), ("b", "dropped_out", 5.0), ("c", "stayed", 8.0)]
    rows += [("g", "dropped_out", 0.0)]  # lost before the last time due by the landmark
    frame = pd.DataFrame(rows, columns=["client", "status", "last_time"])
    tables = study(dataset) | {
        "dropout": conform(frame.assign(definition="study_attrition"), "dropout"),
        "flags": flags([("a", 2, True), ("b", 2, False), ("c", 2, False), ("g", 0, True)]),
    }
    found = flag_validity(tables, dataset.model_copy(update={"dropout": declared}))
    row = found[found["event"] == "study_attrition"].iloc[0]
    assert (row["n_clients"], row["n_events"], row["n_both"], row["n_neither"]) == (3, 2, 1, 1)
