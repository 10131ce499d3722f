"""The decimal mark of a source whose numbers are written in two ways, as 5,5 beside 2.0.

pandas writes whole numbers of a column with gaps as 2.0, whatever mark the rest of a file has. By
their number alone these would outweigh the decimal commas.
"""

from __future__ import annotations

import pandas as pd

from attunement.ingest.guesses.columns import MOSTLY, Table
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.sheet import as_text, is_number_column

_COMMA = r"-?\d+,\d+"
_THOUSANDS = r"-?\d{1,3}(?:,\d{3})+"
_POINT = r"-?\d+\.\d+"
_WHOLE = r"-?\d+\.0+"
_NUMBER = r"-?\d+(?:[.,]\d+)?"


def _with_commas(text: pd.Series) -> bool:
    """A column of numbers, of which some have a decimal comma."""
    told = text.dropna()
    if not len(told) or not told.str.contains(",", regex=False).any():
        return False
    comma = told[told.str.fullmatch(_COMMA)]
    numbers = told.str.fullmatch(_NUMBER).mean() >= MOSTLY
    return bool(numbers and len(comma) and not comma.str.fullmatch(_THOUSANDS).all())


def decimal_comma(frame: pd.DataFrame) -> bool:
    """Numbers are written with a decimal comma, and none that is not whole with a point."""
    columns = [as_text(frame[one]) for one in frame.columns if not is_number_column(frame[one])]
    if not any(_with_commas(text) for text in columns):
        return False
    pointed = [text[text.str.fullmatch(_POINT).fillna(False).astype(bool)] for text in columns]
    return all(bool(some.str.fullmatch(_WHOLE).all()) for some in pointed)


def two_marks(table: Table, draft: Draft) -> None:
    """Ask for one way of writing where whole numbers have a point beside decimal commas."""
    if table.fields.get("decimal") != ",":
        return
    comma, point = [], []
    for name, column in table.columns.items():
        if column.decimal != ",":
            continue
        if _with_commas(column.text):
            comma.append(name)
        if column.text.dropna().str.fullmatch(_WHOLE).any():
            point.append(name)
    if not comma or not point:
        return
    draft.because(("sources", table.name, "decimal"), f"'{comma[0]}' has numbers with a comma, and "
                  "those with a point are all whole")  # fmt: skip
    draft.ask(
        ("sources", table.name),
        f"This file writes numbers in two ways: with a comma in {_some(comma)}, but as 2.0 in "
        f"{_some(point)} (so pandas writes whole numbers beside gaps). One mark is declared, the "
        "comma, and numbers with a point may be refused: where `check` stops at such a column or "
        "lists its cells, write the file anew with one mark (in pandas: convert_dtypes() before "
        "to_csv; in a spreadsheet: replace .0 at the end of cells by nothing) and run `new` again "
        "with --replace.",
    )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 2} more column(s)" if names[2:] else ""
    return ", ".join(f"'{one}'" for one in names[:2]) + more
