"""Direct identifiers in a table, found by the names of its columns and by what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from attunement.ingest.privacy.identifiers import codes as coded
from attunement.ingest.privacy.identifiers import people as whole
from attunement.ingest.privacy.identifiers.alone import alone
from attunement.ingest.privacy.identifiers.by_name import Role, by_name
from attunement.ingest.privacy.identifiers.cells import Cells
from attunement.ingest.privacy.identifiers.ids import beyond_ids
from attunement.ingest.privacy.identifiers.names import announced, of_an_assessment, tokens
from attunement.ingest.privacy.identifiers.patterns import PATTERNS
from attunement.ingest.privacy.identifiers.whole_columns import by_whole_columns, strings_of_answers

OF_ONE = "words of one client each"
MANY = 50_000  # different values
BIRTH_SPAN, BIRTH_YEAR = 20, 2005


@dataclass(frozen=True)
class Finding:
    """A direct identifier in one column; the values themselves are never kept.

    Parameters
    ----------
    column, kind : str
        Where, and which of the kinds of `lexicon.yaml`, or `OF_ONE`.
    by : {"name", "content", "labels", "heading", "title"}
        What gave it away: what a column's name announces, its cells, words for its codes, its
        name itself (`Maria Schmidt`), or the file's own words for it.
    n_rows : int
        Rows that hold one; of labels, how many.
    first : tuple of int
        The first of them, as the file's program shows them.
    refused : bool
        False for a date of an assessment that nothing declares: it is left unread.
    """

    column: str
    kind: str
    by: Literal["name", "content", "labels", "heading", "title"]
    n_rows: int
    first: tuple[int, ...]
    refused: bool = True


def _years(cells: Cells, dates: np.ndarray) -> np.ndarray:
    texts = pd.Series(cells.values.filter(coded.pd_mask(dates)).to_pylist(), dtype="str")
    found = texts.str.extract(r"((?:18|19|20)\d{2})")[0].astype("float64").to_numpy()
    return np.repeat(found, cells.counts[dates])


def _dated(cells: Cells, column: str, role: Role) -> tuple[np.ndarray, bool] | None:
    """Dates: which values, and whether they are refused; None where there are none to speak of."""
    dates = cells.dates | cells.with_dates if role in ("unread", "other") else cells.dates
    if not dates.any() or role == "day":
        return None
    years = _years(cells, dates)
    years = years[np.isfinite(years)]
    early = bool(len(years)) and np.median(years) < BIRTH_YEAR
    wide = len(years) > 4 and np.subtract(*np.quantile(years, [0.95, 0.05])) > BIRTH_SPAN
    most = cells.counts[dates].sum() >= 0.5 * max(1, cells.counts.sum())
    if role == "number" and not most:
        # A few dates among numbers are slips of a spreadsheet: they become listed conflicts.
        return (dates, True) if early else None
    if of_an_assessment(column) and "date" not in announced(column) and not wide:
        return dates, role not in ("unread", "number")
    return dates, True


def _by_content(
    cells: Cells, column: str, role: Role, people: np.ndarray | None
) -> dict[str, np.ndarray]:
    telling = cells.telling
    found = by_whole_columns(cells, column, role, people)
    if cells.too_long.any():
        found["free text"] = cells.too_long.copy()
    if not telling.any():
        return found
    seen = np.any([cells.too_long, strings_of_answers(cells), *found.values()], axis=0)
    if telling.sum() > MANY and role not in ("id", "day", "words"):
        # What is refused as a whole need not be searched for every form.
        text = (whole.free_text(cells) if role != "number" else cells.too_long) & ~seen
        seen = seen | text
        text = text | cells.too_long
        other = coded.unique_codes(cells, people, role == "number") & ~seen
        other &= not coded.counts_something(column)
        told = {"free text": text, "other code": other, "name": whole.many_names(cells) & ~seen}
        found |= {kind: hits.copy() for kind, hits in told.items() if hits.any()}
        seen = seen | other | told["name"]
    for pattern in PATTERNS:
        if pattern.is_number and role in ("id", "day"):
            continue
        if role in ("id", "day") and pattern.kind in ("biometric", "account number"):
            continue
        hits = cells.of_form(pattern, telling & ~seen & ~cells.dates)
        if pattern.one_each and hits.any() and not coded.one_each(cells, hits, people):
            continue
        if pattern.kind == "ip address" and "version" in tokens(column):
            continue
        if pattern.check is not None and hits.any():
            bare = hits & cells.matches(r"^\d+$")
            if bare.any() and not coded.one_each(cells, bare, people):
                hits &= ~bare  # a code of a diagnosis or drug: many persons share it
        if hits.any():
            found[pattern.kind] = found.get(pattern.kind, np.zeros_like(hits)) | hits
            seen |= hits
    if role == "id":
        for kind, hits in beyond_ids(cells).items():
            found[kind] = found.get(kind, np.zeros_like(hits)) | hits
            seen |= hits
    if role != "words" and (telling & ~seen).any():
        named = whole.names(cells, None if role == "id" else people) & ~seen
        text = whole.free_text(cells)
        told = {"name": named & ~text, "free text": text, "geography": whole.towns(cells)}
        for kind, hits in told.items():
            if hits.any():
                found[kind] = found.get(kind, np.zeros_like(hits)) | hits
                seen |= hits
    if role not in ("id", "day", "words") and (telling & ~seen).any():
        if (accounts := coded.handles(cells) & ~seen).any():
            found["other code"] = accounts
        amounts = coded.counts_something(column)
        codes = coded.unique_codes(cells, people, role == "number") & ~seen
        if codes.any() and not amounts:
            found["other code"] = found.get("other code", np.zeros_like(codes)) | codes
        elif (
            role != "number"
            and not cells.typed_dates
            and not amounts
            and (places := coded.numbers_of_one(cells, people) & ~seen).any()
        ):
            found["other code"] = places
        seen = np.any([seen, *found.values()], axis=0)
    # A large column that is refused already need not be searched word by word.
    searched = telling.sum() > MANY and bool(found)
    if role in ("unread", "other") and not searched and (telling & ~seen).any():
        words = alone(cells, people) & ~seen
        found |= {OF_ONE: words} if words.any() else {}
    return found


def look(
    frame: pd.DataFrame,
    roles: Mapping[str, Role] | None = None,
    person: str | None = None,
) -> list[Finding]:
    """Return the direct identifiers of a table: the kinds of HIPAA Safe Harbor, and free text.

    Parameters
    ----------
    frame : DataFrame
        Columns of text as they stand, or typed (numbers, dates); the index ``row`` numbers rows.
    roles : mapping of str to str, optional
        What a column is declared as: "id" (becomes a pseudonym: codes and numbers are its nature,
        but names, e-mails, phones and national numbers are not), "day" (becomes a number of days),
        "number" (items and covariates with numbers), "words" (a category with declared words),
        "other" (declared otherwise), "unread" (not declared; the default).
    person : str, optional
        The column of the client: a code that never changes within a client is unique to a person.

    Returns
    -------
    list of Finding
        In the order of the columns; one for each column and kind.
    """
    roles = roles or {}
    rows = frame.index.to_numpy() if frame.index.name == "row" else np.arange(len(frame)) + 2
    people = None
    if person is not None and person in frame.columns:
        people = Cells(frame[person]).places
    findings = []
    for column in frame.columns:
        role = roles.get(str(column), "unread")
        values = frame[column]
        if pd.api.types.is_bool_dtype(values.dtype):
            continue
        cells = Cells(values)
        told = cells.telling.any() or cells.too_long.any() or announced(str(column))
        if not told and not cells.below_zero.any():
            continue
        found: dict[str, tuple[Literal["name", "content"], np.ndarray, bool]] = {
            kind: ("content", hits, True)
            for kind, hits in _by_content(cells, str(column), role, people).items()
        }
        dated = _dated(cells, str(column), role)
        if dated is not None:
            hits, refused = dated
            before = found.get("date")
            found["date"] = (
                "content",
                hits | before[1] if before else hits,
                refused or bool(before),
            )
        named = by_name(cells, str(column), role)
        if named is not None:
            kind, hits = named
            # What the name says is the likeliest reading of the same values.
            if kind != "free text":
                found = {k: v for k, v in found.items() if (v[1] & ~hits).any() or k == kind}
            before = found.get(kind)
            found[kind] = ("name", hits | before[1] if before else hits, True)
        for kind, (by, hits, refused) in found.items():
            at = cells.rows_of(hits)
            first = tuple(int(row) for row in rows[at[:5]])
            findings.append(Finding(str(column), kind, by, len(at), first, refused))
    return findings
