"""Keyed pseudonyms and the secret origin of dates: one key per dataset, beside its declaration."""

from __future__ import annotations

import base64
import datetime
import hmac
import os
from pathlib import Path

import pandas as pd

from attunement.ingest.readers.arranged import label
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.problems import StudyError
from attunement.study.source_order import replaced

KEY_BYTES = 32
CHARACTERS = 10
LETTERS = {"client": "C", "therapist": "T"}
FIRST_ORIGIN, LAST_ORIGIN = datetime.date(1700, 1, 1), datetime.date(1899, 12, 31)


def key_file(dataset_file: Path) -> Path:
    """Return where the key of a dataset lies: `<name>.key` beside its `dataset.yaml`."""
    folder = Path(dataset_file).parent
    return folder / f"{folder.resolve().name}.key"


def read_key(path: Path) -> bytes:
    """Return the key of a dataset; make one where there is none yet.

    A key is 32 random bytes, written as 64 hexadecimal digits, for the owner's eyes only (mode
    600). The same key gives the same pseudonyms again; who has it can try ids out.

    Raises
    ------
    StudyError
        The file is there and holds no key: it is never overwritten, for pseudonyms given out
        under the old key could not be followed any more.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="ascii").strip()
        key = bytes.fromhex(text)
    except FileNotFoundError:
        return _new_key(path)
    except (ValueError, OSError):
        key = b""
    if len(key) != KEY_BYTES:
        raise StudyError(
            f"The key of the pseudonyms is damaged: it holds {2 * KEY_BYTES} hexadecimal digits",
            file=path.name,
            advice="Put back a copy of the file. If there is none, delete it: a new key is made, "
            "and every pseudonym changes.",
        )
    return key


def _new_key(path: Path) -> bytes:
    key = os.urandom(KEY_BYTES)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise StudyError(
            f"The key of the pseudonyms cannot be written ({error.strerror})",
            file=path.name,
            advice="Let the folder of the dataset be written to, or say "
            "`privacy: {pseudonyms: as_given}` if its ids are pseudonyms already.",
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(key.hex() + "\n")
    print(
        f"A new key for pseudonyms was written to {path.name} beside dataset.yaml. Keep a copy in "
        "a safe place: without it nobody can tell who is who, with it ids can be tried out."
    )
    return key


def _told(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, "\x1f".join(parts).encode("utf-8"), "sha256")


def secret_origin(key: bytes) -> datetime.date:
    """Return the day from which the days of a dataset are counted.

    A day of the years 1700 to 1899 that follows from the key alone, each of them as likely as any
    other: days of 1950 to 2100 are positive numbers, and tell no date, weekday or season.
    """
    span = (LAST_ORIGIN - FIRST_ORIGIN).days + 1
    number = int.from_bytes(_told(key, "origin"), "big")
    return FIRST_ORIGIN + datetime.timedelta(days=number % span)


def pseudonyms(ids: pd.Series, kind: str, key: bytes) -> pd.Series:
    """Return ids as pseudonyms: `C-` or `T-` and ten characters of HMAC-SHA256 under the key.

    Parameters
    ----------
    ids : Series of str
        Missing stays missing.
    kind : {"client", "therapist"}
        A client and a therapist of the same id get different pseudonyms.
    key : bytes
        See `read_key`.

    Raises
    ------
    StudyError
        Two ids would get the same pseudonym (of a million ids, about once in two thousand keys).
    """
    text = ids.astype("str")
    return replaced(text, given_under(key, kind, text))


def given_under(key: bytes, kind: str, *ids: pd.Series) -> dict[str, str]:
    """Return the pseudonym of every id (see `pseudonyms`)."""
    known = dict.fromkeys(one for some in ids for one in pd.unique(some.dropna()))
    given = {
        one: f"{LETTERS[kind]}-"
        + base64.b32encode(_told(key, kind, one)).decode("ascii")[:CHARACTERS].lower()
        for one in known
    }
    if len(set(given.values())) < len(given):
        raise StudyError(
            f"Two {kind}s would get the same pseudonym under this key",
            rows=len(given) - len(set(given.values())),
            advice="Delete the key file: a new key is made.",
        )
    return given


def _id_columns(dataset: Dataset) -> dict[tuple[str, str], str]:
    """(label of a source, column) -> whether clients or therapists stand there."""
    told: list[tuple[str, str, str]] = []
    for name in ("clients", "therapists", "sessions", "endings", "type_preferences"):
        table = getattr(dataset, name)
        if table is not None:
            told += [
                (table.source, table.columns[kind].column, kind)
                for kind in LETTERS
                if kind in table.columns
            ]
    told += [(one.source, one.client.column, "client") for one in dataset.responses]
    return {(label(source, dataset.sources[source]), column): kind for source, column, kind in told}


def under_pseudonyms(tables: Tables, dataset: Dataset, key: bytes) -> Tables:
    """Return the canonical tables with keyed pseudonyms for clients and therapists.

    Rows keep their order, which is that of the source and not of the ids. In `conflicts` the values
    of id columns are replaced too; row numbers stay, for whoever has the file must find the row.
    Sites stay as given.
    """
    found, conflicts = dict(tables), tables["conflicts"]
    given = {
        kind: given_under(key, kind, *(t[kind] for t in tables.values() if kind in t.columns))
        for kind in LETTERS
    }
    for name, table in tables.items():
        columns = [kind for kind in LETTERS if kind in table.columns]
        if columns:
            new = {kind: replaced(table[kind], given[kind]) for kind in columns}
            found[name] = table.assign(**new)
    if len(conflicts):
        value = conflicts["value"].copy()
        for (source, column), kind in _id_columns(dataset).items():
            here = (conflicts["source"] == source) & (conflicts["column"] == column)
            here &= conflicts["value"].notna()
            value[here] = pseudonyms(conflicts.loc[here, "value"], kind, key)
        found["conflicts"] = conflicts.assign(value=value)
    return found
