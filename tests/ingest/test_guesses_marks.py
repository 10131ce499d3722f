"""The decimal mark of files that write numbers in two ways."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from guess_builders import IDS, N, asked

from attunement.cli.inspect_files import inspect, read_files
from attunement.ingest.guesses.marks import decimal_comma
from attunement.study.instruments import Instrument, load_instruments


@pytest.fixture(scope="module")
def known(repository: Path) -> dict[str, Instrument]:
    return load_instruments(repository / "data" / "instruments")


def mixed() -> pd.DataFrame:
    table = {"client": IDS, "hours": [f"{at},5" for at in range(N)]}
    for n in (1, 2):
        for i in range(1, 10):
            gaps = ["" if at % 5 == 0 else f"{(at + i) % 4}.0" for at in range(N)]
            table[f"PHQ9_s{n}_i{i}"] = gaps
        table[f"met_s{n}"] = [f"{at % 10},{at % 7}" for at in range(N)]
    return pd.DataFrame(table)


def test_whole_numbers_with_a_point_do_not_outweigh_commas(known: dict, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    mixed().to_csv(path, sep=";", index=False)
    parts, _ = read_files([path])
    assert parts[0][1]["decimal"] == ","
    draft, _ = inspect("clinic", parts, known)
    assert draft.content["clients"]["covariates"]["hours"]["kind"] == "number"
    assert "met" in draft.content["ratings"]
    (told,) = draft.reasons[("sources", "export", "decimal")]
    assert "'hours'" in told
    assert "'PHQ9_s1_i1'" in told
    assert "2.0 counts as 2" in told


def test_fractions_with_a_comma_and_with_a_point_are_asked(known: dict, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    frame = mixed().assign(weight=[f"{60 + at}.5" for at in range(N)])
    frame.to_csv(path, sep=";", index=False)
    draft, _ = inspect("clinic", read_files([path])[0], known)
    assert asked(draft, "fractions in two ways", "'hours'", "'weight'", "run `new` again")


def test_text_with_commas_in_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["client", "hours", "age"])
    for at, one in enumerate(IDS):
        book.active.append([one, f"{at},5", 20.5 + at])
    book.save(tmp_path / "clinic.xlsx")
    parts, _ = read_files([tmp_path / "clinic.xlsx"])
    assert parts[0][1]["decimal"] == ","


@pytest.mark.parametrize(
    "cells",
    [
        ["1,5", "2.5", "3,0"],  # a fraction with a point: nothing is decided
        ["1,000", "12,500", "900"],  # thousands
        ["red, blue", "1,3 or so", "2"],  # words
        ["1.0", "2.0", "3.5"],
    ],
)
def test_where_no_decimal_comma_is_certain(cells: list[str]) -> None:
    assert not decimal_comma(pd.DataFrame({"a": cells}))


def test_codes_of_several_choices_are_no_fractions() -> None:
    assert not decimal_comma(pd.DataFrame({"choices": ["1,2,5", "1,4", "2,3,4", "3"]}))
