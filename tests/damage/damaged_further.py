"""Ids that look alike, columns of odd types, and settings of joins, items and privacy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from clinic import Clinic
from damages import Damage, cell, say

ITEMS = "responses.1.items"
# Cells that are no answer 0 to 3, whatever they look like.
NO_ANSWERS = ("1e400", "-inf", "NaN ", "1_0", "0x1", "true", "12:30", "1/2", "#REF!", "=1+1", "'1")
HIDDEN = ("\u200b", "\u200f", "\ufeff", "\u2060")


def further() -> Iterator[Damage]:
    """Damages of cells, ids, types of columns and settings."""
    for text in NO_ANSWERS:
        yield Damage(
            f"an answer is {text!r}",
            "refused or listed",
            before=cell("visits", 3, "phq9_3", text),
        )
    for mark in HIDDEN:
        yield Damage(f"ids that differ by {mark!r}", "refused", before=_ids("abc", f"ab{mark}c"))
        yield Damage(
            f"an id of a visit with {mark!r}",
            "refused or listed",
            before=cell("visits", 3, "id", f"A{mark}01"),
        )
    yield Damage(
        "ids that differ by the form of an accent",
        "refused",
        before=_ids("caf\u00e9", "cafe\u0301"),
    )
    yield from _declared()
    yield from _typed()


def _declared() -> Iterator[Damage]:
    for what, value in (
        ("no items", {}),
        ("one column for four items", dict.fromkeys("1234", "ors_1")),
        ("an item 99", {"99": "ors_1"}),
        ("a pattern without an item", "ors_1"),
    ):
        yield Damage(what, "refused", before=say(ITEMS, value))
    yield Damage("wide by no column", "refused", before=_wide_by_nothing)
    twice = {"primary": "phq9.total", "secondary": ["phq9.total"]}
    yield Damage("an outcome named twice", "refused", before=say("outcomes", twice))
    for value in ({"visits.nope": "x"}, {"visits.came": "x"}, {"sex": "x"}, []):
        yield Damage(f"privacy allows {value}", "refused", before=say("privacy", {"allow": value}))
    twice = {"quasi_identifiers": ["age", "age"]}
    yield Damage("a quasi-identifier named twice", "same", before=say("privacy", twice))
    for path in ("visits.csv\0", "", "..", "*"):
        yield Damage(f"the path {path!r}", "refused", after=_source("visits", {"path": path}))
    for by in ([], "nope", {"clients": "id"}, ["id", "therapist"]):
        both = {"join": ["clients", "visits"], "by": by}
        yield Damage(f"joined by {by}", "refused", after=_source("both", both))
    for parts in (["clients"], ["clients", "nope"], ["both", "clients"], []):
        both = {"join": parts, "by": "id"}
        yield Damage(f"{parts} joined", "refused", after=_source("both", both))


def _typed() -> Iterator[Damage]:
    for name in ("phq9_3", "visit"):
        yield Damage(
            f"{name} infinite, parquet", "refused or listed", "parquet",
            after=_parquet(name, None),
        )  # fmt: skip
    for what, values in (
        ("lists", [[1]] * 40),
        ("structures", [{"a": 1}] * 40),
        ("bytes", [b"\xff"] * 40),
        ("times of day", [dt.time(1)] * 40),
    ):
        yield Damage(
            f"phq9_3 of {what}, parquet", "refused or listed", "parquet",
            after=_parquet("phq9_3", pa.array(values)),
        )  # fmt: skip
    for value in (dt.time(10, 0), dt.timedelta(hours=30), "#DIV/0!", 10**25):
        for place in ("A4", "J4"):
            yield Damage(
                f"{place} is {value!r}, workbook", "refused or listed", "workbook",
                after=_workbook(place, value),
            )  # fmt: skip
    yield Damage(
        "a header without a name, workbook", "refused", "workbook", after=_workbook("J1", None)
    )


def _ids(one: str, other: str) -> Callable[[Clinic], None]:
    def act(clinic: Clinic) -> None:
        for frame in clinic.frames.values():
            frame["id"] = frame["id"].replace({"A02": one, "A03": other})

    return act


def _wide_by_nothing(clinic: Clinic) -> None:
    response = clinic.declared["responses"][1]
    for key in ("items", "session"):
        response.pop(key)
    response["wide"] = {}


def _source(name: str, change: dict[str, Any]) -> Callable[[Path], None]:
    """Change a source, or add one that the clients are read from."""

    def act(folder: Path) -> None:
        path = folder / "dataset.yaml"
        content = yaml.safe_load(path.read_text("utf-8"))
        if name not in content["sources"]:
            content["clients"]["source"] = name
        content["sources"][name] = content["sources"].get(name, {}) | change
        path.write_text(yaml.safe_dump(content), encoding="utf-8")

    return act


def _parquet(name: str, values: pa.Array | None) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        table = pq.read_table(folder / "visits.parquet")
        place = table.column_names.index(name)
        first = pa.array([float("inf"), *table[name].cast(pa.float64()).to_pylist()[1:]])
        new = first if values is None else values
        pq.write_table(table.set_column(place, name, new), folder / "visits.parquet")

    return act


def _workbook(place: str, value: Any) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        book = openpyxl.load_workbook(folder / "clinic.xlsx")
        book["visits"][place] = value
        book.save(folder / "clinic.xlsx")

    return act
