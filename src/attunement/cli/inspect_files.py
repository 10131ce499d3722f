"""Files as they are found: read where they lie, looked at, and freed of what identifies persons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from attunement.ingest.guesses.assemble import draft_of
from attunement.ingest.guesses.client_ids import PERSONAL
from attunement.ingest.guesses.columns import Table, look
from attunement.ingest.guesses.draft import Draft
from attunement.ingest.guesses.marks import decimal_comma
from attunement.ingest.guesses.names import plain, slug
from attunement.ingest.guesses.words import MISSING_TEXTS
from attunement.ingest.privacy.identifiers import look as identifiers
from attunement.ingest.privacy.identifiers import look_at_labels, look_at_titles
from attunement.ingest.privacy.identifiers.names import announced
from attunement.ingest.privacy.identifiers.prose import kind_in_prose
from attunement.ingest.privacy.identifiers.wordings import kind_in_title
from attunement.ingest.privacy.roles import roles
from attunement.ingest.readers.formats import ENDINGS, read_file
from attunement.ingest.readers.raw import Raw
from attunement.ingest.readers.sniffing import sniff
from attunement.ingest.readers.workbook import titles_in
from attunement.ingest.sheet import as_text
from attunement.study.dataset import Dataset
from attunement.study.instruments import Instrument
from attunement.study.problems import StudyError
from attunement.study.sources import Source

_USUAL = {
    "delimiter": ",", "decimal": ".", "encoding": "utf-8-sig", "skip_rows": 0, "header_rows": 1
}  # fmt: skip
Part = tuple[str, dict[str, Any], Raw]


def _fields(path: Path, sniffed: dict[str, Any]) -> dict[str, Any]:
    """What dataset.yaml has to say of a file's form: only what is not the usual."""
    fields: dict[str, Any] = {"path": str(path)}
    if sniffed["format"] != ENDINGS.get(path.suffix.lower(), "text"):
        fields["format"] = sniffed["format"]
    return fields | {
        key: sniffed[key] for key, usual in _USUAL.items() if sniffed.get(key, usual) != usual
    }


def read_files(paths: list[Path]) -> tuple[list[Part], list[str]]:
    """Read files, and every sheet of a workbook, under the names dataset.yaml will give them.

    Returns
    -------
    (list of (name, fields, Raw), list of str)
        The sources, and what could not be read of a workbook's sheets, in words.

    Raises
    ------
    StudyError
        A file is absent, given twice, or cannot be read.
    """
    found: list[Part] = []
    left_out: list[str] = []
    taken: set[str] = set()
    whole = [Path(path).expanduser().resolve() for path in paths]
    for number, path in enumerate(whole):
        if path in whole[:number]:
            raise StudyError("The file is named twice", file=path, advice="Name it once.")
        if not path.exists():
            raise StudyError("The file is not there", file=path, advice="Check the spelling.")
        if path.is_dir():
            raise StudyError("This is a folder, not a file", file=path, advice="Name its files.")
        sniffed = sniff(path)
        sheets = sniffed.pop("sheets", None)
        if sniffed["format"] is None:
            read_file(path, Source(path=str(path)))  # it says why not
            raise StudyError("The file cannot be read", file=path)
        fields = _fields(path, sniffed)
        if not sheets or len(sheets) == 1:
            fields |= _titled(path, sheets[0]) if sheets else {}
            found.append((slug(path.stem, taken), *_read(path, fields)))
            continue
        lost: list[StudyError] = []
        for sheet in sheets:
            own = fields | {"sheet": sheet} | _titled(path, sheet)
            try:
                own, raw = _read(path, own)
            except StudyError as error:
                lost.append(error)
                left_out.append(f"the sheet '{sheet}' of {path.name}: {error.what}. {error.advice}")
                if len(lost) == len(sheets):
                    raise _no_sheet(path, sheets, lost) from None
                continue
            found.append((slug(sheet, taken), own, raw))
    return found, left_out


def _titled(path: Path, sheet: str) -> dict[str, Any]:
    """Titles above the names of a sheet are passed over."""
    above = titles_in(path, sheet)
    return {"skip_rows": above} if above else {}


def _no_sheet(path: Path, sheets: list[str], lost: list[StudyError]) -> StudyError:
    """No sheet of a workbook can be read; what is wrong with the first is told for all."""
    return StudyError(
        f"None of the {len(sheets)} sheets can be read. '{sheets[0]}': {lost[0].what}",
        file=path,
        advice=lost[0].advice or "Look at the sheets.",
    )


def _read(path: Path, fields: dict[str, Any]) -> tuple[dict[str, Any], Raw]:
    """Read a file or sheet; a second row of words above numbers belongs to the header."""
    raw = read_file(path, Source(**fields))
    written = fields.get("format", ENDINGS.get(path.suffix.lower(), "text")) in ("text", "xlsx")
    if written and "decimal" not in fields and decimal_comma(raw.frame):
        fields = fields | {"decimal": ","}
        raw = read_file(path, Source(**fields))
    if "header_rows" not in fields and _described_below(raw, str(fields.get("decimal", "."))):
        fields = fields | {"header_rows": 2}
        raw = read_file(path, Source(**fields))
    return fields, raw


def _numbers_only(text: pd.Series) -> bool:
    return len(text) > 0 and bool(pd.to_numeric(text, errors="coerce").notna().all())


def _described_below(raw: Raw, decimal: str) -> bool:
    """The first row explains the columns: it has a word in each one that else holds numbers."""
    text = [as_text(raw.frame[name]).str.replace(decimal, ".") for name in raw.frame.columns]
    if len(raw.frame) < 4:
        return False
    below = [column for column in text if _numbers_only(column.iloc[1:].dropna())]
    first = [str(column.iloc[0]) for column in below if pd.notna(column.iloc[0])]
    words = [one for one in first if any(c.isalpha() for c in one)]
    return (
        len(words) >= 3
        and len(words) == len(below)
        and not MISSING_TEXTS & {plain(one) for one in words}
    )


def _tables(parts: list[Part], drop: dict[str, dict[str, str]]) -> list[Table]:
    made = []
    for name, fields, raw in parts:
        named = drop.get(name, {})
        made.append(look(name, fields | ({"drop": list(named)} if named else {}), raw))
    return made


def inspect(
    name: str, parts: list[Part], instruments: dict[str, Instrument]
) -> tuple[Draft, dict[str, dict[str, str]]]:
    """Draft a declaration; columns that identify persons are left at the door.

    Returns
    -------
    (Draft, dict)
        The draft, and by source the dropped columns with the reason. No value of them is kept.
    """
    told = {source: look_at_titles(raw.titles) for source, _, raw in parts}
    parts = [(source, fields, _untitled(raw)) for source, fields, raw in parts]
    first = draft_of(name, _tables(parts, {}), instruments)
    before = len(first.questions)
    drop = identifying(parts, first)
    about_ids = first.questions[before:]
    draft = draft_of(name, _tables(parts, drop), instruments) if drop else first
    if draft is not first:
        draft.questions += about_ids
    for source, found in told.items():
        for one in found:
            if one.column not in drop.get(source, {}):
                draft.ask(("sources",), f"The file's own words for '{one.column}' of {source} hold "
                          f"a direct identifier ({one.kind}) and were not copied: nothing will be "
                          "read until they are written anew in the file.")  # fmt: skip
    for source, named in drop.items():
        if source in draft.content["sources"]:
            for column, reason in named.items():
                draft.because(("sources", source, "drop"), f"{column}: {reason}")
    return draft, drop


def _untitled(raw: Raw) -> Raw:
    """The same without the file's words for columns that point at somebody: drafts copy them."""
    shown = {
        column: title
        for column, title in raw.titles.items()
        if not (kind_in_title(str(title)) or kind_in_prose(str(title)))
    }
    return raw if len(shown) == len(raw.titles) else replace(raw, titles=shown)


def _covariates(dataset: Dataset) -> set[tuple[str, str]]:
    tables = (dataset.clients, dataset.therapists, dataset.sessions)
    return {
        (table.source, one.column)
        for table in tables if table is not None for one in table.covariates.values()
    }  # fmt: skip


def identifying(parts: list[Part], draft: Draft) -> dict[str, dict[str, str]]:
    """The columns with direct identifiers, by source, each with its kind and what gave it away.

    They are looked up as ingest does it, knowing what the first draft takes each column for. The
    column of a client is not dropped, for nothing can be read without it: it is asked about.
    """
    try:
        dataset = Dataset.model_validate(draft.content)
    except ValidationError:
        dataset = None
    drop: dict[str, dict[str, str]] = {}
    for name, _, raw in parts:
        columns = [str(column) for column in raw.frame.columns]
        read = dataset is not None and name in dataset.sources
        known = roles(dataset, name, columns) if dataset is not None and read else {}
        # A guess that a column is a number or a category must not hide what its name says of it.
        own = _covariates(dataset) if dataset is not None else set()
        known = {column: role for column, role in known.items() if (name, column) not in own}
        # So may a guess that it is a rating: the latitude of a survey's answer is a place.
        known = {
            c: r for c, r in known.items() if r != "number" or not PERSONAL & set(announced(c))
        }
        ids = [column for column in columns if known.get(column) == "id"]
        labelled = {c: list(words.values()) for c, words in raw.labels.items() if c in columns}
        cells = identifiers(raw.frame, known, ids[0] if ids else None)
        for found in [*cells, *look_at_labels(labelled)]:
            if not found.refused:
                continue
            where = "word(s) for its codes" if found.by == "labels" else "row(s)"
            told = f"{found.kind}, by its {found.by}, in {found.n_rows} {where}"
            if found.column in ids:
                draft.ask(("sources",), f"The ids in '{found.column}' of {name} look like direct "
                          f"identifiers ({told}): nothing will be read until they are replaced by "
                          "codes, in all files alike.")  # fmt: skip
            else:
                drop.setdefault(name, {})[found.column] = told
    return drop
