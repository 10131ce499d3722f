"""Outcomes beside symptoms: goals reached, satisfaction, attendance, wishes that change."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from attunement.mixed import FitError
from attunement.model.centring import client_means
from attunement.model.estimate import fit, supported
from attunement.model.exposure import exposure, names, require
from attunement.model.formulas import columns_of
from attunement.model.measures import measure, told_by
from attunement.model.result import Result
from attunement.model.rows import estimate_rows, not_estimable, variance_rows
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

EARLY = 3


class Last(NamedTuple):
    """What came of treatment: client, session (only what came before it counts), outcome."""

    rows: pd.DataFrame
    rater: str
    direction: str


def last_rating(tables: Tables, name: str) -> Last:
    """Return each client's last rating of a measure, in standard deviations between clients."""
    found = measure(tables, name)
    rows = found.rows.sort_values(["client", "session"], kind="stable")
    last = rows.drop_duplicates("client", keep="last").rename(columns={found.column: "outcome"})
    return Last(last.reset_index(drop=True), found.rater, "above 0: higher rating")


def attendance(tables: Tables, missed: str, early: int) -> Last:
    """Return the share of appointments attended after the first sessions, 0 to 1.

    An appointment is a session recorded, attended or not; with `missed`, a covariate of sessions
    that counts appointments missed or cancelled since the one before, those too.
    """
    require(tables, "sessions")
    sessions = tables.get("sessions")
    if sessions is None or sessions.empty or "attended" not in sessions:
        raise NotEstimable("no attendance of sessions recorded")
    rows = sessions[(sessions["session"] > early) & sessions["attended"].notna()]
    came = rows["attended"].astype(bool)
    lost = (~came).astype(float)
    if missed and missed in rows.columns:
        lost = lost + rows[missed].astype(float).fillna(0.0)
    if not lost.sum() > 0:
        raise NotEstimable("no missed appointment is recorded")
    sums = pd.DataFrame({"came": came.astype(float), "lost": lost}).groupby(rows["client"]).sum()
    share = sums["came"] / (sums["came"] + sums["lost"])
    table = pd.DataFrame({"client": share.index, "outcome": share.to_numpy()})
    table["session"] = early + 1
    return Last(table, "", "above 0: more appointments attended")


def preference_change(tables: Tables, specification: Specification) -> Last:
    """Return how far wishes moved from the first to the last statement: the mean of |P2 - P1|.

    Only clients who were asked twice on every dimension have one. It holds the unreliability of
    both statements: wishes that never moved differ by their errors.
    """
    require(tables, "preferences")
    stated = tables["preferences"]
    stated = stated[stated["dimension"].isin(specification.dimensions)]
    stated = stated[stated["preference"].notna()]
    stated = stated.sort_values(["client", "dimension", "from_session"], kind="stable")
    grouped = stated.groupby(["client", "dimension"], sort=True)
    ends = grouped.agg(
        first=("preference", "first"), last=("preference", "last"), said=("preference", "size")
    )
    again = stated.groupby("client")["from_session"].max()
    moved = (ends["last"] - ends["first"]).abs().where(ends["said"] > 1)
    of_client = moved.groupby("client").agg(["mean", "count"])
    of_client = of_client[of_client["count"] == len(specification.dimensions)]
    if of_client.empty:
        raise NotEstimable("nobody stated preferences twice")
    table = pd.DataFrame({"client": of_client.index, "outcome": of_client["mean"].to_numpy()})
    table["session"] = table["client"].map(again)
    return Last(table, "client", "above 0: wishes changed more")


def _outcome(tables: Tables, name: str, specification: Specification) -> Last:
    early = int(specification.setting("early", str(EARLY)))
    if not name:
        raise NotEstimable("the dataset names no further outcomes (`outcomes.further`)")
    if name == "attendance":
        return attendance(tables, specification.setting("missed"), early)
    if name == "preference_change":
        return preference_change(tables, specification)
    return last_rating(tables, name)


def before(found: Last, tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per client: outcome, and means of the exposure in the sessions before it.

    Returns
    -------
    DataFrame
        client, therapist, outcome, `accommodation_between`, `preference_<dimension>_between`,
        `delivery_<dimension>_between` (client mean minus therapist mean) and the clients' columns.
    """
    clients = tables["clients"]
    used = sorted((set(columns_of(specification.formula)) & set(clients.columns)) - {"therapist"})
    clients = clients.dropna(subset=used)
    rated = exposure(tables, specification)
    columns = [
        "accommodation",
        *names("preference", specification),
        *names("delivery", specification),
    ]
    rows = rated.merge(found.rows[["client", "session"]], on="client", suffixes=("", "_last"))
    rows = rows[rows["session"] < rows["session_last"]]
    rows = rows.merge(clients[["client", "therapist"]], on="client")
    if rows.empty:
        raise NotEstimable("nobody has delivery rated before this outcome")
    means = client_means(rows, columns).dropna(subset=columns)
    known = means[means["therapist"].notna()]
    of_therapist = known.groupby("therapist")[columns].transform("mean").reindex(means.index)
    of_therapist = of_therapist.fillna(means[columns].mean())
    split = (means[columns] - of_therapist).add_suffix("_between")
    table = split.assign(client=means["client"])
    table = table.merge(found.rows[["client", "outcome"]], on="client")
    return table.merge(clients, on="client", validate="one_to_one")


def further_outcome(tables: Tables, specification: Specification) -> Result:
    """Answer whether an outcome beside symptoms goes with accommodation before it.

    Settings: `measure`: instrument.scale of a rating (its last value), `attendance` or
    `preference_change`; `missed` (a covariate of sessions) and `early` for attendance.
    """
    name = specification.setting("measure")
    try:
        found = _outcome(tables, name, specification)
        model = supported(before(found, tables, specification), specification)
        fitted = fit(model, specification)
    except (NotEstimable, FitError) as problem:
        lost = not_estimable(specification, str(problem))
        return lost._replace(estimates=lost.estimates.assign(outcome=name or "none"))
    told = specification.model_copy(update={"outcome_informant": found.rater})
    estimates = estimate_rows(fitted, model, told).assign(
        outcome=name, direction=found.direction, informant=told_by(told, "delivery", told.informant)
    )
    raw = name in ("attendance", "preference_change")
    estimates["scale"] = "raw" if raw else "sd"
    return Result(estimates, variance_rows(fitted, model, specification))
