"""Delimited text to a table of text, or one clear message why not."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator

import pandas as pd

from attunement.ingest.readers.headers import (
    TITLES,
    demand_names,
    demand_names_once,
    demand_no_data,
    demand_no_import_ids,
    no_rows,
    nothing_below,
    titles_of,
)
from attunement.ingest.readers.quick_text import quick_columns
from attunement.study.problems import StudyError

DELIMITERS = {",": "','", ";": "';'", "\t": "a tab ('\\t')", "|": "'|'"}
# Codecs that Python calls text, which would change what stands in a file.
NOT_FOR_FILES = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined")
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(content: bytes, encoding: str, file: object) -> str:
    """Decode the bytes of a file.

    Raises
    ------
    StudyError
        The encoding is unknown, or some bytes are not text in it; the message names the line.
    """
    try:
        if encoding.lower().replace("-", "_") in NOT_FOR_FILES:
            raise LookupError
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise StudyError(
            f"Unknown encoding '{encoding}'", file=file, advice="Use utf-8-sig, cp1252 or latin-1."
        ) from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        other = "latin-1" if encoding.lower() in ("cp1252", "windows-1252") else "cp1252"
        other = "utf-16" if content.startswith(WIDE_MARKS) else other
        raise StudyError(
            f"The file is not text in the encoding '{encoding}', which was tried: line {line} "
            f"holds the byte 0x{content[error.start]:02x}",
            file=file,
            advice=f"Save it as UTF-8, or declare its encoding, perhaps 'encoding: {other}'.",
        ) from None


def _reader(lines: Iterable[str], delimiter: str, file: object) -> Iterator[list[str]]:
    if len(delimiter) != 1:
        raise StudyError(
            f"The delimiter must be one character, not '{delimiter}'",
            file=file,
            advice='Correct `delimiter` in dataset.yaml (a tab is "\\t").',
        )
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise StudyError(
            f"The file cannot be split into columns: {error} near line {reader.line_num}",
            file=file,
            advice="Look for a quotation mark that is not closed.",
        ) from None


def _check_delimiter(header: list[str], delimiter: str, file: object) -> None:
    if len(header) == 1:
        others = {other: header[0].count(other) + 1 for other in DELIMITERS if other != delimiter}
        best = max(others, key=lambda other: others[other])
        if others[best] > 1:
            raise StudyError(
                f"The whole header stands in one column ({header[0][:60]!r}): the delimiter "
                f"{delimiter!r} does not split it, {DELIMITERS[best]} would give "
                f"{others[best]} columns",
                file=file,
                advice=f"Declare `delimiter: {best!r}` for this source in dataset.yaml.",
            )


def _head(
    text: str, delimiter: str, skip_rows: int, header_rows: int, file: object
) -> tuple[list, int, int]:
    """The header rows, where in the text the data begin, and how many records come before."""
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        for line in io.StringIO(text, newline=""):
            taken += len(line)
            yield line

    header: list[list[str]] = []
    before = 0
    for before, record in enumerate(_reader(lines(), delimiter, file), 1):
        if before > skip_rows and (header or any(cell.strip() for cell in record)):
            header.append(record)
        if len(header) == header_rows:
            break
    return header, taken, before


def _slow(text: str, names: list[str], delimiter: str, before: int, file: object) -> pd.DataFrame:
    """The rows below the header, record by record; `before` records stand above them."""
    # A spreadsheet writes rows of nothing but delimiters below the data: they hold no record.
    lines = io.StringIO(text, newline="")
    rows = [
        (number, record)
        for number, record in enumerate(_reader(lines, delimiter, file), before + 1)
        if any(map(str.strip, record))
    ]
    if not rows:
        raise no_rows(file)
    demand_no_import_ids(rows[:2], file)
    ragged = [(number, len(record)) for number, record in rows if len(record) != len(names)]
    if ragged:
        number, found = ragged[0]
        raise StudyError(
            f"Rows do not have the {len(names)} cells of the header (row {number} has {found})",
            file=file,
            rows=len(ragged),
            first=[f"row {number}" for number, _ in ragged[:5]],
            advice=TITLES.format(rows=before)
            if len(names) <= 2 and 2 * sum(cells > 2 for _, cells in ragged) > len(rows)
            else f"Put text that holds the delimiter {delimiter!r} in quotation marks.",
        )
    index = pd.Index([number for number, _ in rows], name="row", dtype="int64")
    cells = list(zip(*(record for _, record in rows), strict=True))
    return pd.DataFrame(
        {
            name: pd.Series(cells[place], index=index, dtype="str")
            for place, name in enumerate(names)
            if name
        },
        index=index,
    )


def parse_titled(
    content: bytes,
    delimiter: str,
    encoding: str,
    file: object,
    header_rows: int = 1,
    skip_rows: int = 0,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Split delimited text into a table of text, and the second header row as titles.

    Parameters
    ----------
    content : bytes
        The file as it stands.
    delimiter, encoding : str
        As declared for the source.
    file : object
        What the messages call the file.
    header_rows : int
        Rows above the data: the first holds the names, the second becomes the titles.
    skip_rows : int
        Rows at the top that are passed over (blank ones count, as a spreadsheet counts them).

    Returns
    -------
    (DataFrame, dict)
        Dtype ``str`` throughout, cells as they stand (an empty cell is an empty string). The index
        ``row`` is the row that a spreadsheet shows: the header is row 1. Rows without any content
        are skipped and counted in the numbering.

    Raises
    ------
    StudyError
        Empty file, header only, wrong delimiter, undecodable bytes, header names that come twice,
        rows with more or fewer cells than the header, header rows that are not declared.
    """
    text = decode(content, encoding, file)
    if not text.strip():
        raise StudyError("The file is empty", file=file, advice="Put the data there.")
    if "\0" in text[:4096]:
        raise StudyError(
            f"The file is no text in the encoding '{encoding}': it holds zero bytes",
            file=file,
            advice="Declare `encoding: utf-16`, or utf-16-le; or the file is of another kind than "
            "its ending says.",
        )
    header, start, before = _head(text, delimiter, skip_rows, header_rows, file)
    if not header:
        raise nothing_below(skip_rows, file)
    names = [name.strip() for name in header[0]]
    _check_delimiter(names, delimiter, file)
    demand_names(names, file)
    demand_names_once(names, file)
    demand_no_data(header[1:], file)
    titles = titles_of(names, header[1] if len(header) > 1 else None)
    below = text[start:]
    frame = quick_columns(below, names, delimiter)
    if frame is None or frame.empty:
        return _slow(below, names, delimiter, before, file), titles
    frame.index = pd.Index(frame.index.to_numpy() + before + 1, name="row", dtype="int64")
    demand_no_import_ids(
        [(int(row), list(frame.loc[row])) for row in frame.index[:2]], file
    )  # fmt: skip
    return frame, titles


def parse(content: bytes, delimiter: str, encoding: str, file: object) -> pd.DataFrame:
    """Split delimited text with one header row into a table of text (see `parse_titled`)."""
    return parse_titled(content, delimiter, encoding, file)[0]
