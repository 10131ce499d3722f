"""The codebook: what each variable is, where it comes from, how much of it is missing."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attunement.ingest.declared import columns_of, items_of
from attunement.ingest.poles import high_pole
from attunement.ingest.privacy.identifiers.prose import kind_in_prose
from attunement.ingest.privacy.texts import shown_column, shown_file
from attunement.ingest.readers.arranged import label
from attunement.ingest.readers.raw import Raw
from attunement.study.contracts import TABLES, conform
from attunement.study.dataset import ColumnSource, Covariate, Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Instrument
from attunement.study.sources import ResponseSource

Rows = list[dict[str, Any]]
DERIVED = ("case_order", "open_cases_at_intake")


def _missing(values: pd.Series, n_rows: int | None = None) -> dict[str, Any]:
    rows = len(values) if n_rows is None else n_rows
    gaps = rows - int(values.notna().sum())
    return {"n_rows": rows, "n_missing": gaps, "share_missing": gaps / rows if rows else None}


class _Origin:
    """Where a column of a source lies, and the file's own words for it, if they name nobody."""

    def __init__(self, dataset: Dataset, sources: dict[str, Any]) -> None:
        self._dataset, self._sources = dataset, sources

    def __call__(self, source: str, column: str) -> dict[str, Any]:
        raw = self._sources.get(source)
        titles = raw.titles if isinstance(raw, Raw) else {}
        file = shown_file(source, label(source, self._dataset.sources[source]))
        title = titles.get(column)
        title = None if title is None or kind_in_prose(str(title)) else title
        told = {"source": source, "file": file, "column": shown_column(column)}
        return told | {"title": title}


def _levels(source: ColumnSource, known: tuple[str, ...] = ()) -> str | None:
    """The categories that are declared; what else stands in the data is not told."""
    if isinstance(source, Covariate) and source.levels:
        return ", ".join(source.levels)
    targets = [str(value) for value in (source.values or {}).values() if value is not None]
    words = list(dict.fromkeys(targets)) or list(known)
    return ", ".join(words) or None


def _of_tables(dataset: Dataset, tables: Tables, origin: _Origin) -> Rows:
    rows: Rows = []
    for name in ("therapists", "clients", "sessions", "endings", "type_preferences"):
        declared, table = getattr(dataset, name), tables[name]
        if declared is None:
            continue
        for column in TABLES[name].columns:
            made = column.name in DERIVED and table[column.name].notna().any()
            if column.name not in declared.columns and not made:
                continue
            told: dict[str, Any] = {
                "table": name,
                "variable": column.name,
                "meaning": column.meaning,
                "type": column.kind,
                "unit": column.unit or None,
                "low": column.low,
                "high": column.high,
                "informant": "-",
            } | _missing(table[column.name])
            if column.name in declared.columns:
                source = declared.columns[column.name]
                if column.kind == "category":
                    told["levels"] = _levels(source, column.categories)
                told |= origin(declared.source, source.column)
            else:
                told |= {"source": "-", "column": "made from days"}
            rows.append(told)
        for covariate, source in declared.covariates.items():
            rows.append(
                {
                    "table": name,
                    "variable": covariate,
                    "meaning": source.meaning,
                    "type": source.kind,
                    "unit": source.unit or None,
                    "low": source.low,
                    "high": source.high,
                    "levels": _levels(source) if source.kind == "category" else None,
                    "informant": "-",
                }
                | origin(declared.source, source.column)
                | _missing(table[covariate])
            )
    return rows


def _columns(response: ResponseSource, dataset: Dataset, items: Any) -> dict[str, str]:
    """Item -> column, a pattern (`PHQ9_s{session}_i3`) or all columns of a wide source."""
    if response.wide is not None:
        total = "total" if "total" in items.scales else next(iter(items.scales))
        return {total: ", ".join(response.wide)}
    return columns_of(response, items, dataset)


def _of_responses(
    dataset: Dataset, tables: Tables, instruments: dict[str, Instrument], origin: _Origin
) -> Rows:
    rows: Rows = []
    keys = ["instrument", "item", "rater"]
    groups = tables["responses"].groupby(keys, sort=False, observed=True)["value"]
    told_of = groups.count()
    pairs = zip(groups.size().items(), told_of, strict=True)
    counts = {key: (int(n), int(told)) for (key, n), told in pairs}
    for response in dataset.responses:
        items = items_of(response.instrument, dataset, instruments, "responses")
        instrument = instruments.get(response.instrument)
        rating = dataset.ratings.get(response.instrument)
        for item, column in _columns(response, dataset, items).items():
            allowed = items.ranges[item]
            key = (response.instrument, item, str(response.rater))
            n, told = counts.get(key, (0, 0))
            if rating is not None:
                meaning = rating.meaning + (f": {item}" if len(rating.items) > 1 else "")
                meaning += high_pole(response.instrument, item, dataset, instruments)
            elif instrument is not None and item in instrument.scales:
                meaning = f"{instrument.name}: {instrument.scales[item].name}"
            else:
                meaning = f"{instrument.name if instrument else response.instrument}, item {item}"
                meaning += high_pole(response.instrument, item, dataset, instruments)
            rows.append(
                {
                    "table": "responses",
                    "variable": f"{response.instrument}.{item}",
                    "meaning": meaning,
                    "type": "integer" if allowed.whole else "number",
                    "low": allowed.low,
                    "high": allowed.high,
                    "informant": response.rater,
                    "n_rows": int(n),
                    "n_missing": int(n - told),
                    "share_missing": (n - told) / n if n else None,
                }
                | origin(response.source, column)
            )
    return rows


def _of_scales(dataset: Dataset, instruments: dict[str, Instrument]) -> Rows:
    """The scales that the stage `score` forms of the items."""
    rows: Rows = []
    for response in dataset.responses:
        instrument = instruments.get(response.instrument)
        if instrument is None or response.wide is not None:
            continue
        items = items_of(response.instrument, dataset, instruments, "responses")
        given = set(columns_of(response, items, dataset))
        for name, scale in instrument.scales.items():
            used = [str(item) for item in scale.items]
            if name in given or not given & set(used):
                continue
            low, high = instrument.range_of(scale)
            turned = f"; reversed: {', '.join(map(str, scale.reverse))}" if scale.reverse else ""
            rows.append(
                {
                    "table": "scores",
                    "variable": f"{instrument.id}.{name}",
                    "meaning": f"{instrument.name}: {scale.name}",
                    "type": "number",
                    "unit": "points",
                    "low": low,
                    "high": high,
                    "informant": response.rater,
                    "source": "-",
                    "column": f"{scale.method} of items {', '.join(used)}{turned}",
                }
            )
    return rows


def codebook_table(
    dataset: Dataset,
    sources: dict[str, Any],
    tables: Tables,
    instruments: dict[str, Instrument],
) -> pd.DataFrame:
    """Return what each variable is (contract `codebook`).

    Parameters
    ----------
    dataset, instruments : of this stage.
    sources : dict of Raw or DataFrame
        For the file's own titles of columns.
    tables : dict of DataFrame
        The canonical tables.

    Returns
    -------
    DataFrame
        A row for each declared column, covariate, item and scale. Ranges are those that are
        possible, never those found; categories are those declared. `n_rows` are the rows of the
        table (of an item: the occasions on which anything of its instrument was answered),
        `n_missing` those without a value: exact, private until the gate has passed them.
    """
    origin = _Origin(dataset, sources)
    rows = [
        *_of_tables(dataset, tables, origin),
        *_of_responses(dataset, tables, instruments, origin),
        *_of_scales(dataset, instruments),
    ]
    frame = pd.DataFrame(rows)
    frame["meaning"] = frame["meaning"].str.split().str.join(" ")
    return conform(frame.drop_duplicates(list(TABLES["codebook"].key)), "codebook")
