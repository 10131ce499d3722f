"""What an instrument is made of: scales and published numbers, each with its source."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from attunement.study.strict import Strict

Direction = Literal["higher_better", "higher_worse", "bipolar", "none"]
# `partial`: some of what stands there was confirmed. Only `true` is used without being accepted.
Verified = bool | Literal["partial"]
# count: answers above 0. mean_of_positive: sum over the number of answers above 0. ratio: the sum
# of the items over the sum of the items of `divisor`.
Method = Literal["sum", "mean", "count", "mean_of_positive", "ratio"]


def _numbers(items: Any) -> Any:
    """Spell out '1-5, 8' as item numbers; anything else is left to the type."""
    if not isinstance(items, str):
        return items
    numbers: list[int] = []
    for part in items.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise ValueError(f"'{items}' is no list of items; write for example '1-5, 8'")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


Items = Annotated[list[int], BeforeValidator(_numbers, json_schema_input_type=list[int] | str)]


class Fact(Strict):
    """A published number, where it stands and whether it was verified there."""

    value: float
    verified: Verified
    source: str
    comparison: Literal[">=", ">", "<", "<="] | None = None


class Bands(Strict):
    """Sums from which a preference counts as strong for either pole (both inclusive)."""

    strong_first: float
    strong_other: float
    verified: Verified
    source: str


class Severity(Strict):
    """Published words for ranges of a score: each word with its lowest score, ascending."""

    from_score: dict[str, float]
    verified: Verified
    source: str

    @model_validator(mode="after")
    def _ascends(self) -> Severity:
        lowest = list(self.from_score.values())
        if lowest != sorted(set(lowest)):
            raise ValueError("the lowest scores must ascend")
        return self


class Norm(Strict):
    """Mean and standard deviation of a published sample, in the points of the scale."""

    mean: float
    sd: float | None = Field(None, gt=0)
    n: int | None = None
    verified: Verified
    source: str


class MissingRule(Strict):
    """How many items may be missing, and what then stands for them.

    `of: scale` counts the items missing in the scale, `of: instrument` in the whole instrument.
    `fill: mean` is the mean of the answered items of the scale; `rounded_mean` that mean rounded to
    a whole answer (halves upwards). With `within`, missing items are filled within these scales
    first, and other scales are computed from the filled items.
    """

    allowed: int = Field(ge=0)
    of: Literal["scale", "instrument"] = "scale"
    fill: Literal["mean", "rounded_mean"] = "mean"
    within: list[str] = []
    verified: Verified
    source: str


class SkipRule(Strict):
    """An item that is only asked if another lies above a value, and what it counts as if not."""

    item: int
    asked_if: int
    above: float
    counts_as: float


class SkipRules(Strict):
    """The skip rules of an instrument, and where they stand."""

    rules: list[SkipRule] = Field(min_length=1)
    verified: Verified
    source: str


class Response(Strict):
    """The answer format: smallest and largest answer (`.inf`: none) and the step between."""

    low: float
    high: float
    step: float = Field(gt=0)


class Scale(Strict):
    """One scale: its items, those reversed, how they combine, its range, its poles, its criteria.

    An item counts as low + high - answer where it stands under `reverse`. What `method` gives is
    multiplied by `factor`, then looked up in `conversion` where there is one. `direction`,
    `verified` and `source` are those of the instrument where nothing else is said. `further` holds
    published numbers; of them only `cutoff_nhs_caseness` is computed with.
    """

    name: str
    items: Items = Field(min_length=1)
    reverse: Items = []
    method: Method = "sum"
    divisor: Items = []
    factor: float = 1
    conversion: dict[float, float] | None = None
    low: float
    high: float
    direction: Direction | None = None
    first_pole: str = ""
    other_pole: str = ""
    verified: Verified | None = None
    source: str = ""
    missing: MissingRule | None = None
    bands: Bands | None = None
    cutoff: Fact | None = None
    reliable_change: Fact | None = None
    reliability: Fact | None = None
    severity: Severity | None = None
    norms: dict[str, Norm] = {}
    further: dict[str, Fact] = {}

    @property
    def consistent(self) -> bool:
        """The items are summands of one score, so that internal consistency means something."""
        return self.method in ("sum", "mean") and self.conversion is None and len(self.items) > 1

    @model_validator(mode="after")
    def _holds_together(self) -> Scale:
        if len(set(self.items)) < len(self.items):
            raise ValueError("an item stands twice under items")
        strange = sorted(set(self.reverse) - set(self.items))
        if strange:
            raise ValueError(f"reverse names {strange}, which are not among the items")
        if (self.method == "ratio") != bool(self.divisor):
            raise ValueError(
                "method ratio needs the items of its divisor, and no other method does"
            )
        if self.severity is not None:
            outside = [v for v in self.severity.from_score.values() if not self.holds(v)]
            if outside:
                raise ValueError(f"severity begins at {outside[0]:g}, outside {self.span}")
        return self

    def holds(self, score: float) -> bool:
        """Whether a score lies in the scale's range."""
        return self.low - 1e-9 <= score <= self.high + 1e-9

    @property
    def span(self) -> str:
        """The range in words."""
        return f"{self.low:g} to {self.high:g}"
