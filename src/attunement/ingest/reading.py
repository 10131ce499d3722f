"""Delimited text to a table of text, or one clear message why not."""

from __future__ import annotations

import codecs
import csv
import io

import pandas as pd

from attunement.study.problems import StudyError

DELIMITERS = {",": "','", ";": "';'", "\t": "a tab ('\\t')", "|": "'|'"}
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(content: bytes, encoding: str, file: object) -> str:
    """Decode the bytes of a file.

    Raises
    ------
    StudyError
        The encoding is unknown, or some bytes are not text in it; the message names the line.
    """
    try:
        return content.decode(encoding)
    except LookupError:
        raise StudyError(
            f"Unknown encoding '{encoding}'", file=file, advice="Use utf-8-sig, cp1252 or latin-1."
        ) from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        other = "utf-16" if content.startswith(WIDE_MARKS) else "cp1252"
        raise StudyError(
            f"The file is not text in the encoding '{encoding}', which was tried: line {line} "
            f"holds the byte 0x{content[error.start]:02x}",
            file=file,
            advice=f"Save it as UTF-8, or declare its encoding, perhaps 'encoding: {other}'.",
        ) from None


def _records(text: str, delimiter: str, file: object) -> list[list[str]]:
    if len(delimiter) != 1:
        raise StudyError(
            f"The delimiter must be one character, not '{delimiter}'",
            file=file,
            advice='Correct `delimiter` in dataset.yaml (a tab is "\\t").',
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise StudyError(
            f"The file cannot be split into columns: {error} near line {reader.line_num}",
            file=file,
            advice="Look for a quotation mark that is not closed.",
        ) from None


def _check_header(header: list[str], delimiter: str, file: object) -> None:
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
    named = [name for name in header if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise StudyError(
            f"The header names a column more than once: {', '.join(twice[:5])}",
            file=file,
            column=twice[0],
            advice="Give every column its own name.",
        )


def parse(content: bytes, delimiter: str, encoding: str, file: object) -> pd.DataFrame:
    """Split delimited text into a table of text.

    Parameters
    ----------
    content : bytes
        The file as it stands.
    delimiter, encoding : str
        As declared for the source.
    file : object
        What the messages call the file.

    Returns
    -------
    DataFrame
        Dtype ``str`` throughout, cells as they stand (an empty cell is an empty string). The index
        ``row`` is the row that a spreadsheet shows: the header is row 1. Rows without any content
        are skipped and counted in the numbering.

    Raises
    ------
    StudyError
        Empty file, header only, wrong delimiter, undecodable bytes, header names that come twice,
        rows with more or fewer cells than the header.
    """
    text = decode(content, encoding, file)
    if not text.strip():
        raise StudyError("The file is empty", file=file, advice="Put the data there.")
    records = _records(text, delimiter, file)
    start = next(i for i, record in enumerate(records) if any(cell.strip() for cell in record))
    header = [name.strip() for name in records[start]]
    _check_header(header, delimiter, file)
    # A spreadsheet writes rows of nothing but delimiters below the data: they hold no record.
    rows = [
        (number, record)
        for number, record in enumerate(records[start + 1 :], start + 2)
        if any(map(str.strip, record))
    ]
    if not rows:
        raise StudyError(
            "The source is declared but empty: it has a header and no rows",
            file=file,
            rows=0,
            advice="Put the data there, or take the source out of dataset.yaml.",
        )
    ragged = [(number, len(record)) for number, record in rows if len(record) != len(header)]
    if ragged:
        number, found = ragged[0]
        raise StudyError(
            f"Rows do not have the {len(header)} cells of the header (row {number} has {found})",
            file=file,
            rows=len(ragged),
            first=[f"row {number}" for number, _ in ragged[:5]],
            advice=f"Put text that holds the delimiter {delimiter!r} in quotation marks.",
        )
    index = pd.Index([number for number, _ in rows], name="row", dtype="int64")
    cells = list(zip(*(record for _, record in rows), strict=True))
    columns = {
        name: pd.Series(cells[place], index=index, dtype="str")
        for place, name in enumerate(header)
        if name
    }
    return pd.DataFrame(columns, index=index)
