"""Words of a declaration that cannot be meant stop; those that no cell holds are listed."""

import pytest
import yaml
from ingest_builders import BASIC, INSTRUMENTS, declared, listed, put, read
from pydantic import ValidationError

from attunement.ingest import ingest, obtain
from attunement.study.dataset import Dataset, load_dataset
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
