"""From tables to the frame that one specification analyses: selection, lag, centring, scale."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attunement.model.centring import between_sd, parts
from attunement.model.exposure import exposure, names, past, require
from attunement.model.periods import at_landmark, baseline_bands, person_periods
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification


def shaped_time(time: pd.Series, specification: Specification) -> pd.Series:
    """Return time in the declared shape: 0 at the start, 1 at the end of the reference span."""
    per = specification.time_per
    if specification.time_shape == "log":
        return np.log1p(time.clip(lower=0)) / np.log1p(per)
    if specification.time_shape == "square_root":
        return np.sqrt(time.clip(lower=0) / per)
    return time / per


def _with_clients(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    clients = tables["clients"]
    again = [name for name in clients.columns if name in rows.columns and name != "client"]
    return rows.merge(clients.drop(columns=again), on="client", how="left", validate="many_to_one")


def outcome_scores(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return client, time, session and `outcome`, turned so that higher is better.

    On the `sd` scale the unit is the standard deviation of the clients' first scores.
    """
    instrument, _, scale = specification.outcome.partition(".")
    scores = tables["scores"]
    rows = scores[
        (scores["instrument"] == instrument) & (scores["scale"] == scale) & scores["value"].notna()
    ].sort_values(["client", "occasion"], kind="stable")
    if rows.empty:
        raise NotEstimable(f"no scores of {specification.outcome}")
    unit = 1.0
    if specification.outcome_scale == "sd":
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


def _client_exposure(
    exposures: pd.DataFrame, tables: Tables, specification: Specification
) -> pd.DataFrame:
    """One row per client: between and therapist parts of accommodation, preference, delivery."""
    columns = ["accommodation", *names("preference", specification)]
    columns += names("delivery", specification)
    rows = _with_clients(exposures, tables)
    split = parts(rows, columns).drop(columns=[f"{name}_within" for name in columns])
    split.insert(0, "client", rows["client"])
    clients = split.groupby("client", sort=True).first().reset_index()
    return _scaled(clients, rows, specification)


def _scaled(
    rows: pd.DataFrame, exposures: pd.DataFrame, specification: Specification
) -> pd.DataFrame:
    """Put accommodation in SDs between clients; keep those without a strong preference as a group."""
    rows = rows.copy()
    unit = between_sd(exposures, "accommodation")
    found = [name for name in rows.columns if name.startswith("accommodation")]
    rows["no_strong_preference"] = rows[found[0]].isna().astype(float)
    rows[found] = (rows[found] / unit).fillna(0.0)
    return rows


def _occasions(tables: Tables, specification: Specification) -> pd.DataFrame:
    rows = outcome_scores(tables, specification)
    if specification.needs_accommodation:
        clients = _client_exposure(exposure(tables, specification), tables, specification)
        rows = rows.merge(clients, on="client")
    rows["time"] = shaped_time(rows["time"], specification)
    return rows


def _next_session(tables: Tables, specification: Specification) -> pd.DataFrame:
    scores = outcome_scores(tables, specification).dropna(subset="session")
    scores["session"] = scores["session"].astype("int64") - 1
    exposures = exposure(tables, specification)
    rows = exposures.merge(scores, on=["client", "session"])
    if rows.empty:
        raise NotEstimable("no session is followed by an outcome at the next session")
    rows = _with_clients(rows, tables)
    columns = ["accommodation", *names("preference", specification)]
    columns += names("delivery", specification)
    split = parts(rows, columns)
    unit = between_sd(rows, "accommodation")
    found = [name for name in split.columns if name.startswith("accommodation")]
    split[found] = (split[found] / unit).fillna(0.0)
    kept = rows.drop(columns=columns).join(split)
    kept["time"] = shaped_time(kept["time"], specification)
    return kept


def _clients(tables: Tables, specification: Specification) -> pd.DataFrame:
    scores = outcome_scores(tables, specification)
    grouped = scores.groupby("client", sort=True)
    rows = pd.DataFrame(
        {
            "outcome_first": grouped["outcome"].first(),
            "outcome": grouped["outcome"].last(),
            "last": grouped["session"].last(),
            "n": grouped.size(),
        }
    ).reset_index()
    rows = rows[rows["n"] > 1]
    if rows.empty:
        raise NotEstimable("nobody has a second score")
    if specification.needs_accommodation:
        # Only what came before the last score can have led to it: scores open a session.
        table = exposure(tables, specification).merge(rows[["client", "last"]], on="client")
        table = table[table["session"] < table["last"]].drop(columns="last")
        if table.empty:
            raise NotEstimable("nobody has delivery rated before the last score")
        rows = rows.merge(_client_exposure(table, tables, specification), on="client")
    return rows.drop(columns=["last", "n"])


def _past_exposure(
    rows: pd.DataFrame, tables: Tables, specification: Specification
) -> pd.DataFrame:
    """Attach to each row the exposure of the sessions up to its `period`; rows before any are out."""
    table = past(exposure(tables, specification), specification)
    table["session"] = table["session"].astype(float)
    rows = pd.merge_asof(
        rows.sort_values(["period", "client"], kind="stable"),
        table.sort_values(["session", "client"], kind="stable"),
        left_on="period",
        right_on="session",
        by="client",
    ).dropna(subset="session")
    if rows.empty:
        raise NotEstimable("nobody was at risk after a session with accommodation observed")
    rows["accommodation_past"] = rows["accommodation_past"] / between_sd(
        rows, "accommodation_past"
    )
    rows["accommodation_past"] = (
        rows["accommodation_past"] - rows["accommodation_past"].mean()
    ).fillna(0.0)
    return rows.sort_values(["client", "period"], kind="stable").reset_index(drop=True)


def _person_periods(tables: Tables, specification: Specification) -> pd.DataFrame:
    rows = person_periods(tables, specification)
    if specification.needs_accommodation:
        rows = _past_exposure(rows, tables, specification)
    rows["baseline"] = baseline_bands(rows["period"], rows["event"])
    return rows


def _landmark(tables: Tables, specification: Specification) -> pd.DataFrame:
    rows = at_landmark(tables, specification).assign(period=float(specification.landmark or 0))
    if specification.needs_accommodation:
        rows = _past_exposure(rows, tables, specification)
    return rows


ROWS = {
    "occasions": _occasions,
    "next_session": _next_session,
    "clients": _clients,
    "person_periods": _person_periods,
    "landmark": _landmark,
}


def prepare(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return the frame that a specification analyses.

    Parameters
    ----------
    tables : dict of DataFrame
        Canonical, scored and accommodated tables by contract name.
    specification : Specification
        The model; `specification.rows` says what a row is.

    Returns
    -------
    DataFrame
        client, therapist, `outcome` (higher is better, in the specification's scale) or `event`
        (0/1), `time` (0 start, 1 reference span), the exposure columns named in `plan.PARTS` and
        every covariate of the clients. Accommodation counts in standard deviations between
        clients; 0 stands for clients without a strong preference, who are marked. Rows with
        missing covariates are still there: `estimate` drops and counts them.

    Raises
    ------
    NotEstimable
        The tables do not hold what the specification needs; the message is the reason.
    """
    if specification.needs_accommodation:
        # What is most fundamentally absent is named first.
        for topic in ("preferences", "delivery", "commensurable"):
            require(tables, topic)
    if specification.dropout_definition:
        require(tables, f"dropout.{specification.dropout_definition}")
    else:
        require(tables, f"outcome.{specification.outcome}")
    rows = _with_clients(ROWS[specification.rows](tables, specification), tables)
    keys = [name for name in ("client", "occasion", "session", "period") if name in rows.columns]
    return rows.sort_values(keys, kind="stable").reset_index(drop=True)
