"""Words for codes: a name or an address is one there too, a label of a category is none."""

import pytest
from ingest_builders import declared, read

from attunement.ingest.privacy.identifiers import look_at_labels
from attunement.study.problems import StudyError

NAMED = [
    "Maria Schmidt",
    "#4720135",
    "ID: 4720136",
    "born 12.03.1972",
    "x(a)gmx.de",
    "Иван Петров",
    "+44 7700 900123",
    "j.doe@nhs.net",
    "Dr. Okonkwo",
    "www.example.org",
]
CLEAN = {
    "arm": ["usual care", "Cognitive Therapy", "Person Centred"],
    "phq9_1": ["Not at all", "Several days", "More than half the days", "Nearly every day"],
    "religion": ["Christian", "Muslim", "None"],
    "gender": ["man", "vrouw", "anders"],
    "employment": ["Full Time", "Part Time", "Unemployed", "Retired"],
    "site": ["Leeds", "London"],
    "income": ["below 1500000", "1000000 to 2000000", "2000000+"],
    "clinic": ["Klinik Nord GmbH", "Praxis am Markt"],
    "phase": ["T1", "T2", "6 months"],
}


@pytest.mark.parametrize("word", NAMED)
def test_an_identifier_among_words_for_codes_is_found(word):
    found = look_at_labels({"q17": ["agree", word, "disagree"]})
    assert [(one.column, one.by, one.n_rows) for one in found] == [("q17", "labels", 1)]


def test_words_of_a_column_of_a_joined_source_are_looked_at(tmp_path):
    covariate = {
        "column": "who",
        "kind": "category",
        "meaning": "helper",
        "levels": ["x@y.de", "no"],
    }
    clients = {"source": "both", "columns": {"client": "id"}, "covariates": {"helper": covariate}}
    sources = {"people": {"path": "people.csv"}, "visits": {"path": "visits.csv"}}
    both = {"both": {"join": ["visits", "people"], "by": "id"}}
    with pytest.raises(StudyError, match=r"column 'who': email \(by its labels"):
        read(tmp_path, declared(sources=sources | both, clients=clients))


def test_a_column_of_unknown_names_is_found():
    words = ["Chidi Okonkwo", "Tove Brask", "Ilse Vaart", "Quin Dorlet", "Pel Gundrisch",
             "Naa Torrevo", "Klo Sterdin", "Zer Hulmot", "Wim Ostervel", "Jel Castrin"]  # fmt: skip
    assert [one.kind for one in look_at_labels({"q17": words})] == ["name"]


@pytest.mark.parametrize("name", CLEAN)
def test_labels_of_categories_are_none(name):
    assert look_at_labels({name: CLEAN[name]}) == []


def test_numbers_and_missing_words_are_passed_over():
    assert look_at_labels({"x": [1, 2.0, None, True], "y": []}) == []
