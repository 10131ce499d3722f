"""One source as the tables are built from it: its columns by name, its rows by number."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from attunement.study.problems import StudyError


def nearest(name: str, known: list[str]) -> str:
    """The known name that is most like the given one."""
    near = difflib.get_close_matches(str(name), known, 1, cutoff=0.0)
    return near[0] if near else ""


@dataclass(frozen=True)
class Sheet:
    """A source: what messages call it, its rows with their spreadsheet numbers, its conventions.

    `codes` are the dataset's missing codes; `decimal` is the source's decimal mark.
    """

    label: str
    frame: pd.DataFrame
    decimal: str = "."
    codes: tuple[str, ...] = ()
    whole_numbers: str = "keep"

    @property
    def rows(self) -> np.ndarray:
        """Row numbers as a spreadsheet shows them (a table from memory as if it had a header)."""
        if self.frame.index.name == "row":
            return self.frame.index.to_numpy()
        return np.arange(len(self.frame)) + 2

    def column(self, name: str) -> pd.Series:
        """A column as it stands.

        Raises
        ------
        StudyError
            The source has no such column; the message names the nearest.
        """
        if name not in self.frame.columns:
            known = [str(column) for column in self.frame.columns]
            raise StudyError(
                f"The column '{name}', named in dataset.yaml, is not there; "
                f"the nearest is '{nearest(name, known)}'",
                file=self.label,
                column=name,
                rows=len(self.frame),
                advice=f"The file has: {', '.join(known[:12])}{', ...' if known[12:] else ''}.",
            )
        return self.frame[name]

    def keep(self, mask: np.ndarray) -> Sheet:
        """The sheet with some of its rows; they keep their numbers."""
        if mask.all():
            return self
        rows = pd.Index(self.rows[mask], name="row")
        return replace(self, frame=self.frame[mask].set_axis(rows))


def is_number_column(values: pd.Series) -> bool:
    """The column came as numbers or truth values, not as text."""
    return pd.api.types.is_numeric_dtype(values.dtype)


def _written(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def as_text(values: pd.Series) -> pd.Series:
    """A column as stripped text; blank is missing, a whole number is written without a point."""
    values = values.reset_index(drop=True)
    if is_number_column(values) or isinstance(values.dtype, pd.CategoricalDtype):
        codes, uniques = pd.factorize(values)
        written = np.array([_written(value) for value in uniques] + [None], dtype=object)
        text = pd.Series(written[codes], dtype="str")
    else:
        text = values.astype("str")
    text = text.str.strip()
    return text.mask(text == "")
