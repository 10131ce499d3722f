"""Clients and therapists: one row each, however many rows of the source tell of them."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd

from attunement.ingest.conflicts import Conflicts
from attunement.ingest.layouts import laid_out
from attunement.ingest.sheet import Sheet
from attunement.ingest.typed import finish, names_of, read_columns
from attunement.ingest.values import texts
from attunement.study.contracts import conform
from attunement.study.dataset import ColumnSource, Dataset, TableSource
from attunement.study.problems import StudyError

CROSSED = (
    ". Clients whom several therapists see as a rule (crossed effects) are not modelled: "
    "docs/limits.md."
)


def _one_value(
    values: pd.Series,
    people: np.ndarray,
    *,
    take: str,
    rule: str | None,
    sheet: Sheet,
    column: ColumnSource,
    kind: str,
    conflicts: Conflicts,
) -> pd.Series:
    """One value per person from all rows that tell of the person; a told value beats a blank."""
    told = pd.Series(values.array, copy=False).dropna()
    groups = told.groupby(people[told.index], sort=True)
    if take == "max":
        return groups.max()
    first = groups.first()
    if take == "first":
        return first
    reference = first.reindex(people[told.index]).array
    differs = np.asarray(told.array != reference, dtype=bool)
    if not differs.any():
        return first
    persons = np.unique(people[told.index[differs]])
    if rule is None:
        rule_name = "two_therapists" if kind == "two therapists" else "duplicates"
        rows = sheet.rows[told.index[np.isin(people[told.index], persons)]]
        what = (
            f"{len(persons)} client(s) have two therapists"
            if kind == "two therapists"
            else f"The rows of {len(persons)} person(s) disagree in '{column.column}'"
        )
        raise sheet.where.fault(
            f"{what}, and dataset.yaml states no rule",
            column.column,
            rows,
            f"Correct the data, or state `rules: {{{rule_name}: first}}` (or last)"
            + (CROSSED if kind == "two therapists" else ", or `take` for this covariate."),
        )
    chosen = first if rule == "first" else groups.last()
    passed = np.asarray(told.array != chosen.reindex(people[told.index]).array, dtype=bool)
    conflicts.add(
        sheet.where,
        column.column,
        sheet.rows[told.index[passed]],
        kind,
        told[passed].astype("str"),
        "settled by rule",
        f"the {rule} value told of the person was taken",
    )
    return chosen


def _alike(ids: pd.Index) -> np.ndarray:
    """Return which ids are others but for characters of no width and the form of their letters."""
    seen: dict[str, set[int]] = {}
    for place, one in enumerate(map(str, ids)):
        if not one.isascii():
            shown = unicodedata.normalize("NFC", one)
            bare = "".join(c for c in shown if unicodedata.category(c) != "Cf").strip()
            seen.setdefault(bare, set()).add(place)
    if seen:
        for place, one in enumerate(map(str, ids)):
            if one in seen:
                seen[one].add(place)
    same = [place for places in seen.values() if len(places) > 1 for place in places]
    return np.array(sorted(same), dtype="int64")


def _note_near(sheet: Sheet, column: str, ids: pd.Series, conflicts: Conflicts) -> None:
    """List ids that differ from another by capital letters, zeros in front or '.0' only, once each.

    They may be two persons: they stay two.
    """
    first = ids.reset_index(drop=True).dropna().drop_duplicates().astype("str")
    plain = first.str.casefold().str.removesuffix(".0")
    plain = plain.str.replace(r"(?<!\d)0+(?=\d)", "", regex=True)
    near = first[plain.duplicated(keep=False)]
    alike_ids = near.groupby(plain).transform(" and ".join)
    rows = sheet.rows[near.index.to_numpy(dtype="int64")]
    for row, one, alike in zip(rows, near, alike_ids, strict=True):
        conflicts.add(
            sheet.where, column, np.array([row]), "id like another", one, "kept",
            f"taken for different persons: {alike}",
        )  # fmt: skip


def _people(
    name: str, source: TableSource, sheet: Sheet, dataset: Dataset, conflicts: Conflicts
) -> pd.DataFrame:
    key = {"clients": "client", "therapists": "therapist"}[name]
    sheet = laid_out(sheet, names_of(source), conflicts)
    frame = read_columns(name, source, sheet, conflicts)
    nobody = frame[key].isna().to_numpy()
    # In a table of clients or sessions a blank therapist means "no therapist", not a gap.
    if name == "clients" or source.source != dataset.clients.source:
        conflicts.add(
            sheet.where, source.columns[key].column, sheet.rows[nobody], "missing id", None,
            "row left out", f"the row names no {key}",
        )  # fmt: skip
    sheet, frame = sheet.keep(~nobody), frame[~nobody]
    people, ids = pd.factorize(frame[key])
    if len(alike := _alike(ids)):
        raise sheet.where.fault(
            f"Different ids look the same: {len(alike)} differ by characters that nobody sees",
            source.columns[key].column,
            sheet.rows[np.isin(people, alike)],
            "Write each person's id the same way in all rows and files: without characters of no "
            "width, and with accented letters as one character.",
        )
    for person in [one for one in ("client", "therapist") if one in frame.columns]:
        _note_near(sheet, source.columns[person].column, frame[person], conflicts)
    columns: dict[str, pd.Series] = {key: pd.Series(ids, dtype="str")}
    for column in frame.columns.drop(key):
        covariate = source.covariates.get(column)
        two_therapists = name == "clients" and column == "therapist"
        one = _one_value(
            frame[column],
            people,
            take=covariate.take if covariate else "same",
            rule=dataset.rules.two_therapists if two_therapists else dataset.rules.duplicates,
            sheet=sheet,
            column=covariate or source.columns[column],
            kind="two therapists" if two_therapists else "disagreeing duplicate",
            conflicts=conflicts,
        ).reindex(range(len(ids)))
        columns[column] = finish(one, covariate) if covariate else one
    return conform(pd.DataFrame(columns), name)


def clients_table(dataset: Dataset, sheets: dict[str, Sheet], conflicts: Conflicts) -> pd.DataFrame:
    """The canonical clients, in the order in which the source first names them.

    Raises
    ------
    StudyError
        No row names a client; a client has two therapists, or rows that disagree, without a rule.
    """
    sheet = sheets[dataset.clients.source]
    clients = _people("clients", dataset.clients, sheet, dataset, conflicts)
    if clients.empty:
        raise StudyError(
            "No row names a client",
            file=sheet.label,
            column=dataset.clients.columns["client"].column,
            rows=len(sheet.frame),
            advice="Check which column holds the client.",
        )
    return clients


def therapists_table(
    dataset: Dataset, sheets: dict[str, Sheet], clients: pd.DataFrame, conflicts: Conflicts
) -> pd.DataFrame:
    """The canonical therapists: those declared, and those whom only the clients table names.

    A therapist unknown to a declared table of therapists is a listed conflict and kept: who treated
    whom is known, only the covariates are not. Dropping the name would call that client untreated
    by anyone, dropping the client would lose data that are sound.
    """
    named = pd.Series(clients["therapist"].dropna().unique(), dtype="str")
    if dataset.therapists is None:
        return conform(pd.DataFrame({"therapist": named}), "therapists")
    sheet = sheets[dataset.therapists.source]
    table = _people("therapists", dataset.therapists, sheet, dataset, conflicts)
    extra = named[~named.isin(table["therapist"])]
    if extra.empty:
        return table
    told = dataset.clients.columns["therapist"]
    told_in = sheets[dataset.clients.source]
    told_names = texts(told_in, told, Conflicts(), identifier=True)
    unknown = told_names.isin(extra).to_numpy()
    conflicts.add(
        told_in.where, told.column, told_in.rows[unknown], "unknown therapist",
        told_names[unknown], "kept", f"{sheet.label} does not tell of this therapist",
    )  # fmt: skip
    whole = table.merge(pd.DataFrame({"therapist": extra}), on="therapist", how="outer", sort=False)
    order = pd.concat([table["therapist"], extra])
    whole = whole.set_index("therapist").loc[order].reset_index()
    return conform(whole.astype(dict(table.dtypes)), "therapists")
