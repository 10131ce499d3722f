"""Sheets of Excel workbooks: values as Excel last showed them, typed column by column."""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from attunement.ingest.readers.headers import (
    LOOKED_AT,
    TITLES,
    demand_names,
    demand_names_once,
    demand_no_data,
    demand_no_import_ids,
    no_rows,
    nothing_below,
    rows_above,
    titles_of,
)
from attunement.ingest.readers.raw import Raw
from attunement.study.problems import StudyError
from attunement.study.sources import Source

CHUNK = 1 << 20
MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")


@contextmanager
def opened(path: Path, *, formulas: bool = False) -> Iterator[Any]:
    """A workbook, row by row; formulas as their text instead of their last value if asked for.

    Raises
    ------
    StudyError
        The file is no workbook, or a damaged or protected one.
    """
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and validations that openpyxl does not know
            book = openpyxl.load_workbook(path, read_only=True, data_only=not formulas)
    except Exception as error:  # whatever the library stumbles over
        raise StudyError(
            f"The workbook cannot be opened ({type(error).__name__})",
            file=path,
            advice="It may be cut off, damaged or protected: open it in Excel and save it anew.",
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield book
    except StudyError:
        raise
    except Exception as error:
        raise StudyError(
            f"The workbook cannot be read to its end ({type(error).__name__})",
            file=path,
            advice="It may be cut off or damaged: open it in Excel and save it anew.",
        ) from None
    finally:
        book.close()


def sheet_names(path: Path) -> list[str]:
    """The names of the sheets that hold cells, in order."""
    with opened(path) as book:
        return [sheet.title for sheet in book.worksheets]


def titles_in(path: Path, sheet: str) -> int:
    """How many rows of titles seem to stand above the names of a sheet."""
    with opened(path) as book:
        cells = book[sheet]
        cells.reset_dimensions()
        return rows_above([*enumerate(cells.iter_rows(max_row=LOOKED_AT, values_only=True), 1)])


def _chosen(book: Any, source: Source, path: Path) -> Any:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    listed = ", ".join(f"'{name}'" for name in sheets)
    if source.sheet is None:
        if len(sheets) == 1:
            return next(iter(sheets.values()))
        raise StudyError(
            f"The workbook has {len(sheets)} sheets: {listed}",
            file=path,
            advice=f"Say which one, for example `sheet: {next(iter(sheets), 'name')}`.",
        )
    if source.sheet not in sheets:
        raise StudyError(
            f"The workbook has no sheet '{source.sheet}'",
            file=path,
            advice=f"It has: {listed}.",
        )
    return sheets[source.sheet]


def _marks(path: Path, sheet: Any) -> tuple[bool, list[tuple[str, int, str, int]]]:
    """Whether the sheet holds formulas, and its merged cells (which the row reader passes over)."""
    merged, formulas, rest = [], False, b""
    with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path) as file:
        while chunk := file.read(CHUNK):
            text = rest + chunk
            formulas = formulas or FORMULA.search(text) is not None
            found = list(MERGED.finditer(text))
            merged += [hit.groups() for hit in found]
            rest = text[max(found[-1].end() if found else 0, len(text) - 200) :]
    return formulas, [(a.decode(), int(b), c.decode(), int(d)) for a, b, c, d in merged]


def _demand_stored(path: Path, source: Source, blanks: set[tuple[int, int]]) -> None:
    """Demand that every formula has a stored value."""
    from openpyxl.utils import get_column_letter

    lacking = []
    with opened(path, formulas=True) as book:
        for number, row in enumerate(_chosen(book, source, path).iter_rows(), 1):
            for cell in row:
                if cell.value is not None and getattr(cell, "data_type", "") == "f":
                    place = (number, cell.column - 1)
                    if place in blanks:
                        lacking.append(f"{get_column_letter(cell.column)}{number}")
    if lacking:
        raise StudyError(
            f"{len(lacking)} formula(s) have no stored value ({', '.join(lacking[:5])})",
            file=path,
            rows=len({re.sub("[A-Z]+", "", place) for place in lacking}),
            advice="Open the workbook in Excel and save it, or put values in place of formulas.",
        )


def _written(value: object, decimal: str) -> str:
    """A cell as text, where the others of its column are text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 2**53
        return str(int(value)) if whole else repr(value).replace(".", decimal)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    return "" if value is None else str(value)


def typed(cells: Sequence[Any], decimal: str) -> pd.Series:
    """A column of cells: numbers, truth values or dates where all that is there is of one kind.

    Anything mixed becomes text, numbers and dates written as a file of text would hold them.
    """
    cells = [None if isinstance(cell, str) and not cell.strip() else cell for cell in cells]
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {bool}:
        return pd.Series(pd.array(cells, dtype="boolean" if kinds else "str"))
    if kinds <= {int, float}:
        return pd.Series(cells, dtype="float64")
    if kinds <= {dt.datetime, dt.date}:
        return pd.Series(
            pd.array([None if c is None else pd.Timestamp(c) for c in cells], "datetime64[us]")
        )
    return pd.Series([_written(cell, decimal) for cell in cells], dtype="str")


def _demand_named(
    names: list[str], rows: list[tuple[int, tuple]], path: Path, header_row: int, above: int
) -> None:
    """Demand that no cell stands below a blank name (a column of row numbers may come first)."""
    from openpyxl.utils import get_column_letter

    width = max(len(cells) for _, cells in rows)
    for place in range(width):
        if (place < len(names) and names[place]) or place == 0:
            continue
        for number, cells in rows:
            if place < len(cells) and cells[place] is not None and str(cells[place]).strip():
                letter = get_column_letter(place + 1)
                raise StudyError(
                    f"Column {letter} has no name in row {header_row}, where the names should "
                    f"stand, but cell {letter}{number} holds something",
                    file=path,
                    advice=f"{TITLES.format(rows=above or header_row)} Else unmerge the cells of "
                    "the header, and give every column a name of its own (or delete stray cells).",
                )


def read_workbook(path: Path, source: Source) -> Raw:
    """Read one sheet of a workbook (see `formats.read_file`).

    Names stand in the first row below `skip_rows` that holds anything. Hidden rows and columns are
    read like others.
    """
    with opened(path) as book:
        sheet = _chosen(book, source, path)
        formulas, merged = _marks(path, sheet)
        sheet.reset_dimensions()  # some programs write wrong ones
        records = [(number, tuple(row))
                   for number, row in enumerate(sheet.iter_rows(values_only=True), 1)]  # fmt: skip
    if formulas:
        # Only a formula without a stored value is a cell that is there and blank.
        blanks = {(number, place) for number, row in records
                  for place, cell in enumerate(row) if cell is None}  # fmt: skip
        _demand_stored(path, source, blanks)
    filled = [
        (number, row)
        for number, row in records
        if any(cell is not None and str(cell).strip() for cell in row)
    ]
    where = f"{path} [{source.sheet}]" if source.sheet else path
    if not filled:
        raise StudyError("The sheet is empty", file=where, advice="Put the data there.")
    above = rows_above(filled[:LOOKED_AT])
    filled = [(number, row) for number, row in filled if number > source.skip_rows]
    if not filled:
        raise nothing_below(source.skip_rows, where)
    top = filled[0][0]
    spread = [one for one in merged if one[3] >= top and (one[0], one[1]) != (one[2], one[3])]
    if spread:
        first = spread[0]
        raise StudyError(
            f"{len(spread)} group(s) of cells are merged, the first is {first[0]}{first[1]}:"
            f"{first[2]}{first[3]}: only one cell of a group holds a value",
            file=where,
            advice=(f"{TITLES.format(rows=above)} Otherwise: " if above >= top else "")
            + "Unmerge them, and write into each cell what belongs there.",
        )
    header = [row for number, row in records if top <= number < top + source.header_rows]
    names = [_written(cell, ".").strip() for cell in header[0]]
    rows = [(number, row) for number, row in filled if number >= top + source.header_rows]
    demand_names(names, where)
    demand_names_once(names, where)
    demand_no_data(header[1:], where)
    if not rows:
        raise no_rows(where)
    _demand_named(names, rows, Path(str(where)), top, above)
    demand_no_import_ids(rows[:2], where)
    index = pd.Index([number for number, _ in rows], name="row", dtype="int64")
    columns = {
        name: typed(
            [row[place] if place < len(row) else None for _, row in rows], source.decimal
        ).set_axis(index)
        for place, name in enumerate(names)
        if name
    }
    second = [_written(cell, ".") for cell in header[1]] if len(header) > 1 else None
    return Raw(
        path.name + (f" [{source.sheet}]" if source.sheet else ""),
        pd.DataFrame(columns, index=index),
        titles_of(names, second),
    )
