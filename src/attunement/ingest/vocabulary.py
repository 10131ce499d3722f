"""What `values` turns words into must be what the column can hold: told before a cell is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from attunement.ingest.cells import Mapping as Values
from attunement.ingest.cells import as_number
from attunement.ingest.date_words import read_word
from attunement.ingest.sheet import nearest
from attunement.ingest.values import FLAGS
from attunement.study.contracts import TABLES
from attunement.study.dataset import ColumnSource, Covariate, Dataset
from attunement.study.problems import StudyError

TABLE_NAMES = ("clients", "therapists", "sessions", "endings", "type_preferences")


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def _demand(values: Values | None, known: Iterable[str], where: str, file: str) -> None:
    """Demand that every word becomes one of the known ones, or missing."""
    vocabulary = list(known)
    for word, value in (values or {}).items():
        if value is None or _written(value) in vocabulary:
            continue
        near = nearest(_written(value), vocabulary)
        raise StudyError(
            f"{where}: `values` turns '{word}' into '{_written(value)}', which is none of the "
            f"known words; the nearest is '{near}'",
            file=file,
            advice=f"Known are {', '.join(vocabulary)}; null means missing.",
        )


def _is_number(value: object, dates: bool) -> bool:
    if value is None or (dates and read_word(str(value), "iso").days is not None):
        return True
    return not isinstance(value, bool) and bool(
        np.isfinite(as_number(str(value).replace(",", ".")))
    )


def _demand_numbers(values: Values | None, where: str, file: str, *, dates: bool = False) -> None:
    for word, value in (values or {}).items():
        if not _is_number(value, dates):
            raise StudyError(
                f"{where}: `values` turns '{word}' into '{_written(value)}', and a number belongs "
                "there",
                file=file,
                advice=f"Write the number that it stands for, as {{{word}: 1}}; null means "
                "missing.",
            )


def _check_covariate(covariate: Covariate, where: str, file: str) -> None:
    if covariate.kind == "category" and covariate.levels:
        _demand(covariate.values, covariate.levels, where, file)
    elif covariate.kind == "flag":
        _demand(covariate.values, FLAGS, where, file)
    elif covariate.kind in ("number", "integer"):
        _demand_numbers(covariate.values, where, file, dates=True)


def check_vocabulary(dataset: Dataset, file: str) -> None:
    """Demand that declared `values` give what their columns can hold.

    Raises
    ------
    StudyError
        A word becomes something that a closed list, a flag or a number column does not know; the
        message names the nearest word that it knows.
    """
    for name in TABLE_NAMES:
        table = getattr(dataset, name)
        if table is None:
            continue
        kinds = {column.name: column for column in TABLES[name].columns}
        told: Mapping[str, ColumnSource] = table.columns
        for key, source in told.items():
            column, where = kinds.get(key), f"{name}.columns.{key}"
            if column is None:
                continue
            if column.categories:
                _demand(source.values, column.categories, where, file)
            elif column.kind == "flag":
                _demand(source.values, FLAGS, where, file)
            elif column.kind == "integer":
                _demand_numbers(source.values, where, file)
        for key, covariate in table.covariates.items():
            _check_covariate(covariate, f"{name}.covariates.{key}", file)
    for number, response in enumerate(dataset.responses):
        _demand_numbers(response.values, f"responses.{number} ({response.instrument})", file)
