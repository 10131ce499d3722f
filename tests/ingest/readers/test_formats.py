"""Each format gives the same cells; each fault of a file is one message that says what to do."""

import datetime as dt

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from attunement.ingest.readers.formats import read_file
from attunement.ingest.readers.sniffing import sniff
from attunement.study.problems import StudyError
from attunement.study.sources import Source

LABELS = {"x": {1: "low", 99.0: "refused"}}


def source(path, **form):
    return Source(path=str(path), **form)


def cells(path, **form):
    return read_file(path, source(path, **form))


def fault(path, **form):
    with pytest.raises(StudyError) as caught:
        cells(path, **form)
    assert path.name in str(caught.value)
    return str(caught.value)


def book(path, *sheets, **named):
    """A workbook of sheets, each a list of rows."""
    whole = openpyxl.Workbook()
    whole.remove(whole.active)
    for title, rows in list(enumerate(sheets)) + list(named.items()):
        sheet = whole.create_sheet(str(title))
        for row in rows:
            sheet.append(row)
    whole.save(path)
    return path


# Text


def test_tab_files_bom_and_utf16(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_bytes(b"\xef\xbb\xbfid\tn\r\n01\t1,5\r\n\r\n02\t\r\n")
    raw = cells(path)
    assert raw.frame.to_numpy().tolist() == [["01", "1,5"], ["02", ""]]
    assert list(raw.frame.index) == [2, 4]
    wide = tmp_path / "b.csv"
    wide.write_bytes("id,n\nä,1\n".encode("utf-16"))
    assert cells(wide, encoding="utf-16").frame.loc[2, "id"] == "ä"
    assert "encoding: utf-16" in fault(wide)
    wide.write_bytes("id,n\na,1\n".encode("utf-16-le"))
    assert "holds zero bytes" in fault(wide)


def test_an_encoding_that_does_not_fit_names_another(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,n\n\x81,1\n")
    assert "encoding: cp1252" in fault(path)
    assert "encoding: latin-1" in fault(path, encoding="cp1252")
    path.write_bytes(b"\xef\xbb\xbfid,n\na,1\n")
    assert list(cells(path, encoding="utf-8").frame.columns) == ["id", "n"]


def test_the_quick_and_the_slow_way_agree(tmp_path):
    path = tmp_path / "a.csv"
    plain = 'id,note\n"a","x, ""y""\nz"\n,\nb,\n'
    path.write_text(plain)
    quick = cells(path).frame
    path.write_text(plain + 'c,5" nail\n')  # a mark out of place: the slow way
    slow = cells(path).frame
    assert slow.loc[[2, 4]].equals(quick)
    assert list(slow.index) == [2, 4, 5]
    assert slow.loc[5, "note"] == '5" nail'
    path.write_text('id,note\na,"b\nc,"d\n')
    assert "cannot be split into columns" in fault(path)


def test_three_header_rows_of_qualtrics(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text(
        'ResponseId,Q1\nResponse ID,"How are you,\ntoday?"\n'
        '"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"\nR_1,2\nR_2,3\n'
    )
    raw = cells(path, header_rows=3)
    assert raw.titles == {"ResponseId": "Response ID", "Q1": "How are you,\ntoday?"}
    assert raw.frame["Q1"].tolist() == ["2", "3"] and list(raw.frame.index) == [4, 5]
    for rows in (1, 2):
        assert "Declare `header_rows: 3`" in fault(path, header_rows=rows)
    assert sniff(path)["header_rows"] == 3
    rows = [
        ["id", "Q1"],
        ["Response ID", "How?"],
        ['{"ImportId":"a"}', '{"ImportId":"b"}'],
        ["R", 2],
    ]
    excel = book(tmp_path / "survey.xlsx", rows)
    assert "Declare `header_rows: 3`" in fault(excel)
    assert cells(excel, header_rows=3).frame["Q1"].tolist() == [2]


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("id;n;m\na;1,5;2\nb;2,5;3\n", {"delimiter": ";", "decimal": ",", "encoding": "utf-8-sig"}),
        ("id\tn\na\t1.5\n", {"delimiter": "\t", "decimal": "."}),
        ("id,n\na,1.5\nb,2\n", {"delimiter": ",", "decimal": ".", "header_rows": 1}),
        ("id|größe\na|1\n".encode("cp1252"), {"delimiter": "|", "encoding": "cp1252"}),
        (b"id,n\n\x81,1\n", {"delimiter": ",", "encoding": "latin-1"}),
        ("id,größe\na,1\n".encode("utf-16"), {"delimiter": ",", "encoding": "utf-16"}),
    ],
)
def test_sniffing_text(tmp_path, content, form):
    path = tmp_path / "a.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = sniff(path)
    assert found["format"] == "text"
    assert {key: found[key] for key in form} == form
    # What is found is what reads the file.
    assert len(cells(path, **found).frame)


def test_a_text_has_no_sheets(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id\na\n")
    assert "the file is delimited text: it has none" in fault(path, sheet="Clients")


# Excel


def test_a_sheet_in_its_types(tmp_path):
    day = dt.datetime(2021, 3, 4)
    path = book(
        tmp_path / "a.xlsx",
        [
            [None, None, None],
            ["id", "n", "when", "came", "mixed", "blank"],
            ["007", 1.5, day, True, 7, None],
            [None],
            ["b", 2, None, None, "A7", None],
            ["c", None, day, False, 1.5, None],
        ],
    )
    frame = cells(path, decimal=",").frame
    assert list(frame.index) == [3, 5, 6]
    assert frame["id"].tolist() == ["007", "b", "c"]
    assert frame["n"].tolist()[:2] == [1.5, 2] and np.isnan(frame["n"].iloc[2])
    assert frame["when"].dt.date.tolist()[0] == day.date()
    assert frame["came"].tolist()[::2] == [True, False]
    assert frame["mixed"].tolist() == ["7", "A7", "1,5"]
    assert frame["blank"].isna().all()


def test_sheets_are_named(tmp_path):
    path = book(tmp_path / "a.xlsx", People=[["id"], ["a"]], Visits=[["id", "n"], ["a", 1]])
    assert "has 2 sheets: 'People', 'Visits'" in fault(path)
    assert "has no sheet 'visits'" in fault(path, sheet="visits")
    assert cells(path, sheet="Visits").frame["n"].tolist() == [1]
    assert sniff(path) == {"format": "xlsx", "sheets": ["People", "Visits"]}


def test_formulas_need_a_stored_value(tmp_path):
    path = book(tmp_path / "a.xlsx", [["id", "n"], ["a", "=1+1"], ["b", 3]])
    message = fault(path)
    assert "1 formula(s) have no stored value (B2)" in message and "save it" in message


def test_merged_and_nameless_cells_are_refused(tmp_path):
    path = book(tmp_path / "a.xlsx", [["id", "mood", None], ["a", 1, 2]])
    assert "Column C has no name in row 1" in fault(path)
    whole = openpyxl.load_workbook(path)
    whole.active.merge_cells("B1:C1")
    whole.save(path)
    assert "B1:C1: only one cell" in fault(path)
    # The row numbers that pandas or R write have no name and are passed over.
    path = book(tmp_path / "b.xlsx", [[None, "id"], [0, "a"]])
    assert list(cells(path).frame.columns) == ["id"]


def test_error_cells_stay_to_be_listed(tmp_path):
    path = book(tmp_path / "a.xlsx", [["id", "n"], ["a", 1], ["b", "#REF!"]])
    assert cells(path).frame["n"].tolist() == ["1", "#REF!"]


def test_workbooks_that_cannot_be_read(tmp_path):
    whole = book(tmp_path / "a.xlsx", [["id", "n"], *([f"p{i}", i] for i in range(500))])
    content = whole.read_bytes()
    path = tmp_path / "cut.xlsx"
    for size in (10, 2000, len(content) - 50):
        path.write_bytes(content[:size])
        assert "cut off" in fault(path)
    path.write_text("id,n\na,1\n")
    assert "`text` for CSV" in fault(path)
    assert cells(path, format="text").frame["n"].tolist() == ["1"]
    renamed = tmp_path / "a.csv"
    renamed.write_bytes(content)
    assert "Declare `format: xlsx`" in fault(renamed)
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "password" in fault(locked)
    old = tmp_path / "old.xls"
    old.write_bytes(locked.read_bytes())
    assert "save it as .xlsx" in fault(old)
    assert "The sheet is empty" in fault(book(tmp_path / "empty.xlsx", []))
    assert "header and no rows" in fault(book(tmp_path / "header.xlsx", [["id", "n"], [None]]))
    assert "more than once: n" in fault(book(tmp_path / "twice.xlsx", [["n", "n "], [1, 2]]))


# SPSS, Stata, Parquet


@pytest.mark.parametrize("ending", ["sav", "zsav"])
def test_spss(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    frame = pd.DataFrame(
        {
            "id": [1.0, 2, 3],
            "x": [1.0, 99, None],
            "s": ["a", "", "zz"],
            "d": [dt.date(2020, 1, 2), None, dt.date(2021, 3, 4)],
        }
    )
    pyreadstat.write_sav(
        frame, path, compress=ending == "zsav", column_labels={"x": "Mood"},
        variable_value_labels=LABELS,
        missing_ranges={"x": [{"lo": 90, "hi": 99}, -1], "s": ["zz"]},
    )  # fmt: skip
    raw = cells(path)
    assert raw.frame["x"].tolist()[:2] == [1, 99] and np.isnan(raw.frame["x"].iloc[2])
    assert raw.labels == {"x": {"1": "low", "99": "refused"}}
    assert raw.user_missing == {"x": [(90.0, 99.0), (-1.0, -1.0)], "s": ["zz"]}
    assert raw.titles == {"x": "Mood"}
    assert raw.frame["d"].dt.year.tolist()[::2] == [2020, 2021]
    assert list(raw.frame.index) == [1, 2, 3]  # the cases as SPSS numbers them
    path.write_bytes(path.read_bytes()[:250])
    assert "cut off or damaged" in fault(path)


def test_stata(tmp_path):
    path = tmp_path / "a.dta"
    frame = pd.DataFrame({"id": ["p", "q", "r"], "x": [1.0, "a", 2.0], "y": [1.0, None, 2.5]})
    pyreadstat.write_dta(
        frame, path, column_labels={"x": "Mood"}, missing_user_values={"x": ["a"]},
        variable_value_labels={"x": {1: "low", "a": "refused"}},
    )  # fmt: skip
    raw = cells(path)
    assert raw.frame["x"].tolist() == ["1", ".a", "2"]
    assert raw.labels == {"x": {"1": "low", ".a": "refused"}}
    assert raw.user_missing == {"x": [".a"]} and raw.titles == {"x": "Mood"}
    assert raw.frame["y"].tolist()[::2] == [1, 2.5]
    assert list(raw.frame.index) == [1, 2, 3]
    assert sniff(path) == {"format": "dta"}


def test_portable_files_are_refused(tmp_path):
    path = tmp_path / "a.por"
    path.write_text("ASCII SPSS PORT FILE" * 20)
    assert "save it as .sav" in fault(path)


def test_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    frame = pd.DataFrame(
        {
            "id": pd.Categorical(["a", "b", None]),
            "n": pd.array([1, None, 3], "Int64"),
            "z": pd.to_datetime(["2021-03-04 23:30"] * 3).tz_localize("Europe/Berlin"),
            "came": [True, False, None],
        },
        index=["u", "v", "w"],
    )
    frame.to_parquet(path)
    read = cells(path).frame
    assert list(read.columns) == ["id", "n", "z", "came"] and list(read.index) == [1, 2, 3]
    assert read["id"].tolist()[:2] == ["a", "b"] and read["n"].isna().tolist() == [
        False,
        True,
        False,
    ]
    assert read["z"].dt.date.tolist()[0] == dt.date(2021, 3, 4)
    pd.DataFrame({"id": [1], "all": [[1, 2]]}).to_parquet(path)
    assert "column 'all'" in fault(path) and "cannot be read" in fault(path)
    path.write_bytes(path.read_bytes()[:60])
    assert "cut off or damaged" in fault(path)
    path.write_bytes(b"")
    assert "The file is empty" in fault(path)


def test_libraries_are_loaded_only_when_needed():
    import subprocess
    import sys

    code = (
        "import sys, attunement.ingest\n"
        "print([m for m in ('openpyxl', 'pyreadstat', 'pyarrow.parquet') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
