"""Cells of a column as text: mapped by `values`, with labels, and with what counts as missing.

What a file itself declares missing is missing whatever the range, and is no conflict; a code that
`values` names is what `values` says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.sheet import Sheet, as_text, is_number_column
from attunement.study.dataset import ColumnSource

TOLERANCE = 1e-9
MISSING = "\0missing"  # at the end of a name: the column that says what the file declares missing
ERRORS = ("#REF!", "#N/A", "#NA", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!",
          "#CALC!", "#####")  # fmt: skip
Mapping = dict[str, str | float | int | bool | None]


def as_number(text: str) -> float:
    """The number that a text is; NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return np.nan


def split_codes(codes: tuple[str, ...]) -> tuple[list[str], list[float]]:
    """Missing codes as text codes and numeric codes ('NaN' is text, '-9' is a number)."""
    texts, numbers = [], []
    for code in codes:
        number = as_number(code)
        if np.isfinite(number):
            numbers.append(number)
        else:
            texts.append(code.strip())
    return texts, numbers


def recodes(values: Mapping) -> bool:
    """Several numbers stand for others: one that is not named cannot be taken as it stands."""
    pairs = [(as_number(key), value) for key, value in values.items()]
    moved = [key for key, value in pairs if isinstance(value, int | float) and key != value]
    return sum(not np.isnan(key) for key in moved) > 1


def labelled(sheet: Sheet, column: str, text: pd.Series) -> pd.Series:
    """The label of each code of a column, missing where it has none."""
    labels = sheet.labels.get(column, {})
    return text.map(labels).astype("str") if labels else text.mask(text.notna())


def mapped(
    text: pd.Series, mapping: Mapping, labels: dict[str, str] | None = None
) -> tuple[pd.Series, pd.Series]:
    """Text after a `values` mapping of codes or labels, and where it names what stood there."""
    if not mapping:
        return text, pd.Series(np.zeros(len(text), dtype=bool), index=text.index)
    known = {str(key).strip(): value for key, value in mapping.items()}
    for code, label in (labels or {}).items():
        if label.strip() in known:
            known.setdefault(code, known[label.strip()])
    named = text.isin(list(known)) | (text.isna() & ("" in known))
    written = {
        key: None
        if value is None
        else str(value).lower()
        if isinstance(value, bool)
        else str(value).strip()
        for key, value in known.items()
    }
    return text.where(~named, text.fillna("").map(written)).astype("str"), named


def declared_missing(sheet: Sheet, column: str, shown: pd.Series) -> np.ndarray:
    """Cells that the file itself declares missing."""
    if column + MISSING in sheet.frame:
        return sheet.frame[column + MISSING].to_numpy(dtype=bool)
    hit = np.zeros(len(shown), dtype=bool)
    parts = sheet.user_missing.get(column, [])
    if not parts:
        return hit
    words = [part for part in parts if isinstance(part, str)]
    ranges = [part for part in parts if not isinstance(part, str)]
    raw = sheet.frame[column]
    if ranges:
        cells = raw if is_number_column(raw) else pd.to_numeric(shown, errors="coerce")
        numbers = cells.to_numpy(dtype="float64", na_value=np.nan)
        for low, high in ranges:
            hit |= (numbers >= low - TOLERANCE) & (numbers <= high + TOLERANCE)
    if words:
        hit |= shown.isin(words).to_numpy(dtype=bool)
    return hit


@dataclass(frozen=True)
class Cells:
    """A column as text.

    `shown` is what stands there; `text` what it means, missing where it is blank, a text code, a
    code that the file declares missing, or a spreadsheet's error; `named` marks what `values`
    names, `error` a spreadsheet's errors.
    """

    shown: pd.Series
    text: pd.Series
    named: pd.Series
    error: np.ndarray


def read_cells(sheet: Sheet, column: ColumnSource, conflicts: Conflicts) -> Cells:
    """The cells of a column; errors of a spreadsheet are listed and set missing."""
    name = column.column
    shown = as_text(sheet.column(name))
    words, _ = split_codes(sheet.codes)
    text, named = mapped(shown, column.values or {}, sheet.labels.get(name))
    gone = text.isin(words) | declared_missing(sheet, name, shown)
    error = (text.isin(ERRORS) & ~gone & ~named).to_numpy(dtype=bool)
    conflicts.add(
        sheet.where, name, sheet.rows[error], "spreadsheet error", shown[error], "set missing",
        "the formula gave no value",
    )  # fmt: skip
    return Cells(shown, text.mask((gone & ~named) | error), named, error)
