"""What the form of a file seems to be, as fields of a source in dataset.yaml."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path
from typing import Any

from attunement.ingest.readers.formats import ENDINGS, content_kind
from attunement.ingest.readers.headers import IMPORT_ID, LOOKED_AT, rows_above

SAMPLE = 1 << 18  # bytes that are looked at
DELIMITERS = (",", ";", "\t", "|")
COMMA_NUMBER = re.compile(r"-?\d+,\d+")
POINT_NUMBER = re.compile(r"-?\d+\.\d+")


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[1:200:2].count(0) > 50:
        return "utf-16-le"
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, with their numbers."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []
    return [(n, row) for n, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]


def _delimiter(text: str) -> str:
    """The delimiter that splits most rows into as many cells as the header, and into the most.

    Where it does not split the first row, that may be a title: then most rows are what counts.
    """

    def merit(delimiter: str) -> tuple[float, int]:
        lengths = [len(row) for _, row in _rows(text, delimiter)]
        if not lengths:
            return (0.0, 0)
        whole = lengths[0] if lengths[0] > 1 else max(set(lengths), key=lengths.count)
        even = lengths.count(whole) / len(lengths)
        return (round(even, 1), whole) if whole > 1 else (0.0, 0)

    return max(DELIMITERS, key=merit)


def _decimal(rows: list[list[str]]) -> str:
    marked = sum(bool(COMMA_NUMBER.fullmatch(cell.strip())) for row in rows for cell in row)
    pointed = sum(bool(POINT_NUMBER.fullmatch(cell.strip())) for row in rows for cell in row)
    return "," if marked > pointed else "."


def sniff(path: Path) -> dict[str, Any]:
    """Guess the form of a file from what is in it.

    Parameters
    ----------
    path : Path
        A file that is there.

    Returns
    -------
    dict
        Fields of a source. Always `format`. For text also `encoding`, `delimiter`, `decimal`,
        `skip_rows` (titles above the names) and `header_rows` (3 for an export of Qualtrics); for a
        workbook `sheets`, the names of its sheets (which is no field of a source: `sheet` takes one
        of them).
        `format` is None where the content is of a kind that cannot be read.

    Raises
    ------
    StudyError
        A workbook that cannot be opened.
    """
    path = Path(path)
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    kind = content_kind(head[:4096])
    if kind == "xlsx":
        from attunement.ingest.readers.workbook import sheet_names

        return {"format": "xlsx", "sheets": sheet_names(path)}
    if kind in ("sav", "dta", "parquet"):
        return {"format": kind}
    if kind is not None or ENDINGS.get(path.suffix.lower(), "text") != "text":
        return {"format": None}
    encoding = _encoding(path, head)
    text = head.decode(encoding, errors="ignore")
    if len(head) == SAMPLE:
        text = text[: max(text.rfind("\n"), 1)]  # the last line may be cut
    delimiter = _delimiter(text)
    numbered = _rows(text, delimiter)
    skip_rows = rows_above(numbered[:LOOKED_AT])
    rows = [row for number, row in numbered if number > skip_rows]
    marked = [
        number
        for number, row in enumerate(rows[:4], 1)
        if any(cell.replace(" ", "").startswith(IMPORT_ID) for cell in row)
    ]
    header_rows = marked[0] if marked else 1
    return {
        "format": "text",
        "encoding": encoding,
        "delimiter": delimiter,
        "decimal": _decimal(rows[header_rows:]),
        "skip_rows": skip_rows,
        "header_rows": header_rows,
    }
