"""What stands in a cell, and what it means: missing codes, mappings, types, ranges.

A declared numeric missing code counts as missing only outside the possible range of what is read:
9 is a valid answer on a scale from 0 to 10, -3 a valid answer on the C-NIP. Text codes and blank
cells are always missing. Where no range is known, a declared code is believed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.ingest.cells import (
    TOLERANCE,
    declared_missing,
    labelled,
    read_cells,
    recodes,
    split_codes,
)
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.counted import demand_counts
from attunement.ingest.ranges import Range, demand_labels, demand_range, note_possible
from attunement.ingest.refusals import (
    demand_known_words,
    demand_no_truth,
    demand_numbers,
    note_unmatched,
)
from attunement.ingest.sheet import Sheet, as_text, is_number_column
from attunement.study.counts import seems
from attunement.study.dataset import ColumnSource

LARGEST_WHOLE = 2.0**53  # beyond it a float no longer tells neighbouring whole numbers apart
WHOLE_WITH_POINT = r"^([-+]?\d+)\.00?$"
FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def _number_codes(values: np.ndarray, codes: list[float], allowed: Range) -> np.ndarray:
    hit = np.zeros(len(values), dtype=bool)
    for code in codes:
        if not allowed.holds_code(code):
            hit |= np.abs(values - code) <= TOLERANCE
    return hit


def _parsed(text: pd.Series, decimal: str) -> np.ndarray:
    # A million answers are a handful of numbers: each is parsed once.
    places, words = pd.factorize(text)
    found = pd.Series(words, dtype="str")
    if decimal == ",":
        # Programs write a whole number with a gap in its column as 2.0, whatever the mark of the
        # file. A thousands mark has three digits behind it, so this can only be 2. Refusing it
        # would leave no way out of a file whose other columns do hold a decimal comma. Any other
        # point is a thousands mark or a slip: it is not guessed.
        found = found.str.replace(WHOLE_WITH_POINT, r"\1", regex=True)
        found = found.mask(found.str.contains(".", regex=False, na=False), "?")
        found = found.str.replace(",", ".", regex=False)
    parsed = pd.to_numeric(found, errors="coerce")
    numbers = np.append(parsed.to_numpy(dtype="float64", na_value=np.nan), np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)[places]


def numbers(
    sheet: Sheet, column: ColumnSource, allowed: Range, conflicts: Conflicts, *, exact: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Read a column of numbers.

    Parameters
    ----------
    sheet, column : Sheet, ColumnSource
        The source and the column in it.
    allowed : Range
        What the numbers may be; `whole` says that only whole numbers are possible.
    conflicts : Conflicts
        Where text, values out of range and fractions are listed.
    exact : bool
        A fraction where only whole numbers are possible cannot be kept (counts, session numbers).

    Returns
    -------
    (ndarray, ndarray)
        The numbers (NaN: missing), and where anything was recorded, usable or not.

    Raises
    ------
    StudyError
        A decimal mark that is not the declared one, or not one number (see `refusals`).
    """
    raw = sheet.column(column.column)
    _, codes = split_codes(sheet.codes)
    unnamed = np.zeros(len(raw), dtype=bool)
    if is_number_column(raw) and column.values is None:
        demand_no_truth(sheet, column.column, raw, allowed.top)
        demand_labels(sheet, column.column, allowed)
        values = raw.to_numpy(dtype="float64", na_value=np.nan).copy()
        shown = raw.reset_index(drop=True)
        gone = declared_missing(sheet, column.column, shown)
        note_possible(sheet, column.column, shown, values, gone, allowed, conflicts)
        values[gone] = np.nan
        wrong, error = np.isinf(values), np.zeros(len(values), dtype=bool)
        values[wrong] = np.nan
    else:
        cells = read_cells(sheet, column, conflicts)
        shown, text, error = cells.shown, cells.text, cells.error
        values = _parsed(text, sheet.form(column.column)[0])
        if is_number_column(raw):  # written by this program, with a point
            values = _parsed(text, ".")
        wrong = text.notna().to_numpy() & np.isnan(values)
        demand_numbers(sheet, column.column, text, wrong, ~np.isnan(values))
        if recodes(column.values or {}):
            unnamed = ~np.isnan(values) & ~np.asarray(cells.named, dtype=bool)
            unnamed &= ~_number_codes(values, codes, Range())
    values[_number_codes(values, codes, allowed)] = np.nan
    demand_counts(sheet, column.column, values, allowed.counts)
    demand_range(sheet, column.column, values, allowed)
    recorded = ~np.isnan(values) | wrong | error

    def note(hit: np.ndarray, kind: str, action: str, detail: str) -> None:
        conflicts.add(
            sheet.where, column.column, sheet.rows[hit], kind, as_text(shown[hit]), action, detail,
        )  # fmt: skip

    note(wrong, "text in a number column", "set missing", "not a number")
    note(unnamed, "unknown code", "set missing", "`values` gives numbers for numbers, not for this")
    values[unnamed] = np.nan
    out = (values < allowed.bottom - TOLERANCE) | (values > allowed.top + TOLERANCE)
    if allowed.whole:
        out |= np.abs(values) > LARGEST_WHOLE
    told = np.array([seems(value) if allowed.counts else "" for value in values[out]], dtype=object)
    for what in sorted(set(told)):
        hit = out.copy()
        hit[out] = told == what
        note(hit, "out of range", "set missing",
             f"possible is {allowed}" + (f"; it looks like {what}" if what else ""))  # fmt: skip
    values[out] = np.nan
    if allowed.whole:
        near = np.floor(values + 0.5)
        fraction = np.abs(values - near) > TOLERANCE
        values = np.where(fraction, values, near)
        if sheet.whole_numbers == "round":
            note(fraction, "not a whole number", "settled by rule", "rounded, halves upwards")
            values = near
        elif exact:
            note(fraction, "not a whole number", "set missing", "only whole numbers are possible")
            values[fraction] = np.nan
        else:
            note(fraction, "not a whole number", "kept", "only whole numbers are possible")
    return values, recorded


def _without_point_zero(ids: pd.Series) -> pd.Series:
    """Whole numbers that were written as 7.0 (a program takes a column with gaps for fractions)."""
    pointed = ids.str.endswith(".0").fillna(False)
    if not pointed.any() or not ids.dropna().str.fullmatch(r"\d+(\.0)?").all():
        return ids
    return ids.where(~pointed, ids.str.removesuffix(".0"))


def texts(
    sheet: Sheet,
    column: ColumnSource,
    conflicts: Conflicts,
    allowed: tuple[str, ...] = (),
    *,
    identifier: bool = False,
) -> pd.Series:
    """Read a column of text, categories or identifiers.

    Any number may be an identifier: numeric missing codes do not touch identifiers (map them to
    null by `values` instead), nor a category that is named under `values` or among `allowed`.
    A value that a declared mapping or the allowed categories do not name is listed and set missing;
    where not one is known, the run stops (see `refusals`). A category without `values` takes the
    labels of its codes where the file has them; an identifier keeps its codes.
    """
    cells = read_cells(sheet, column, conflicts)
    shown, text, named = cells.shown, cells.text, cells.named
    _, codes = split_codes(sheet.codes)
    if codes and not identifier:
        found = pd.to_numeric(text, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
        text = text.mask(_number_codes(found, codes, Range()) & ~text.isin(allowed) & ~named)
    if identifier:
        text = _without_point_zero(text)
    elif column.values is None and column.column in sheet.labels:
        label = labelled(sheet, column.column, text)
        text = text.where(label.isna() | text.isin(allowed), label)
    unknown = np.zeros(len(text), dtype=bool)
    if column.values is not None and not identifier:
        unknown |= ~named.to_numpy()
    if allowed:
        unknown |= ~text.isin(allowed).to_numpy()
    unknown &= text.notna().to_numpy()
    known = list(allowed) or [str(key) for key in column.values or {}]
    found_known = (named | text.notna()).to_numpy() & ~unknown
    demand_known_words(sheet, column.column, shown, text, unknown, found_known, known)
    note_unmatched(sheet, column.column, shown, unknown, column.values, conflicts)
    conflicts.add(
        sheet.where,
        column.column,
        sheet.rows[unknown],
        "unknown code",
        shown[unknown],
        "set missing",
        f"known are {', '.join(known)}",
    )
    return text.mask(unknown)


def flags(sheet: Sheet, column: ColumnSource, conflicts: Conflicts) -> pd.Series:
    """Read a column of flags: 0 / 1, true / false, yes / no in any case, or as mapped.

    A label yes or no of the file goes before the code: there are files in which 1 is no.
    """
    cells = read_cells(sheet, column, conflicts)
    shown, text, named = cells.shown, cells.text, cells.named
    _, codes = split_codes(sheet.codes)
    label = labelled(sheet, column.column, text).str.lower()
    text = text.where(named | ~label.isin(list(FLAGS)), label)
    found = pd.to_numeric(text, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    text = text.mask(_number_codes(found, codes, Range(0, 1)) & ~named).str.lower()
    # A column of numbers may have been written as 1.0 and 0.0.
    text = text.replace({"1.0": "1", "0.0": "0"})
    unknown = text.notna() & ~text.isin(list(FLAGS))
    if column.values is not None:
        unknown |= text.notna() & ~named
    known = list(column.values or FLAGS)
    found_known = ((named | text.notna()) & ~unknown).to_numpy()
    unread = unknown.to_numpy(dtype=bool)
    demand_known_words(sheet, column.column, shown, text, unread, found_known, known)
    note_unmatched(sheet, column.column, shown, unread, column.values, conflicts)
    conflicts.add(
        sheet.where,
        column.column,
        sheet.rows[unread],
        "unknown code",
        shown[unknown],
        "set missing",
        f"known are {', '.join(map(str, known))}",
    )
    return text.mask(unknown).map(FLAGS).astype("boolean")
