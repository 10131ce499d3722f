"""Every dropout is accounted for: seen by a model of accommodation, or not, and why not."""

from __future__ import annotations

import pandas as pd
import pytest

from attunement.release import gate
from attunement.release.accounting import dropout_accounting
from attunement.release.candidates import candidates
from attunement.release.cells import CELLS
from attunement.release.dropout import dropout_rates
from attunement.release.rules import linked_counts
from attunement.study.config import Release
from attunement.study.contracts import conform, empty
from attunement.study.files import Tables

CASES = [  # client, status, through session, sessions with accommodation scored
    ("stays", "stayed", 8, [1, 2]),
    ("still here", "censored", 8, [1, 2]),
    ("nobody knows", "unknown", 8, [1, 2]),
    ("left after intake", "dropped_out", 0, []),
    ("left, nobody knows when", "dropped_out", None, [1]),
    ("left unrated", "dropped_out", 5, []),
    ("scored too late", "dropped_out", 2, [3]),
    ("left early", "dropped_out", 1, [1]),
    ("left at the landmark", "dropped_out", 3, [1]),
    ("left later", "dropped_out", 6, [2, 5]),
    ("left later, scored late", "dropped_out", 6, [4]),
]


@pytest.fixture
def cases() -> Tables:
    """A client of each kind."""
    dropout = pd.DataFrame(
        [(c, "therapist_judgement", status, last) for c, status, last, _ in CASES],
        columns=["client", "definition", "status", "last_time"],
    )
    scored = pd.DataFrame(
        [(c, s, 0.5) for c, _, _, sessions in CASES for s in sessions]
        + [("left unrated", 1, None)],
        columns=["client", "session", "value"],
    ).assign(rater="client", scoring="distance", dimension="all", n_dimensions=4)
    others = scored.assign(rater="observer", session=1, value=0.5).drop_duplicates("client")
    both = pd.concat([scored, others], ignore_index=True)
    return {
        "dropout": conform(dropout, "dropout"),
        "accommodation": conform(both, "accommodation"),
        "clients": conform(dropout[["client"]], "clients"),
        "availability": empty("availability"),
    }


def test_every_dropout_has_its_place(cases, dataset) -> None:
    table = dropout_accounting(cases, dataset, 3).set_index("step")["n_clients"]
    assert dict(table) == {
        "classified": 9,
        "stayed": 1,
        "dropped_out": 8,
        "before_accommodation": 2,  # after intake; nobody knows when
        "never_scored": 2,  # unrated by the client; scored only after leaving
        "at_risk": 4,
        "by_landmark": 2,  # after session 1; scored only in session 4
        "after_landmark": 2,  # after sessions 3 and 6
    }


def test_steps_add_up(tables, dataset) -> None:
    table = dropout_accounting(tables, dataset, 3)
    assert set(table["definition"]) == {"therapist_judgement", "missed_last_appointment"}
    for _, rows in table.groupby("definition"):
        whole = rows.set_index("step")["n_clients"]
        for step, parts in rows[rows["part_of"] != "-"].groupby("part_of"):
            assert parts["n_clients"].sum() == whole[step]
    assert not dropout_accounting(tables, dataset)["step"].str.contains("landmark").any()


def test_events_at_risk_are_those_of_the_hazard(tables, dataset) -> None:
    """Counted again as the models do: a row for the last session, with a value by then."""
    values = tables["accommodation"].dropna(subset="value")
    gone = tables["dropout"].query("definition == 'therapist_judgement'")
    gone = gone[gone["status"] == "dropped_out"]
    pairs = gone.merge(values[["client", "session"]], on="client")
    expected = pairs.loc[pairs["session"] <= pairs["last_time"], "client"].nunique()
    table = dropout_accounting(tables, dataset).query("definition == 'therapist_judgement'")
    assert table.set_index("step").loc["at_risk", "n_clients"] == expected


def test_without_accommodation_there_is_nothing_to_account(tables, dataset) -> None:
    bare = tables | {"accommodation": empty("accommodation")}
    assert dropout_accounting(bare, dataset, 3).empty


def test_attrition_is_accounted_for_only_where_assessments_are_sessions(cases, dataset) -> None:
    attrition = cases["dropout"].assign(definition="study_attrition")
    held = cases | {"dropout": conform(attrition, "dropout")}
    assert len(dropout_accounting(held, dataset, 3)) == 8
    monthly = dataset.model_copy(update={"time": dataset.time.model_copy(update={"unit": "month"})})
    assert dropout_accounting(held, monthly, 3).empty
    row = dropout_rates(held, monthly).set_index("definition").loc["study_attrition"]
    assert row["n_before_risk"] == 1  # never assessed; months are not compared with sessions


def test_rates_and_accounting_count_the_same_early_dropouts(cases, dataset) -> None:
    row = dropout_rates(cases, dataset).set_index("definition").loc["therapist_judgement"]
    assert row["n_before_risk"] == 2
    bare = cases | {"accommodation": empty("accommodation")}
    row = dropout_rates(bare, dataset).set_index("definition").loc["therapist_judgement"]
    assert pd.isna(row["n_before_risk"])


def test_a_small_part_takes_a_second_with_it(tables, dataset, instruments, disclosure) -> None:
    found = candidates(tables, dataset, instruments, landmark=3)
    released, _ = gate(found, "confidential", disclosure)
    table = released["dropout_accounting"].query("definition == 'therapist_judgement'")
    exact = found["dropout_accounting"].query("definition == 'therapist_judgement'")
    assert exact["n_clients"].between(1, 9).any()
    for _, parts in table[table["part_of"] != "-"].groupby("part_of"):
        assert parts["withheld"].sum() != 1
    assert (table["n_clients"].dropna() % 5 == 0).all()


def test_a_count_withheld_in_one_table_is_in_the_other_too() -> None:
    held = {name: empty(name) for name in CELLS}
    row = {"definition": "therapist_judgement", "step": "before_accommodation", "withheld": True}
    row |= {"part_of": "dropped_out", "label": "early"}
    held["dropout_accounting"] = conform(pd.DataFrame([row]), "dropout_accounting")
    rates = {"definition": ["therapist_judgement", "no_reliable_change"], "group": "all"}
    rates |= {"n_before_risk": [20, 30], "withheld": False}
    held["dropout_rates"] = conform(pd.DataFrame(rates), "dropout_rates")
    changed, decisions = linked_counts(held, Release())
    assert changed["dropout_rates"]["n_before_risk"].isna().tolist() == [True, False]
    assert decisions[0]["n_rows"] == 1
