"""Rows and columns that go wrong: twice, in disagreement, gone, renamed, in another order."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from clinic import LAYOUTS, Clinic
from damages import Damage


def _twice(clinic: Clinic, table: str, column: str | None = None, value: str = "0") -> None:
    frame = clinic.frames[table]
    again = frame.iloc[[4]].copy()
    if column is not None:
        again[column] = value
    clinic.frames[table] = pd.concat([frame, again], ignore_index=True)


def _rule(clinic: Clinic, rule: str, column: str) -> None:
    clinic.declared["rules"] = {"duplicates": rule}
    _twice(clinic, "visits", column, "9.9")


def rows_and_columns() -> Iterator[Damage]:
    """Rows entered twice, rows that disagree, columns that are gone, renamed or in other order."""
    for layout in LAYOUTS:
        if layout != "wide":
            yield Damage(
                f"a visit entered twice, {layout}",
                "listed",
                layout,
                lambda clinic: _twice(clinic, "visits"),
            )
            yield Damage(
                f"two visits that disagree, {layout}",
                "refused",
                layout,
                lambda clinic: _twice(clinic, "visits", "ors_1", "9.9"),
            )
        yield Damage(f"rows in another order, {layout}", "same", layout, _turned)
        yield Damage(f"columns in another order, {layout}", "same", layout, _columns_turned)
        yield Damage(f"one more column, {layout}", "same", layout, _one_more)
        for column in ("id", "visit", "phq9_4", "came"):
            if (layout, column) != ("wide", "visit"):
                yield Damage(
                    f"no column {column}, {layout}",
                    "refused",
                    layout,
                    lambda clinic, column=column: _gone(clinic, column),
                )
    for rule in ("first", "last"):
        yield Damage(
            f"two visits that disagree, rule {rule}",
            "listed",
            before=lambda clinic, rule=rule: _rule(clinic, rule, "ors_1"),
        )
    yield Damage(
        "a client with two therapists",
        "refused",
        before=lambda clinic: _twice(clinic, "clients", "therapist", "T9"),
    )
    yield Damage(
        "a client with two ages",
        "refused",
        before=lambda clinic: _twice(clinic, "clients", "age", "77"),
    )
    yield Damage("the ids of the visits are another clinic's", "refused", before=_other_ids)
    yield Damage("no client has an id", "refused", before=_no_ids)
    for column in ("phq9_3", "ors_2"):
        yield Damage(
            f"{column} holds no number",
            "refused",
            before=lambda clinic, column=column: _all(clinic, column, "so so"),
        )
    for column in ("came", "date"):
        yield Damage(
            f"{column} holds no known word",
            "refused",
            before=lambda clinic, column=column: _all(clinic, column, "hm"),
        )


def _turned(clinic: Clinic) -> None:
    clinic.frames["visits"] = clinic.frames["visits"].iloc[::-1].reset_index(drop=True)


def _columns_turned(clinic: Clinic) -> None:
    for name, frame in clinic.frames.items():
        clinic.frames[name] = frame[frame.columns[::-1]]


def _one_more(clinic: Clinic) -> None:
    clinic.frames["clients"]["batch"] = ["x", "y"] * 4


def _gone(clinic: Clinic, column: str) -> None:
    clinic.frames["visits"] = clinic.frames["visits"].rename(columns={column: f"{column}_old"})
    if column == "id" and clinic.layout == "wide":
        clinic.declared["clients"]["columns"]["client"] = "ident"
        clinic.frames["visits"] = clinic.frames["visits"].rename(columns={"id_old": "id"})


def _other_ids(clinic: Clinic) -> None:
    clinic.frames["visits"]["id"] = "Z" + clinic.frames["visits"]["id"].astype("str")


def _no_ids(clinic: Clinic) -> None:
    clinic.frames["clients"]["id"] = ""


def _all(clinic: Clinic, column: str, value: str) -> None:
    clinic.frames["visits"][column] = value
