"""What `dataset.yaml` takes each column of a source for: its role, and the words for its codes."""

from __future__ import annotations

import re

import pandas as pd

from attunement.ingest.privacy.identifiers import Role
from attunement.ingest.readers.raw import Raw
from attunement.study.dataset import ColumnSource, Covariate, Dataset
from attunement.study.sources import ResponseSource

IDS = ("client", "therapist")
DAYS = ("day", "last_day")


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


def words_of_codes(
    dataset: Dataset, name: str, source: pd.DataFrame | Raw
) -> dict[str, list[object]]:
    """Return the words for codes of each column: labels of the file, declared values and levels."""
    frame = frame_of(source)
    found: dict[str, list[object]] = {}
    labels = source.labels if isinstance(source, Raw) else {}
    for column in frame.columns:
        if column in labels:
            found.setdefault(str(column), []).extend(labels[column].values())
    # What a joined source is declared as, its parts are too.
    names = {name} | {key for key, one in dataset.sources.items() if name in (one.join or [])}
    for table in ("clients", "therapists", "sessions", "endings", "type_preferences"):
        declared = getattr(dataset, table)
        if declared is None or declared.source not in names:
            continue
        for one in [*declared.columns.values(), *declared.covariates.values()]:
            words = [*(one.values or {}).values(), *(getattr(one, "levels", None) or [])]
            if words and one.column in frame.columns:
                found.setdefault(one.column, []).extend(words)
    dropped = set(dataset.sources[name].drop)
    return {column: words for column, words in found.items() if column not in dropped}


def titles_of(source: pd.DataFrame | Raw, columns: list[str]) -> dict[str, str]:
    """Return the file's own words for those columns of a source that have any."""
    titles = source.titles if isinstance(source, Raw) else {}
    return {column: titles[column] for column in columns if column in titles}


def client_column(dataset: Dataset, name: str) -> str | None:
    """The column that tells rows of a source from one client to the next."""
    for table in (dataset.clients, dataset.sessions, dataset.endings):
        if table is not None and table.source == name:
            return table.columns["client"].column
    return next((r.client.column for r in dataset.responses if r.source == name), None)
