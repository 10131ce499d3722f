"""The codebook: what each variable is, possible ranges, and what is missing, by hand."""

from __future__ import annotations

import pandas as pd
from ingest_builders import INSTRUMENTS, declared, put, read

from attunement.ingest import ingest
from attunement.ingest.codebook import codebook_table
from attunement.ingest.readers.obtain import obtain
from attunement.ingest.readers.raw import Raw
from attunement.study.instruments import Instrument

PEOPLE = "id,who,years,sex\na,t1,33,w\nb,t2,,m\nc,,51,\n"
VISITS = "id,visit,mood_1,mood_2\na,0,3,2\na,1,,2\nb,0,1,0\nb,1,0,9\nc,0,3,3\n"


def _dataset():
    covariates = {
        "age": {"column": "years", "kind": "integer", "meaning": "age   at intake ",
                "unit": "years", "low": 18, "high": 99},
        "gender": {"column": "sex", "kind": "category", "meaning": "gender",
                   "values": {"w": "woman", "m": "man"}, "levels": ["woman", "man"]},
    }  # fmt: skip
    columns = {"client": "id", "therapist": "who"}
    return declared(clients={"source": "people", "columns": columns, "covariates": covariates})


def _book(tmp_path) -> pd.DataFrame:
    return read(tmp_path, _dataset(), people=PEOPLE, visits=VISITS)["codebook"]


def test_every_declared_column_covariate_item_and_scale_is_there(tmp_path) -> None:
    book = _book(tmp_path)
    assert list(zip(book["table"], book["variable"], strict=True)) == [
        ("clients", "client"), ("clients", "therapist"), ("clients", "age"), ("clients", "gender"),
        ("responses", "mood.1"), ("responses", "mood.2"), ("scores", "mood.total"),
    ]  # fmt: skip


def test_missing_is_counted_by_hand(tmp_path) -> None:
    book = _book(tmp_path).set_index("variable")
    assert book.loc["age", ["n_rows", "n_missing"]].tolist() == [3, 1]
    assert book.loc["therapist", ["n_rows", "n_missing"]].tolist() == [3, 1]
    assert book.loc["mood.1", ["n_rows", "n_missing"]].tolist() == [5, 1]
    assert book.loc["mood.2", ["n_rows", "n_missing"]].tolist() == [5, 1]  # a 9 is out of range
    assert book.loc["mood.1", "share_missing"] == 0.2


def test_ranges_are_possible_ones_and_levels_declared_ones(tmp_path) -> None:
    book = _book(tmp_path).set_index("variable")
    assert book.loc["age", "meaning"] == "age at intake"
    assert book.loc["age", ["low", "high", "unit", "type"]].tolist() == [18, 99, "years", "integer"]
    assert book.loc["mood.1", ["low", "high"]].tolist() == [0, 3]
    assert book.loc["mood.total", ["low", "high"]].tolist() == [0, 6]
    assert book.loc["gender", "levels"] == "woman, man"
    assert book.loc["mood.total", "column"] == "sum of items 1, 2"


def test_the_origin_and_the_files_own_title_are_told(tmp_path) -> None:
    dataset = _dataset()
    sources = obtain(dataset, put(tmp_path, {"people.csv": PEOPLE, "visits.csv": VISITS}))
    tables = read(tmp_path, dataset, people=PEOPLE, visits=VISITS)
    raw = {
        "people": Raw("people.csv", sources["people"], titles={"years": "Age in years"}),
        "visits": Raw("visits.csv", sources["visits"]),
    }
    book = codebook_table(dataset, raw, tables, INSTRUMENTS).set_index("variable")
    assert book.loc["age", ["source", "file", "column", "title"]].tolist() == [
        "people", "people.csv", "years", "Age in years",
    ]  # fmt: skip
    assert book.loc["mood.2", ["file", "column", "informant"]].tolist() == [
        "visits.csv", "mood_2", "client",
    ]  # fmt: skip


def test_case_order_made_from_days_says_so(tmp_path) -> None:
    visits = "id,visit,tag,mood_1,mood_2\na,0,5,3,2\na,1,9,1,2\nb,0,6,1,0\nc,0,7,3,3\n"
    dataset = declared(
        sessions={"source": "visits", "columns": {"client": "id", "session": "visit", "day": "tag"}}
    )
    book = read(tmp_path, dataset, visits=visits)["codebook"].set_index("variable")
    assert book.loc["case_order", ["column", "source"]].tolist() == ["made from days", "-"]


def test_items_with_poles_say_which_one_has_the_high_numbers(tmp_path) -> None:
    source = {"source": "visits", "rater": "client", "client": "id", "session": "visit"}
    scale = {"items": [1], "low": -3, "high": 3, "first_pole": "Lead_me", "other_pole": "I lead"}
    wish = INSTRUMENTS["wish"].model_dump() | {
        "scales": {"AB": scale | {"name": "A B"}, "CD": scale | {"name": "C D", "items": [2]}}
    }
    known = INSTRUMENTS | {"wish": Instrument.model_validate(wish)}
    dataset = declared(
        responses=[
            source | {"instrument": "wish", "items": {"1": "mood_1", "2": "mood_2"}},
            source | {"instrument": "given", "items": {"AB": "mood_1", "CD": "mood_2"}},
        ],
        ratings={"given": {"meaning": "what was given", "low": -3, "high": 3,
                           "items": ["AB", "CD"]}},
        preference={"instrument": "wish", "coding": "left_positive", "flip": [2]},
        delivery={"rating": "given", "raters": ["client"], "commensurable": True,
                  "coding": "left_negative", "flip": ["CD"]},
        outcomes={"primary": "wish.AB"},
    )  # fmt: skip
    sources = obtain(dataset, put(tmp_path, {"people.csv": PEOPLE, "visits.csv": VISITS}))
    book = ingest(dataset, sources, known)["codebook"].set_index("variable")
    assert book.loc["wish.1", "meaning"].endswith("; high numbers: lead me")
    assert book.loc["wish.2", "meaning"].endswith("; high numbers: i lead")
    assert book.loc["given.AB", "meaning"] == "what was given: AB; high numbers: i lead"
    assert book.loc["given.CD", "meaning"] == "what was given: CD; high numbers: lead me"
