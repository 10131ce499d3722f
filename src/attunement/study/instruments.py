"""Instruments as data: keys, ranges and criteria, each with its source and whether verified."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from attunement.study.problems import StudyError
from attunement.study.strict import Strict, load

Direction = Literal["higher_better", "higher_worse", "bipolar", "none"]


class Fact(Strict):
    """A published number, where it stands and whether it was verified there."""

    value: float
    verified: bool
    source: str
    comparison: Literal[">=", ">", "<", "<="] | None = None


class Bands(Strict):
    """Sums from which a preference counts as strong for either pole (both inclusive)."""

    strong_first: float
    strong_other: float
    verified: bool
    source: str


class Scale(Strict):
    """One scale: its items, those reversed, how they combine, its range and its poles."""

    name: str
    items: list[int]
    reverse: list[int] = []
    method: Literal["sum", "mean"] = "sum"
    low: float
    high: float
    first_pole: str = ""
    other_pole: str = ""
    bands: Bands | None = None


class MissingRule(Strict):
    """How many items of a scale may be missing and be replaced by the mean of those answered."""

    allowed: int = Field(ge=0)
    verified: bool
    source: str


class Response(Strict):
    """The answer format: smallest and largest answer and the step between answers."""

    low: float
    high: float
    step: float


class Instrument(Strict):
    """One instrument: keys only, no item wording.

    `cutoff.comparison` says which scores count as clinical: `score <comparison> value`.
    `reliable_change.comparison` says which changes count as reliable.
    """

    id: str
    name: str
    kind: Literal["outcome", "alliance", "preference", "process"]
    citation: list[str]
    response: Response
    direction: Direction
    scales: dict[str, Scale]
    missing: MissingRule | None = None
    cutoff: Fact | None = None
    reliable_change: Fact | None = None
    reliability: Fact | None = None
    licence: str
    verified: bool
    source: list[str]

    @property
    def improvement(self) -> int:
        """+1 where a higher score is better, -1 where it is worse, 0 where neither."""
        return {"higher_better": 1, "higher_worse": -1}.get(self.direction, 0)


def load_instruments(folder: Path) -> dict[str, Instrument]:
    """Read every instrument of a folder (`<id>.yaml`), by id.

    Raises
    ------
    StudyError
        The folder is absent, a file is faulty, or its name is not its id.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise StudyError("The folder of instruments is not there", file=folder)
    instruments = {}
    for path in sorted(folder.glob("*.yaml")):
        instrument = load(path, Instrument)
        if instrument.id != path.stem:
            raise StudyError(
                f"The instrument calls itself '{instrument.id}'",
                file=path,
                advice=f"Name the file {instrument.id}.yaml.",
            )
        instruments[instrument.id] = instrument
    return instruments
