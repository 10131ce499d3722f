"""The file's own words for codes and columns: persons in them are found, answers are none."""

import ast
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from ingest_builders import FILES, declared, put

from attunement.cli.inspect_files import inspect
from attunement.ingest.privacy.door import guard
from attunement.ingest.privacy.identifiers import look_at_labels, look_at_titles
from attunement.ingest.readers.obtain import obtain
from attunement.ingest.readers.raw import Raw
from attunement.study.problems import StudyError

NAMED = [
    "Case 120374-1234",
    "see 131052-308T",
    "123.456.789-09",
    "CPF 123.456.789-09",
    "(11) 95046-3892",
    "Tlf. 20 12 34 56",
    "call 8 (993) 527-93-22",
    "M.S. 1974",
    "other: M. S., f 1974",
    "seen by Zsofia",
    "John (age 44)",
    "Maria, 31",
    "Room 4 Maria",
    "other: told of her divorce and her boss Tom",
    "other: lives with Thomas",
]
# As they stand in files of several languages, one line each.
ANSWERS = """
Not at all; Several days; More than half the days; Nearly every day; Only occasionally; Often
gar nicht; an einzelnen Tagen; an mehr als der Hälfte der Tage; 7 Tage; beinahe jeden Tag; Ledig
trifft überhaupt nicht zu; Verheiratet (zusammenlebend); Lebensgefährte; seit 3 Monaten; 5 Tage (32)
Jamais; Plusieurs jours; Plus de la moitié du temps; Presque tous les jours; À Noël; Célibataire
Nunca; Varios días; Más de la mitad de los días; Casi cada día; Soltera, con Dolores de cabeza
Helemaal niet; Meerdere dagen; Bijna elke dag; Gehuwd, 2 kinderen; Gescheiden (leeftijd 44)
Per niente; Alcuni giorni; Quasi ogni giorno; Slet ikke; Flere dage; Ei lainkaan; Useina päivinä
0-10; 18-24; 25 to 34 years; 1000000 to 2000000; 5 10 15 20 25 30; 2019/20; Q1 2021; May 2021
up to 25000 EUR; 100 000 - 250 000; more than 12345678; 1 2 3 4 5
CBT; Person-centred (Rogers 1957); Beck 1979 protocol; U.S. 1974; DSM-5 296.32; ICD-10 F32.1
St. Maria Hospital; Klinik St. Josef; Maria-Hilf; Room 4
Seen by psychiatrist; Seen by GP; seen by nurse; Referred by Family Doctor; Seen by Crisis Team
Christian (Roman Catholic); Other Christian; No Frank answer; Adult (age 18); Children, 12; Grade 9
Step 2 (sessions 6 - 8); Dose 20/40 mg; Version 2.0.1 (2014); 12.5 mg; Week 12; T1 (12 weeks)
PHQ-9 (0-27), GAD-7 (0-21); Tier 1; Band 5; F 41.1; Arm A, Dean of School
"""
QUESTIONS = [
    "How old are you?",
    "In this session the therapist was ... - directive",
    "Over the last 2 weeks, how often have you been bothered by feeling down, depressed, hopeless?",
    "Beck Depression Inventory II, item 9",
    "Hospital Anxiety and Depression Scale (Zigmond & Snaith 1983)",
    "Baseline assessment 12.03.2021",
    "Anna is sad after a quarrel with Tom. How much do you agree that she calls Maria Schmidt?",
    "If you feel unsafe, call the Samaritans on 0800 1110000 or write to help@example.org, then go "
    "on to the next page of this survey",
    "Date of birth (DD.MM.YYYY)",
    "Alter in Jahren",
    "Severity",
    "Wie stark fühlten Sie sich heute verstanden? - Sehr",
    "PHQ-9 total score at session 12",
    "Score 0 10 20 30 40 50 60 70 80 90 100",
    "Client ID (pseudonym)",
    "Working Alliance Inventory - Short Revised: Bond",
]
TITLES = {
    "Maria Schmidt 12.03.1974": "name",
    "Severity (ask Maria Schmidt, tel 0171 1234567)": "phone",
    "DOB 12.03.1974": "date",
    "geb. 12.03.1974": "date",
    "born 4 May 1961": "date",
    "remark of maria.schmidt@web.de": "email",
    "Case 120374-1234": "national number",
    "M.S. 1974": "name",
}


@pytest.mark.parametrize("word", NAMED)
def test_a_person_within_a_label_is_found(word: str) -> None:
    found = look_at_labels({"q17": ["agree", word, "disagree"]})
    assert [(one.by, one.n_rows) for one in found] == [("labels", 1)]


@pytest.mark.parametrize("line", ANSWERS.strip().splitlines())
def test_answers_are_none(line: str) -> None:
    assert look_at_labels({"q17": re.split("; ?", line)}) == []


def _texts(content) -> list[str]:
    if isinstance(content, dict):
        return [text for key, one in content.items() if key != "source" for text in _texts(one)]
    if isinstance(content, list):
        return [text for one in content for text in _texts(one)]
    return [content] if isinstance(content, str) else []


def test_words_of_instruments_and_of_foreign_files_are_none(repository: Path) -> None:
    for file in sorted((repository / "data" / "instruments").glob("*.yaml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        shown = {
            key: content[key] for key in ("name", "scales", "items", "response") if key in content
        }
        texts = _texts(shown)
        assert look_at_labels({"q17": texts}) == [], file.name
        assert look_at_titles({str(k): text for k, text in enumerate(texts)}) == [], file.name
    tree = ast.parse((repository / "tests" / "ingest" / "foreign.py").read_text(encoding="utf-8"))
    words = [
        one.value
        for table in ast.walk(tree)
        if isinstance(table, ast.Dict)
        for one in table.values
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    assert len(words) > 5
    assert look_at_labels({"q17": words}) == []


@pytest.mark.parametrize("title", TITLES)
def test_a_title_that_points_at_somebody_is_found(title: str) -> None:
    found = look_at_titles({"q17": title, "q18": "Severity"})
    assert [(one.column, one.kind, one.by) for one in found] == [("q17", TITLES[title], "title")]


@pytest.mark.parametrize("title", QUESTIONS)
def test_a_question_is_none(title: str) -> None:
    assert look_at_titles({"q17": title}) == []


def _with_titles(tmp_path, **titles: str) -> dict[str, Raw]:
    sources = obtain(declared(), put(tmp_path, FILES))
    frame = sources["visits"].frame
    return sources | {"visits": Raw("visits.sav", frame, titles)}


def test_titles_are_looked_at_at_the_door_and_never_repeated(tmp_path) -> None:
    sources = _with_titles(tmp_path, mood_1="Maria Schmidt 12.03.1974", mood_2="Mood, item 2")
    with pytest.raises(StudyError, match=r"column 'mood_1': name \(by its label in") as caught:
        guard(declared(), sources)
    assert "Schmidt" not in str(caught.value)
    reason = {"visits.mood_1": "a name made up for training"}
    record = guard(declared(privacy={"allow": reason}), sources)
    assert record["decision"].tolist() == ["allowed"]


@pytest.mark.parametrize(
    "heading",
    ["note maria.schmidt@web.de", "DOB 12.03.1974", "Mette Nielsen", "tel 0171 1234567",
     "120374-1234", "Maria_Schmidt"],
)  # fmt: skip
def test_a_heading_that_nothing_declares_is_refused_too(tmp_path, heading: str) -> None:
    sources = obtain(declared(), put(tmp_path, FILES))
    frame = sources["visits"].frame
    odd = {"visits": Raw("visits.csv", frame.assign(**{heading: 0}))}
    with pytest.raises(StudyError, match="by its name itself"):
        guard(declared(), sources | odd)
    plain = {"visits": Raw("visits.csv", frame.assign(**{"2021-03-05": 0, "visit 12.03.2021": 1}))}
    assert guard(declared(), sources | plain).empty


def test_a_draft_copies_no_title_that_points_at_somebody() -> None:
    frame = pd.DataFrame(
        {
            "client": [f"C{k // 3}" for k in range(60)],
            "session": [k % 3 + 1 for k in range(60)],
            "severity": [k % 7 + 0.5 for k in range(60)],
            "age": [20 + k // 3 for k in range(60)],
        }
    )
    titles = {"severity": "Severity (ask Maria Schmidt, tel 0171 1234567)", "age": "Age in years"}
    parts = [("visits", {"path": "visits.sav"}, Raw("visits.sav", frame, titles))]
    draft, _ = inspect("clinic", parts, {})
    told = str(draft.content) + str(draft.questions)
    assert "Age in years" in told
    assert "Schmidt" not in told and "0171" not in told
    assert "'severity' of visits hold a direct identifier" in str(draft.questions)
