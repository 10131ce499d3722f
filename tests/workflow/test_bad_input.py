"""Every fatal fault through `attunement run`, twice.

Both runs end with one plain message for each faulty dataset and a status that is not zero; the
earlier releases stay as they were, and the other datasets of the run are published.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from workflow_studies import Told, attunement, made_once, published

pytestmark = pytest.mark.workflow


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def missing_file(data: Path) -> None:
    (data / "goals.csv").unlink()


def empty_file(data: Path) -> None:
    (data / "phq9.csv").write_text("", encoding="utf-8")


def header_only(data: Path) -> None:
    write_lines(data / "preferences.csv", lines_of(data / "preferences.csv")[:1])


def wrong_delimiter(data: Path) -> None:
    write_lines(
        data / "sessions.csv", [x.replace(",", ";") for x in lines_of(data / "sessions.csv")]
    )


def absent_column(data: Path) -> None:
    header, *rows = lines_of(data / "clients.csv")
    write_lines(data / "clients.csv", [header.replace("severity", "sevrity"), *rows])


def disagreeing_duplicates(data: Path) -> None:
    header, *rows = lines_of(data / "phq9.csv")
    second = rows[2].split(",")
    second[3] = "0" if second[3] != "0" else "3"
    write_lines(data / "phq9.csv", [header, *rows, ",".join(second)])


def two_therapists(data: Path) -> None:
    header, first, *rows = lines_of(data / "clients.csv")
    cells = first.split(",")
    cells[1] = "T01" if cells[1] != "T01" else "T02"
    write_lines(data / "clients.csv", [header, first, *rows, ",".join(cells)])


def unknown_key(data: Path) -> None:
    text = (data / "dataset.yaml").read_text(encoding="utf-8")
    (data / "dataset.yaml").write_text(text + "delivry: {}\n", encoding="utf-8")


@dataclass(frozen=True)
class Fault:
    spoil: Callable[[Path], None]
    file: str
    said: tuple[str, ...]


FAULTS = {
    "missing_file": Fault(missing_file, "goals.csv", ("is not there", "Put it there")),
    "empty_file": Fault(empty_file, "phq9.csv", ("is empty", "Put the data there")),
    "header_only": Fault(header_only, "preferences.csv", ("no row", "dataset.yaml")),
    "wrong_delimiter": Fault(wrong_delimiter, "sessions.csv", ("delimiter", "';'", "dataset.yaml")),
    "absent_column": Fault(
        absent_column, "clients.csv", ("column 'severity'", "nearest is 'sevrity'")
    ),
    "disagreeing_duplicates": Fault(
        disagreeing_duplicates, "phq9.csv", ("disagree", "2 rows", "first: row 4", "duplicates")
    ),
    "two_therapists": Fault(
        two_therapists, "clients.csv", ("2 rows", "first: row 2", "two_therapists")
    ),
    "unknown_key": Fault(unknown_key, "dataset.yaml", ("unknown key 'delivry'", "'delivery'")),
}


def name_dataset(data: Path) -> None:
    text = (data / "dataset.yaml").read_text(encoding="utf-8")
    (data / "dataset.yaml").write_text(
        text.replace("name: small", f"name: {data.name}", 1), encoding="utf-8"
    )


def with_listed_conflicts(data: Path) -> None:
    """Out of range, text in a number column, an unknown code: listed, and the run goes on."""
    header, *rows = lines_of(data / "phq9.csv")
    for place, (column, value) in enumerate([(2, "7"), (3, "often"), (4, "88")]):
        cells = rows[place].split(",")
        cells[column] = value
        rows[place] = ",".join(cells)
    write_lines(data / "phq9.csv", [header, *rows])


def without_preferences(data: Path) -> None:
    """Nothing is declared of preferences, delivery and endings."""
    kept, skipping = [], False
    for line in lines_of(data / "dataset.yaml"):
        if line and not line.startswith((" ", "#")):
            skipping = line.split(":")[0] in (
                "endings", "type_preferences", "preference", "delivery"
            )  # fmt: skip
        kept += [] if skipping or "instrument: cnip" in line else [line]
    write_lines(data / "dataset.yaml", kept)


@dataclass(frozen=True)
class Tried:
    folder: Path
    runs: list[Told]
    before: dict[str, str]
    after: list[dict[str, str]]


def try_all(small_study: Path, folder: Path) -> str:
    """Run all faulty datasets and two sound ones in one run, and in a second; tell it as JSON."""
    shutil.copytree(small_study, folder, dirs_exist_ok=True)
    for name, fault in FAULTS.items():
        shutil.copytree(folder / "data/small", folder / "data" / name)
        # What an earlier run left: private tables and a release.
        shutil.copytree(folder / "results/small", folder / "results" / name)
        name_dataset(folder / "data" / name)
        fault.spoil(folder / "data" / name)
    shutil.copytree(folder / "data/small", folder / "data/odd")
    name_dataset(folder / "data/odd")
    with_listed_conflicts(folder / "data/odd")
    without_preferences(folder / "data/odd")
    names = ["small", *FAULTS, "odd"]
    before = published(folder, *FAULTS)
    runs, after = [], []
    for _ in range(2):
        runs.append(attunement(folder, "run", "--no-workflow-report", "--cores", "2", *names))
        after.append(published(folder, *FAULTS))
    told = [(run.status, run.text) for run in runs]
    return json.dumps({"runs": told, "before": before, "after": after})


@pytest.fixture(scope="module")
def tried(small_study: Path, common_folder: Path) -> Tried:
    """What the two runs told and left; made once, however many processes test."""
    folder, text = made_once(common_folder, "bad", lambda place: try_all(small_study, place))
    told = json.loads(text)
    runs = [Told(status, said) for status, said in told["runs"]]
    return Tried(folder, runs, told["before"], told["after"])


@pytest.mark.parametrize("run", [0, 1], ids=["first", "second"])
def test_the_run_fails_without_a_traceback(tried: Tried, run: int) -> None:
    told = tried.runs[run]
    assert told.status == 1, told.text
    assert "Traceback" not in told.text
    assert "unforeseen" not in told.text
    assert len([x for x in told.text.splitlines() if x.startswith("FAILED")]) == len(FAULTS)


@pytest.mark.parametrize("run", [0, 1], ids=["first", "second"])
@pytest.mark.parametrize("name", FAULTS)
def test_the_message_says_where_and_what_to_do(tried: Tried, name: str, run: int) -> None:
    (message,) = (x for x in tried.runs[run].text.splitlines() if x.startswith(f"FAILED {name},"))
    assert FAULTS[name].file in message
    for part in FAULTS[name].said:
        assert part in message, message
    assert str(tried.folder) not in message


@pytest.mark.parametrize("run", [0, 1], ids=["first", "second"])
def test_the_earlier_releases_stay_byte_for_byte(tried: Tried, run: int) -> None:
    assert tried.before
    assert tried.after[run] == tried.before
    for name in FAULTS:
        assert f"The earlier release of {name} stays as it was." in tried.runs[run].text


def test_the_other_datasets_are_published(tried: Tried) -> None:
    page = (tried.folder / "results/index.html").read_text(encoding="utf-8")
    for name in ("small", "odd"):
        assert (tried.folder / "results" / name / "release/index.html").is_file()
        assert f"{name}/release/index.html" in page
    # The second run has nothing to do but to fail again.
    assert {name for name, _ in tried.runs[1].jobs} == set(FAULTS) - {"unknown_key"}
    assert {stage for _, stage in tried.runs[1].jobs} == {"ingest"}


def test_conflicts_that_are_listed_do_not_stop_a_run(tried: Tried) -> None:
    listed = pd.read_csv(tried.folder / "results/odd/private/ingest/conflicts.csv", dtype=str)
    spoiled = listed[listed["value"].isin(["7", "often", "88"])]
    assert spoiled["row"].tolist() == ["2", "3", "4"]
    assert (spoiled["action"] == "set missing").all()
    counts = tried.folder / "results/odd/release/conflict_counts.csv"
    assert pd.read_csv(counts)["n_rows"].notna().any()


def test_what_is_not_declared_is_not_estimable(tried: Tried) -> None:
    rows = pd.read_csv(tried.folder / "results/odd/release/estimates.csv", dtype=str)
    resting = rows[rows["scoring"].notna()]
    assert len(resting)
    assert (resting["status"] == "not estimable").all()
    assert (resting["reason"] == "no preferences recorded").all()


@pytest.mark.parametrize("line", ["sead: 1", "release: {smallest_cells: 1}", "seed: [}"])
def test_a_faulty_configuration_stops_all_in_plain_words(
    small_study: Path, tmp_path: Path, line: str
) -> None:
    folder = tmp_path / "a study"
    shutil.copytree(small_study, folder)
    config = folder / "config.yaml"
    key = line.split(":")[0]
    kept = [x for x in lines_of(config) if not x.startswith(f"{key}:")]
    write_lines(config, [*kept, line] if key != "release" else [line, *kept])
    before = published(folder)
    for _ in range(2):
        told = attunement(folder, "run")
        assert told.status == 1
        assert "config.yaml" in told.text
        assert "Traceback" not in told.text
        assert len(told.text.splitlines()) == 1
        assert published(folder) == before
