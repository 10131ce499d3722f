"""The decimal mark of a source whose numbers are written in two ways, as 5,5 beside 2.0.

pandas writes whole numbers of a column with gaps as 2.0, whatever mark the rest of a file has. By
their number alone these would outweigh the decimal commas.
"""

from __future__ import annotations

import pandas as pd

from attunement.ingest.guesses.columns import MOSTLY, Table
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.refusals import COMMA_THOUSANDS, WITH_COMMA, WITH_POINT
from attunement.ingest.sheet import as_text, is_number_column

_WHOLE = r"-?\d+\.00?"
FEW = 0.2  # fractions with a point in fewer cells of a column are slips
_NUMBER = r"-?\d+(?:[.,]\d+)?"


def _with_commas(text: pd.Series) -> bool:
    """A column of numbers, of which some have a decimal comma."""
    told = text.dropna()
    if not len(told) or not told.str.contains(",", regex=False).any():
        return False
    comma = told[told.str.fullmatch(WITH_COMMA)]
    numbers = told.str.fullmatch(_NUMBER).mean() >= MOSTLY
    return bool(numbers and len(comma) and not comma.str.fullmatch(COMMA_THOUSANDS).all())


def decimal_comma(frame: pd.DataFrame) -> bool:
    """Numbers are written with a decimal comma, and none that is not whole with a point."""
    columns = [as_text(frame[one]) for one in frame.columns if not is_number_column(frame[one])]
    if not any(_with_commas(text) for text in columns):
        return False
    pointed = [text[text.str.fullmatch(WITH_POINT).fillna(False).astype(bool)] for text in columns]
    return all(bool(some.str.fullmatch(_WHOLE).all()) for some in pointed)


def two_marks(table: Table, draft: Draft) -> None:
    """Tell where numbers are written in two ways, and ask for one where only one can be read."""
    texts = {
        name: column.text.dropna()
        for name, column in table.columns.items()
        if not column.is_date and not column.dated
    }
    comma = [name for name, text in texts.items() if _with_commas(text)]
    whole = [name for name, text in texts.items() if text.str.fullmatch(_WHOLE).any()]
    point = [
        name
        for name, text in texts.items()
        if (text.str.fullmatch(WITH_POINT) & ~text.str.fullmatch(_WHOLE)).mean() > FEW
    ]
    if comma and point and table.fields.get("format", "text") == "text":
        draft.ask(
            ("sources", table.name),
            f"This file writes fractions in two ways: with a comma in {_some(comma)}, with a point "
            f"in {_some(point)}. Only one mark is read, so write the file anew with one (a "
            "spreadsheet replaces them in the columns that differ) and run `new` again with "
            "--replace.",
        )
    elif comma and whole and table.fields.get("decimal") == ",":
        draft.because(
            ("sources", table.name, "decimal"),
            f"fractions have a comma ({_some(comma)}), and whole numbers are written 2.0 as well "
            f"({_some(whole)}): 2.0 counts as 2. Where `check` lists such cells all the same, "
            "write the file anew with one mark (in pandas: convert_dtypes() before to_csv)",
        )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 2} more column(s)" if names[2:] else ""
    return ", ".join(f"'{one}'" for one in names[:2]) + more
