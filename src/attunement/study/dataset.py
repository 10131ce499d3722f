"""`dataset.yaml`: where a dataset's files are and what their columns mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from attunement.study.change_rules import ChangeRule
from attunement.study.counts import MOST_SESSIONS
from attunement.study.once import Names, Once, Words, as_words
from attunement.study.poles import Delivery, Preference, demand_printed
from attunement.study.problems import StudyError
from attunement.study.sources import (
    ColumnLike,
    ColumnSource,
    Covariate,
    Name,
    Occasion,
    Rater,
    ResponseSource,
    Source,
    TableSource,
    low_below_high,
)
from attunement.study.strict import Strict, load

WORDS = BeforeValidator(as_words, json_schema_input_type=list[str | float])


class Rating(Strict):
    """A declared rating that belongs to no instrument: its items and their range.

    Where no range is known `low` and `high` are left out: nothing is then out of range.
    """

    meaning: str
    low: float | None = None
    high: float | None = None
    step: float = Field(1, allow_inf_nan=False)
    items: Names = Field(["rating"], min_length=1)
    direction: Literal["higher_better", "higher_worse", "bipolar", "none"] = "higher_better"

    @model_validator(mode="after")
    def _low_below_high(self) -> Rating:
        low_below_high(self.low, self.high)
        return self


class RatedAccommodation(Strict):
    """A direct rating of how far wishes were met: one of `ratings`, with a range and a direction.

    It shares no scale with preference or delivery and needs none.
    """

    rating: str
    raters: Annotated[list[Rater], Once] = Field(["client"], min_length=1)


class Dropout(Strict):
    """What some definitions of dropout need to know."""

    fewer_than_n_sessions: int | None = Field(None, ge=2, le=MOST_SESSIONS)
    study_attrition_times: Annotated[list[Occasion], Once] | None = Field(None, min_length=2)


class Pcoms(Strict):
    """When a client counts as not on track.

    `percentile`: of the scores expected of clients with the same first score; worse is not on
    track. Nothing published fixes it. 25 flags about a quarter of clients at each session, which is
    near the 26 to 36 of 100 closed cases that a software of the field expects off its line.
    `landmark`: the last time at which a flag counts as a forecast of what follows.
    """

    percentile: float = Field(25, ge=1, le=50)
    landmark: float = Field(3, gt=0)


class Time(Strict):
    """The unit of time, the span that one unit of the model's `time` stands for, and its shape."""

    unit: Literal["session", "day", "week", "month", "year", "occasion"]
    per: float = Field(gt=0, allow_inf_nan=False)
    shape: Literal["linear", "log", "square_root"] = "linear"


class Rules(Strict):
    """What settles conflicts; without a rule they stop the run."""

    duplicates: Literal["first", "last"] | None = None
    two_therapists: Literal["first", "last"] | None = None
    whole_numbers: Literal["keep", "round"] = "keep"


class Privacy(Strict):
    """What keeps persons from being found. `allow` names what is let in all the same, and why.

    `quasi_identifiers` are covariates of clients that others may know of a person.
    `pseudonyms: keyed` replaces ids under a secret key that lies beside the dataset; without a word
    it is so for confidential data, and ids of public or simulated data stay as they are.
    """

    quasi_identifiers: list[Name] = []
    allow: dict[str, Annotated[str, Field(min_length=10)]] = Field(
        {}, description="source.column (or covariate of an age): the reason, printed in the report"
    )
    pseudonyms: Literal["keyed", "as_given"] | None = None


class Outcomes(Strict):
    """The outcomes, as instrument.scale.

    `further` are not followed as a course: how the last rating goes with accommodation (goal
    attainment, satisfaction).
    """

    primary: str
    secondary: Words = []
    further: Words = []


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
    missing_codes: Annotated[Words, WORDS] = []
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
    rated_accommodation: RatedAccommodation | None = None
    dropout: Dropout = Dropout()
    change: dict[str, ChangeRule] = Field({}, description="by outcome: cut-off and norms")
    pcoms: Pcoms = Pcoms()
    rules: Rules = Rules()
    privacy: Privacy = Privacy()
    arm: str | None = Field(None, description="covariate of clients that names the arm of a trial")
    model_covariates: Words = []
    process: Words = Field(
        [],
        description="measures of the session (instrument.scale, or instrument.item number): "
        "alliance, empathy, ...",
    )
    moderators: Words = Field([], description="covariates of clients: for whom does it help?")
    groups: Words = Field(
        [], description="covariates of identity, culture and circumstance: is it fair?"
    )
    frequency: str | None = Field(
        None, description="covariate of clients: how many identical clients a row stands for"
    )
    truth: str | None = Field(None, description="file with the known truth of a simulated study")

    @property
    def keyed(self) -> bool:
        """Ids are replaced by pseudonyms under a secret key."""
        return (self.privacy.pseudonyms or self.disclosure) in ("keyed", "confidential")

    @model_validator(mode="after")
    def _sources_are_declared(self) -> Dataset:
        tables = [self.clients, self.therapists, self.sessions, self.endings, self.type_preferences]
        used = [table.source for table in tables if table] + [r.source for r in self.responses]
        used += [name for source in self.sources.values() for name in source.join or []]
        for name in used:
            if name not in self.sources:
                raise ValueError(f"source '{name}' is used but not declared under sources")
        if self.delivery:
            if self.delivery.rating not in self.ratings:
                raise ValueError(f"delivery.rating '{self.delivery.rating}' is not under ratings")
            given = self.ratings[self.delivery.rating]
            demand_printed(self.delivery, given.low, given.high, given.items)
        if self.delivery and not self.preference:
            raise ValueError("delivery is declared without preference")
        if (direct := self.rated_accommodation) is not None:
            rating = self.ratings.get(direct.rating)
            if rating is None:
                raise ValueError(f"rated_accommodation.rating '{direct.rating}' is not in ratings")
            one_sided = rating.direction in ("higher_better", "higher_worse")
            if None in (rating.low, rating.high) or not one_sided:
                raise ValueError(
                    f"rated_accommodation.rating '{direct.rating}' needs low, high and a direction"
                )
        known = [self.outcomes.primary, *self.outcomes.secondary]
        for name in self.change:
            if name not in known:
                raise ValueError(
                    f"change names '{name}', which is no outcome; outcomes: {', '.join(known)}"
                )
        named = [*([self.arm] if self.arm else []), *self.model_covariates]
        named += [*self.moderators, *self.groups]
        named += [self.frequency] if self.frequency else []
        if self.frequency and self.disclosure == "confidential":
            # The gate counts rows: what stands for many clients would be judged as one.
            raise ValueError("frequency is for public or simulated tables of counts")
        for name in [*named, *self.privacy.quasi_identifiers]:
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


__all__ = [
    "ColumnLike",
    "ColumnSource",
    "Covariate",
    "Dataset",
    "Delivery",
    "Preference",
    "Rating",
    "ResponseSource",
    "Source",
    "TableSource",
    "load_dataset",
]
