"""What is listed, what it is called, what was done; and what is fatal without a rule."""

import pandas as pd
import pytest
from ingest_builders import BASIC, declared, from_memory, listed, read

from attunement.study.contracts import TABLES, conform
from attunement.study.problems import StudyError

HEAD = "id,visit,mood_1,mood_2\n"


def values(tables: dict[str, pd.DataFrame]) -> list[tuple]:
    frame = tables["responses"]
    return list(zip(frame["client"], frame["session"], frame["item"], frame["value"], strict=True))


def test_sound_data_have_no_conflicts(tmp_path):
    tables = read(tmp_path)
    assert listed(tables) == []
    assert len(tables["responses"]) == 10
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, conform(table, name))


def test_out_of_range_text_and_fractions(tmp_path):
    tables = read(tmp_path, visits=HEAD + "a,0,4,2\na,1,two,1\nb,0,1.5,-1\n")
    assert listed(tables) == [
        ("visits.csv", "mood_1", 2, "out of range", "4", "set missing"),
        ("visits.csv", "mood_1", 3, "text in a number column", "two", "set missing"),
        ("visits.csv", "mood_1", 4, "not a whole number", "1.5", "kept"),
        ("visits.csv", "mood_2", 4, "out of range", "-1", "set missing"),
    ]
    assert tables["conflicts"]["detail"].iloc[0] == "possible is 0 to 3"
    assert tables["responses"]["value"].isna().tolist() == [True, False, True, False, False, True]


def test_fractions_are_rounded_by_rule(tmp_path):
    dataset = declared(rules={"whole_numbers": "round"})
    tables = read(tmp_path, dataset, visits=HEAD + "a,0,1.5,2.4\n")
    assert tables["responses"]["value"].tolist() == [2.0, 2.0]
    assert {row[5] for row in listed(tables)} == {"settled by rule"}


def test_fractions_are_no_conflict_where_the_answers_are_not_whole(tmp_path):
    response = BASIC["responses"][0] | {"instrument": "visual"}
    dataset = declared(responses=[response], outcomes={"primary": "visual.total"})
    assert listed(read(tmp_path, dataset, visits=HEAD + "a,0,1.5,2.4\n")) == []


def test_a_number_column_does_not_take_words_that_look_like_numbers(tmp_path):
    tables = read(tmp_path, visits=HEAD + "a,0,nan,1\na,1,inf,1\nb,0,0x1,1\nb,1,0,1\n")
    assert [row[3] for row in listed(tables)] == ["text in a number column"] * 3


def test_a_number_too_large_to_count_is_out_of_range(tmp_path):
    tables = read(tmp_path, visits=HEAD + "a,0,1,1\na,99999999999999999999,1,1\n")
    assert [row[2:4] for row in listed(tables)] == [(3, "missing key"), (3, "out of range")]


def test_an_unusable_answer_still_marks_the_occasion(tmp_path):
    tables = read(tmp_path, visits=HEAD + "a,0,9,\na,1,,\n")
    assert tables["responses"]["session"].tolist() == [0, 0]


def test_missing_ids_unknown_clients_and_rows_without_a_time(tmp_path):
    tables = read(
        tmp_path,
        people="id,who\na,t1\n,t2\nb,t2\n",
        visits=HEAD + "a,0,1,1\n,1,1,1\nz,0,1,1\nb,,1,1\nb,first,1,1\nb,-1,1,1\n",
    )
    assert listed(tables) == [
        ("people.csv", "id", 3, "missing id", None, "row left out"),
        ("visits.csv", "id", 3, "missing id", None, "row left out"),
        ("visits.csv", "id", 4, "unknown client", "z", "row left out"),
        ("visits.csv", "visit", 5, "missing key", None, "row left out"),
        ("visits.csv", "visit", 6, "missing key", None, "row left out"),
        ("visits.csv", "visit", 6, "text in a number column", "first", "set missing"),
        ("visits.csv", "visit", 7, "missing key", None, "row left out"),
        ("visits.csv", "visit", 7, "out of range", "-1", "set missing"),
    ]
    assert values(tables) == [("a", 0, "1", 1.0), ("a", 0, "2", 1.0)]


def test_no_known_client_at_all_is_fatal(tmp_path):
    with pytest.raises(StudyError) as caught:
        read(tmp_path, people="id,who\n1,t\n2,t\n", visits=HEAD + "01,0,1,1\n02,0,1,1\n")
    assert str(caught.value) == (
        "Not one row is of a client that the clients table holds (file visits.csv; column 'id'; "
        "2 rows; first: row 2, row 3). "
        "Check that both files write the client in the same way (leading zeros?)."
    )


def test_no_client_named_at_all_is_fatal(tmp_path):
    with pytest.raises(StudyError, match="No row names a client"):
        read(tmp_path, people="id,who\n,t\n")


REPEATED = HEAD + "a,0,1,1\nb,0,0,0\na,0,1,1\n"
DISAGREEING = HEAD + "a,0,1,1\nb,0,0,0\na,0,2,\n"


def test_agreeing_duplicates_are_dropped_and_listed(tmp_path):
    tables = read(tmp_path, visits=REPEATED)
    assert listed(tables) == [
        ("visits.csv", None, 4, "agreeing duplicate", None, "row left out"),
    ]
    assert len(tables["responses"]) == 4
    flow = tables["flow"].set_index("step")["n_rows"]
    assert flow["duplicates_dropped"] == 1


def test_disagreeing_duplicates_are_fatal_without_a_rule(tmp_path):
    with pytest.raises(StudyError) as caught:
        read(tmp_path, visits=DISAGREEING)
    assert str(caught.value) == (
        "Rows of the same client and occasion (mood, client) disagree, and dataset.yaml states no "
        "rule (file visits.csv; 2 rows; first: row 2, row 4). "
        "Correct the data, or state `rules: {duplicates: first}` (or last)."
    )


@pytest.mark.parametrize(("rule", "kept", "row"), [("first", [1, 1], 4), ("last", [2, None], 2)])
def test_disagreeing_duplicates_are_settled_by_the_rule(tmp_path, rule, kept, row):
    tables = read(tmp_path, declared(rules={"duplicates": rule}), visits=DISAGREEING)
    assert listed(tables) == [
        ("visits.csv", None, row, "disagreeing duplicate", None, "settled by rule"),
    ]
    of_a = tables["responses"].query("client == 'a'")["value"]
    assert of_a.astype(object).where(of_a.notna(), None).tolist() == kept


@pytest.mark.parametrize("rule", [None, "first", "last"])
def test_two_sources_that_hold_the_same_answer(tmp_path, rule):
    again = {"source": "people", "instrument": "mood", "rater": "client", "client": "id",
             "at_session": 0, "items": {"1": "mood_1"}}  # fmt: skip
    dataset = declared(
        responses=[*BASIC["responses"], again], rules={"duplicates": rule} if rule else {}
    )
    people = "id,who,mood_1\na,t1,3\nb,t2,0\n"
    if rule is None:
        with pytest.raises(StudyError, match="Two sources hold the same item on the same occasion"):
            read(tmp_path, dataset, people=people, visits=HEAD + "a,0,3,2\nb,0,1,1\n")
        return
    tables = read(tmp_path, dataset, people=people, visits=HEAD + "a,0,3,2\nb,0,1,1\n")
    kept = tables["responses"].query("client == 'b' and item == '1'")["value"].tolist()
    assert kept == [1.0 if rule == "first" else 0.0]
    kinds = {row[3]: (row[0], row[2]) for row in listed(tables)}
    assert kinds["agreeing duplicate"] == ("people.csv", 2)
    settled = ("people.csv", 3) if rule == "first" else ("visits.csv", 3)
    assert kinds["disagreeing duplicate"] == settled


def test_a_client_with_two_therapists(tmp_path):
    people = "id,who\na,t1\nb,t2\na,t3\na,\n"
    with pytest.raises(StudyError) as caught:
        read(tmp_path, people=people, visits=HEAD + "a,0,1,1\n")
    assert str(caught.value) == (
        "1 client(s) have two therapists, and dataset.yaml states no rule (file people.csv; "
        "column 'who'; 2 rows; first: row 2, row 4). "
        "Correct the data, or state `rules: {two_therapists: first}` (or last). Clients whom "
        "several therapists see as a rule (crossed effects) are not modelled: docs/limits.md."
    )
    for rule, therapist, row, value in (("first", "t1", 4, "t3"), ("last", "t3", 2, "t1")):
        dataset = declared(rules={"two_therapists": rule})
        tables = read(tmp_path, dataset, people=people, visits=HEAD + "a,0,1,1\n")
        assert tables["clients"]["therapist"].tolist() == [therapist, "t2"]
        assert listed(tables) == [
            ("people.csv", "who", row, "two therapists", value, "settled by rule")
        ]


def test_on_conflict_stop_makes_any_conflict_fatal(tmp_path):
    dataset = declared(on_conflict="stop")
    read(tmp_path, dataset)
    with pytest.raises(StudyError) as caught:
        read(tmp_path, dataset, visits=HEAD + "a,0,4,x\nb,0,1,7\n")
    assert str(caught.value) == (
        "The data hold conflicts, and dataset.yaml says `on_conflict: stop`: out of range 2 "
        "(visits.csv, column 'mood_1', row 2: '4'), text in a number column 1 "
        "(visits.csv, column 'mood_2', row 2: 'x') (3 rows; first: visits.csv row 2, "
        "visits.csv row 2, visits.csv row 3). Correct the data, or set "
        "`on_conflict: list` to go on and list them."
    )


def test_an_empty_table_from_memory_is_fatal():
    with pytest.raises(StudyError, match="The source 'people' is declared but empty"):
        from_memory(declared(), people=pd.DataFrame({"id": []}), visits=pd.DataFrame())


def test_every_table_of_the_contract_is_there(tmp_path):
    tables = read(tmp_path)
    assert set(tables) == {
        "therapists", "clients", "sessions", "responses", "type_preferences", "endings",
        "conflicts", "flow", "availability", "privacy", "anonymity", "codebook",
    }  # fmt: skip
    assert set(tables) <= set(TABLES)
