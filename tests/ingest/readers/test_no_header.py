"""A file whose first row is data stops with the advice to write names above it."""

import io

import pandas as pd
import pytest
from ingest_builders import declared, read

from attunement.ingest.readers.headers import demand_names
from attunement.study.problems import StudyError


@pytest.mark.parametrize(
    "names",
    [["A01", "0", "3", "2"], ["A01", "0", "0", "1"], ["A01", "2021-04-03", "5"],
     ["1", "03.04.2021", "yes", "2"], ["a", "1.5", "0.5"], ["7", "7"]],
)  # fmt: skip
def test_a_row_of_data(names):
    with pytest.raises(StudyError, match="looks like data, not like names") as told:
        demand_names(names, "x.csv")
    assert "Write a row above the data" in str(told.value) and "row 1" in str(told.value)


@pytest.mark.parametrize(
    "names",
    [["id", "1", "2", "3"], ["id", "1.1", "1.2", "2.1"], ["id", "visit", "q1", "2021"],
     ["1", "2", "3"], ["", "id"], ["id"]],
)  # fmt: skip
def test_a_row_of_names(names):
    demand_names(names, "x.csv")


def test_files_without_a_header(tmp_path):
    with pytest.raises(StudyError, match="The first row looks like data"):
        read(tmp_path, visits="a,0,3,2\na,1,2,2\nb,0,1,0\n")
    with pytest.raises(StudyError, match="first row looks like data: a, t1") as told:
        read(tmp_path, people="a,t1\nb,t2\na,t1\nc,t1\n")
    assert "Write a row above the data" in str(told.value)


def test_a_workbook_without_a_header(tmp_path):
    sheet = io.BytesIO()
    frame = pd.DataFrame([["a", 0, 3, 2], ["a", 1, 2, 2], ["b", 0, 1, 0]])
    frame.to_excel(sheet, index=False, header=False)
    (tmp_path / "visits.xlsx").write_bytes(sheet.getvalue())
    sources = {"people": {"path": "people.csv"}, "visits": {"path": "visits.xlsx"}}
    with pytest.raises(StudyError, match="The first row looks like data"):
        read(tmp_path, declared(sources=sources))
