"""From tables to the frame that one specification analyses: selection, lag, centring, scale."""

from __future__ import annotations

import pandas as pd

from attunement.model.alongside import next_scores, with_scores
from attunement.model.centring import parts
from attunement.model.exposure import (
    BESIDE,
    exposed,
    exposure,
    past,
    predictors,
    require,
    topics,
)
from attunement.model.formulas import columns_of
from attunement.model.latent import with_latent_means
from attunement.model.outcomes import (
    complete_clients,
    outcome_scores,
    shaped_time,
    with_clients,
)
from attunement.model.periods import (
    at_landmark,
    baseline_bands,
    baseline_spline,
    person_periods,
)
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

KEYS = ("client", "session")


def _predictors(specification: Specification, tables: Tables) -> list[str]:
    beside = [str(name) for name in tables.get(BESIDE, pd.DataFrame()) if name not in KEYS]
    return [*predictors(specification), *beside]


def _third_group(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Keep those without a strong preference as a marked group, at 0 on accommodation."""
    found = [name for name in rows.columns if name.startswith("accommodation")]
    rows = rows.assign(no_strong_preference=rows[column].isna().astype(float))
    rows[found] = rows[found].fillna(0.0)
    return rows


def _client_exposure(
    exposures: pd.DataFrame, tables: Tables, specification: Specification
) -> pd.DataFrame:
    """One row per client: between and therapist parts of accommodation, preference, delivery."""
    columns = _predictors(specification, tables)
    rows = with_clients(exposures, tables)
    split = parts(rows, columns).drop(columns=[f"{name}_within" for name in columns])
    split.insert(0, "client", rows["client"])
    clients = split.drop_duplicates("client").reset_index(drop=True)
    if specification.setting("client_means") == "latent":
        clients = with_latent_means(clients, rows, columns, specification)
    return _third_group(clients, "accommodation_between")


def _as_event(outcome: pd.Series, specification: Specification) -> pd.Series:
    """The outcome as recorded, which a binary model needs as 0 and 1, whichever of them is good."""
    event = outcome * (specification.improvement or 1)
    if not event.isin((0.0, 1.0)).all():
        raise NotEstimable(f"{specification.outcome} holds other values than 0 and 1")
    return event.abs()


def _occasions(tables: Tables, specification: Specification) -> pd.DataFrame:
    rows = outcome_scores(tables, specification)
    if specification.needs_accommodation:
        exposures = _before_last_score(exposed(tables, specification), rows)
        rows = rows.merge(_client_exposure(exposures, tables, specification), on="client")
    rows = with_scores(rows, tables, specification)
    rows["time"] = shaped_time(rows["time"], specification)
    return rows


def _before_last_score(exposures: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Keep the sessions that a client's outcomes can have followed from.

    Scores open a session and delivery closes it: what a session gave at or after the last score
    cannot have led to any. Scores that name no session are not ordered against them.
    """
    last = exposures["client"].map(scores.groupby("client")["session"].max())
    follows = (exposures["session"] < last).fillna(True).astype(bool)
    kept = exposures[exposures["client"].isin(scores["client"]) & follows]
    if kept.empty:
        raise NotEstimable("nobody has delivery rated before the last score")
    return kept


def _next_session(tables: Tables, specification: Specification) -> pd.DataFrame:
    scores = outcome_scores(tables, specification).dropna(subset="session")
    scores["session"] = scores["session"].astype("int64")
    now = scores[["client", "session", "outcome"]].rename(columns={"outcome": "outcome_now"})
    if not specification.needs_accommodation:
        return next_scores(scores, tables, specification)
    scores["session"] -= 1
    rows = exposed(tables, specification).merge(scores, on=["client", "session"])
    if "outcome_now" in columns_of(specification.formula):
        # Scores open a session: this one stood before what the session gave.
        rows = rows.merge(now, on=["client", "session"])
    if rows.empty:
        raise NotEstimable("no session is followed by an outcome at the next session")
    rows = with_clients(rows, tables)
    columns = _predictors(specification, tables)
    split = parts(rows, columns)
    rows = _third_group(rows.drop(columns=columns).join(split), "accommodation_within")
    rows["time"] = shaped_time(rows["time"], specification)
    return rows


def _clients(tables: Tables, specification: Specification) -> pd.DataFrame:
    scores = outcome_scores(tables, specification)
    if not specification.needs_accommodation:
        return _first_and_last(scores)
    # Scores open a session and delivery closes it: a baseline stands at or before the first session
    # with delivery rated, and only what came before the last score can have led to it.
    table = exposed(tables, specification)
    begins = table.groupby("client")["session"].min()
    rows = _first_and_last(scores.dropna(subset="session"))
    rows = rows[rows["session_first"] <= rows["client"].map(begins)]
    table = table.merge(rows[["client", "session_last"]], on="client")
    table = table[table["session"] < table["session_last"]].drop(columns="session_last")
    if table.empty:
        raise NotEstimable("nobody has delivery rated between the first and the last score")
    return rows.merge(_client_exposure(table, tables, specification), on="client")


def _first_and_last(scores: pd.DataFrame) -> pd.DataFrame:
    """One row per client with two scores: `outcome_first`, `outcome` (the last), their sessions."""
    first = scores.drop_duplicates("client", keep="first").set_index("client")
    last = scores.drop_duplicates("client", keep="last").set_index("client")
    rows = pd.DataFrame(
        {
            "outcome_first": first["outcome"],
            "session_first": first["session"],
            "outcome": last["outcome"],
            "session_last": last["session"],
        }
    )
    rows = rows[last["occasion"] > first["occasion"]].reset_index()
    if rows.empty:
        raise NotEstimable("nobody has a second score")
    return rows


def _past_exposure(
    rows: pd.DataFrame, tables: Tables, specification: Specification
) -> pd.DataFrame:
    """Attach to each row the exposure of the sessions up to its `period`; rows before any go."""
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
    rows["accommodation_past"] -= rows["accommodation_past"].mean()
    rows = _third_group(rows, "accommodation_past")
    return rows.sort_values(["client", "period"], kind="stable").reset_index(drop=True)


def _person_periods(tables: Tables, specification: Specification) -> pd.DataFrame:
    rows = person_periods(tables, specification)
    rows = rows[rows["client"].isin(tables["clients"]["client"])]
    if specification.needs_accommodation:
        rows = _past_exposure(rows, tables, specification)
    rows["baseline"] = baseline_bands(rows["period"], rows["event"])
    if specification.setting("baseline", "bands") == "spline":
        rows = rows.join(baseline_spline(rows["period"], rows["event"]))
    return rows


def _landmark(tables: Tables, specification: Specification) -> pd.DataFrame:
    rows = at_landmark(tables, specification).assign(period=float(specification.landmark or 0))
    rows = rows[rows["client"].isin(tables["clients"]["client"])]
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


def prepare(
    tables: Tables, specification: Specification, beside: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the frame that a specification analyses.

    Parameters
    ----------
    tables : dict of DataFrame
        Canonical, scored and accommodated tables by contract name.
    specification : Specification
        The model; `specification.rows` says what a row is.
    beside : DataFrame, optional
        client, session and further measures of the session, which are split into levels as
        accommodation is; sessions without them are left out before anything is centred.

    Returns
    -------
    DataFrame
        client, therapist, `outcome` (higher is better, in the specification's scale) or `event`
        (0/1), `time` (0 start, 1 reference span), the exposure columns named in `plan.PARTS` and
        every covariate of the clients. Accommodation counts in standard deviations between
        clients; 0 stands for clients without a strong preference, who are marked. Clients with
        a missing covariate are left out before anything is centred.

    Raises
    ------
    NotEstimable
        The tables do not hold what the specification needs; the message is the reason.
    """
    if specification.analysis == "surface":
        from attunement.model.surface_rows import surface_frame  # itself made of plain frames

        return surface_frame(tables, specification)
    if specification.needs_accommodation:
        # What is most fundamentally absent is named first.
        for topic in topics(specification)[:3]:
            require(tables, topic)
    if specification.dropout_definition:
        require(tables, f"dropout.{specification.dropout_definition}")
    else:
        require(tables, f"outcome.{specification.outcome}")
    tables = tables | {"clients": complete_clients(tables, specification)}
    if beside is not None:
        tables[BESIDE] = beside
    rows = with_clients(ROWS[specification.rows](tables, specification), tables)
    if specification.of_recorded_events:
        rows["event"] = _as_event(rows["outcome"], specification)
    keys = [name for name in ("client", "occasion", "session", "period") if name in rows.columns]
    return rows.sort_values(keys, kind="stable").reset_index(drop=True)
