"""Answers with other numbers than the key's, or in words: `values` of the responses."""

import copy
from pathlib import Path

import pytest
from ingest_builders import BASIC, declared, listed, read

from attunement.study.problems import StudyError

WORDS = {"not at all": 0, "several days": 1, "most days": 2, "every day": 3}
VISITS = "id,visit,mood_1,mood_2\na,0,every day,most days\nb,0,several days,not at all\n"


def with_values(values: dict) -> dict:
    """The basic responses, their answers translated."""
    return {"responses": [copy.deepcopy(BASIC["responses"][0]) | {"values": values}]}


def values_of(tables: dict) -> list[float]:
    return tables["responses"]["value"].tolist()


def test_words_are_the_numbers_that_are_declared(tmp_path: Path) -> None:
    tables = read(tmp_path, declared(**with_values(WORDS)), visits=VISITS)
    assert values_of(tables) == [3, 2, 1, 0]
    assert not listed(tables)


def test_a_word_that_is_not_named_is_listed(tmp_path: Path) -> None:
    other = VISITS.replace("most days", "mostly")
    tables = read(tmp_path, declared(**with_values(WORDS)), visits=other)
    assert listed(tables) == [
        ("visits.csv", "mood_2", 2, "text in a number column", "mostly", "set missing")
    ]


def test_codes_from_one_become_answers_from_nought(tmp_path: Path) -> None:
    coded = "id,visit,mood_1,mood_2\na,0,4,3\nb,0,2,1\n"
    tables = read(tmp_path, declared(**with_values({1: 0, 2: 1, 3: 2, 4: 3})), visits=coded)
    assert values_of(tables) == [3, 2, 1, 0]


def test_a_number_that_is_not_named_is_not_taken_for_an_answer(tmp_path: Path) -> None:
    """Under `values` 4 stands for 3: a 0, which it does not name, may not pass as the lowest."""
    coded = "id,visit,mood_1,mood_2\na,0,4,0\nb,0,2,1\n"
    tables = read(tmp_path, declared(**with_values({1: 0, 2: 1, 3: 2, 4: 3})), visits=coded)
    assert [row[1:4] for row in listed(tables)] == [("mood_2", 2, "unknown code")]


def test_words_without_values_say_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="under `values`"):
        read(tmp_path, declared(), visits=VISITS)
