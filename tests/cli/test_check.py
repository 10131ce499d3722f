"""`attunement check`: the report of a colleague, which reads well in a plain log."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from attunement.cli import check_doubts
from attunement.cli.main import main
from attunement.study.instruments import load_instruments

SECTIONS = [
    "Files read", "People", "Measures", "Endings and dropout", "Conflicts", "Privacy",
    "What can be estimated", "What to do next",
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("beat_the_blues", "instruments"):
        shutil.copytree(repository / "data" / folder, tmp_path / "data" / folder)
    shutil.copyfile(repository / "config.yaml", tmp_path / "config.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


ITEMS = ",".join(f"phq9_{i}" for i in range(1, 10))
YAML = """
name: clinic
title: Clinic
about: made up
is_not: real
licence: none
missing_codes: ["99"]
sources: {visits: {path: visits.csv}}
time: {unit: session, per: 10}
clients: {source: visits, columns: {client: client, therapist: therapist}}
sessions: {source: visits, columns: {client: client, session: session}}
responses:
  # QUESTION 1: Was it so?
  - {source: visits, instrument: phq9, rater: client, client: client, session: session,
     items: "phq9_{item}"}
outcomes: {primary: phq9.total}
dropout: {fewer_than_n_sessions: 3}
"""


def clinic(project: Path, **damage: str) -> Path:
    """A small clinic; `damage` replaces texts of its file."""
    folder = project / "data" / "clinic"
    folder.mkdir(parents=True)
    lines = [f"client,therapist,session,{ITEMS},colour"]
    for n, who in enumerate("abcdefgh"):
        for when in range(3 if n % 2 else 2):
            answers = ",".join(str((i * n + when) % 4) for i in range(9))
            lines.append(f"{who},t{n % 2},{when},{answers},red")
    text = "\n".join(lines) + "\n"
    for old, new in damage.items():
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "visits.csv").write_text(text, encoding="utf-8")
    (folder / "dataset.yaml").write_text(YAML, encoding="utf-8")
    return folder


def report(capsys: pytest.CaptureFixture, name: str, code: int) -> str:
    capsys.readouterr()
    assert main(["check", name]) == code
    said = capsys.readouterr()
    assert said.err == ""
    assert "\x1b" not in said.out
    assert "Traceback" not in said.out
    return str(said.out)


def test_the_report_has_its_sections_in_order(project: Path, capsys: pytest.CaptureFixture) -> None:
    clinic(project)
    said = report(capsys, "clinic", 0)
    heads = [line for line in said.splitlines() if line in SECTIONS]
    assert heads == SECTIONS
    assert max(map(len, said.splitlines())) <= 100


def test_days_and_ages_of_the_example_are_told(
    project: Path, repository: Path, capsys: pytest.CaptureFixture
) -> None:
    shutil.copytree(repository / "data" / "example", project / "data" / "example")
    said = report(capsys, "example", 0)
    assert "dates that become days: sessions.day, responses.day, endings.last_day (date)" in said
    assert "kept: clients.age (age above 89: nobody)" in said
    assert "168 of 625 clients are alone with their values" in said
    assert "what could be estimated" not in said and "trajectory: yes, on up to" in said


def test_it_counts_what_was_found(project: Path, capsys: pytest.CaptureFixture) -> None:
    clinic(project)
    said = report(capsys, "clinic", 0)
    assert "visits: visits.csv, 20 rows, 13 columns" in said
    assert "not used: colour" in said
    assert "8 clients of 2 therapists (4 to 4 each)" in said
    assert "20 sessions of 8 clients: median 2.5 each, from 2 to 3 (all that" in said
    assert "attended, intake not counted, as table 1 has it: 12 sessions, mean 1.5 each" in said
    assert "phq9 (Patient Health Questionnaire-9), by the client [primary outcome]" in said
    assert "scores total: n = 20" in said
    assert "none: every value was taken as it stands" in said
    assert "1 question(s) are still open" in said


def test_conflicts_are_told_with_their_first_rows(
    project: Path, capsys: pytest.CaptureFixture
) -> None:
    # The second row: item 1 out of range, item 2 no number.
    clinic(project, **{"a,t0,1,1,1": "a,t0,1,7,many"})
    said = report(capsys, "clinic", 0)
    assert "1 x outside the possible range" in said
    assert "visits.csv, phq9_1: 1 (row 3); set missing; possible is 0 to 3" in said
    assert "visits.csv, phq9_2: 1 (row 3); set missing; not a number" in said


def test_each_reason_is_told_with_its_own_rows(capsys: pytest.CaptureFixture) -> None:
    cells = [(22, "the year lies outside 1900 to 2100"), (23, "there is no such day")]
    table = pd.DataFrame(
        [("visits.csv", "day", row, "impossible date", "set missing", why) for row, why in cells],
        columns=["source", "column", "row", "kind", "action", "detail"],
    )
    check_doubts.conflicts(table)
    said = " ".join(capsys.readouterr().out.split())
    assert "day: 1 (row 22); set missing; the year lies outside 1900 to 2100" in said
    assert "day: 1 (row 23); set missing; there is no such day" in said


def test_it_says_what_cannot_be_estimated_and_why(
    project: Path, capsys: pytest.CaptureFixture
) -> None:
    clinic(project)
    said = " ".join(report(capsys, "clinic", 0).split())
    assert "not: what clients wanted: no preferences recorded" in said
    assert "growth: no." in said
    assert "not estimable: no preferences recorded" in said
    assert "judged by the therapist not estimable: no therapist judgement recorded" in said
    assert "trajectory: yes, on up to 20 rows of 8 clients" in said
    assert "What clients of one therapist have in common is left out" in said
    assert "therapist_differences: no." in said
    assert "not estimable: 2 therapists; a variance between them needs 5" in said
    assert "process: no." in said
    assert "not estimable: the dataset names no measures of the session" in said
    assert "type_outcome: no." in said
    about_types = said.split("type_outcome: no.")[1].split("type_dropout")[0]
    assert "no preferences for a type of therapy recorded" in about_types
    assert "whether something separates events from non-events, is told by the run" in said


def test_a_real_dataset_of_another_kind(project: Path, capsys: pytest.CaptureFixture) -> None:
    said = report(capsys, "beat_the_blues", 0)
    assert "no therapists recorded" in said
    assert "bdi2" in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("phq9_{item}", "phq8_{item}"), "phq8_1"),
        (("name: clinic", "name: praxis"), "praxis"),
        (("visits.csv", "vists.csv"), "not there"),
        (("outcomes:", "outcome:"), "outcomes"),
        (("instrument: phq9", "instrument: phq10"), "phq9"),
    ],
)
def test_what_would_not_run_ends_in_one_message(
    project: Path, capsys: pytest.CaptureFixture, change: tuple[str, str], says: str
) -> None:
    file = clinic(project) / "dataset.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(*change), encoding="utf-8")
    said = report(capsys, "clinic", 1)
    assert "This would not run" in said
    assert says in said
    assert "attunement check clinic" in said


def test_a_name_that_nobody_knows(project: Path, capsys: pytest.CaptureFixture) -> None:
    said = report(capsys, "beat_the_blue", 1)
    assert "Did you mean 'beat_the_blues'?" in " ".join(said.split())


def test_nothing_is_written(project: Path, capsys: pytest.CaptureFixture) -> None:
    clinic(project)
    before = sorted(str(path) for path in project.rglob("*"))
    report(capsys, "clinic", 0)
    assert sorted(str(path) for path in project.rglob("*")) == before


@pytest.mark.parametrize(("sign", "asked"), [(1, False), (-1, True)])
def test_wishes_and_sessions_that_go_apart_are_asked_about(
    sign: int, asked: bool, capsys: pytest.CaptureFixture
) -> None:
    wanted = [((n * 7) % 11 - 5) / 5 for n in range(40)]
    who = [f"c{n}" for n in range(40)]
    both = {"client": who, "dimension": "td_cd"}
    tables = {
        "preferences": pd.DataFrame(both | {"from_session": 0, "preference": wanted}),
        "delivery": pd.DataFrame(both | {"session": 1, "delivery": [sign * one for one in wanted]}),
    }
    declared = SimpleNamespace(delivery=SimpleNamespace(commensurable=True))
    check_doubts.poles(declared, tables)
    said = " ".join(capsys.readouterr().out.split())
    assert ("r = -1.00" in said and "40 clients" in said) == asked
    assert ("Are the poles the same way round on both forms?" in said) == asked
    declared.delivery.commensurable = False
    check_doubts.poles(declared, tables)
    assert capsys.readouterr().out == ""


def test_a_form_without_its_lowest_answer_is_doubted(
    repository: Path, capsys: pytest.CaptureFixture
) -> None:
    instruments = load_instruments(repository / "data/instruments")
    answers = pd.DataFrame({"instrument": "phq9", "value": [1.0, 2.0, 3.0] * 40})
    check_doubts.lowest({"responses": answers}, instruments)
    said = " ".join(capsys.readouterr().out.split())
    assert "phq9: none of 120 answers is 0, the lowest; they go from 1 to 3" in said
    for sound in (answers.assign(value=[0.0, 2.0, 3.0] * 40), answers.head(60)):
        check_doubts.lowest({"responses": sound}, instruments)
        assert capsys.readouterr().out == ""
