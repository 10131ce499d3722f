"""Value labels and codes that a file itself declares missing, in every kind of column."""

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from ingest_builders import BASIC, INSTRUMENTS, declared, listed

from attunement.ingest import ingest, obtain
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.ranges import Range
from attunement.ingest.sheet import Sheet
from attunement.ingest.values import flags, numbers, texts
from attunement.study.dataset import ColumnSource
from attunement.study.problems import StudyError

LABELS = {"x": {"0": "never", "1": "low", "2": "high", "99": "refused"}}


def sheet(values, **more):
    return Sheet("a.sav", pd.DataFrame({"x": values}), **({"labels": LABELS} | more))


def number(values, low=0, high=3, mapping=None, **more):
    conflicts = Conflicts()
    column = ColumnSource(column="x", values=mapping)
    read, _ = numbers(sheet(values, **more), column, Range(low, high, True), conflicts)
    return [None if np.isnan(one) else one for one in read], conflicts.table()["kind"].tolist()


def text(values, mapping=None, allowed=(), identifier=False, **more):
    column = ColumnSource(column="x", values=mapping)
    read = texts(sheet(values, **more), column, Conflicts(), allowed, identifier=identifier)
    return [None if pd.isna(one) else one for one in read]


def flag(values, mapping=None, **more):
    column = ColumnSource(column="x", values=mapping)
    read = flags(sheet(values, **more), column, Conflicts())
    return [None if pd.isna(one) else bool(one) for one in read]


@pytest.mark.parametrize("values", [[1.0, 99.0, 2.0], ["1", "99", "2"]])
def test_a_code_that_the_file_declares_missing_is_no_conflict(values):
    assert number(values, user_missing={"x": [(90.0, 99.0)]}) == ([1, None, 2], [])
    # Whatever the range: 2 is a possible answer.
    assert number(values, user_missing={"x": [(2.0, 2.0), (99.0, 99.0)]}) == ([1, None, None], [])
    # Labelled, but not declared missing: a value, and out of range.
    assert number(values) == ([1, None, 2], ["out of range"])
    # What dataset.yaml says of the code wins.
    assert number(values, mapping={"99": 3}, user_missing={"x": [(99.0, 99.0)]})[0] == [1, 3, 2]
    assert number(values, mapping={"refused": None}) == ([1, None, 2], [])


def test_a_conflict_has_the_case_that_spss_shows(tmp_path):
    frame = pd.DataFrame({"id": ["a"] * 3, "who": "t", "visit": [0, 1, 2],
                          "mood_1": [1, 2, 9], "mood_2": [0, 1, 2]})  # fmt: skip
    pyreadstat.write_sav(frame, tmp_path / "visits.sav")
    whole = {"source": "visits", "columns": {"client": "id", "therapist": "who"}}
    dataset = declared(sources={"visits": {"path": "visits.sav"}}, clients=whole)
    tables = ingest(dataset, obtain(dataset, tmp_path), INSTRUMENTS)
    assert listed(tables) == [("visits.sav", "mood_1", 3, "out of range", "9", "set missing")]


PHQ = ("Not at all", "Several days", "More than half the days", "Nearly every day")


@pytest.mark.parametrize("step", [1, -1])
def test_labels_counted_from_another_number_stop_though_nobody_chose_the_last(step):
    labels = {"x": {str(n + step): word for n, word in enumerate(PHQ)} | {"9": "no answer"}}
    pairs = ", ".join(f"{n + step}: {n}" for n in range(4))
    with pytest.raises(StudyError, match="counted from another number") as caught:
        number([1.0, 2.0, 1.0], labels=labels)
    assert "'Not at all'" in str(caught.value) and pairs in str(caught.value)


@pytest.mark.parametrize(
    "codes", [(0, 1, 2, 3), (0, 3), (1, 4), (1, 2, 3), (0, 1, 2, 3, 4), (-1, 0, 1, 2, 3)]
)
def test_labels_of_the_possible_answers_or_of_some_of_them_do_not(codes):
    labels = {"x": {str(code): f"word {code}" for code in codes}}
    assert number([1.0, 2.0, 1.0], labels=labels)[0] == [1.0, 2.0, 1.0]


def test_values_may_name_codes_or_labels():
    assert text([1.0, 2.0, 99.0], {"low": "l", "2": "h", "refused": None}) == ["l", "h", None]
    assert number([1.0, 2.0, 0.0], mapping={"high": 3, "low": 2}) == ([2, 3, 0], [])


def test_a_category_takes_its_labels_and_an_id_its_codes():
    assert text([1.0, 2.0, 7.0]) == ["low", "high", "7"]
    assert text([1.0, 2.0, 7.0], identifier=True) == ["1", "2", "7"]
    assert text([1.0, 99.0], user_missing={"x": [(99.0, 99.0)]}) == ["low", None]
    assert text([1.0, 99.0]) == ["low", "refused"]
    assert text([1.0, 2.0], allowed=("low", "high")) == ["low", "high"]
    assert text([1.0, 2.0], allowed=("1", "2")) == ["1", "2"]
    assert text(["1", ".a"], labels={"x": {".a": "refused"}}, user_missing={"x": [".a"]}) == [
        "1", None
    ]  # fmt: skip


def test_a_flag_may_stand_in_its_code_or_its_label():
    assert flag([1.0, 0.0, None]) == [True, False, None]
    # Where 1 is no and 2 is yes, the labels speak.
    assert flag([1.0, 2.0], labels={"x": {"1": "No", "2": "Yes"}}) == [False, True]
    assert flag([1.0, 2.0], {"came": True, "2": False}, labels={"x": {"1": "came"}}) == [
        True, False
    ]  # fmt: skip


def test_ids_written_as_fractions_are_whole_numbers():
    assert text(["7.0", "12.0", ""], identifier=True) == ["7", "12", None]
    assert text(["7.0", "A2"], identifier=True) == ["7.0", "A2"]
    assert text(["007", "7"], identifier=True) == ["007", "7"]
    assert text([7.0, None], identifier=True) == ["7", None]


def test_spreadsheet_errors_are_listed_in_every_kind_of_column():
    conflicts = Conflicts()
    column = ColumnSource(column="x")
    assert texts(sheet(["#REF!", "a"]), column, conflicts).isna().tolist() == [True, False]
    assert flags(sheet(["#N/A", "1"]), column, conflicts).isna().tolist() == [True, False]
    assert np.isnan(numbers(sheet(["#DIV/0!", "1"]), column, Range(), conflicts)[0][0])
    assert conflicts.table()["kind"].tolist() == ["spreadsheet error"] * 3


def test_a_wide_spss_file_with_labels_and_missing_codes(tmp_path):
    frame = pd.DataFrame(
        {"id": [1.0, 2.0], "who": [5.0, 6.0], "sex": [1.0, 9.0],
         "mood1_s1": [3.0, 8.0], "mood2_s1": [2.0, 1.0],
         "mood1_s2": [9.0, 9.0], "mood2_s2": [0.0, 8.0]}
    )  # fmt: skip
    pyreadstat.write_sav(
        frame, tmp_path / "all.sav",
        variable_value_labels={"sex": {1.0: "woman", 9.0: "not told"}, "who": {5.0: "Dr X"}},
        # 9 is declared missing at session 2 only; 8 nowhere at session 1.
        missing_ranges={"sex": [9.0], "mood1_s2": [9.0], "mood2_s2": [8.0]},
    )  # fmt: skip
    dataset = declared(
        sources={"all": {"path": "all.sav"}},
        clients={"source": "all", "columns": {"client": "id", "therapist": "who"},
                 "covariates": {"gender": {"column": "sex", "kind": "category", "meaning": "x"}}},
        responses=[BASIC["responses"][0] | {"source": "all", "items": "mood{item}_s{session}",
                                            "session": "{session}"}],
    )  # fmt: skip
    tables = ingest(dataset, obtain(dataset, tmp_path), INSTRUMENTS)
    assert tables["clients"]["client"].tolist() == ["1", "2"]
    assert tables["clients"]["therapist"].tolist() == ["5", "6"]
    assert tables["clients"]["gender"].fillna("-").tolist() == ["woman", "-"]
    answers = tables["responses"].set_index(["client", "session", "item"])["value"]
    assert answers["1", 1, "1"] == 3 and answers["1", 2, "2"] == 0
    assert np.isnan(answers["1", 2, "1"]) and np.isnan(answers["2", 1, "1"])
    # At session 2 client 2 answered nothing, in the words of the file.
    assert ("2", 2, "1") not in answers.index
    assert listed(tables) == [("all.sav", "mood1_s1", 2, "out of range", "8", "set missing")]
