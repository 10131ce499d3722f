"""One source as the tables are built from it: its columns by name, its rows by number."""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from attunement.ingest.places import Places
from attunement.ingest.readers.headers import ABOVE, first_row_is_data
from attunement.study.problems import StudyError


def nearest(name: str, known: list[str]) -> str:
    """The known name that is most like the given one."""
    near = difflib.get_close_matches(str(name), known, 1, cutoff=0.0)
    return near[0] if near else ""


@dataclass(frozen=True)
class Sheet:
    """A source: what messages call it, its numbered rows, its conventions.

    `codes` are the dataset's missing codes; `decimal` is the source's decimal mark and `dates` the
    order of its dates, `forms` those of single columns. `labels` and `user_missing` are what the
    file itself declares (see `Raw`); `places` tell file, column and row of a numbered row.
    `origin` is the day from which dates count, and `dated` says that the days of the dataset are
    dates; `occasions` are words for occasions in names of columns.
    """

    label: str
    frame: pd.DataFrame
    decimal: str = "."
    codes: tuple[str, ...] = ()
    whole_numbers: str = "keep"
    dates: str = "iso"
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    user_missing: dict[str, list[tuple[float, float] | str]] = field(default_factory=dict)
    forms: dict[str, tuple[str, str]] = field(default_factory=dict)
    places: Places | None = None
    origin: dt.date | None = None
    dated: bool = False
    occasions: dict[str, float] = field(default_factory=dict)

    @property
    def where(self) -> Places:
        """Where its rows stand in the files."""
        return self.places or Places(self.label)

    @property
    def rows(self) -> np.ndarray:
        """Numbers of the rows (a table from memory counts as if it had a header)."""
        if self.frame.index.name == "row":
            return self.frame.index.to_numpy()
        return np.arange(len(self.frame)) + 2

    def form(self, column: str) -> tuple[str, str]:
        """Decimal mark and order of dates of a column."""
        return self.forms.get(column, (self.decimal, self.dates))

    def column(self, name: str) -> pd.Series:
        """A column as it stands.

        Raises
        ------
        StudyError
            The source has no such column; the message names the nearest.
        """
        if name not in self.frame.columns:
            if first_row_is_data(self.frame):
                raise StudyError(
                    f"The column '{name}', named in dataset.yaml, is not there, and the first row "
                    f"looks like data: {', '.join(map(str, self.frame.columns[:5]))}",
                    file=self.label,
                    column=name,
                    rows=len(self.frame),
                    first=["row 1"],
                    advice=ABOVE,
                )
            raise no_column(name, [str(column) for column in self.frame.columns], self.label,
                            len(self.frame))  # fmt: skip
        return self.frame[name]

    def keep(self, mask: np.ndarray) -> Sheet:
        """The sheet with some of its rows; they keep their numbers."""
        if mask.all():
            return self
        rows = pd.Index(self.rows[mask], name="row")
        return replace(self, frame=self.frame[mask].set_axis(rows))


def no_column(name: str, known: list[str], label: str, rows: int) -> StudyError:
    """What is said of a column that dataset.yaml names and the source does not have."""
    return StudyError(
        f"The column '{name}', named in dataset.yaml, is not there; "
        f"the nearest is '{nearest(name, known)}'",
        file=label,
        column=name,
        rows=rows,
        advice=f"The file has: {', '.join(known[:12])}{', ...' if known[12:] else ''}.",
    )


def is_number_column(values: pd.Series) -> bool:
    """The column came as numbers or truth values, not as text."""
    return pd.api.types.is_numeric_dtype(values.dtype)


def _written(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def as_text(values: pd.Series) -> pd.Series:
    """A column as stripped text; blank is missing, a whole number is written without a point."""
    values = values.reset_index(drop=True)
    dated = pd.api.types.is_datetime64_any_dtype(values.dtype)
    if dated or is_number_column(values) or isinstance(values.dtype, pd.CategoricalDtype):
        codes, uniques = pd.factorize(values)
        written = np.array([_written(value) for value in uniques] + [None], dtype=object)
        text = pd.Series(written[codes], dtype="str")
    else:
        text = values.astype("str")
    text = text.str.strip()
    return text.mask(text == "")
