"""Columns of which nothing can be read: the declaration does not fit them, so the run stops.

A few unknown words in a column are a listed conflict. Where every one is unknown, setting them all
missing would quietly analyse other data than the researcher declared.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.sheet import Sheet

WORDS_SHOWN = 8
IN_WORDS = r"(?:\D+ )?\d{1,2}\D{2,20}\d{4}"
LIKE_DATE = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?!\d)"
WITH_COMMA, WITH_POINT = r"-?\d+,\d+", r"-?\d+\.\d+"
COMMA_THOUSANDS = r"-?\d{1,3}(?:,\d{3})+"
BY_THOUSANDS = (
    "If the comma marks thousands, take it out of the cells (12345); if it is a decimal comma, "
    "declare `decimal: ','` for this source in dataset.yaml."
)
IN_THOUSANDS = r"-?\d{1,3}\.\d{3}"


def _listed(words: list[str]) -> str:
    named = ", ".join(f"'{word}'" for word in words[:WORDS_SHOWN])
    return f"{named} and {len(words) - WORDS_SHOWN} more" if words[WORDS_SHOWN:] else named


def demand_known_words(
    sheet: Sheet,
    column: str,
    shown: pd.Series,
    read: pd.Series,
    unknown: np.ndarray,
    known: np.ndarray,
    vocabulary: Iterable[object],
) -> None:
    """Demand that a column with a closed vocabulary holds at least one known word, if any at all.

    Parameters
    ----------
    sheet, column : Sheet, str
        The source and the column in it.
    shown, read : Series of str
        The cells as they stand, and after the declared `values`.
    unknown, known : array of bool
        Cells with an unknown word; cells with a word that is known or named under `values`.
    vocabulary : iterable
        The known words.

    Raises
    ------
    StudyError
        Words are there, and every one is unknown.
    """
    if not unknown.any() or known.any():
        return
    cells = pd.DataFrame({"shown": shown, "read": read})[unknown]
    counts = cells.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
    words = [str(word) for word, _ in counts.index]
    turned = [f"'{word}' to '{into}'" for word, into in counts.index if word != into]
    becomes = f" (`values` turns {', '.join(turned[:WORDS_SHOWN])})" if turned else ""
    places = ", ".join(f"{word}: ..." for word in words[:2])
    raise sheet.where.fault(
        f"Not one value of the column is known: found are {_listed(words)}{becomes}; "
        f"known are {', '.join(map(str, vocabulary))}",
        column,
        sheet.rows[unknown],
        "Map each word to a known one (or to null: missing) under `values` in "
        f"dataset.yaml: {{column: {column}, values: {{{places}}}}}.",
    )


def note_unmatched(
    sheet: Sheet,
    column: str,
    shown: pd.Series,
    unknown: np.ndarray,
    values: Mapping[str, object] | None,
    conflicts: Conflicts,
) -> None:
    """List the words of `values` that no cell holds, where cells hold words that it does not name.

    A word may stand for what has not happened yet; beside unknown cells it is likely a slip.
    """
    if not unknown.any():
        return
    held = list(shown.dropna().unique())
    plain = {str(cell).casefold(): str(cell) for cell in shown[unknown].dropna().unique()}
    named = [word.strip() for word, value in (values or {}).items() if value is not None]
    for word in named:
        if not word or word in held:
            continue
        near = difflib.get_close_matches(word.casefold(), list(plain), 1, cutoff=0.6)
        like = f", most like it '{plain[near[0]]}'" if near else ""
        conflicts.add(
            sheet.where, column, sheet.rows[unknown][:1], "unmatched word", word, "set missing",
            f"no cell holds this word of `values`; {int(unknown.sum())} cell(s) hold words that "
            f"are not named{like}",
        )  # fmt: skip


def demand_numbers(
    sheet: Sheet, column: str, text: pd.Series, wrong: np.ndarray, read: np.ndarray
) -> None:
    """Demand that a number column is written with the declared decimal mark and holds a number.

    Parameters
    ----------
    sheet, column : Sheet, str
        The source and the column in it.
    text : Series of str
        The cells after the declared `values` and the missing codes.
    wrong, read : array of bool
        Cells that are no number; cells that are one.

    Raises
    ------
    StudyError
        At least half of what is unreadable are numbers with a decimal comma that is not declared,
        or the column is written with points where the comma is declared (`_demand_comma`), or
        nothing of it is readable.
    """
    if not wrong.any():
        return
    decimal = sheet.form(column)[0]
    if decimal == ".":
        comma = wrong & text.str.fullmatch(WITH_COMMA).fillna(False).to_numpy(dtype=bool)
        n = int(comma.sum())
        if 2 * n >= wrong.sum():
            cells = f"{n} cells such as '{text[comma].iloc[0]}' hold"
            raise sheet.where.fault(
                f"{cells if n > 1 else cells.replace('cells', 'cell').replace('hold', 'holds')} "
                "a comma",
                column,
                sheet.rows[comma],
                BY_THOUSANDS
                if text[comma].str.fullmatch(COMMA_THOUSANDS).all()
                else "Declare `decimal: ','` for this source in dataset.yaml.",
            )
    if decimal == ",":
        _demand_comma(sheet, column, text, wrong, read)
    if read.any():
        return
    words = [str(word) for word in text[wrong].drop_duplicates()]
    if text[wrong].str.match(LIKE_DATE).all():
        advice = (
            "These are dates; where the number of a session belongs, take their order within the "
            f"client: {{column: {column}, order_from: 1}}."
        )
    elif text[wrong].str.fullmatch(IN_WORDS).all():
        advice = (
            "If these are dates, their months are written in a way that is not known: write them "
            "as 2021-04-03."
        )
    else:
        advice = (
            "Name the column that holds the numbers; or say which number each word is under "
            "`values` (of the column, or of the responses for all items); or name words that stand "
            "for a gap under `missing_codes`."
        )
    raise sheet.where.fault(
        f"Not one value of the column is a number: found are {_listed(words)}",
        column,
        sheet.rows[wrong],
        advice,
    )


def _demand_comma(
    sheet: Sheet, column: str, text: pd.Series, wrong: np.ndarray, read: np.ndarray
) -> None:
    """Demand that a column for which the decimal comma is declared is not written with points.

    Most cells hold a point; or none a comma, and at least one of ten a point that marks no
    thousands: on a scale with half points only every second cell has a fraction. A few are listed,
    as any other slip.
    """
    point = wrong & text.str.fullmatch(WITH_POINT).fillna(False).to_numpy(dtype=bool)
    plain = point & ~text.str.fullmatch(IN_THOUSANDS).fillna(False).to_numpy(dtype=bool)
    comma = read & text.str.contains(",", regex=False).fillna(False).to_numpy(dtype=bool)
    here = int((wrong | read).sum())
    fractions = plain.any() and 10 * plain.sum() >= here and not comma.any()
    if not (fractions or 2 * point.sum() > here):
        return
    n = int(point.sum())
    cells = f"{n} of {here} cells hold" if here > 1 else "The cell holds"
    raise sheet.where.fault(
        f"{cells} a point, as '{text[point].iloc[0]}', and `decimal: ','` is declared",
        column,
        sheet.rows[point],
        "If it is a decimal point, take `decimal: ','` out of this source (or, where other columns "
        "of the file do hold a decimal comma, export the file anew with one mark); if it marks "
        "thousands, take it out of the cells.",
    )


def demand_no_truth(sheet: Sheet, column: str, raw: pd.Series, top: float) -> None:
    """Demand that a column of truth values is not one of answers that go beyond 0 and 1.

    Raises
    ------
    StudyError
        The file holds TRUE and FALSE where larger numbers are possible.
    """
    if not pd.api.types.is_bool_dtype(raw.dtype) or not 1 < top < np.inf or raw.isna().all():
        return
    raise sheet.where.fault(
        f"The column holds TRUE and FALSE, and numbers up to {top:g} belong there",
        column,
        sheet.rows[raw.notna().to_numpy(dtype=bool)],
        "Put the numbers back, or say under `values` which number each stands for: "
        "{'true': 1, 'false': 0}.",
    )
