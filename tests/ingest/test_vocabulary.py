"""Words of a declaration that cannot be meant stop; those that no cell holds are listed."""

import numpy as np
import pandas as pd
import pytest
import yaml
from ingest_builders import BASIC, INSTRUMENTS, declared, from_memory, listed, put, read
from pydantic import ValidationError

from attunement.ingest import ingest, obtain
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.ranges import Range
from attunement.ingest.sheet import Sheet
from attunement.ingest.values import numbers
from attunement.study.dataset import ColumnSource, Dataset, load_dataset
from attunement.study.problems import StudyError

PEOPLE = "id,who,left\na,t1,done\nb,t2,on\nc,,no\n"


def endings(values):
    told = {"column": "left", "values": values}
    return {"source": "people", "columns": {"client": "id", "ending": told}}


def sex(**more):
    told = {"column": "left", "kind": "category", "meaning": "x"} | more
    return BASIC["clients"] | {"covariates": {"sex": told}}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"endings": endings({"done": "complete", "on": "ongoing"})}, "the nearest is 'completed'"),
        ({"endings": endings({"done": False})}, "turns 'done' into 'false'"),
        ({"endings": endings({"done": 1})}, "turns 'done' into '1'"),
        ({"clients": sex(values={"done": "womn"}, levels=["woman", "man"])}, "'woman'"),
        ({"clients": sex(kind="flag", values={"done": "yess"})}, "the nearest is 'yes'"),
        ({"clients": sex(kind="number", values={"done": "two"})}, "a number belongs there"),
        ({"responses": [BASIC["responses"][0] | {"values": {"never": "zero"}}]},
         "responses.0 (mood): `values` turns 'never' into 'zero'"),
    ],
)  # fmt: skip
def test_a_word_that_becomes_nothing_known_stops_before_any_cell(tmp_path, changes, says):
    with pytest.raises(StudyError) as caught:
        read(tmp_path, declared(**changes), people=PEOPLE)
    assert says in str(caught.value) and "small/dataset.yaml" in str(caught.value)


def test_words_that_no_cell_holds_are_listed_beside_unknown_cells(tmp_path):
    values = {"Done": "completed", "on": "ongoing", "left": "dropped_out"}
    tables = read(tmp_path, declared(endings=endings(values)), people=PEOPLE)
    assert listed(tables) == [
        ("people.csv", "left", 2, "unknown code", "done", "set missing"),
        ("people.csv", "left", 2, "unmatched word", "Done", "set missing"),
        ("people.csv", "left", 2, "unmatched word", "left", "set missing"),
        ("people.csv", "left", 4, "unknown code", "no", "set missing"),
    ]
    told = tables["conflicts"].query("kind == 'unmatched word'")["detail"]
    assert "2 cell(s)" in told.iloc[0] and "most like it 'done'" in told.iloc[0]


def test_a_word_for_what_has_not_happened_yet_is_no_conflict(tmp_path):
    values = {"done": "completed", "on": "ongoing", "no": "dropped_out", "moved": "other"}
    tables = read(tmp_path, declared(endings=endings(values)), people=PEOPLE)
    assert tables["conflicts"].empty


def test_keys_of_yaml_are_the_words_of_cells(tmp_path):
    visits = "id,visit,mood_1,mood_2\na,0,3,2\n"
    files = {"people.csv": PEOPLE.replace("done", "01"), "visits.csv": visits}
    folder = put(tmp_path / "small", files)
    text = yaml.safe_dump(BASIC) + (
        "endings: {source: people, columns: {client: id, ending: {column: left,\n"
        "  values: {01: completed, on: ongoing, no: dropped_out}}}}\n"
    )
    (folder / "dataset.yaml").write_text(text)
    dataset = load_dataset(folder / "dataset.yaml")
    tables = ingest(dataset, obtain(dataset, folder), INSTRUMENTS)
    assert list(tables["endings"]["ending"]) == ["completed", "ongoing", "dropped_out"]
    assert tables["conflicts"].empty


@pytest.mark.parametrize(
    "changes",
    [
        {"clients": sex(levels=["done", "done", "left"])},
        {"clients": sex(levels=["done", "Done ", "left"])},
        {"clients": sex(levels=["done", " "])},
        {"clients": sex(values={"1": "a", " 1": "b"})},
        {"clients": sex(values={1: "a", "1": "b"})},
        {"clients": sex(values={True: "a"})},
        {"clients": sex(values={None: "a"})},
        {"missing_codes": ["-9", "NA", "NA "]},
        {"sources": {"people": {"path": ["people.csv", "people.csv"]},
                     "visits": {"path": "visits.csv"}}},
        {"sources": BASIC["sources"] | {"both": {"join": ["people", "people"], "by": "id"}}},
        {"sources": {"people": {"path": "people.csv", "drop": ["a", "a"]},
                     "visits": {"path": "visits.csv"}}},
        {"ratings": {"mine": {"meaning": "x", "items": ["warm", "Warm"]}}},
        {"ratings": {"mine": {"meaning": "x", "low": 0, "high": 1}},
         "rated_accommodation": {"rating": "mine", "raters": ["client", "client"]}},
        {"process": ["mood.1", "mood.1"]},
        {"dropout": {"study_attrition_times": [1, 1]}},
        {"outcomes": {"primary": "mood.total", "further": ["mine.a", "mine.a"]}},
    ],
)  # fmt: skip
def test_what_stands_twice_is_refused_with_the_declaration(changes):
    with pytest.raises(ValidationError, match=r"stands twice|is blank|is no text"):
        declared(**changes)


def test_codes_that_differ_in_case_alone_are_two(tmp_path):
    assert Dataset.model_validate(BASIC | {"missing_codes": ["NA", "na", -9]}).missing_codes


@pytest.mark.parametrize("codes", [[True], [None], [["-9"]], [{"a": 1}]])
def test_codes_that_are_no_words_are_refused(codes):
    for change in (
        {"missing_codes": codes},
        {"sources": {"people": {"path": "a", "only": {"x": codes}}, "visits": {"path": "b"}}},
        {"responses": [BASIC["responses"][0] | {"leave_out": {"x": codes}}]},
    ):
        with pytest.raises(ValidationError, match=r"truth value|no word or number"):
            declared(**change)


def test_blanks_around_what_a_word_becomes_do_no_harm(tmp_path):
    values = {"done": "completed ", "on": " ongoing", "no": "other"}
    tables = read(tmp_path, declared(endings=endings(values)), people=PEOPLE)
    assert list(tables["endings"]["ending"]) == ["completed", "ongoing", "other"]


def test_truth_values_are_no_answers_beyond_0_and_1(tmp_path):
    visits = pd.DataFrame({"id": ["a", "b"], "visit": [0, 0], "mood_1": [True, False],
                           "mood_2": [1, 2]})  # fmt: skip
    people = pd.DataFrame({"id": ["a", "b"], "who": ["t", "t"]})
    with pytest.raises(StudyError, match=r"TRUE and FALSE, and numbers up to 3 belong there"):
        from_memory(declared(), people=people, visits=visits)
    told = BASIC["responses"][0] | {"values": {"true": 3, "false": 0, "1": 1, "2": 2}}
    tables = from_memory(declared(responses=[told]), people=people, visits=visits)
    assert sorted(tables["responses"]["value"]) == [0, 1, 2, 3]


def test_a_file_that_declares_most_possible_answers_missing_is_told():
    frame = pd.DataFrame({"x": [0.0, 2, 2, 9, 9]})
    sheet = Sheet("x.sav", frame, user_missing={"x": [(2.0, 2.0), (9.0, 9.0)]})
    noted = Conflicts()
    values, _ = numbers(sheet, ColumnSource(column="x"), Range(0, 3), noted)
    assert np.isnan(values).tolist() == [False, True, True, True, True]
    table = noted.table()
    assert table[["row", "kind", "value"]].to_numpy().tolist() == [
        [3, "declared missing", "2"], [4, "declared missing", "2"],
    ]  # fmt: skip


def scale(*cells, low=0, high=3, whole=True):
    frame = pd.DataFrame({"x": [float(cell) for cell in cells]})
    noted = Conflicts()
    numbers(Sheet("x.csv", frame), ColumnSource(column="x"), Range(low, high, whole), noted)
    return len(noted.table())


def test_a_column_that_is_coded_otherwise_stops():
    with pytest.raises(StudyError, match=r"counted from another number.*\{1: 0, 2: 1, 3: 2, 4: 3"):
        scale(*[1, 2, 3, 4] * 5)
    with pytest.raises(StudyError, match="10 of the 20 numbers lie outside 0 to 3"):
        scale(*[1, 20] * 10)
    with pytest.raises(StudyError, match="18 of the 21 numbers"):
        scale(*[34, 55, 71, 82, 9, 17, 93] * 3, high=10, whole=False)


def test_single_slips_are_listed_as_ever():
    assert scale(*[1, 2, 3] * 7, 4) == 1  # no zero, and one slip: a person could mean it
    assert scale(*[0, 1, 2, 3] * 5, 4, 4, 4) == 3
    assert scale(5, 6, 7, 8) == 4  # too few to judge
