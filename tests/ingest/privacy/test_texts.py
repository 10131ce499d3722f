"""Texts that go out with results: no meaning, title, heading or file name tells of a person."""

from __future__ import annotations

import pytest
from ingest_builders import PEOPLE, VISITS, declared, put, read

from attunement.ingest.privacy.identifiers.prose import (
    kind_in_heading,
    kind_in_prose,
    tells_nobody,
)
from attunement.ingest.privacy.texts import guard_texts
from attunement.release.flow import conflict_counts
from attunement.study.problems import StudyError

TELLING = [
    "Mood of Maria Schmidt", "ask a.b@web.de", "x (at) gmx.de", "call 0171 1234567",
    "+49 171 1234567", "tel. 1234567", "born 12.03.1972", "since 1972-12-12",
    "rated by Dr. Okonkwo", "Schmidt, Maria", "client Chidi Okonkwo", "John O'Brien", "Frau Müller",
    "Chidi Schmidt",
    "collected by J. Smith", "score (record 4720135)", "Hauptstraße 5", "SSN 123-45-6789",
    "IBAN DE89370400440532013000", "born ١٩٧٢-١٢-١٢", "call 0171\u00a01234567",
]  # fmt: skip
PROSE = [
    "gender", "age at intake", "Hamilton Rating Scale for Depression", "Beck Depression Inventory",
    "Alter bei Aufnahme in Jahren", "Beruf der Mutter", "Zufriedenheit mit der Therapeutin",
    "Angst und Depression vor der Behandlung", "Âge à l'admission", "État civil du patient",
    "Le niveau d'études le plus élevé", "randomised trial NCT01234567 of 2019", "ISRCTN 12345678",
    "doi 10.1037/0022-006X.45.1.112", "collected 2019 to 2021 in three clinics", "12/2019",
    "Patient Health Questionnaire-9", "Young Schema Questionnaire", "1 = never, 2 = sometimes",
    "Eine Studie aus Freiburg und Basel", "in 1,234,567 rows", "After Swift et al. (2018)",
    "Therapist Directiveness vs Client Directiveness", "the Jacobson-Truax method",
    "Der Patient Berichtet Besserung", "Client Therapist Match", "Skala von 0 bis 10",
]  # fmt: skip
HEADINGS = ["maria_schmidt", "MariaSchmidt", "mood maria@web.de", "PHQ 12.03.2021", "frau_mueller"]
FILES = [
    "Maria_Schmidt.xlsx", "schmidt.csv", "export_20210312.csv", "0171123456.csv", "daten-maria.sav",
    "Export.xlsx [Maria Schmidt]",
]  # fmt: skip
ORDINARY = [
    "clients.csv",
    "sessions_2021.csv",
    "Export (2).xlsx [Sheet1]",
    "BtheB",
    "visits_s1.csv",
]


@pytest.mark.parametrize("text", TELLING)
def test_a_text_that_tells_of_somebody_stops_with_its_place_and_is_not_repeated(text: str) -> None:
    assert kind_in_prose(text)
    sex = {"column": "sex", "kind": "category", "meaning": text}
    clients = {"source": "people", "columns": {"client": "id"}, "covariates": {"sex": sex}}
    for changes, place in (
        ({"title": text}, "dataset.title"),
        ({"about": f"A clinic. {text}."}, "dataset.about"),
        ({"clients": clients}, "dataset.clients.covariates.sex.meaning"),
    ):
        with pytest.raises(StudyError) as caught:
            guard_texts(declared(**changes))
        assert place in str(caught.value)
        assert text not in str(caught.value)
    allow = {"dataset.title": "the title of a book"}
    told = guard_texts(declared(title=text, privacy={"allow": allow}))
    assert [place for place, _ in told] == ["dataset.title"]


@pytest.mark.parametrize("text", PROSE)
def test_ordinary_prose_passes(text: str) -> None:
    assert kind_in_prose(text) is None
    assert guard_texts(declared(title=text, about=text)) == []


def test_questions_of_a_plan_are_looked_at_too() -> None:
    with pytest.raises(StudyError, match=r"config\.plan\.a\.question: name"):
        guard_texts(declared(), {"config.plan.a.question": "Did Maria Schmidt help?"})


def test_names_of_columns_and_files() -> None:
    assert [one for one in HEADINGS if not kind_in_heading(one)] == []
    assert [one for one in FILES if tells_nobody(one)] == []
    assert [one for one in ORDINARY if not tells_nobody(one)] == []
    for name in ("PatientLastName", "phq9_1", "Wie geht es Ihnen heute?", "mood_{item}"):
        assert kind_in_heading(name) is None


def test_a_declared_column_named_after_a_person_is_refused_a_dropped_one_not_named(
    tmp_path,
) -> None:
    people = PEOPLE.replace("who", "Maria Schmidt")
    clients = {"source": "people", "columns": {"client": "id", "therapist": "Maria Schmidt"}}
    with pytest.raises(StudyError, match=r"column 'Maria Schmidt': name \(by its name itself"):
        read(tmp_path, declared(clients=clients), people=people)
    sources = {
        "people": {"path": "people.csv", "drop": ["Maria Schmidt"]},
        "visits": {"path": "visits.csv"},
    }
    only = {"source": "people", "columns": {"client": "id"}}
    tables = read(tmp_path, declared(clients=only, sources=sources), people=people)
    assert not tables["privacy"].astype(str).stack().str.contains("Schmidt").any()


def test_a_file_named_after_a_person_goes_by_the_name_of_its_source(tmp_path) -> None:
    put(tmp_path, {"Maria_Schmidt.csv": VISITS.replace("a,1,2,2", "a,1,2,9")})
    sources = {"people": {"path": "people.csv"}, "visits": {"path": "Maria_Schmidt.csv"}}
    dataset = declared(sources=sources)
    tables = read(tmp_path, dataset)
    for name in ("codebook", "flow", "privacy"):
        assert not tables[name].astype(str).stack().str.contains("Schmidt").any(), name
    assert "visits" in set(tables["codebook"]["file"])
    assert len(tables["conflicts"])
    counts = conflict_counts(tables["conflicts"], dataset)
    assert set(counts["source"]) == {"visits"}


def test_every_shipped_dataset_passes(repository) -> None:
    from attunement.study.dataset import load_dataset

    for file in sorted((repository / "data").glob("*/dataset.yaml")):
        assert guard_texts(load_dataset(file)) == []
