"""Instruments as data: keys, ranges and criteria, each with its source and whether verified."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from attunement.study.problems import StudyError
from attunement.study.scales import (
    Bands,
    Direction,
    Fact,
    MissingRule,
    Response,
    Scale,
    SkipRules,
    Verified,
)
from attunement.study.strict import Strict, load

WITHOUT_KEY = "without_a_key.csv"


class Instrument(Strict):
    """One instrument: keys only, no item wording.

    `cutoff.comparison` says which scores count as clinical: `score <comparison> value`.
    `reliable_change.comparison` says which changes count as reliable. `cutoff`, `reliable_change`
    and `reliability` may stand at the instrument where it has one scale, else under their scale.
    `item_responses` are the answer formats of items that differ from `response`.
    """

    id: str
    name: str
    kind: Literal["outcome", "alliance", "preference", "process"]
    citation: list[str]
    response: Response
    item_responses: dict[int, Response] = {}
    direction: Direction
    scales: dict[str, Scale] = Field(min_length=1)
    missing: MissingRule | None = None
    skips: SkipRules | None = None
    cutoff: Fact | None = None
    reliable_change: Fact | None = None
    reliability: Fact | None = None
    licence: str
    verified: Verified
    source: list[str]

    def direction_of(self, scale: str) -> Direction:
        """Which way the scores of a scale run."""
        held = self.scales.get(scale)
        return held.direction if held is not None and held.direction else self.direction

    def improvement_of(self, scale: str) -> int:
        """+1 where a higher score of a scale is better, -1 where it is worse, 0 where neither."""
        return {"higher_better": 1, "higher_worse": -1}.get(self.direction_of(scale), 0)

    @property
    def items(self) -> list[int]:
        """Every item that a scale knows, in order."""
        known = {item for scale in self.scales.values() for item in scale.items + scale.divisor}
        return sorted(known)

    def response_of(self, item: int) -> Response:
        """The answer format of one item."""
        return self.item_responses.get(item, self.response)

    def range_of(self, scale: Scale) -> tuple[float, float]:
        """The lowest and highest score that the key of a scale can give.

        A mean of the answers above 0 starts at the smallest step; a ratio is whatever the scale
        declares, for nothing else can be known of it.
        """
        answers = [self.response_of(item) for item in scale.items]
        low, high = sum(a.low for a in answers), sum(a.high for a in answers)
        if scale.method == "ratio":
            return scale.low, scale.high
        if scale.conversion is not None:
            return min(scale.conversion.values()), max(scale.conversion.values())
        if scale.method == "count":
            low, high = 0, len(answers)
        elif scale.method == "mean_of_positive":
            low, high = min(a.step for a in answers), max(a.high for a in answers)
        elif scale.method == "mean":
            low, high = low / len(answers), high / len(answers)
        return low * scale.factor, high * scale.factor

    def gives_whole(self, scale: Scale) -> bool:
        """Whether whole answers to all items of a scale give a whole score."""
        steps = [self.response_of(item).step for item in scale.items]
        whole = all(float(number).is_integer() for number in (*steps, scale.factor))
        return whole and scale.conversion is None and scale.method in ("sum", "count")

    @model_validator(mode="after")
    def _holds_together(self) -> Instrument:
        for name, scale in self.scales.items():
            low, high = self.range_of(scale)
            declared = (scale.low, scale.high)
            if not all(
                math.isclose(a, b, abs_tol=1e-9) for a, b in zip((low, high), declared, strict=True)
            ):
                raise ValueError(
                    f"scales.{name}: its items give {low:g} to {high:g}, but low and high say "
                    f"{scale.span}"
                )
        strange = sorted(set(self.item_responses) - set(self.items))
        if strange:
            raise ValueError(f"item_responses names {strange}, which no scale has")
        for fact in ("cutoff", "reliable_change", "reliability"):
            if getattr(self, fact) is not None and len(self.scales) > 1:
                raise ValueError(f"{fact}: put it under its scale, for there are several scales")
        within = self.missing.within if self.missing else []
        unknown = [name for name in within if name not in self.scales]
        if unknown:
            raise ValueError(f"missing.within names '{unknown[0]}', which is no scale")
        return self


def _read(folder: Path) -> dict[str, Instrument]:
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


def load_instruments(folder: Path, dataset_file: Path | None = None) -> dict[str, Instrument]:
    """Read every instrument of a folder (`<id>.yaml`), by id, and those of a dataset.

    Parameters
    ----------
    folder : the instruments that all datasets know.
    dataset_file : a `dataset.yaml`; the files in the folder `instruments` beside it belong to this
        dataset alone, and take the place of those of the same id.

    Raises
    ------
    StudyError
        The folder is absent, a file is faulty, or its name is not its id.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise StudyError("The folder of instruments is not there", file=folder)
    own = _read(Path(dataset_file).parent / "instruments") if dataset_file is not None else {}
    both = _read(folder) | own
    return {name: both[name] for name in sorted(both)}


def without_key(folder: Path) -> list[dict[str, str]]:
    """Return the known instruments that have no usable key: id, name and why, in order."""
    path = Path(folder) / WITHOUT_KEY
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


__all__ = [
    "Bands",
    "Fact",
    "Instrument",
    "MissingRule",
    "Response",
    "Scale",
    "load_instruments",
    "without_key",
]
