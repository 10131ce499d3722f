"""Titles and notes above the names of columns: seen by `new`, passed over where declared."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from attunement.cli.inspect_files import read_files
from attunement.ingest.readers.formats import read_file
from attunement.ingest.readers.headers import rows_above
from attunement.study.problems import StudyError
from attunement.study.sources import Source

ROWS = [["client", "session", "ors_1"], ["a", 1, 4.5], ["a", 2, 6], ["b", 1, 3.5]]
TITLES = [["Outcome of 2023; all sites"], [], ["Printed", "in March"]]
NUMBERS = [5, 6, 7]  # of the rows of data, as a spreadsheet shows them


def as_text(path: Path, rows: list[list[object]], delimiter: str = ";") -> Path:
    lines = [delimiter.join(f'"{x}"' if delimiter in str(x) else str(x) for x in r) for r in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def as_workbook(path: Path, *sheets: list[list[object]]) -> Path:
    book = Workbook()
    for place, rows in enumerate(sheets):
        sheet = book.active if place == 0 else book.create_sheet(f"More {place}")
        for row in rows:
            sheet.append(row)
    book.active.merge_cells("A1:C1")
    book.save(path)
    return path


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_text_below_titles(tmp_path: Path, delimiter: str) -> None:
    path = as_text(tmp_path / "forms.csv", TITLES + ROWS, delimiter)
    ((_, fields, raw),), _ = read_files([path])
    assert fields["skip_rows"] == 3
    assert list(raw.frame.columns) == ROWS[0]
    assert list(raw.frame.index) == NUMBERS
    assert raw.frame["ors_1"].tolist() == ["4.5", "6", "3.5"]


def test_sheets_below_titles(tmp_path: Path) -> None:
    path = as_workbook(tmp_path / "forms.xlsx", TITLES + ROWS, ROWS)
    (one, other), left_out = read_files([path])
    assert not left_out
    assert one[1]["skip_rows"] == 3
    assert "skip_rows" not in other[1]
    assert list(one[2].frame.index) == NUMBERS
    assert one[2].frame["ors_1"].tolist() == other[2].frame["ors_1"].tolist() == [4.5, 6, 3.5]


def test_titles_above_three_header_rows_of_a_survey(tmp_path: Path) -> None:
    header = [["id", "Q1", "Q2"], ["Who?", "How?", "When?"], ['{"ImportId":"a"}'] * 3]
    rows = [["Export"], *header, ["a", 1, 2], ["b", 2, 2]]
    path = tmp_path / "survey.csv"
    path.write_text("\n".join(";".join(map(str, row)) for row in rows), encoding="utf-8")
    ((_, fields, raw),), _ = read_files([path])
    assert (fields["skip_rows"], fields["header_rows"]) == (1, 3)
    assert raw.titles["Q1"] == "How?"
    assert list(raw.frame.index) == [5, 6]


def test_undeclared_titles_stop_with_what_to_declare(tmp_path: Path) -> None:
    text = as_text(tmp_path / "f.csv", [["Outcome", "2023"], *ROWS])
    book = as_workbook(tmp_path / "f.xlsx", [["Outcome", "2023"], *ROWS])
    for path in (text, book):
        with pytest.raises(StudyError, match=r"skip_rows: 1") as told:
            read_file(path, Source(path=str(path), delimiter=";"))
        assert "Where titles or notes stand above the names" in str(told.value)


@pytest.mark.parametrize("name", ["f.csv", "f.xlsx"])
def test_more_rows_skipped_than_there_are(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    (as_text if name.endswith("csv") else as_workbook)(path, ROWS)
    with pytest.raises(StudyError, match=r"Nothing stands below the 9 row") as told:
        read_file(path, Source(path=str(path), delimiter=";", skip_rows=9))
    assert "skip_rows" in str(told.value)


@pytest.mark.parametrize(
    ("rows", "above"),
    [
        (ROWS, 0),
        ([[], *ROWS], 0),  # blank rows are passed over anyway
        ([["Report"], *ROWS], 1),
        ([["Report"], ["", None, " "], *ROWS], 2),
        ([["Report", "2023"], *ROWS], 1),
        ([["a", "b", "c"], *ROWS], 0),  # three words may be names
        ([["id"], ["a"], ["b"]], 0),
        ([["Report"], ["a", 1, 2], ["b", 2, 3]], 0),  # no names below: it is refused as data
        ([["id", "n"], ["a", 1], ["b", 2]], 0),
        ([["id", "x"], ["a", 1, "a remark", 7], ["b", 2], ["c", 3]], 0),
        ([["Site", "North"], ["few", "words", "here"], *[["b"] * 9] * 5], 0),
    ],
)
def test_how_many_rows_stand_above(rows: list[list[object]], above: int) -> None:
    assert rows_above(list(enumerate(rows, 1))) == above
