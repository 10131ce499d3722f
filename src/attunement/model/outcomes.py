"""The scores that a specification explains, its time, and clients whose covariates are known."""

from __future__ import annotations

import pandas as pd

from attunement.model.formulas import columns_of
from attunement.score.change import in_treatment
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification
from attunement.study.time_shape import shaped


def shaped_time(time: pd.Series, specification: Specification) -> pd.Series:
    """Return time in the declared shape: 0 at the start, 1 at the end of the reference span."""
    return shaped(time, specification.time_shape, specification.time_per)


def with_clients(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    clients = tables["clients"]
    again = [name for name in clients.columns if name in rows.columns and name != "client"]
    return rows.merge(clients.drop(columns=again), on="client", how="left", validate="many_to_one")


def complete_clients(tables: Tables, specification: Specification) -> pd.DataFrame:
    """The clients with every covariate of the model: who has none must not shift the centring."""
    clients = tables["clients"]
    used = set(columns_of(specification.formula)) & set(clients.columns)
    return clients.dropna(subset=sorted(used - {"therapist"}))


def outcome_scores(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return client, time, session and `outcome`, turned so that higher is better.

    One informant's scores, given while in treatment where endings are recorded. On the `sd` scale
    the unit is the standard deviation of the clients' first scores.
    """
    instrument, _, scale = specification.outcome.partition(".")
    scores = tables["scores"]
    wanted = (scores["instrument"] == instrument) & (scores["scale"] == scale)
    if specification.outcome_informant:
        wanted &= scores["rater"] == specification.outcome_informant
    rows = in_treatment(scores[wanted & scores["value"].notna()], tables)
    rows = rows[rows["client"].isin(tables["clients"]["client"])]
    rows = rows.sort_values(["client", "occasion"], kind="stable")
    if rows.empty:
        raise NotEstimable(f"no scores of {specification.outcome}")
    unit = 1.0
    if specification.outcome_scale == "sd" and specification.link == "identity":
        first = rows.drop_duplicates("client")["value"]
        unit = float(first.std(ddof=1)) if len(first) > 2 else 0.0
        if not unit > 1e-12:
            raise NotEstimable(f"first scores of {specification.outcome} do not vary")
    sign = specification.improvement or 1
    return pd.DataFrame(
        {
            "client": rows["client"],
            "occasion": rows["occasion"],
            "time": rows["time"].astype(float),
            "session": rows["session"],
            "outcome": sign * rows["value"] / unit,
        }
    ).reset_index(drop=True)
