"""Files of SPSS and Stata: codes as they stand, with the labels and gaps that the file declares."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attunement.ingest.readers.headers import demand_names_once, no_rows
from attunement.ingest.readers.raw import Raw
from attunement.study.problems import StudyError
from attunement.study.sources import Source


def code_text(code: object) -> str:
    """A code as text: 1 for 1.0, .a for Stata's missing a."""
    if isinstance(code, (float, np.floating)) and float(code).is_integer():
        return str(int(code))
    return str(code).strip()


def _load(path: Path, source: Source) -> tuple[pd.DataFrame, Any]:
    import pyreadstat

    stata = path.suffix.lower() == ".dta" if source.format is None else source.format == "dta"
    reader = pyreadstat.read_dta if stata else pyreadstat.read_sav
    # Both formats say their own encoding; the declared one is for old files that say it wrongly.
    declared = source.encoding if "encoding" in source.model_fields_set else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return reader(
                str(path),
                user_missing=True,
                apply_value_formats=False,
                dates_as_pandas_datetime=True,
                encoding=declared,
            )
    except Exception as error:  # whatever the library stumbles over
        if "encoding" in str(error) or isinstance(error, UnicodeError):
            raise StudyError(
                "The file holds text in another encoding than it says",
                file=path,
                advice="Declare its `encoding` for this source, perhaps cp1252.",
            ) from None
        raise StudyError(
            f"The {'Stata' if stata else 'SPSS'} file cannot be read ({error})",
            file=path,
            advice="It may be cut off or damaged: save it anew, or export it as CSV in UTF-8.",
        ) from None


def _stata_letters(frame: pd.DataFrame, declared: dict[str, list]) -> dict[str, list]:
    """Put `.a` to `.z` for Stata's missing letters, in text columns; the letters by column."""
    letters: dict[str, list] = {}
    for name, codes in declared.items():
        marks = [code for code in codes if isinstance(code, str)]
        if not marks or name not in frame:
            continue
        cells = frame[name]
        text = [
            f".{cell}" if isinstance(cell, str)
            else None if pd.isna(cell)
            else code_text(float(cell))
            for cell in cells
        ]  # fmt: skip
        frame[name] = pd.Series(text, index=frame.index, dtype="str")
        letters[name] = [f".{mark}" for mark in marks]
    return letters


def _missing(ranges: dict[str, list[dict]]) -> dict[str, list[tuple[float, float] | str]]:
    found: dict[str, list[tuple[float, float] | str]] = {}
    for name, parts in ranges.items():
        for part in parts:
            low, high = part["lo"], part["hi"]
            one = low.strip() if isinstance(low, str) else (float(low), float(high))
            found.setdefault(name, []).append(one)
    return found


def read_statistical(path: Path, source: Source) -> Raw:
    """Read a file of SPSS or Stata (see `formats.read_file`).

    Cells keep their codes, those that the file declares missing included; blank strings and system
    missing are blank; dates are dates. The first case is row 1, as these programs count.
    """
    frame, meta = _load(path, source)
    demand_names_once([str(name) for name in frame.columns], path)
    if not len(frame):
        raise no_rows(path)
    frame = frame.set_axis(pd.RangeIndex(1, len(frame) + 1, name="row"))
    letters = _stata_letters(frame, meta.missing_user_values)
    labels: dict[str, dict[str, str]] = {}
    for name, words in meta.variable_value_labels.items():
        dots = "." if name in letters else ""
        labels[name] = {
            (dots + code if isinstance(code, str) and dots else code_text(code)): str(word).strip()
            for code, word in words.items()
        }
    titles = {name: title for name, title in meta.column_names_to_labels.items() if title}
    for name in [name for name in frame.columns if pd.api.types.is_object_dtype(frame[name])]:
        written = [None if pd.isna(cell) else code_text(cell) for cell in frame[name]]
        frame[name] = pd.Series(written, index=frame.index, dtype="str")
    return Raw(path.name, frame, titles, labels, _missing(meta.missing_ranges) | letters)
