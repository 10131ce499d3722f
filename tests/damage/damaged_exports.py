"""What exports and hands make of whole columns and rows, and what YAML makes of words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
from clinic import Clinic
from damages import Damage, edit, say

YAML = "dataset.yaml"
ENDING = "endings.columns.ending.values"
WRITTEN = {
    "20210110": lambda day: day.replace("-", ""),
    "10012021": lambda day: day[8:] + day[5:7] + day[:4],
    "01102021": lambda day: day[5:7] + day[8:] + day[:4],
    "210110": lambda day: day[2:].replace("-", ""),
    "seconds": lambda day: str(int(pd.Timestamp(day).timestamp())),
    "milliseconds": lambda day: str(int(pd.Timestamp(day).timestamp()) * 1000),
    "years": lambda day: day[:4],
    "another calendar": lambda day: "1442" + day[4:],
    "years of two digits": lambda day: day[2:],
    "weekdays before": lambda day: f"Mon {day}",
}
# Column, what became of it, what must come of it.
COLUMNS: dict[tuple[str, str], dict[str, Callable[[str], str]]] = {
    ("visits", "visit"): {
        "dates": lambda cell: f"2021010{int(cell) + 1}",
        "years": lambda cell: str(2015 + int(cell)),
        "in words": lambda cell: f"Session {cell}",
    },
    ("visits", "phq9_3"): {
        "counted from 1": lambda cell: str(int(cell) + 1),
        "in words": lambda cell: ["never", "some", "half", "daily"][int(cell)],
        "percentages": lambda cell: f"{cell}%",
        "with a label": lambda cell: f"{cell} = some",
    },
    ("visits", "ors_2"): {
        "times ten": lambda cell: str(float(cell) * 10),
        "percentages": lambda cell: f"{float(cell) * 10:.0f}%",
        "with a unit": lambda cell: f"{cell} cm",
        "as parts": lambda cell: f"{cell}/10",
    },
    ("clients", "age"): {
        "years of birth": lambda cell: str(2021 - int(cell)),
        "dates": lambda cell: f"0101{2021 - int(cell)}",
        "with a unit": lambda cell: f"{cell} years",
    },
}


def exports() -> Iterator[Damage]:
    """Damages of columns, rows, files and words."""
    for layout in ("comma", "semicolon", "workbook"):
        for what, write in WRITTEN.items():
            yield Damage(
                f"dates as {what}, {layout}", "refused or listed", layout,
                _column("visits", "date", write),
            )  # fmt: skip
        for (table, column), changes in COLUMNS.items():
            for what, write in changes.items():
                yield Damage(
                    f"{column}: {what}, {layout}", "refused or listed", layout,
                    _column(table, column, write),
                )  # fmt: skip
    yield from _words()
    yield from _texts()
    yield from _programs()


def _column(table: str, column: str, write: Callable[[str], str]) -> Callable[[Clinic], None]:
    def act(clinic: Clinic) -> None:
        clinic.frames[table][column] = [write(cell) for cell in clinic.frames[table][column]]

    return act


def _words() -> Iterator[Damage]:
    """Words of the declaration that stand twice, that nothing knows, that YAML reads otherwise."""
    for path, value in (
        ("clients.covariates.sex.levels", ["woman", "woman", "man"]),
        ("clients.covariates.sex.levels", ["woman", "Woman ", "man"]),
        ("missing_codes", ["-9", "-9", "NA"]), ("missing_codes", [None]), ("missing_codes", [[1]]),
        ("delivery.raters", ["client", "client"]), ("preference.flip", [1, 1]),
        ("ratings.given.items", ["TD_CD", "td_cd", "EI_ER", "PO_PR", "WS_FC"]),
        ("model_covariates", ["age", "age"]), ("process", ["ors.total", "ors.total"]),
        ("dropout.study_attrition_times", [1, 1]), ("dropout.fewer_than_n_sessions", 20230105),
        ("responses.0.at_session", 20230105), ("clients.covariates.age.low", False),
        ("time.per", True), ("time.per", float("inf")),
        (ENDING, {"done": "complete", "left": "dropped_out", "going": "ongoing"}),
        (ENDING, {"done": True, "left": "dropped_out", "going": "ongoing"}),
        ("clients.covariates.sex.values", {"f": "womn", "m": "man"}),
        ("responses.2.values", {"0": "none"}), ("clients", ["clients"]),
        ("responses", {"source": "visits"}), ("outcomes", ["ors.total"]), ("time", "session"),
        ("privacy", {"allow": ["visits.came"]}), ("privacy", {"allow": {"visits.came": None}}),
    ):  # fmt: skip
        yield Damage(f"{path}: {value!r}", "refused", before=say(path, value))
    for values in (
        {"Done": "completed", "left": "dropped_out", "going": "ongoing"},
        {"done": "completed", "leeft": "dropped_out", "going": "ongoing"},
    ):
        yield Damage(f"{ENDING}: {list(values)}", "listed", before=say(ENDING, values))
    for what, old, new in (
        ("a date that is none", b"made up", b"2021-13-40"),
        ("a number of another base", b"per: 10", b"per: 010"),
        ("a clock for a number", b"per: 10", b"per: 1:30"),
        ("a word tagged a number", b"per: 10", b"per: !!int ten"),
        ("a word tagged a truth", b"per: 10", b"per: !!bool ten"),
        ("half a character", b"made up", b'"\\ud800"'),
        ("a zero character", b"made up", b'"\\0"'),
        ("a list for a key", b"done: completed", b"[done]: completed"),
        ("a code of another base", b"- '-9'", b"- 011"),
    ):
        yield Damage(f"YAML: {what}", "refused", after=edit(YAML, _replace(old, new)))
    yield Damage(
        "YAML: yes for a word", "listed", after=edit(YAML, _replace(b"done: com", b"yes: com"))
    )


def _replace(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return change


def _texts() -> Iterator[Damage]:
    """Rows that are no records: of totals, of headers, of notes; and no header at all."""
    text = "visits.csv"

    def last(*cells: bytes) -> Callable[[bytes], bytes]:
        def change(content: bytes) -> bytes:
            n = content.split(b"\n")[0].count(b",") + 1
            row = [*cells, *[cells[-1]] * n][:n] if len(cells) > 1 else [cells[0], *[b""] * (n - 1)]
            return content + b",".join(row) + b"\n"

        return change

    for label in (b"Total", b"Summe", b"Mean", b"N=40", b"-"):
        for cells in ((label,), (label, b"40"), (label, b"=SUM(B2:B41)")):
            yield Damage(f"a last row {cells}", "listed", after=edit(text, last(*cells)))
    head = _replace(b"", b"")
    for what, outcome, change in (
        ("the header again", "listed", lambda b: b + b.split(b"\n")[0] + b"\n"),
        ("the file twice", "listed", lambda b: b + b.split(b"\n", 1)[1]),
        ("the file and its header twice", "listed", lambda b: b + b),
        ("no header", "refused", lambda b: b.split(b"\n", 1)[1]),
        ("a title above", "refused", lambda b: b"Export of the clinic\n" + b),
        ("a note below", "refused", lambda b: b + b"Exported on 1 May 2021\n"),
        ("a mark of its delimiter above", "refused", lambda b: b"sep=;\n" + b),
        ("every row in quotation marks", "refused",
         lambda b: b"\n".join(b'"' + row + b'"' for row in b.strip().split(b"\n"))),
        ("nothing but a header of units", "same",
         lambda b: b.replace(b"\n", b"\n" + b"," * b.split(b"\n")[0].count(b",") + b"\n", 1)),
        ("as it was", "same", head),
    ):  # fmt: skip
        yield Damage(f"rows: {what}", outcome, after=edit(text, change))  # type: ignore[arg-type]


def _programs() -> Iterator[Damage]:
    """Workbooks and statistics files whose cells are of another kind than they should be."""
    for what, act in {
        "a column of truth values": lambda s: _fill(s, 9, lambda r: bool(r % 2)),
        "a column shown as dates": lambda s: _fill(s, 9, lambda r: dt.datetime(1900, 1, r % 4 + 1)),
        "no header": lambda s: s.delete_rows(1),
        "merged cells": lambda s: s.merge_cells("A2:A6"),
        "a formula without a value": lambda s: s.__setitem__("E3", "=1+1"),
        "a title above": lambda s: (s.insert_rows(1), s.__setitem__("A1", "Export")),
        "a session beyond all": lambda s: s.__setitem__("B3", 1e11),
    }.items():
        yield Damage(f"workbook: {what}", "refused or listed", "workbook", after=_book(act))
    for what, change, more in (
        ("answers declared missing", None, {"missing_ranges": {"phq9_3": [{"lo": -99, "hi": 99}]}}),
        ("seconds since 1582", lambda f: f.assign(date=13836614400.0 + 86400 * f["visit"]), {}),
        ("dates for sessions", lambda f: f.assign(visit=20210101.0 + f["visit"]), {}),
        ("an infinite answer", _infinite, {}),
        ("answers below the range", lambda f: f.assign(ors_1=-f["ors_1"] - 1), {}),
        ("answers as times", None, {"variable_format": {"phq9_3": "TIME8"}}),
        ("ids as numbers", lambda f: f.assign(id=f["id"].str[1:].astype(float)), {}),
    ):
        yield Damage(f"SPSS: {what}", "refused or listed", "spss", after=_spss(change, more))


def _fill(sheet: object, column: int, value: Callable[[int], object]) -> None:
    for row in range(2, 42):
        sheet.cell(row, column).value = value(row)  # type: ignore[attr-defined]


def _book(change: Callable) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        book = openpyxl.load_workbook(folder / "clinic.xlsx")
        change(book["visits"])
        book.save(folder / "clinic.xlsx")

    return act


def _infinite(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(ors_1=frame["ors_1"].where(frame["visit"] != 3, np.inf))


def _spss(change: Callable | None, more: dict) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        frame, _ = pyreadstat.read_sav(str(folder / "visits.sav"), user_missing=True)
        whole = frame if change is None else change(frame)
        pyreadstat.write_sav(whole, str(folder / "visits.sav"), **more)

    return act
