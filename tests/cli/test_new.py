"""`attunement new`: a draft is written from files where they lie, and leads to the same scores."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from attunement.cli.main import main
from attunement.ingest import ingest, obtain
from attunement.score.stage import score
from attunement.study.dataset import load_dataset
from attunement.study.instruments import load_instruments

sys.path.insert(0, str(Path(__file__).parents[1] / "ingest"))
import foreign

THERAPISTS = 4  # so many of the example's, so that the tests are fast
Tables = dict[str, pd.DataFrame]


@pytest.fixture
def project(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without datasets of its own, in which one stands."""
    home = tmp_path / "a study"
    shutil.copytree(repository / "data" / "instruments", home / "data" / "instruments")
    shutil.copyfile(repository / "config.yaml", home / "config.yaml")
    monkeypatch.chdir(home)
    return home


@pytest.fixture(scope="module")
def example(repository: Path) -> Tables:
    """The canonical tables of some therapists of the example, and their scores."""
    folder = repository / "data" / "example"
    dataset = load_dataset(folder / "dataset.yaml")
    instruments = load_instruments(repository / "data" / "instruments")
    tables = ingest(dataset, obtain(dataset, folder), instruments)
    chosen = tables["therapists"]["therapist"].head(THERAPISTS)
    clients = tables["clients"]
    clients = clients[clients["therapist"].isin(chosen).to_numpy(dtype=bool)]
    for name in ("clients", "sessions", "responses", "endings"):
        rows = tables[name]["client"].isin(clients["client"]).to_numpy(dtype=bool)
        tables[name] = tables[name][rows].reset_index(drop=True)
    return tables | score(tables, dataset, instruments, reliability=False)


def files_of(folder: Path, files: dict[str, str]) -> list[str]:
    paths = []
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
        paths.append(str(folder / name))
    return paths


PHQ = ",".join(f"phq9_{i}" for i in range(1, 10))
SMALL = f"client,session,{PHQ}\n" + "".join(
    f"{who},{when},{','.join(str((i + when + n) % 4) for i in range(9))}\n"
    for n, who in enumerate("abcdef")
    for when in range(3)
)


def answer(file: Path, **edits: str) -> None:
    """Edit a draft as its reader would: the old text, the new one."""
    text = file.read_text(encoding="utf-8")
    for old, new in edits.items():
        old = old.replace("__", ": ")
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def told(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores that are there, by client, session, instrument, rater and scale."""
    names = ["ors", "srs", "phq9", "cnip", "delivered_style"]
    keep = (scores["value"].notna() & scores["instrument"].isin(names)).to_numpy(dtype=bool)
    key = ["client", "session", "instrument", "rater", "scale"]
    some = scores.loc[keep, [*key, "value"]].astype(dict.fromkeys(key, "str"))
    return some.sort_values(key).reset_index(drop=True)


@pytest.mark.parametrize("layout", [foreign.german, foreign.workbook, foreign.spss_wide])
def test_the_example_in_a_foreign_layout_leads_to_the_same_scored_tables(
    project: Path, example: Tables, tmp_path: Path, layout: object
) -> None:
    paths = [str(path) for path in layout(example, tmp_path)]  # type: ignore[operator]
    assert main(["new", *paths, "--name", "clinic"]) == 0
    file = project / "data" / "clinic" / "dataset.yaml"
    answer(file, commensurable__false="commensurable: true")
    dataset = load_dataset(file)
    instruments = load_instruments(project / "data" / "instruments", file)
    tables = ingest(dataset, obtain(dataset, file.parent), instruments)
    assert tables["conflicts"].empty
    scored = score(tables, dataset, instruments, reliability=False)
    pd.testing.assert_frame_equal(told(scored["scores"]), told(example["scores"]))
    for name in ("dropout", "change"):
        pd.testing.assert_frame_equal(scored[name], example[name])


def test_nothing_is_copied_and_paths_are_whole(project: Path, tmp_path: Path) -> None:
    paths = files_of(tmp_path, {"visits.csv": SMALL})
    assert main(["new", *paths, "--name", "clinic"]) == 0
    assert [one.name for one in (project / "data" / "clinic").iterdir()] == ["dataset.yaml"]
    dataset = load_dataset(project / "data" / "clinic" / "dataset.yaml")
    assert dataset.sources["visits"].path == str((tmp_path / "visits.csv").resolve())


def test_the_summary_says_what_was_found_and_asked(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    main(["new", *files_of(tmp_path, {"visits.csv": SMALL}), "--name", "clinic"])
    said = capsys.readouterr().out
    assert "visits: visits.csv, 18 rows, 11 columns" in said
    assert "phq9 (client) in visits, session" in said
    assert "Which outcome is the primary one?" in said
    assert ".venv/bin/attunement check clinic" in said
    assert "\x1b" not in said
    assert max(map(len, said.splitlines())) <= 100


@pytest.mark.parametrize(("columns", "widest"), [("60", 60), ("80", 80), ("300", 100), ("", 80)])
def test_what_is_said_fits_into_the_terminal(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture, columns: str, widest: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", columns)
    path = files_of(tmp_path, {"visits.csv": SMALL})
    assert main(["new", *path, "--name", "clinic"]) == 0
    said = capsys.readouterr().out
    assert "Which outcome is the primary one? Choose before" in " ".join(said.split())
    assert widest - 25 < max(map(len, said.splitlines())) <= widest


def test_a_workbook_without_a_readable_sheet_stops(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for sheet in (book.active, book.create_sheet("ORS")):
        for row in (["Printed in March"], [], ["client", "session"], ["a", 1], ["b", 2]):
            sheet.append(row)
    book.save(tmp_path / "forms.xlsx")
    assert main(["new", str(tmp_path / "forms.xlsx"), "--name", "clinic"]) == 1
    said = capsys.readouterr().err
    assert "None of the 2 sheets can be read" in said
    assert "`skip_rows: 1`" in said
    assert not (project / "data" / "clinic").exists()


def test_a_dataset_yaml_is_never_overwritten(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    paths = files_of(tmp_path, {"visits.csv": SMALL})
    main(["new", *paths, "--name", "clinic"])
    file = project / "data" / "clinic" / "dataset.yaml"
    answer(file, title__Clinic="title: Mine")
    mine = file.read_text(encoding="utf-8")
    assert main(["new", *paths, "--name", "clinic"]) == 1
    assert "--replace" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == mine
    assert main(["new", *paths, "--name", "clinic", "--replace"]) == 0
    assert (file.parent / "dataset.before_1.yaml").read_text(encoding="utf-8") == mine
    assert "title: Clinic" in file.read_text(encoding="utf-8")
    assert main(["new", *paths, "--name", "clinic", "--replace"]) == 0
    assert (file.parent / "dataset.before_2.yaml").exists()


def test_identifiers_are_dropped_and_never_printed(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    people = "Chiffre;Nachname;E-Mail;PLZ;Alter;Therapeut\n" + "".join(
        f"{who};Ottokarsson{who};{who}@example.org;2009{n};{30 + n};T1\n"
        for n, who in enumerate("abcdef")
    )
    paths = files_of(tmp_path, {"visits.csv": SMALL, "Klienten.csv": people})
    assert main(["new", *paths, "--name", "clinic"]) == 0
    said = capsys.readouterr().out
    text = (project / "data" / "clinic" / "dataset.yaml").read_text(encoding="utf-8")
    source = yaml.safe_load(text)["sources"]["klienten"]
    assert {"Nachname", "E-Mail", "PLZ"} <= set(source["drop"])
    assert "# because Nachname: name" in text
    for value in ("Ottokarsson", "example.org", "20091"):
        assert value not in text
        assert value not in said
    assert main(["check", "clinic"]) == 0
    assert "Ottokarsson" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "advice"), [("My Clinic", "my_clinic"), ("instruments", "choose another"), ("9", "9")]
)
def test_names_that_cannot_be(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture, name: str, advice: str
) -> None:
    paths = files_of(tmp_path, {"visits.csv": SMALL})
    assert main(["new", *paths, "--name", name]) == 1
    assert advice in capsys.readouterr().err


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (["no.csv"], "not there"),
        (["visits.csv", "visits.csv"], "named twice"),
        (["."], "folder"),
        (["report.pdf"], "cannot be read"),
        (["empty.csv"], "empty"),
    ],
)
def test_files_that_cannot_be_read(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture, files: list[str], says: str
) -> None:
    files_of(tmp_path, {"visits.csv": SMALL, "empty.csv": ""})
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7\n\x00\x01")
    paths = [str(tmp_path / name) for name in files]
    assert main(["new", *paths, "--name", "clinic"]) == 1
    assert says in capsys.readouterr().err
    assert not (project / "data" / "clinic").exists()


def test_a_draft_that_is_not_complete_says_so(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    paths = files_of(tmp_path, {"colours.csv": "id,colour\na,red\nb,blue\nc,red\n"})
    assert main(["new", *paths, "--name", "clinic"]) == 0
    assert "not complete yet" in capsys.readouterr().out
    assert main(["check", "clinic"]) == 1
    assert "This would not run" in capsys.readouterr().out


def test_a_redcap_dictionary_beside_the_data_labels_codes(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *rows = SMALL.splitlines()
    data = "\n".join([f"{head},end_reason", *(f"{row},{ord(row[0]) % 2 + 1}" for row in rows)])
    words = (
        "Variable / Field Name,Form Name,Field Type,Field Label,"
        '"Choices, Calculations, OR Slider Labels"\n'
        'end_reason,discharge,radio,How did it end?,"1, Completed | 2, Dropped out"\n'
    )
    paths = files_of(tmp_path, {"visits.csv": data + "\n", "clinic_DataDictionary.csv": words})
    assert main(["new", *paths, "--name", "clinic"]) == 0
    text = (project / "data" / "clinic" / "dataset.yaml").read_text(encoding="utf-8")
    assert "'2': dropped_out  # Dropped out" in text
    assert "A data dictionary lies beside the data" in text
    assert "it labels the codes of 1 column(s)" in " ".join(capsys.readouterr().out.split())
