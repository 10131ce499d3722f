"""The rows above the data: the names of the columns, and what a file says of them beside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from attunement.ingest.date_words import ISO, MARKED
from attunement.study.problems import StudyError

NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
ABOVE = (
    "Write a row above the data with a name for each column, as `id, session, ...`, and give these "
    "names in dataset.yaml."
)
TITLES = (
    "Where titles or notes stand above the names, say how many rows they are: `skip_rows: {rows}` "
    "for this source in dataset.yaml."
)
LOOKED_AT = 40  # rows that tell whether titles stand above the names
IMPORT_ID = '{"ImportId"'  # how Qualtrics begins every cell of its third header row


def _number(name: str) -> float | None:
    return float(name.replace(",", ".")) if NUMBER.fullmatch(name) else None


def demand_names(names: Sequence[str], file: object) -> None:
    """Demand that the first row holds names of columns, not data.

    Raises
    ------
    StudyError
        At least half of what stands there are numbers or dates, and not the numbers of items one
        after another (id, 1, 2, 3).
    """
    named = [name for name in names if name]
    numbers = [number for name in named if (number := _number(name)) is not None]
    dates = sum(ISO.match(name) is not None or MARKED.match(name) is not None for name in named)
    rising = all(one < other for one, other in pairwise(numbers))
    if not named or 2 * (len(numbers) + dates) < len(named) or (rising and not dates):
        return
    shown = ", ".join(f"'{name}'" for name in named[:5])
    raise StudyError(
        f"The first row looks like data, not like names of columns: {shown}",
        file=file,
        rows=1,
        first=["row 1"],
        advice=ABOVE,
    )


def rows_above(rows: Sequence[tuple[int, Sequence[object]]]) -> int:
    """How many rows of titles and notes seem to stand above the names.

    Parameters
    ----------
    rows : sequence of (number, cells)
        The first rows, blank ones or not.

    Returns
    -------
    int
        0 where the first row has the names, or where it cannot be told: rows above hold one or two
        cells, and the row below them three or more words, as many as most rows.
    """
    told = [(number, [text for c in cells if c is not None and (text := str(c).strip())])
            for number, cells in rows]  # fmt: skip
    filled = [(number, cells) for number, cells in told if cells]
    usual = sorted(len(cells) for _, cells in filled)[len(filled) // 2] if filled else 0
    for number, cells in filled:
        if len(cells) > 2:
            words = sum(NUMBER.fullmatch(cell) is None for cell in cells)
            wide = len(cells) >= 0.8 * usual and 2 * words > len(cells)
            return number - 1 if wide and number != filled[0][0] else 0
    return 0


def first_row_is_data(frame: pd.DataFrame) -> bool:
    """Whether most names of columns stand among the cells below them, as data would."""
    held = [
        str(name).strip() in set(frame.iloc[:, place].astype("str").str.strip())
        for place, name in enumerate(frame.columns)
        if not is_item_number(str(name))
    ]
    return len(held) > 1 and 2 * sum(held) >= len(held)


def is_item_number(name: str) -> bool:
    """Whether a column may be called so although it is a number: that of an item."""
    return name.isdigit() and len(name) <= 3


def demand_names_once(names: Sequence[str], file: object) -> None:
    """Demand that no column has the name of another.

    Raises
    ------
    StudyError
        A name stands more than once in the header.
    """
    named = [name for name in names if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise StudyError(
            f"The header names a column more than once: {', '.join(twice[:5])}",
            file=file,
            column=twice[0],
            advice="Give every column its own name.",
        )


def demand_no_import_ids(rows: Sequence[tuple[int, Sequence[object]]], file: object) -> None:
    """Demand that the rows below the header are data, not Qualtrics' own further header rows.

    Parameters
    ----------
    rows : sequence of (number, cells)
        The first rows that would be read as data.

    Raises
    ------
    StudyError
        A row holds Qualtrics' import ids; the message says how many header rows there are.
    """
    for number, cells in rows:
        if any(str(cell).replace(" ", "").startswith(IMPORT_ID) for cell in cells):
            raise StudyError(
                f"Row {number} holds the import ids of Qualtrics, not data",
                file=file,
                advice=f"Declare `header_rows: {number}` for this source in dataset.yaml: names, "
                "question texts and import ids are then not read as answers.",
            )


def demand_no_data(further: Sequence[Sequence[object]], file: object) -> None:
    """Demand that declared header rows below the names are words, not data that would be lost.

    Raises
    ------
    StudyError
        At least half of what stands in such a row are numbers.
    """
    for cells in further:
        told = [text for cell in cells if cell is not None and (text := str(cell).strip())]
        numbers = sum(NUMBER.fullmatch(text) is not None for text in told)
        if told and 2 * numbers >= len(told):
            raise StudyError(
                f"{numbers} of the {len(told)} cells of a declared header row are numbers: it "
                "looks like data, which would be lost",
                file=file,
                rows=1,
                advice="Correct `header_rows` of this source in dataset.yaml: how many rows stand "
                "above the data, the names included.",
            )


def titles_of(names: Sequence[str], second: Sequence[str] | None) -> dict[str, str]:
    """The words of a second header row for each named column (none: the row is not there)."""
    if second is None:
        return {}
    pairs = zip(names, second, strict=False)
    return {name: str(title).strip() for name, title in pairs if name and str(title).strip()}


def nothing_below(skip_rows: int, file: object) -> StudyError:
    """What is said of a file that ends among the rows that are passed over."""
    return StudyError(
        f"Nothing stands below the {skip_rows} row(s) that are passed over",
        file=file,
        advice="Correct `skip_rows` of this source in dataset.yaml.",
    )


def no_rows(file: object) -> StudyError:
    """What is said of a file that has names and nothing below them."""
    return StudyError(
        "The source is declared but empty: it has a header and no rows",
        file=file,
        rows=0,
        advice="Put the data there, or take the source out of dataset.yaml.",
    )
