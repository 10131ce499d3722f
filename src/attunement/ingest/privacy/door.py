"""The door of a dataset: every column of every source is looked at before anything is built."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from attunement.ingest.privacy.identifiers import Finding, Role, look
from attunement.ingest.readers.arranged import label
from attunement.ingest.readers.raw import Raw
from attunement.study.contracts import conform, empty
from attunement.study.dataset import ColumnSource, Covariate, Dataset
from attunement.study.problems import StudyError
from attunement.study.sources import ResponseSource

IDS = ("client", "therapist")
DAYS = ("day", "last_day")
SHOWN = 25


def frame_of(source: pd.DataFrame | Raw) -> pd.DataFrame:
    """Return the cells of a source, read by a reader or given from memory."""
    return source.frame if isinstance(source, Raw) else source


def _named(pattern: str, columns: list[str], words: set[str]) -> list[str]:
    """The columns that a name means: itself, or all that `{session}`, `{time}`, `{item}` may be.

    They stand for numbers, and for the words that the declaration knows for them.
    """
    if not re.sub(r"\{\w+\}", "", pattern) or "{" not in pattern:
        return [pattern] if "{" not in pattern else []
    stand_in = "|".join([r"\d+(?:[.,]\d+)?", *map(re.escape, sorted(words))])
    parts = re.split(r"\{\w+\}", pattern)
    regex = re.compile(f"(?:{stand_in})".join(re.escape(part) for part in parts))
    return [column for column in columns if regex.fullmatch(column)]


def _role(name: str, column: ColumnSource) -> Role:
    if name in IDS:
        return "id"
    if name in DAYS or column.order_from is not None:
        return "day"
    if isinstance(column, Covariate):
        if column.kind in ("number", "integer"):
            return "number"
        return "words" if column.levels or column.values or column.kind == "flag" else "other"
    if column.values:
        return "words"
    if name == "site":
        return "words"  # the place of treatment, not where somebody lives
    return "number" if name in ("session", "last_session", "time", "occasion") else "other"


def _of_responses(response: ResponseSource) -> dict[str, Role]:
    found: dict[str, Role] = {response.client.column: "id"}
    for name in ("session", "time", "day"):
        column = getattr(response, name)
        if column is not None:
            found[column.column] = _role(name, column)
    items: list[str] = []
    if isinstance(response.items, str):
        items = [response.items]
    elif response.items is not None:
        items = list(response.items.values())
    found |= dict.fromkeys([*items, *(response.wide or {})], "number")
    return found | dict.fromkeys(response.leave_out, "words")


def roles(dataset: Dataset, name: str, columns: list[str]) -> dict[str, Role]:
    """Return what each column of a source is declared as (see `identifiers.look`)."""
    # What a joined source is declared as, its parts are too.
    names = {name} | {key for key, one in dataset.sources.items() if name in (one.join or [])}
    told: list[tuple[str, Role]] = []
    for table in ("clients", "therapists", "sessions", "endings", "type_preferences"):
        declared = getattr(dataset, table)
        if declared is not None and declared.source in names:
            told += [(c.column, _role(key, c)) for key, c in declared.columns.items()]
            told += [(c.column, _role(key, c)) for key, c in declared.covariates.items()]
    for response in dataset.responses:
        if response.source in names:
            told += list(_of_responses(response).items())
    words = {word for key in names for word in dataset.sources[key].occasions}
    words |= {item for rating in dataset.ratings.values() for item in rating.items}
    found: dict[str, Role] = {}
    for pattern, role in told:
        for column in _named(pattern, columns, words):
            # An id that is also told as something else stays an id; a day stays a day.
            if found.get(column) not in ("id", "day"):
                found[column] = role
    # By the same name it is the same id in a source where nothing reads it.
    ids = _ids(dataset)
    for column in columns:
        if column not in found and column in ids:
            found[column] = "id"
    return found


def _ids(dataset: Dataset) -> set[str]:
    tables = (dataset.clients, dataset.therapists, dataset.sessions, dataset.endings)
    found = {r.client.column for r in dataset.responses}
    for table in tables:
        if table is not None:
            found |= {table.columns[key].column for key in IDS if key in table.columns}
    joins = [source.by for source in dataset.sources.values() if source.by is not None]
    for by in joins:
        for some in by.values() if isinstance(by, dict) else [by]:
            found |= {some} if isinstance(some, str) else set(some)
    return found


def _message(found: list[tuple[str, str, Finding]], dataset: Dataset) -> StudyError:
    lines: list[str] = []
    drops: dict[str, dict[str, None]] = {}
    for source, file, one in found:
        rows = f"{one.n_rows} row{'' if one.n_rows == 1 else 's'}"
        first = ", ".join(map(str, one.first))
        lines.append(
            f"{file}, column '{one.column}': {one.kind} (by its {one.by}; {rows}, first: {first})"
        )
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
        names a column that is not there, or in which nothing was found.
    """
    refused: list[tuple[str, str, Finding]] = []
    record: list[dict[str, Any]] = []
    columns: set[str] = set()
    unused = {key: reason for key, reason in dataset.privacy.allow.items() if "." in key}
    for name, declared in dataset.sources.items():
        if name not in sources or (declared.join and set(declared.join) <= set(sources)):
            continue
        frame, file = frame_of(sources[name]), label(name, declared)
        record += [
            _row(f"{name}.{column}", file, "declared under drop", None, "dropped", "never read")
            for column in dict.fromkeys(declared.drop)
        ]
        frame = frame.drop(columns=[c for c in declared.drop if c in frame.columns])
        columns |= {f"{name}.{column}" for column in frame.columns}
        told = roles(dataset, name, [str(column) for column in frame.columns])
        person = next((c for c, role in told.items() if role == "id"), None)
        person = _client_column(dataset, name) or person
        for one in look(frame, told, person):
            key = f"{name}.{one.column}"
            if key in dataset.privacy.allow:
                unused.pop(key, None)
                reason = dataset.privacy.allow[key]
                record.append(_row(key, file, one.kind, one.n_rows, "allowed", reason))
            elif not one.refused:
                reason = "the date of an assessment that nothing declares"
                record.append(_row(key, file, one.kind, one.n_rows, "dropped", reason))
            else:
                refused.append((name, file, one))
    for key in unused:
        there = key in columns
        raise StudyError(
            f"privacy.allow names '{key}', " + ("in which nothing was found" if there else
            "which is no column of a declared source"),
            file=f"{dataset.name}/dataset.yaml",
            advice="Take it out" + ("." if there else ", or write it as source.column."),
        )  # fmt: skip
    if refused:
        raise _message(refused, dataset)
    return conform(pd.DataFrame(record), "privacy") if record else empty("privacy")


def _client_column(dataset: Dataset, name: str) -> str | None:
    """The column that tells rows of a source from one client to the next."""
    for table in (dataset.clients, dataset.sessions, dataset.endings):
        if table is not None and table.source == name:
            return table.columns["client"].column
    return next((r.client.column for r in dataset.responses if r.source == name), None)


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
