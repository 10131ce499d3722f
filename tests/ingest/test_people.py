"""Clients and therapists told on one row or on many; covariates by their declared kind."""

import pandas as pd
import pytest
from ingest_builders import declared, listed, read

from attunement.study.files import read_tables, write_table
from attunement.study.problems import StudyError

VISITS = "id,visit,mood_1,mood_2\na,0,1,1\n"


def with_covariates(tmp_path, people, covariates, **changes):
    clients = {"source": "people", "columns": {"client": "id"}, "covariates": covariates}
    return read(tmp_path, declared(clients=clients, **changes), people=people, visits=VISITS)


def covariate(kind, **more):
    return {"column": "x", "kind": kind, "meaning": "made up"} | more


@pytest.mark.parametrize(
    ("kind", "cells", "expected", "dtype"),
    [
        ("number", ["1.5", "-2", ""], [1.5, -2.0, None], "float64"),
        ("integer", ["7", " 8 ", ""], [7, 8, None], "Int64"),
        ("flag", ["yes", "FALSE", "1"], [True, False, True], "boolean"),
        ("flag", ["No", "true", "0"], [False, True, False], "boolean"),
        ("category", ["left", "right", ""], ["left", "right", None], "str"),
    ],
)
def test_kinds(tmp_path, kind, cells, expected, dtype):
    people = "id,x\n" + "".join(f"{c},{x}\n" for c, x in zip("abc", cells, strict=True))
    tables = with_covariates(tmp_path, people, {"x": covariate(kind)})
    column = tables["clients"]["x"]
    assert str(column.dtype) == dtype
    assert column.astype(object).where(column.notna(), None).tolist() == expected
    assert listed(tables) == []


def test_levels_order_a_category_and_survive_the_file(tmp_path):
    people = "id,x\na,2\nb,1\nc,3\n"
    levels = covariate(
        "category", values={"1": "usual", "2": "active"}, levels=["usual", "active", "other"]
    )
    tables = with_covariates(tmp_path, people, {"arm": levels})
    write_table(tables["clients"], tmp_path / "tables" / "clients.parquet")
    for clients in (tables["clients"], read_tables(tmp_path / "tables")["clients"]):
        assert clients["arm"].tolist()[:2] == ["active", "usual"]
        assert list(clients["arm"].cat.categories) == ["usual", "active", "other"]
    assert listed(tables) == [("people.csv", "x", 4, "unknown code", "3", "set missing")]


def test_unknown_codes_are_listed(tmp_path):
    flags = with_covariates(tmp_path, "id,x\na,maybe\nb,2\nc,yes\n", {"x": covariate("flag")})
    assert [row[2:5] for row in listed(flags)] == [
        (2, "unknown code", "maybe"), (3, "unknown code", "2"),
    ]  # fmt: skip
    assert flags["conflicts"]["detail"].iloc[0] == "known are 1, true, yes, 0, false, no"
    mapped = covariate("category", values={"f": "woman", "m": "man", "u": None})
    tables = with_covariates(tmp_path, "id,x\na,f\nb,w\nc,u\n", {"x": mapped})
    assert [row[2:5] for row in listed(tables)] == [
        (3, "unknown code", "w"), (3, "unmatched word", "m"),
    ]  # fmt: skip
    assert tables["clients"]["x"].isna().tolist() == [False, True, True]


def test_numbers_out_of_range_and_fractions_of_counts(tmp_path):
    people = "id,x\na,17\nb,40.5\nc,40\n"
    tables = with_covariates(tmp_path, people, {"x": covariate("integer", low=18, high=99)})
    assert [row[2:] for row in listed(tables)] == [
        (2, "out of range", "17", "set missing"),
        (3, "not a whole number", "40.5", "set missing"),
    ]


MANY = "id,x\na,1\na,\na,0\nb,0\nb,0\n"


def test_many_rows_of_a_client_are_taken_as_declared(tmp_path):
    for take, expected in (("max", [True, False]), ("first", [True, False])):
        tables = with_covariates(tmp_path, MANY, {"x": covariate("flag", take=take)})
        assert tables["clients"]["x"].tolist() == expected
    late = MANY.replace("a,1\na,\na,0", "a,0\na,\na,1")
    tables = with_covariates(tmp_path, late, {"x": covariate("flag", take="max")})
    assert tables["clients"]["x"].tolist() == [True, False]


def test_rows_that_disagree_need_a_rule(tmp_path):
    with pytest.raises(StudyError) as caught:
        with_covariates(tmp_path, MANY, {"x": covariate("flag")})
    assert str(caught.value) == (
        "The rows of 1 person(s) disagree in 'x', and dataset.yaml states no rule (file "
        "people.csv; column 'x'; 2 rows; first: row 2, row 4). Correct the data, or state "
        "`rules: {duplicates: first}` (or last), or `take` for this covariate."
    )
    tables = with_covariates(tmp_path, MANY, {"x": covariate("flag")}, rules={"duplicates": "last"})
    assert tables["clients"]["x"].tolist() == [False, False]
    assert [row[2:] for row in listed(tables)] == [
        (2, "disagreeing duplicate", "True", "settled by rule")
    ]


THERAPISTS = {
    "source": "staff",
    "columns": {"therapist": "who"},
    "covariates": {"years": {"column": "years", "kind": "number", "meaning": "experience"}},
}
SOURCES = {
    "people": {"path": "people.csv"},
    "visits": {"path": "visits.csv"},
    "staff": {"path": "staff.csv"},
}


def test_a_therapist_unknown_to_the_table_is_listed_and_kept(tmp_path):
    dataset = declared(sources=SOURCES, therapists=THERAPISTS)
    tables = read(
        tmp_path, dataset, people="id,who\na,t9\nb,t1\nc,\n", visits=VISITS,
        staff="who,years\nt1,4\nt2,6\n,1\n",
    )  # fmt: skip
    assert listed(tables) == [
        ("people.csv", "who", 2, "unknown therapist", "t9", "kept"),
        ("staff.csv", "who", 4, "missing id", None, "row left out"),
    ]
    assert tables["therapists"]["therapist"].tolist() == ["t1", "t2", "t9"]
    assert tables["therapists"]["years"].isna().tolist() == [False, False, True]
    assert tables["clients"]["therapist"].isna().tolist() == [False, False, True]


def test_therapists_told_in_the_clients_source(tmp_path):
    therapists = {"source": "people", "columns": {"therapist": "who"}}
    tables = read(
        tmp_path, declared(therapists=therapists), people="id,who\na,t1\nb,\nc,t1\n", visits=VISITS
    )
    assert tables["therapists"]["therapist"].tolist() == ["t1"]
    assert listed(tables) == []


@pytest.mark.parametrize(
    ("clients", "message"),
    [
        ({"columns": {"client": "id", "theraapist": "who"}}, "the nearest is 'therapist'"),
        ({"columns": {"therapist": "who"}}, "clients.columns does not say where 'client' stands"),
        ({"columns": {"client": "id"}, "covariates": {"site": covariate("category")}},
         "has the name of a canonical column"),
        ({"columns": {"client": "id"}, "covariates": {"x": covariate("category", take="max")}},
         "a category has no maximum"),
        ({"columns": {"client": "id"}, "covariates": {"x": covariate("flag", levels=["1", "0"])}},
         "only a category has levels"),
    ],
)  # fmt: skip
def test_faults_of_the_declaration(tmp_path, clients, message):
    with pytest.raises(StudyError, match=message):
        read(tmp_path, declared(clients={"source": "people"} | clients))


def test_numeric_ids_from_memory_are_written_like_those_of_a_file(tmp_path):
    from ingest_builders import from_memory

    people = pd.DataFrame({"id": [1.0, 2.0], "who": pd.array([7, None], dtype="Int64")})
    visits = pd.DataFrame({"id": [1, 2], "visit": [0, 0], "mood_1": [1, 5], "mood_2": [0.0, 1.0]})
    tables = from_memory(declared(), people=people, visits=visits)
    assert tables["clients"]["client"].tolist() == ["1", "2"]
    assert tables["clients"]["therapist"].tolist()[0] == "7"
    assert listed(tables) == [("visits.csv", "mood_1", 3, "out of range", "5", "set missing")]


def test_ids_that_differ_by_their_writing_alone_are_listed_and_stay_two(tmp_path):
    people = "id,who\na1,T1\nA1,t1\na02,T01\na2,T2\nb,T2\nb1.0,T3\nb1,T2\n"
    clients = {"source": "people", "columns": {"client": "id", "therapist": "who"}}
    tables = read(
        tmp_path, declared(clients=clients), people=people, visits=VISITS.replace("a", "b")
    )
    assert len(tables["clients"]) == 7
    found = tables["conflicts"]
    found = found[found["kind"] == "id like another"]
    by_column = {
        name: list(zip(some["row"], some["value"], strict=True))
        for name, some in found.groupby("column")
    }
    assert by_column == {
        "id": [(2, "a1"), (3, "A1"), (4, "a02"), (5, "a2"), (7, "b1.0"), (8, "b1")],
        "who": [(2, "T1"), (3, "t1"), (4, "T01")],
    }
    assert "taken for different persons: a1 and A1" in set(found["detail"])
    assert (found["action"] == "kept").all()
