"""A file of any known format as cells, or one clear message why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attunement.ingest.readers.raw import Raw
from attunement.ingest.readers.text import parse_titled
from attunement.study.problems import StudyError
from attunement.study.sources import Source

ENDINGS = {
    ".csv": "text", ".tsv": "text", ".txt": "text", ".tab": "text", ".dat": "text",
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".sav": "sav", ".zsav": "sav", ".dta": "dta",
    ".parquet": "parquet",
}  # fmt: skip
WORDS = {
    "text": "delimited text",
    "xlsx": "an Excel workbook (.xlsx)",
    "sav": "an SPSS file (.sav)",
    "dta": "a Stata file (.dta)",
    "parquet": "a Parquet file",
    "xls": "an old Excel workbook (.xls), or a workbook with a password",
    "por": "an SPSS portable file (.por)",
    "zip": "a packed archive",
}
ADVICE = {
    ".xls": "Open it in Excel and save it as .xlsx (Excel Workbook).",
    ".xlsb": "Open it in Excel and save it as .xlsx (Excel Workbook).",
    ".ods": "Open it and save it as .xlsx, or as CSV in UTF-8.",
    ".numbers": "Export it as .xlsx, or as CSV in UTF-8.",
    ".por": "Open it in SPSS and save it as .sav.",
    ".rds": "Write it from R with haven::write_sav or write.csv(row.names = FALSE).",
    ".rdata": "Write it from R with haven::write_sav or write.csv(row.names = FALSE).",
    ".sas7bdat": "Export it from SAS as CSV in UTF-8, or as .sav.",
    ".mdb": "Export each table as .xlsx, or as CSV in UTF-8.",
    ".accdb": "Export each table as .xlsx, or as CSV in UTF-8.",
    ".pdf": "Export the data as .xlsx, or as CSV in UTF-8.",
    ".docx": "Export the data as .xlsx, or as CSV in UTF-8.",
    ".zip": "Unpack it, and name the file that is in it.",
    ".gz": "Unpack it, and name the file that is in it.",
}


def content_kind(head: bytes) -> str | None:
    """What the first bytes of a file say it is; None where they say nothing (it may be text)."""
    if head.startswith(b"PK\x03\x04"):
        return "xlsx" if any(mark in head for mark in (b"[Content_Types]", b"xl/")) else "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    if head.startswith((b"$FL2", b"$FL3")):
        return "sav"
    old_stata = head[:1] in (b"\x71", b"\x72", b"\x73") and head[1:3] in (b"\x01\x01", b"\x02\x01")
    if head.startswith(b"<stata_dta>") or old_stata:
        return "dta"
    if head.startswith(b"PAR1"):
        return "parquet"
    if b"SPSS PORT FILE" in head[:400]:
        return "por"
    return None


def format_of(path: Path, source: Source) -> str:
    """The format of a file: as declared, else by its ending (an unknown ending is text).

    Raises
    ------
    StudyError
        The ending is of a format that cannot be read; the advice says what to save it as.
    """
    ending = Path(path).suffix.lower()
    if source.format is None and ending in ADVICE:
        raise StudyError(
            f"Files that end in {ending} cannot be read", file=path, advice=ADVICE[ending]
        )
    return source.format or ENDINGS.get(ending, "text")


def _demand_kind(path: Path, declared: str, head: bytes) -> None:
    """Demand that the first bytes do not contradict the format."""
    if not head:
        raise StudyError("The file is empty", file=path, advice="Put the data there.")
    found = content_kind(head)
    if found == declared or (found == "zip" and declared == "xlsx"):
        return
    if found in ("xls", "por", "zip"):
        ending = "." + found
        raise StudyError(
            f"The file is {WORDS[found]}, which cannot be read",
            file=path,
            advice="Take the password away, and save it as .xlsx (Excel Workbook)."
            if found == "xls"
            else ADVICE[ending],
        )
    if found is not None:
        raise StudyError(
            f"The file should be {WORDS[declared]}, but what is in it is {WORDS[found]}",
            file=path,
            advice=f"Declare `format: {found}` for this source, or give the file its own ending.",
        )
    if declared != "text":
        raise StudyError(
            f"The file should be {WORDS[declared]}, but what is in it is none",
            file=path,
            advice="It may be cut off or of another kind: export it again, or declare its "
            "`format` (`text` for CSV).",
        )


def delimiter_of(path: Path, source: Source) -> str:
    """The delimiter as declared; undeclared it is a comma, and a tab in files called .tsv, .tab."""
    declared = "delimiter" in source.model_fields_set
    tabs = Path(path).suffix.lower() in (".tsv", ".tab")
    return "\t" if tabs and not declared else source.delimiter


def _read_bytes(path: Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise StudyError(
            "The file is not there",
            file=path,
            advice="Put it there, or correct its `path` under `sources` in dataset.yaml.",
        ) from None
    except OSError as error:
        raise StudyError(f"The file cannot be read ({error.strerror})", file=path) from None


def _text(path: Path, source: Source) -> Raw:
    frame, titles = parse_titled(
        _read_bytes(path), delimiter_of(path, source), source.encoding, path,
        source.header_rows, source.skip_rows,
    )  # fmt: skip
    return Raw(Path(path).name, frame, titles)


def _reader(kind: str) -> Callable[[Path, Source], Raw]:
    """The reader of a format; the library behind it is loaded only now."""
    if kind == "xlsx":
        from attunement.ingest.readers.workbook import read_workbook

        return read_workbook
    if kind == "parquet":
        from attunement.ingest.readers.parquet import read_parquet

        return read_parquet
    if kind in ("sav", "dta"):
        from attunement.ingest.readers.statistical import read_statistical

        return read_statistical
    return _text


def read_file(path: Path, source: Source) -> Raw:
    """Read one file in the format that its ending, or `format` of its source, says.

    Parameters
    ----------
    path : Path
        The file.
    source : Source
        What dataset.yaml says of its form: format, sheet, delimiter, decimal, encoding,
        skip_rows, header_rows.

    Returns
    -------
    Raw
        Cells as they stand: text, or numbers, truth values and dates where the file types its
        columns; labels, titles and codes that the file itself declares missing. The index ``row``
        is the row that the file's own program shows: below a header row, which is row 1, where
        there is one; the case in SPSS and Stata and the record in Parquet, whose first is 1.

    Raises
    ------
    StudyError
        The file is absent, cut off, protected, empty, has a header only, is of another kind than
        its ending, names a column twice, or is not in its declared form.
    """
    path = Path(path)
    if path.is_dir():
        raise StudyError("This is a folder, not a file", file=path, advice="Name a file in it.")
    kind = format_of(path, source)
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        head = _read_bytes(path)[:4096]  # says what is wrong
    _demand_kind(path, kind, head)
    if source.sheet is not None and kind != "xlsx":
        raise StudyError(
            f"The sheet '{source.sheet}' is declared, but the file is {WORDS[kind]}: it has none",
            file=path,
            advice="Take `sheet` out of this source, or name the workbook.",
        )
    return _reader(kind)(path, source)
