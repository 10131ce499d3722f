"""The client is the best teacher: does a new client gain where earlier ones were not on track?

Within a therapist the outcomes of other clients are below the mean wherever this one's is above it,
and between therapists poor outcomes go with poor outcomes: as it stands, the regression finds
learning, or its opposite, where nobody learns. What it finds is held against the order of cases by
chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from attunement.ingest.cases import spans
from attunement.mixed import FitError, fit_linear
from attunement.model.asking import tried
from attunement.model.caseload import case_number
from attunement.model.exposure import require
from attunement.model.permuting import against_chance, chance_rows, exchanged
from attunement.model.result import Model, Result
from attunement.model.rows import derived_rows
from attunement.study.contracts import empty
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

TERM = "earlier_off_track"
PERMUTATIONS = "999"
DIRECTION = (
    "above 0: better outcome where more earlier clients were not on track, beyond what chance gives"
)


class Cases(NamedTuple):
    """Cases by place, sorted by therapist and case order.

    `therapist` numbers; `intake` days; `length` days to the last session (infinite while ongoing);
    `number` the case number, shaped; `outcome` and `off_track` (1 or 0) at the last score, NaN
    where there is none after the first.
    """

    client: np.ndarray
    therapist: np.ndarray
    intake: np.ndarray
    length: np.ndarray
    number: np.ndarray
    outcome: np.ndarray
    off_track: np.ndarray


def cases(tables: Tables, specification: Specification) -> Cases:
    """Return the cases of all therapists whose order and days are known.

    The outcome of a client is z of the last score in treatment: how far it lies above what is
    expected, from clients of other therapists, of someone with this first score at this time.
    Clients without therapist, case number or day of intake are left out; one whose last day is not
    known counts as never closed.

    Raises
    ------
    NotEstimable
        No flags, no order of cases, or no days are recorded.
    """
    require(tables, "flags.not_on_track")
    clients = tables["clients"]
    order = clients.get("case_order")
    if order is None or order.isna().all():
        raise NotEstimable("the order of cases is not recorded")
    when = spans({name: empty(name) for name in ("sessions", "responses", "endings")} | tables)
    if when["first"].isna().all():
        raise NotEstimable("the days of intakes are not recorded")
    flags = tables["flags"]
    flags = flags[(flags["flag"] == "not_on_track") & (flags["outcome"] == specification.outcome)]
    last = flags.sort_values(["client", "occasion"], kind="stable").drop_duplicates(
        "client", keep="last"
    )
    rows = clients[["client", "therapist", "case_order"]].merge(when, on="client")
    rows = rows.merge(last[["client", "z", "flagged"]], on="client", how="left")
    rows = rows.dropna(subset=["therapist", "case_order", "first"])
    rows = rows.sort_values(["therapist", "case_order"], kind="stable")
    length = (rows["last"] - rows["first"]).astype(float)
    length = length.mask(rows["ongoing"] | length.isna(), np.inf)
    return Cases(
        rows["client"].to_numpy(dtype=object),
        pd.factorize(rows["therapist"])[0],
        rows["first"].to_numpy(dtype=float),
        length.to_numpy(),
        case_number(rows["case_order"], specification).to_numpy(),
        rows["z"].to_numpy(dtype=float),
        rows["flagged"].astype("Float64").to_numpy(dtype=float, na_value=np.nan),
    )


class Lessons:
    """Share of earlier clients not on track, and its slope, for any order of the cases."""

    def __init__(self, held: Cases) -> None:
        self.cases = held
        sizes = np.bincount(held.therapist)
        starts = np.repeat(sizes.cumsum() - sizes, sizes)
        # Every pair of clients of one therapist: whether the other was closed before this intake.
        self.this = np.repeat(np.arange(len(starts)), sizes[held.therapist])
        within = np.arange(len(self.this)) - np.repeat(
            np.cumsum(sizes[held.therapist]) - sizes[held.therapist], sizes[held.therapist]
        )
        self.other = starts[self.this] + within

    def earlier(self, order: np.ndarray) -> np.ndarray:
        """Return the share of closed earlier clients not on track, by place in the order of cases.

        `order[k]` says who comes at place k: intakes stay where they are, and whoever moves takes
        the own length of treatment, outcome and track along. NaN where no earlier client is closed
        and known.
        """
        held = self.cases
        off, closes = held.off_track[order], held.intake + held.length[order]
        known = np.isfinite(off)
        before = known[self.other] & (closes[self.other] < held.intake[self.this])
        number = np.bincount(self.this, before, len(off))
        poor = np.bincount(self.this, before * np.where(known, off, 0.0)[self.other], len(off))
        return np.where(number > 0, poor / np.maximum(number, 1), np.nan)

    def slope(self, order: np.ndarray) -> float:
        """Return the slope of the outcome on that share, given case number, within therapists."""
        share, outcome = self.earlier(order), self.cases.outcome[order]
        used = np.isfinite(share) & np.isfinite(outcome)
        columns = np.column_stack([share, self.cases.number, outcome])[used]
        therapist = self.cases.therapist[used]
        count = np.bincount(therapist)
        means = [np.bincount(therapist, column) for column in columns.T]
        columns = columns - np.column_stack(means)[therapist] / count[therapist][:, None]
        cross = columns.T @ columns
        left = cross[0, 0] * cross[1, 1] - cross[0, 1] ** 2
        if not left > 1e-9 * cross[0, 0] * cross[1, 1]:
            return float("nan")
        return float((cross[0, 2] * cross[1, 1] - cross[0, 1] * cross[1, 2]) / left)


def _frame(held: Cases, lessons: Lessons) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "client": held.client,
            "therapist": held.therapist.astype(str),
            "outcome": held.outcome,
            "case_number": held.number,
            TERM: lessons.earlier(np.arange(len(held.client))),
        }
    ).dropna()
    if frame.empty or not frame["therapist"].duplicated().any():
        raise NotEstimable("no client came after an earlier one of the therapist was closed")
    return frame.reset_index(drop=True)


def best_teacher(tables: Tables, specification: Specification) -> Result:
    """Return how a new client's outcome goes with whether earlier clients were not on track.

    Three rows: the slope beyond chance, with the p value of the permuted orders; the slope as it
    stands; and what the order of cases by chance gives (mean and middle 95%).

    Raises
    ------
    NotEstimable
        No flags, no order of cases, no days, or too few cases.
    """
    held = cases(tables, specification)
    lessons = Lessons(held)
    frame = _frame(held, lessons)
    orders = exchanged(
        held.therapist,
        int(specification.setting("permutations", PERMUTATIONS)),
        int(specification.setting("seed", "1")),
    )
    observed = lessons.slope(np.arange(len(held.client)))
    found = against_chance(observed, np.array([lessons.slope(order) for order in orders]))
    model = Model(specification.formula, {}, frame, ())
    tried(model)
    try:
        fitted = fit_linear(model.formula, model.frame, random=None, df="residual")
    except FitError as problem:
        raise NotEstimable(str(problem)) from None
    row = fitted.fixed.loc[TERM]
    naive = {name: row[name] for name in ("se", "df", "p", "ci_low", "ci_high")}
    naive |= {"statistic": row["t"], "df_method": "residual"}
    table = chance_rows(TERM, observed, found, naive, level="between", shift=True).assign(
        metric="b", scale="sd", direction=DIRECTION
    )
    return Result(derived_rows(table, fitted, model, specification), empty("variance"))
