"""Ages above 89 are pooled, counted, and kept only for a stated reason."""

from __future__ import annotations

import pytest
from ingest_builders import declared, read

from attunement.ingest.privacy.ages import is_age
from attunement.study.dataset import Covariate
from attunement.study.problems import StudyError

PEOPLE = "id,who,Alter,weight\na,t1,93,92\nb,t2,90,61\nc,,89,55\n"
AGE = {"column": "Alter", "kind": "integer", "meaning": "age", "unit": "years", "high": 110}
WEIGHT = {"column": "weight", "kind": "integer", "meaning": "weight", "unit": "kg"}


def _clients(**changes):
    columns = {"client": "id", "therapist": "who"}
    covariates = {"age": AGE, "weight": WEIGHT}
    source = {"source": "people", "columns": columns, "covariates": covariates}
    return declared(clients=source, **changes)


def _record(tables):
    table = tables["privacy"]
    row = table[table["kind"] == "age above 89"].iloc[0]
    return row["what"], row["n_rows"], row["decision"]


def test_ages_are_pooled_to_ninety_and_other_numbers_are_not(tmp_path) -> None:
    tables = read(tmp_path, _clients(disclosure="confidential"), people=PEOPLE)
    assert tables["clients"]["age"].tolist() == [90, 90, 89]
    assert tables["clients"]["weight"].tolist() == [92, 61, 55]
    assert _record(tables) == ("clients.age", 2, "pooled")


def test_a_reason_keeps_them(tmp_path) -> None:
    dataset = _clients(
        disclosure="confidential", privacy={"allow": {"age": "a study of the very old"}}
    )
    tables = read(tmp_path, dataset, people=PEOPLE)
    assert tables["clients"]["age"].tolist() == [93, 90, 89]
    assert _record(tables) == ("clients.age", 2, "allowed")


def test_simulated_data_stay_as_they_are(tmp_path) -> None:
    tables = read(tmp_path, _clients(), people=PEOPLE)
    assert tables["clients"]["age"].tolist() == [93, 90, 89]
    assert _record(tables) == ("clients.age", 2, "kept")


def test_a_reason_for_what_is_no_age_is_refused(tmp_path) -> None:
    dataset = _clients(privacy={"allow": {"weight": "kilograms name nobody"}})
    with pytest.raises(StudyError, match="no covariate that is an age"):
        read(tmp_path, dataset, people=PEOPLE)


@pytest.mark.parametrize(
    ("name", "column", "meaning", "unit", "kind", "expected"),
    [
        ("age", "x", "", "", "integer", True),
        ("x", "leeftijd", "", "jaar", "number", True),
        ("edad", "edad", "edad", "años", "number", True),
        ("x", "x3", "age at intake", "years", "number", True),
        ("x", "x3", "age at intake", "", "number", False),
        ("percentage", "average", "percentage", "", "number", False),
        ("age", "age", "age in months", "months", "number", False),
        ("age", "age", "age group", "", "category", False),
        ("experience_years", "experience_years", "experience", "years", "number", False),
    ],
)
def test_which_covariates_are_ages(name, column, meaning, unit, kind, expected) -> None:
    covariate = Covariate(column=column, meaning=meaning, unit=unit, kind=kind)
    assert is_age(name, covariate) is expected
