"""Wide sheets brought into rows: one for each client and occasion of a declaration.

A name such as ``PHQ9_s{session}_i1`` is a template: the header tells which occasions there are.
The reshaped sheet has a column for every template, under the template's own name, and a column
``{session}`` (or ``{time}``) with the occasion, so that the declaration reads it as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from attunement.ingest.cells import MISSING, declared_missing
from attunement.ingest.conflicts import Conflicts
from attunement.ingest.kinds import of_one_kind
from attunement.ingest.sheet import Sheet, as_text
from attunement.ingest.templates import Found, find, mark_of
from attunement.study.problems import StudyError


def _note_gaps(
    sheet: Sheet, found: Found, telling: list[str], mark: str, conflicts: Conflicts
) -> None:
    """List, once for a template, the occasions of which the header lacks its column."""
    for template in telling:
        lacks = [at for at in found.occasions if at not in found.columns[template]]
        if lacks:
            at = ", ".join(f"{one:g}" for one in lacks)
            conflicts.add(
                sheet.label, template.replace(mark, f"{lacks[0]:g}"), np.array([1]),
                "missing column", None, "set missing",
                f"the file has '{template}' for other occasions and not for {at}",
            )  # fmt: skip


def _blank(cells: pd.Series) -> np.ndarray:
    if isinstance(cells.dtype, pd.StringDtype) or cells.dtype == object:
        return (cells.isna() | (cells.astype("str").str.strip() == "")).to_numpy(dtype=bool)
    return cells.isna().to_numpy(dtype=bool)


def laid_out(
    sheet: Sheet,
    names: Sequence[str],
    conflicts: Conflicts,
    telling: Sequence[str] | None = None,
) -> Sheet:
    """A sheet as a declaration needs it: as it is, or with a row for each occasion.

    Parameters
    ----------
    sheet : Sheet
        The source; `occasions` are its words for occasions.
    names : sequence of str
        Every column that the declaration names, templates as they stand.
    telling : sequence of str, optional
        The templates whose columns say which occasions there are; by default all.

    Returns
    -------
    Sheet
        Occasions on which every templated cell is blank have no row. Rows come in the order of the
        file, and within it of the occasions; `where` tells the file's own column and row.

    Raises
    ------
    StudyError
        A template fits no column, or two templates fit the same.
    """
    mark = mark_of(names, sheet.label)
    if mark is None:
        return sheet
    templates = [name for name in dict.fromkeys(names) if mark in name and name != mark]
    told = [name for name in dict.fromkeys(telling or templates) if name in templates]
    found = find(sheet, templates, told, mark, sheet.occasions)
    _note_gaps(sheet, found, told, mark, conflicts)
    plain = [name for name in dict.fromkeys(names) if mark not in name]
    fixed = pd.DataFrame({name: sheet.column(name) for name in plain}, index=sheet.frame.index)
    some = [_filled(sheet, found.at(number, templates)) for number in range(len(found.occasions))]
    columns = {name: pd.concat([fixed[name][hit] for hit in some]) for name in plain}
    columns |= {t: _one_column(sheet, t, found, some) for t in templates}
    missing = {t: _declared(sheet, t, found, some) for t in templates}
    columns |= {t + MISSING: hit for t, hit in missing.items() if hit is not None}
    columns[mark] = pd.Series(np.repeat(found.occasions, [hit.sum() for hit in some]))
    rows = [sheet.where.numbered(sheet.rows[hit], number) for number, hit in enumerate(some)]
    index = np.concatenate(rows)
    real = [found.at(number, templates) for number in range(len(found.occasions))]
    places = sheet.where.with_occasions(
        [one | {mark: next(iter(one.values()), mark)} for one in real]
    )
    order = np.lexsort(places.whole_rows(index)[::-1])
    whole = pd.DataFrame({name: cells.array for name, cells in columns.items()})
    gained = {t: list(found.columns[t].values()) for t in templates}
    return replace(
        sheet,
        frame=whole.iloc[order].set_axis(pd.Index(index[order], name="row")),
        places=places,
        labels=sheet.labels | _of_templates(sheet.labels, gained, sheet.label),
        forms=sheet.forms | _of_templates(sheet.forms, gained, sheet.label),
    )


def _filled(sheet: Sheet, columns: dict[str, str]) -> np.ndarray:
    """Rows in which one of the columns holds something."""
    some = np.zeros(len(sheet.frame), dtype=bool)
    for column in columns.values():
        some |= ~_blank(sheet.frame[column])
    return some


def _one_column(sheet: Sheet, template: str, found: Found, some: list[np.ndarray]) -> pd.Series:
    """The cells of a template, occasion after occasion; blank where the header lacks one."""
    there = found.columns[template]
    names = [there.get(at) for at in found.occasions]
    kept = [sheet.frame[name] for name in names if name is not None]
    alike = iter(of_one_kind(kept, sheet.form(next(iter(there.values())))[0]))
    cells = [
        next(alike)[hit] if name is not None else None
        for name, hit in zip(names, some, strict=True)
    ]
    dtype = next((one.dtype for one in cells if one is not None), "str")
    return pd.concat(
        [
            pd.Series([None] * int(hit.sum()), dtype=dtype) if one is None else one
            for one, hit in zip(cells, some, strict=True)
        ],
        ignore_index=True,
    )


def _declared(
    sheet: Sheet, template: str, found: Found, some: list[np.ndarray]
) -> pd.Series | None:
    """Where the file declares a cell of a template missing (each of its columns for itself)."""
    there = found.columns[template]
    if not any(name in sheet.user_missing for name in there.values()):
        return None
    masks = [
        declared_missing(sheet, there[at], as_text(sheet.frame[there[at]]))[hit]
        if at in there
        else np.zeros(int(hit.sum()), dtype=bool)
        for at, hit in zip(found.occasions, some, strict=True)
    ]
    return pd.Series(np.concatenate(masks))


def _of_templates(declared: dict, gained: dict, label: str) -> dict:
    """What a file declares of the columns of each template, which must agree."""
    found = {}
    for template, columns in gained.items():
        told = [(name, declared[name]) for name in columns if name in declared]
        for name, one in told[1:]:
            if one != told[0][1]:
                raise StudyError(
                    f"The columns '{told[0][0]}' and '{name}' have different labels in the file, "
                    f"but '{template}' takes both",
                    file=label,
                    column=name,
                    advice="Give both the same in the file: they hold the same question.",
                )
        if told:
            found[template] = told[0][1]
    return found
