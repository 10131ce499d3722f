"""What a method of judging change is given, what it gives, and its rows of `change_methods`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attunement.score.answers import Answers
from attunement.score.change import Ends, classify, ends, outcome_scores
from attunement.score.criteria import Criterion
from attunement.score.dropout import Course
from attunement.score.keys import DECIMALS
from attunement.study.dataset import Dataset
from attunement.study.files import Tables
from attunement.study.instruments import Fact, Instrument

FEW = "fewer than two scores while in treatment"
NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True)
class Setting:
    """What all outcomes share: tables, their meaning, what is accepted, course of treatment."""

    tables: Tables
    scores: pd.DataFrame
    answers: Mapping[str, Answers]
    dataset: Dataset
    instruments: dict[str, Instrument]
    accepted: Collection[str]
    treatment: Course

    def kept(self, outcome: str) -> pd.DataFrame:
        """Return the scores of an outcome that count."""
        endings, clients = self.tables["endings"], self.tables["clients"]
        return outcome_scores(outcome, self.scores, endings, clients, self.dataset)

    def ends(self, kept: pd.DataFrame) -> Ends:
        """Return the first and last of these scores for every client."""
        return ends(kept, len(self.tables["clients"]))


@dataclass(frozen=True)
class Found:
    """What one method says: arrays over clients; a scalar counts for all of them.

    `result` is one of the four classes; `able` those evaluated; `why` the reason of the others.
    """

    method: str
    result: np.ndarray
    able: np.ndarray
    improvement: np.ndarray
    criterion: np.ndarray | float
    cutoff: float
    reason: str
    why: np.ndarray | str = FEW
    own: np.ndarray | None = None


def none(method: str, n: int, why: str) -> Found:
    """Return a method that evaluates none of n clients, and why."""
    nothing = np.full(n, np.nan)
    return Found(method, np.full(n, ""), np.zeros(n, bool), nothing, np.nan, np.nan, "", why)


@dataclass(frozen=True)
class Judged:
    """One outcome: its scores, their ends, which way is better, the cut-off."""

    outcome: str
    kept: pd.DataFrame
    course: Ends
    direction: int
    cutoff: Fact | None
    nobody: str

    @property
    def cutoff_value(self) -> float:
        """The cut-off in points, NaN without one."""
        return self.cutoff.value if self.cutoff else np.nan

    def told(self, reason: str) -> str:
        """Return a reason with what is to be said of the cut-off."""
        return reason if self.cutoff else f"{reason}; {self.nobody}"


def by_points(method: str, one: Judged, criterion: Criterion) -> Found:
    """Judge by points of change between first and last score."""
    course = one.course
    return Found(
        method,
        classify(course.first, course.last, one.direction, criterion, one.cutoff),
        course.count >= 2,
        np.round(one.direction * (course.last - course.first), DECIMALS),
        criterion.points,
        one.cutoff_value,
        one.told(criterion.reason),
    )


def rows_of(one: Judged, found: Found, clients: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `change_methods` for one outcome and method, one per client."""
    course, able = one.course, found.able
    own = found.result if found.own is None else found.own
    return pd.DataFrame(
        {
            "client": clients["client"].to_numpy(),
            "outcome": one.outcome,
            "method": found.method,
            "first": course.first,
            "last": course.last,
            "n_observations": course.count,
            "improvement": np.where(able, found.improvement, np.nan),
            "criterion": found.criterion,
            "cutoff": found.cutoff,
            "result": np.where(able, found.result, NOT_EVALUATED),
            "own_class": np.where(able, own, "not_evaluated"),
            "reason": np.where(able, found.reason, found.why),
        }
    )
