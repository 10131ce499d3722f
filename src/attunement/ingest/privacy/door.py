"""The door of a dataset: every column of every source is looked at before anything is built."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from attunement.ingest.privacy.identifiers import Finding, look, look_at_labels, look_at_titles
from attunement.ingest.privacy.identifiers.prose import kind_in_heading
from attunement.ingest.privacy.identifiers.wordings import born, kind_in_title
from attunement.ingest.privacy.roles import (
    DAYS,
    client_column,
    frame_of,
    roles,
    titles_of,
    words_of_codes,
)
from attunement.ingest.privacy.texts import guard_texts, shown_column, shown_file
from attunement.ingest.readers.arranged import label
from attunement.ingest.readers.raw import Raw
from attunement.study.contracts import conform, empty
from attunement.study.dataset import Dataset
from attunement.study.problems import StudyError

SHOWN = 25
CLEARLY = ("email", "phone", "national number", "date", "name")


def _message(found: list[tuple[str, str, Finding]], dataset: Dataset) -> StudyError:
    lines: list[str] = []
    drops: dict[str, dict[str, None]] = {}
    for source, file, one in found:
        rows = f"{one.n_rows} row{'' if one.n_rows == 1 else 's'}"
        first = ", ".join(map(str, one.first))
        where = f"{rows}, first: {first}" if first else f"{one.n_rows} of the words for its codes"
        where = (
            "which is shown where columns are named: rename it in the file"
            if one.by == "heading"
            else where
        )
        if one.by == "title":
            where = "the file's own words for it: write them anew there"
        by = {"heading": "name itself", "title": "label in the file"}.get(one.by, one.by)
        lines.append(f"{file}, column '{one.column}': {one.kind} (by its {by}; {where})")
        drops.setdefault(source, {})[one.column] = None
    shown = lines[:SHOWN] + ([f"and {len(lines) - SHOWN} more"] if lines[SHOWN:] else [])
    yaml = "\n".join(
        f"  {source}: {{drop: [{', '.join(_quoted(column) for column in columns)}]}}"
        for source, columns in drops.items()
    )
    source, _, one = found[0]
    n = sum(len(columns) for columns in drops.values())
    return StudyError(
        f"Direct identifiers in {n} column{'' if n == 1 else 's'}, so nothing was "
        "read:\n  " + "\n  ".join(shown),
        advice="\nTake these columns out of the files, or leave them at the door by adding to the "
        f"sources in dataset.yaml:\nsources:\n{yaml}\nA column that the study needs goes to "
        "`values` or becomes days or an age first; words of a category go to `levels`; a "
        "column that is no identifier is let in with the reason:\nprivacy:\n  allow: "
        f"{{{_quoted(f'{source}.{one.column}')}: why it points at nobody}}",
    )


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]*", text) else f'"{text}"'


def _row(
    what: str, where: str, kind: str, n_rows: int | None, decision: str, reason: str
) -> dict[str, Any]:
    return {"what": what, "place": where, "kind": kind, "n_rows": n_rows, "decision": decision,
            "reason": reason}  # fmt: skip


def _shown(source: str, column: str, place: int) -> str:
    """A column as the record names it: by its number where its name would tell of somebody."""
    named = shown_column(column) == column
    return f"{source}.{column}" if named else f"{source}.(column {place}, its name not shown)"


def _headings(columns: list[str], declared: set[str]) -> list[Finding]:
    """Columns whose names tell of somebody.

    Results name those that are declared, and what is not is told as not used: there only what
    clearly is a person counts.
    """
    kinds = {column: kind_in_heading(column) or kind_in_title(column) for column in columns}
    kinds = {
        column: kind
        for column, kind in kinds.items()
        if column in declared or (kind in CLEARLY and (kind != "date" or born(column)))
    }
    return [Finding(column, kind, "heading", 0, ()) for column, kind in kinds.items() if kind]


def guard(dataset: Dataset, sources: dict[str, pd.DataFrame] | dict[str, Raw]) -> pd.DataFrame:
    """Look for direct identifiers in every column of every source that is not dropped.

    Parameters
    ----------
    dataset : Dataset
        `sources.<name>.drop` leaves columns at the door; `privacy.allow` lets them in.
    sources : dict of Raw or DataFrame
        As read. A source joined from others that are here too is not looked at twice.

    Returns
    -------
    DataFrame
        Contract `privacy`: columns dropped, columns let in and why, dates left unread.

    Raises
    ------
    StudyError
        One message with all findings of all sources: column, kind, rows, what to do. Or `allow`
        names a column that is not there, or in which nothing was found. Or a text of dataset.yaml
        holds one.
    """
    refused: list[tuple[str, str, Finding]] = []
    record: list[dict[str, Any]] = []
    columns: set[str] = set()
    unused = {key: reason for key, reason in dataset.privacy.allow.items() if "." in key}
    for name, declared in dataset.sources.items():
        if name not in sources or (declared.join and set(declared.join) <= set(sources)):
            continue
        frame, file = frame_of(sources[name]), label(name, declared)
        shown = shown_file(name, file)
        record += [
            _row(
                _shown(name, column, number),
                shown,
                "declared under drop",
                None,
                "dropped",
                "never read",
            )
            for number, column in enumerate(dict.fromkeys(declared.drop), 1)
        ]
        frame = frame.drop(columns=[c for c in declared.drop if c in frame.columns])
        columns |= {f"{name}.{column}" for column in frame.columns}
        names = [str(column) for column in frame.columns]
        told = roles(dataset, name, names)
        person = next((c for c, role in told.items() if role == "id"), None)
        person = client_column(dataset, name) or person
        found = look(frame, told, person)
        found += look_at_labels(words_of_codes(dataset, name, sources[name]))
        found += look_at_titles(titles_of(sources[name], names))
        for one in [*found, *_headings(names, set(told))]:
            key = f"{name}.{one.column}"
            what = _shown(name, one.column, names.index(one.column) + 1)
            if key in dataset.privacy.allow:
                unused.pop(key, None)
                reason = dataset.privacy.allow[key]
                record.append(_row(what, shown, one.kind, one.n_rows, "allowed", reason))
            elif not one.refused:
                reason = "the date of an assessment that nothing declares"
                record.append(_row(what, shown, one.kind, one.n_rows, "dropped", reason))
            else:
                refused.append((name, file, one))
    if refused:
        raise _message(refused, dataset)
    for text, kind in guard_texts(dataset):
        reason = unused.pop(text)
        record.append(_row(text, "dataset.yaml", kind, None, "allowed", reason))
    for key in unused:
        there = key in columns
        raise StudyError(
            f"privacy.allow names '{key}', " + ("in which nothing was found" if there else
            "which is no column of a declared source"),
            file=f"{dataset.name}/dataset.yaml",
            advice="Take it out" + ("." if there else ", or write it as source.column."),
        )  # fmt: skip
    return conform(pd.DataFrame(record), "privacy") if record else empty("privacy")


def record_table(
    guarded: pd.DataFrame,
    pooled: list[dict[str, Any]],
    dataset: Dataset,
    tables: dict[str, pd.DataFrame],
    keyed: bool,
) -> pd.DataFrame:
    """Return the whole record of privacy: the door, ages, pseudonyms, days (contract `privacy`)."""
    rows: list[dict[str, Any]] = []
    for kind in ("client", "therapist"):
        ids = tables["clients"][kind].nunique()
        if not ids:
            continue
        decision = "pseudonyms" if keyed else "as given"
        reason = (
            "HMAC-SHA256 under a key that lies beside the dataset and is not released"
            if keyed
            else f"{dataset.disclosure} data, or pseudonyms already: as dataset.yaml says"
        )
        rows.append(_row(f"id of the {kind}", "all tables", "id", int(ids), decision, reason))
    dated = [
        f"{name}.{column}"
        for name in ("sessions", "responses", "endings")
        for column in DAYS
        if column in tables[name].columns and tables[name][column].notna().any()
    ]
    if dated:
        reason = (
            "days are counted from one secret origin; no table holds a date"
            if keyed
            else "days as numbers; no table holds a date"
        )
        rows.append(_row(", ".join(dated), "all tables", "date", None, "days", reason))
    frame = pd.DataFrame([*rows, *pooled])
    return conform(pd.concat([guarded, conform(frame, "privacy")], ignore_index=True), "privacy")
