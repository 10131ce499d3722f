"""A column of which nothing can be read stops the run; some unknown words are listed."""

import pandas as pd
import pytest
from ingest_builders import declared, from_memory, listed, read

from attunement.study.problems import StudyError

HEAD = "id,visit,mood_1,mood_2\n"
ENDINGS = {"source": "people", "columns": {"client": "id", "ending": "Ende"}}
JUDGED = {"source": "people", "columns": {"client": "id", "therapist_judgement": "Ende"}}


def told(tmp_path, dataset, **files) -> str:
    with pytest.raises(StudyError) as caught:
        read(tmp_path, dataset, **files)
    return str(caught.value)


def people(*words: str) -> str:
    return "id,who,Ende\n" + "".join(f"{c},t,{w}\n" for c, w in zip("abc", words, strict=True))


def test_the_words_of_the_clinic_must_be_mapped(tmp_path):
    message = told(tmp_path, declared(endings=ENDINGS), people=people("abgebrochen", "", "regulär"))
    assert message == (
        "Not one value of the column is known: found are 'abgebrochen', 'regulär'; known are "
        "completed, dropped_out, referred, ongoing, other, unknown (file people.csv; column "
        "'Ende'; 2 rows; first: row 2, row 4). Map each word to a known one (or to null: missing) "
        "under `values` in dataset.yaml: "
        "{column: Ende, values: {abgebrochen: ..., regulär: ...}}."
    )


def test_a_mapping_to_unknown_words_is_told_before_any_cell_is_read(tmp_path):
    columns = {"client": "id", "ending": {"column": "Ende", "values": {"a": "broken off"}}}
    message = told(
        tmp_path, declared(endings=ENDINGS | {"columns": columns}), people=people("a", "a", "a")
    )
    assert "`values` turns 'a' into 'broken off', which is none of the known words" in message


def test_many_words_are_not_all_shown(tmp_path):
    rows = "".join(f"{i},t,word{i:02}\n" for i in range(12))
    message = told(
        tmp_path, declared(endings=ENDINGS), people="id,who,Ende\n" + rows,
        visits=HEAD + "1,0,1,1\n",
    )  # fmt: skip
    assert "'word07' and 4 more;" in message


@pytest.mark.parametrize("known", ["completed", "unknown"])
def test_one_known_word_among_unknown_ones_is_enough(tmp_path, known):
    tables = read(tmp_path, declared(endings=ENDINGS), people=people("weg", known, "weg"))
    assert [row[3] for row in listed(tables)] == ["unknown code"] * 2


def test_a_word_mapped_to_missing_is_known(tmp_path):
    columns = {"client": "id", "ending": {"column": "Ende", "values": {"offen": None}}}
    dataset = declared(endings=ENDINGS | {"columns": columns})
    tables = read(tmp_path, dataset, people=people("offen", "weg", "weg"))
    assert [row[2] for row in listed(tables)] == [3, 4]


def test_blank_columns_and_missing_codes_are_no_unknown_words(tmp_path):
    dataset = declared(endings=ENDINGS, missing_codes=["-9", "NA"])
    assert listed(read(tmp_path, dataset, people=people("", "NA", "-9"))) == []


def test_flags_and_their_words(tmp_path):
    message = told(tmp_path, declared(endings=JUDGED), people=people("ja", "nein", "ja"))
    assert "found are 'ja', 'nein'; known are 1, true, yes, 0, false, no" in message
    columns = {"client": "id", "therapist_judgement": {"column": "Ende", "values": {"J": True}}}
    dataset = declared(endings=JUDGED | {"columns": columns})
    assert "known are J (" in told(tmp_path, dataset, people=people("j", "j", ""))


@pytest.mark.parametrize("words", [{"levels": ["low", "high"]}, {"values": {"1": "low"}}])
def test_categories_with_declared_words(tmp_path, words):
    covariate = {"column": "Ende", "kind": "category", "meaning": "made up"} | words
    clients = {"source": "people", "columns": {"client": "id"}, "covariates": {"rank": covariate}}
    assert "Not one value" in told(tmp_path, declared(clients=clients), people=people("x", "", "y"))


def test_a_free_category_and_identifiers_have_no_closed_vocabulary(tmp_path):
    covariate = {"column": "Ende", "kind": "category", "meaning": "made up"}
    clients = {"source": "people", "columns": {"client": "id"}, "covariates": {"rank": covariate}}
    assert listed(read(tmp_path, declared(clients=clients), people=people("x", "y", "z"))) == []


def test_a_column_without_one_number(tmp_path):
    assert told(tmp_path, None, visits=HEAD + "a,0,often,1\nb,0,never,1\nb,1,,1\n") == (
        "Not one value of the column is a number: found are 'often', 'never' (file visits.csv; "
        "column 'mood_1'; 2 rows; first: row 2, row 3). Name the column that holds the numbers; "
        "or say which number each word is under `values` (of the column, or of the responses for "
        "all items); or name words that stand for a gap under `missing_codes`."
    )


def test_a_forgotten_decimal_comma(tmp_path):
    visits = 'id,visit,mood_1,mood_2\na,0,"0,5",1\na,1,2,1\nb,0,"1,5",1\nb,1,often,1\n'
    assert told(tmp_path, None, visits=visits) == (
        "2 cells such as '0,5' hold a comma (file visits.csv; column 'mood_1'; 2 rows; "
        "first: row 2, row 4). Declare `decimal: ','` for this source in dataset.yaml."
    )
    assert "1 cell such as '-0,5' holds a comma" in told(
        tmp_path, None, visits=HEAD + 'a,0,"-0,5",1\na,1,1,1\n'
    )


def test_a_comma_that_may_mark_thousands(tmp_path):
    visits = HEAD + 'a,0,"12,345",1\na,1,800,1\nb,0,"9,800",1\n'
    said = told(tmp_path, None, visits=visits)
    assert "If the comma marks thousands, take it out of the cells (12345)" in said


def test_fewer_commas_than_other_words_are_listed(tmp_path):
    visits = HEAD + 'a,0,"0,5",1\na,1,2,1\nb,0,often,1\nb,1,never,1\n'
    assert [row[3] for row in listed(read(tmp_path, visits=visits))] == [
        "text in a number column"
    ] * 3


def test_a_decimal_comma_where_there_are_points(tmp_path):
    sources = {"people": {"path": "people.csv"},
               "visits": {"path": "visits.csv", "delimiter": ";", "decimal": ","}}  # fmt: skip
    visits = "id;visit;mood_1;mood_2\na;0;1.5;1\na;1;2.5;1\n"
    message = told(tmp_path, declared(sources=sources), visits=visits)
    assert "cells hold a point, as '1.5', and `decimal: ','` is declared" in message
    assert "take `decimal: ','` out of this source" in message


COMMA = {"people": {"path": "people.csv"},
         "visits": {"path": "visits.csv", "delimiter": ";", "decimal": ","}}  # fmt: skip
HEAD_COMMA = "id;visit;mood_1;mood_2\n"


def test_whole_numbers_with_a_point_and_nothing_are_whole_in_a_file_with_decimal_commas(tmp_path):
    visits = HEAD_COMMA + "a;0;2.0;1,0\na;1;3.00;1,0\nb;0;0.0;-9.0\n"
    tables = read(tmp_path, declared(sources=COMMA, missing_codes=["-9"]), visits=visits)
    values = tables["responses"]["value"].to_list()
    assert values[:5] == [2, 1, 3, 1, 0]
    assert pd.isna(values[5])
    assert listed(tables) == []


def test_fractions_with_a_point_and_no_comma_stop_and_a_single_slip_is_listed(tmp_path):
    slip = "".join(f"a;{n};{'2.5' if n == 1 else 2};1\n" for n in range(11))
    found = listed(read(tmp_path, declared(sources=COMMA), visits=HEAD_COMMA + slip))
    assert [row[3:5] for row in found] == [("text in a number column", "2.5")]
    visits = HEAD_COMMA + "a;0;2;1\na;1;2.5;1\nb;0;1;1\n"
    message = told(tmp_path, declared(sources=COMMA), visits=visits)
    assert message == (
        "1 of 3 cells hold a point, as '2.5', and `decimal: ','` is declared (file visits.csv; "
        "column 'mood_1'; 1 row; first: row 3). If it is a decimal point, take `decimal: ','` out "
        "of this source (or, where other columns of the file do hold a decimal comma, export the "
        "file anew with one mark); if it marks thousands, take it out of the cells."
    )


def test_most_cells_with_a_point_stop_beside_commas_and_a_few_are_listed(tmp_path):
    visits = HEAD_COMMA + "a;0;1,5;1\na;1;2.5;1\nb;0;1.5;1\n"
    assert "2 of 3 cells hold a point" in told(tmp_path, declared(sources=COMMA), visits=visits)
    visits = HEAD_COMMA + "a;0;1,5;1\na;1;2.5;1\nb;0;1,0;1\n"
    found = listed(read(tmp_path, declared(sources=COMMA), visits=visits))
    assert ("visits.csv", "mood_1", 3, "text in a number column", "2.5", "set missing") in found


def test_a_thousands_mark_in_one_cell_is_listed(tmp_path):
    visits = HEAD_COMMA + "a;0;2;1\na;1;1.200;1\nb;0;1;1\n"
    assert [row[3:5] for row in listed(read(tmp_path, declared(sources=COMMA), visits=visits))] == [
        ("text in a number column", "1.200")
    ]


def test_numbers_from_memory_are_read_as_they_are():
    frames = {
        "people": pd.DataFrame({"id": ["a"], "who": ["t"]}),
        "visits": pd.DataFrame({"id": ["a"], "visit": [0], "mood_1": [9.0], "mood_2": [1.0]}),
    }
    assert [row[3] for row in listed(from_memory(declared(), **frames))] == ["out of range"]
