"""Cells that cannot be meant: in columns of numbers, words, keys and dates."""

from __future__ import annotations

from collections.abc import Iterator

from clinic import Clinic
from damages import Damage, cell, edit

NUMBER_COLUMNS = {
    ("visits", "phq9_3"): "2",
    ("visits", "ors_2"): "5.5",
    ("visits", "given_TD_CD"): "1",
    ("clients", "cnip_4"): "1",
    ("clients", "age"): "40",
    ("clients", "agreed"): "6",
}
NOT_NUMBERS = (
    "abc",
    "?",
    "1.2.3",
    "ten",
    "1 2",
    "--",
    "#REF!",
    "1/2",
    "0x10",
    "1_0",
    "inf",
    "1e999",
    "=1+1",
    "2;3",
    "٣",
    "2 (see notes)",
)
OUT_OF_RANGE = ("1000000", "-50", "10e6")


def bad_cells() -> Iterator[Damage]:
    """What is no possible value, in columns of numbers, words, keys and dates."""
    for table, column in NUMBER_COLUMNS:
        for value in NOT_NUMBERS:
            yield Damage(f"{column} is {value!r}", "listed", before=cell(table, 3, column, value))
        for value in OUT_OF_RANGE:
            # Where no range is declared, the door may take so long a number for a code.
            outcome = "refused or listed" if column == "agreed" else "listed"
            yield Damage(f"{column} is {value}", outcome, before=cell(table, 3, column, value))
    for layout in ("workbook", "semicolon", "wide"):
        for table, column in NUMBER_COLUMNS:
            for value in ("abc", "-50", "2 (see notes)"):
                yield Damage(
                    f"{column} is {value!r}, {layout}",
                    "listed",
                    layout,
                    cell(table, 3, column, value),
                )
    for layout in ("spss", "stata", "parquet"):
        for table, column in NUMBER_COLUMNS:
            yield Damage(
                f"{column} is -50, {layout}", "listed", layout, cell(table, 3, column, "-50")
            )
    for column in ("phq9_3", "given_TD_CD"):
        yield Damage(f"{column} is 1.5", "listed", before=cell("visits", 3, column, "1.5"))
    for table, column, words in (
        ("clients", "sex", ("x", "F", "woman?", "1")),
        ("clients", "ending", ("Done", "finished", "left!", "0")),
        ("clients", "judged", ("maybe", "J", "2")),
        ("visits", "came", ("vielleicht", "late", "3", "y e s")),
    ):
        for word in words:
            yield Damage(f"{column} is {word!r}", "listed", before=cell(table, 3, column, word))
    for value in ("", "A99", "a01", "A1", "A01.0", "NaN"):
        yield Damage(f"id of a visit is {value!r}", "listed", before=cell("visits", 3, "id", value))
    yield Damage("id within blanks", "same", before=cell("visits", 3, "id", "  A01 "))
    for value in ("", "x", "-1", "2.5", "three", "1e400", "99999999999", "20230105", "2021"):
        yield Damage(f"visit is {value!r}", "listed", before=cell("visits", 3, "visit", value))
    for value in ("2021-02-30", "2021-13-01", "gestern", "21-1-5", "0000-00-00", "2021-1", "n. d."):
        yield Damage(f"date is {value!r}", "listed", before=cell("visits", 3, "date", value))
    for value in ("03/04/2021", "31.12.2021"):
        yield Damage(
            f"date is {value!r}", "refused or listed", before=cell("visits", 3, "date", value)
        )
    yield Damage("date of a later year", "listed", before=cell("visits", 3, "date", "2092-01-05"))
    yield Damage("decimal commas, not declared", "refused", before=_commas)
    points = edit("visits.csv", lambda content: content.replace(b",", b"."))
    yield Damage("decimal points, a comma declared", "refused", "semicolon", after=points)
    yield Damage("2.0 for 2, a comma declared", "same", "semicolon", before=_pointed)


def _pointed(clinic: Clinic) -> None:
    cells = clinic.frames["visits"]["phq9_3"].astype("str")
    clinic.frames["visits"]["phq9_3"] = cells.str.replace(r"^(\d+)$", r"\1.0", regex=True)


def _commas(clinic: Clinic) -> None:
    for item in range(1, 5):
        column = f"ors_{item}"
        clinic.frames["visits"][column] = (
            clinic.frames["visits"][column].astype("str").str.replace(".", ",", regex=False)
        )
