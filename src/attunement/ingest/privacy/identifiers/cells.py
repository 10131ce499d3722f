"""The cells of one column, each different value once, and quick questions asked of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from attunement.ingest.privacy.identifiers.dates import A_DAY_OF_A_MONTH, COUNTED, IS_DATE, WITHIN
from attunement.ingest.privacy.identifiers.search import counted, search
from attunement.ingest.privacy.identifiers.shapes import HARMLESS, Pattern
from attunement.ingest.privacy.identifiers.writing import all_written_plainly

LONGEST_DATE = 60  # bytes
LONGEST = 1000  # characters; no value that a study analyses is longer, and what is takes long
SAMPLE = 2000  # values on which a check digit is tried
SHARE_OF_CHECKS, SHARE_OF_DATES = 0.5, 0.9


def _distinct(column: pd.Series) -> tuple[pa.Array, np.ndarray, np.ndarray]:
    """Return the different values as plain text, where each stands, and which are too long.

    Of a value that is too long only the beginning is kept: patterns take the square of its length.
    """
    if isinstance(column.dtype, pd.CategoricalDtype) or not (
        column.dtype == object or pd.api.types.is_string_dtype(column.dtype)
    ):
        places, values = pd.factorize(column)
        texts = [
            str(int(one)) if isinstance(one, float) and one.is_integer() else str(one)
            for one in values
        ]
        return _plain(pa.array(texts, pa.string()), np.asarray(places), tidy=False)
    try:
        cells = pa.array(column, from_pandas=True)
        cells = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
        coded = pc.dictionary_encode(cells.cast(pa.string()))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        written = pd.Series([None if pd.isna(one) else str(one) for one in column], dtype=object)
        coded = pc.dictionary_encode(pa.array(written, pa.string(), from_pandas=True))
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    places = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return _plain(pc.utf8_trim_whitespace(coded.dictionary), places, tidy=True)


def _plain(
    values: pa.Array, places: np.ndarray, tidy: bool
) -> tuple[pa.Array, np.ndarray, np.ndarray]:
    long = np.asarray(pc.utf8_length(values).fill_null(0)) > LONGEST
    if long.any():
        values = pc.utf8_slice_codeunits(values, 0, LONGEST)
    # One sign more around a value, or between its digits, must not hide its form.
    return (all_written_plainly(values) if tidy else values), places, long


@dataclass(frozen=True)
class Cells:
    """One column as its different values.

    Parameters
    ----------
    column : Series
        Text, or typed: numbers, truth values, dates.
    """

    column: pd.Series

    @cached_property
    def _coded(self) -> tuple[pa.Array, np.ndarray, np.ndarray]:
        return _distinct(self.column)

    @property
    def values(self) -> pa.Array:
        """The different values, as text written plainly."""
        return self._coded[0]

    @property
    def places(self) -> np.ndarray:
        """Which value stands in each row; -1 where none does."""
        return self._coded[1]

    @property
    def too_long(self) -> np.ndarray:
        """Which values are longer than any that is analysed."""
        return self._coded[2]

    @cached_property
    def counts(self) -> np.ndarray:
        """In how many rows each value stands."""
        return np.bincount(self.places[self.places >= 0], minlength=len(self.values))

    @property
    def typed_dates(self) -> bool:
        """The file types the column as dates."""
        return bool(pd.api.types.is_datetime64_any_dtype(self.column.dtype))

    @property
    def decimals(self) -> bool:
        """The column came as numbers with fractions."""
        if not pd.api.types.is_float_dtype(self.column.dtype):
            return False
        known = self.column.to_numpy(dtype="float64", na_value=np.nan)
        known = known[np.isfinite(known)]
        return bool(len(known)) and bool((known % 1 != 0).mean() > 0.5)

    def matches(self, regex: str, among: np.ndarray | None = None) -> np.ndarray:
        """Return which values, or which of some values, a pattern (RE2) finds."""
        if among is None or among.all():
            return search(self.values, regex)
        found = among.copy()
        chosen = np.flatnonzero(among)
        found[chosen] = search(self.values.take(chosen), regex)
        return found

    @cached_property
    def telling(self) -> np.ndarray:
        """The values that might tell anything: no short number, no word of two letters."""
        return ~self.matches(HARMLESS) & ~self.too_long

    @cached_property
    def below_zero(self) -> np.ndarray:
        """Which values are whole numbers of four or five digits below zero."""
        return self.matches(r"^-\d{4,5}$")

    @cached_property
    def _known(self) -> dict[str, np.ndarray]:
        return {}

    def having(self, needs: str) -> np.ndarray:
        """Return which values hold what a form needs; asked once for all forms that need it."""
        if needs not in self._known:
            self._known[needs] = self.matches(needs)
        return self._known[needs]

    @cached_property
    def n_digits(self) -> np.ndarray:
        """How many digits each value has."""
        return counted(self.values, "[0-9]")

    @cached_property
    def n_letters(self) -> np.ndarray:
        """How many letters each value has, of any script: the first byte of each tells it."""
        return counted(self.values, "[A-Za-z\xc3-\xdf\xe0\xe1\xe3-\xed]")

    @cached_property
    def dates(self) -> np.ndarray:
        """Which values are dates with more than a year."""
        if self.typed_dates:
            return np.ones(len(self.values), dtype=bool)
        short = np.asarray(pc.binary_length(self.values).fill_null(0)) <= LONGEST_DATE
        found = self.matches(IS_DATE, self.telling & (self.n_digits >= 3) & short)
        # Of many numbers of eight digits a few look like dates by chance.
        bare, long = self.matches(r"^\d{8}$", found), self.matches(r"^\d{7,9}$")
        found &= ~self.matches(COUNTED, found & (self.n_letters > 0))
        found = found & ~bare if bare.sum() < 0.5 * long.sum() else found
        # Three numbers of two digits are a dose or a profile where some of them cannot be a date.
        three = self.matches(r"^\d{1,3}[-_ /]\d{1,3}[-_ /]\d{2,3}$")
        if self.matches(A_DAY_OF_A_MONTH, found & three).sum() < SHARE_OF_DATES * three.sum():
            found &= ~three
        return found

    @cached_property
    def with_dates(self) -> np.ndarray:
        """Which values hold a whole date among other words."""
        told = self.telling & (self.n_digits >= 3) & ~self.dates
        return self.matches(WITHIN, told & (self.n_letters + self.n_digits >= 5))

    def of_form(self, pattern: Pattern, among: np.ndarray) -> np.ndarray:
        """Return which values are of a form, check digit included.

        Of values with a check digit at least half of those of the form must pass.
        """
        nothing = np.zeros(len(self.values), dtype=bool)
        if not among.any():
            return nothing
        candidates = among & self.having(pattern.needs) if pattern.needs else among
        if pattern.digits:
            candidates = candidates & (self.n_digits >= pattern.digits)
        chosen = np.flatnonzero(candidates)
        if not len(chosen):
            return nothing
        values = self.values if len(chosen) == len(self.values) else self.values.take(chosen)
        hits = search(values, pattern.regex)
        if pattern.check is not None and hits.any():
            found = np.flatnonzero(hits)
            texts: list[Any] = values.take(found[:SAMPLE]).to_pylist()
            passed = np.array([pattern.passes(text) for text in texts])
            if passed.mean() < SHARE_OF_CHECKS:
                return nothing
            hits[found[:SAMPLE]] = passed
        nothing[chosen[hits]] = True
        return nothing

    def rows_of(self, hits: np.ndarray) -> np.ndarray:
        """Return in which rows (by position) the values of a mask stand."""
        return np.flatnonzero((self.places >= 0) & np.append(hits, False)[self.places])
