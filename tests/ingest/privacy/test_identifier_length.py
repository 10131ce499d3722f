"""One very long cell: refused as a text, in a time that grows with its length and not faster."""

import time

import pandas as pd
import pytest

from attunement.ingest.privacy.identifiers import look, look_at_labels
from attunement.ingest.privacy.identifiers.prose import kind_in_prose

ROWS = 60
SECONDS = 5.0  # a search that takes the square of the length takes hours


@pytest.mark.parametrize("long", ["a" * 2_000_000, "1" * 200_000, "ab@" * 60_000, "1 .-" * 60_000])
@pytest.mark.parametrize("role", ["unread", "number", "words", "id", "day"])
def test_a_cell_longer_than_any_value_is_free_text_at_once(long: str, role) -> None:
    began = time.perf_counter()
    found = look(pd.DataFrame({"q17": ["3"] * 59 + [long]}), {"q17": role})
    assert [(one.kind, one.n_rows, one.first) for one in found] == [("free text", 1, (61,))]
    assert time.perf_counter() - began < SECONDS


def test_what_else_a_column_holds_is_still_found() -> None:
    cells = ["maria.schmidt@web.de"] * 3 + ["a" * 1001]
    assert {one.kind for one in look(pd.DataFrame({"q17": cells}))} == {"email", "free text"}


def test_many_cells_just_short_enough_take_no_more_than_their_length() -> None:
    began = time.perf_counter()
    look(pd.DataFrame({"q17": [f"{k:04d}" * 250 for k in range(300)]}))
    assert time.perf_counter() - began < SECONDS


def test_a_long_word_for_a_code_is_free_text() -> None:
    found = look_at_labels({"q17": ["agree", "a" * 200_000]})
    assert [(one.kind, one.n_rows) for one in found] == [("free text", 1)]


def test_a_long_text_about_the_data_is_read_to_its_end() -> None:
    began = time.perf_counter()
    assert kind_in_prose("sessions of therapy " * 1_000) is None
    assert kind_in_prose("a" * 20_000) is None
    assert kind_in_prose("sessions of therapy " * 500 + "ask maria.schmidt@web.de") == "email"
    assert time.perf_counter() - began < SECONDS
