"""Every fault of a file is one clear message: which file, where, and what to do."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest_builders import declared, put, read

from attunement.ingest import obtain
from attunement.ingest.readers.text import parse
from attunement.study.problems import StudyError


def fault(content: bytes | str, delimiter: str = ",", encoding: str = "utf-8-sig") -> str:
    with pytest.raises(StudyError) as caught:
        parse(
            content.encode() if isinstance(content, str) else content, delimiter, encoding, "x.csv"
        )
    return str(caught.value)


def test_cells_stay_text_and_rows_keep_the_number_a_spreadsheet_shows():
    table = parse(b"\xef\xbb\xbfid, n\r\n01,NA\r\n\r\n02,\r\n,,\r\n", ",", "utf-8-sig", "x.csv")
    assert list(table.columns) == ["id", "n"]
    assert list(table.index) == [2, 4]
    assert table.to_numpy().tolist() == [["01", "NA"], ["02", ""]]


def test_a_quoted_line_break_is_no_new_row():
    table = parse(b'id,note\na,"two\nlines"\nb,x\n', ",", "utf-8", "x.csv")
    assert table.loc[2, "note"] == "two\nlines"
    assert list(table.index) == [2, 3]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_empty_file(content):
    assert fault(content) == "The file is empty (file x.csv). Put the data there."


def test_header_only():
    assert fault("id,n\n,\n") == (
        "The source is declared but empty: it has a header and no rows (file x.csv; 0 rows). "
        "Put the data there, or take the source out of dataset.yaml."
    )


def test_wrong_delimiter_names_the_one_that_splits():
    message = fault("id;visit;mood\na;1;2\n")
    assert "The whole header stands in one column ('id;visit;mood')" in message
    assert "';' would give 3 columns" in message
    assert "Declare `delimiter: ';'`" in message
    assert "a tab ('\\t') would give 2 columns" in fault("id\tn\na\t1\n")


def test_a_table_of_one_column_is_no_wrong_delimiter():
    assert list(parse(b"therapist\nt1\n", ",", "utf-8", "x.csv")["therapist"]) == ["t1"]


def test_undecodable_bytes_name_the_encoding_and_the_line():
    message = fault(b"id,n\na,1\nb,\xa3\n")
    assert (
        "not text in the encoding 'utf-8-sig', which was tried: line 3 holds the byte 0xa3"
        in message
    )
    assert "encoding: cp1252" in message
    assert parse(b"id\n\xa3\n", ",", "cp1252", "x.csv").loc[2, "id"] == "£"
    assert "encoding: utf-16" in fault("id,n\na,1\n".encode("utf-16"))


def test_unknown_encoding_and_delimiter():
    assert "Unknown encoding 'utf-9'" in fault("id\na\n", encoding="utf-9")
    assert "must be one character, not ', '" in fault("id\na\n", delimiter=", ")


def test_ragged_rows():
    assert fault("id,n\na,1\nb,1,2\nc\n") == (
        "Rows do not have the 2 cells of the header (row 3 has 3) (file x.csv; 2 rows; "
        "first: row 3, row 4). Put text that holds the delimiter ',' in quotation marks."
    )


def test_open_quotation_mark():
    assert "cannot be split into columns" in fault('id,n\na,"1\nb,2\n')


def test_header_names_that_come_twice():
    assert fault("id,n,n\na,1,2\n") == (
        "The header names a column more than once: n (file x.csv; column 'n'). "
        "Give every column its own name."
    )


def test_missing_file(tmp_path):
    put(tmp_path, {"visits.csv": "id\na\n"})
    with pytest.raises(StudyError, match=r"The file is not there \(file .*people\.csv\)\. Put it"):
        obtain(declared(), tmp_path)


def test_missing_column_names_the_nearest(tmp_path):
    with pytest.raises(StudyError) as caught:
        read(tmp_path, visits="id,visit,mood_1,mood2\na,0,1,1\n")
    assert str(caught.value) == (
        "The column 'mood_2', named in dataset.yaml, is not there; the nearest is 'mood2' "
        "(file visits.csv; column 'mood_2'; 1 row). The file has: id, visit, mood_1, mood2."
    )


def test_wrong_checksum_of_a_file(tmp_path):
    put(tmp_path, {"people.csv": "id\na\n", "visits.csv": "id\na\n"})
    sources = {
        "people": {"path": "people.csv", "sha256": "0" * 64},
        "visits": {"path": "visits.csv"},
    }
    with pytest.raises(StudyError, match="these are not the data that"):
        obtain(declared(sources=sources), tmp_path)


def test_delimiter_and_decimal_comma(tmp_path):
    sources = {
        "people": {"path": "people.csv"},
        "visits": {"path": "visits.csv", "delimiter": ";", "decimal": ","},
    }
    dataset = declared(
        sources=sources,
        responses=[{"source": "visits", "instrument": "visual", "rater": "client", "client": "id",
                    "session": "visit", "items": "v{item}"}],
        outcomes={"primary": "visual.total"},
    )  # fmt: skip
    tables = read(tmp_path, dataset, visits="id;visit;v1;v2\na;0;3,5;1.5\na;1;3;1,0\n")
    assert tables["responses"]["value"].tolist()[0] == 3.5
    # A point in a file with decimal commas is not guessed at.
    assert tables["conflicts"]["kind"].tolist() == ["text in a number column"]
    wrong = declared(sources=sources | {"visits": {"path": "visits.csv", "decimal": "'"}})
    with pytest.raises(StudyError, match="The decimal mark of source 'visits'"):
        obtain(wrong, tmp_path)


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8),
                 min_size=2, max_size=2),
        min_size=1, max_size=6,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)  # fmt: skip
def test_any_text_comes_back_as_it_was_written(rows, delimiter):
    import csv
    import io

    rows = [row for row in rows if any(map(str.strip, row))] or [["a", "b"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["one", "two"], *rows])
    table = parse(out.getvalue().encode(), delimiter, "utf-8", "x.csv")
    assert table.to_numpy().tolist() == rows


def test_messages_hold_no_traceback():
    assert not re.search("Traceback|Error:", fault("id,n\nb,1,2\n"))
