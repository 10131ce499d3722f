"""The door: one message for all findings, what is dropped, let in with a reason, and recorded."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml
from ingest_builders import FILES, declared, put, read

from attunement.ingest.privacy.door import guard
from attunement.ingest.privacy.roles import roles
from attunement.ingest.readers.obtain import obtain
from attunement.ingest.readers.raw import Raw
from attunement.study.problems import StudyError

PEOPLE = "id,who,group2,remark\na,t1,Maria Schmidt,\nb,t2,Peter Jones,\nc,,,write to m@web.de\n"
VISITS = (
    "id,visit,mood_1,mood_2,phq9_timestamp\na,0,3,2,2021-03-02 10:00\na,1,2,2,2021-03-09 10:00\n"
    "b,0,1,0,\nb,1,0,0,\nc,0,3,3,\n"
)
SOURCES = {"people": {"path": "people.csv"}, "visits": {"path": "visits.csv"}}


def _refused(tmp_path, **changes) -> str:
    files = changes.pop("files", {})
    with pytest.raises(StudyError) as caught:
        read(tmp_path, declared(**changes), **files)
    return str(caught.value)


def test_all_findings_of_all_sources_in_one_message_without_a_value(tmp_path) -> None:
    visits = VISITS.replace("phq9_timestamp", "Telefon").replace(",2021-03-09 10:00", ",")
    visits = visits.replace("2021-03-02 10:00", "+49 171 1234567")
    told = _refused(tmp_path, files={"people": PEOPLE, "visits": visits})
    assert "people.csv, column 'group2': name (by its content; 2 rows, first: 2, 3)" in told
    assert "people.csv, column 'remark': email (by its content; 1 row, first: 4)" in told
    assert "visits.csv, column 'Telefon': phone (by its name; 1 row, first: 2)" in told
    assert told.startswith("Direct identifiers in 3 columns")
    for value in ("Maria", "Schmidt", "Jones", "web.de", "171"):
        assert value not in told
    # What it advises can be pasted, and is enough.
    advice = told[told.index("sources:\n") : told.index("\nA column that")]
    drop = yaml.safe_load(advice)["sources"]
    assert drop == {"people": {"drop": ["group2", "remark"]}, "visits": {"drop": ["Telefon"]}}
    sources = {name: SOURCES[name] | drop[name] for name in SOURCES}
    tables = read(tmp_path, declared(sources=sources), people=PEOPLE, visits=visits)
    record = tables["privacy"].set_index("what")["decision"]
    assert record["people.group2"] == record["visits.Telefon"] == "dropped"


def test_a_reason_lets_a_column_in_and_is_recorded(tmp_path) -> None:
    reason = "made-up names of a training study"
    allow = {"people.group2": reason, "people.remark": reason}
    tables = read(tmp_path, declared(privacy={"allow": allow}), people=PEOPLE)
    record = tables["privacy"].set_index("what")
    assert record.loc["people.group2", ["kind", "n_rows", "decision", "reason"]].tolist() == [
        "name", 2, "allowed", reason,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("visits.mood_1", "in which nothing was found"),
        ("people.gruop2", "no column of a declared source"),
        ("nowhere.x", "no column of a declared source"),
    ],
)
def test_a_reason_for_nothing_is_an_error(tmp_path, key: str, what: str) -> None:
    allow = {key: "nothing stands there that names"}
    assert what in _refused(tmp_path, privacy={"allow": allow})


def test_a_date_of_an_assessment_that_nothing_reads_is_recorded(tmp_path) -> None:
    tables = read(tmp_path, visits=VISITS)
    row = tables["privacy"].set_index("what").loc["visits.phq9_timestamp"]
    assert (row["kind"], row["n_rows"], row["decision"]) == ("date", 2, "dropped")


def test_roles_follow_the_declaration_and_joined_parts() -> None:
    dataset = declared(
        sources=SOURCES | {"both": {"join": ["people", "visits"], "by": "id"}},
        clients={
            "source": "both",
            "columns": {"client": "id", "therapist": "who"},
            "covariates": {
                "age": {"column": "Alter", "kind": "integer", "meaning": "age"},
                "sex": {"column": "sex", "kind": "category", "meaning": "x", "levels": ["f", "m"]},
            },
        },
        responses=[
            {
                "source": "visits", "instrument": "mood", "rater": "client", "client": "id",
                "session": "{session}", "day": "date_s{session}", "items": "m_s{session}_i{item}",
            }
        ],
    )  # fmt: skip
    columns = ["id", "who", "Alter", "sex", "m_s1_i1", "m_s12_i2", "date_s1", "m_sx_i1", "other"]
    found = roles(dataset, "both", columns) | roles(dataset, "visits", columns)
    assert found == {
        "id": "id", "who": "id", "Alter": "number", "sex": "words", "m_s1_i1": "number",
        "m_s12_i2": "number", "date_s1": "day",
    }  # fmt: skip


def test_typed_sources_and_raw_are_looked_at_alike(tmp_path) -> None:
    dataset = declared()
    sources = obtain(dataset, put(tmp_path, FILES))
    assert guard(dataset, sources).empty
    people = sources["people"].frame.assign(born=pd.to_datetime(["1970-02-01", "1981-05-06", None]))
    raw = {"people": Raw("people.sav", people), "visits": Raw("v.sav", sources["visits"].frame)}
    with pytest.raises(StudyError, match="column 'born': date"):
        guard(dataset, raw)


def test_the_shipped_datasets_pass(repository) -> None:
    from attunement.study.dataset import load_dataset

    for name in ("example", "beat_the_blues"):
        file = repository / "data" / name / "dataset.yaml"
        dataset = load_dataset(file)
        assert guard(dataset, obtain(dataset, file.parent)).empty
