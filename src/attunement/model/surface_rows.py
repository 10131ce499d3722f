"""The rows of a response surface: preference and delivery on their common scale, and products."""

from __future__ import annotations

import re

import pandas as pd

from attunement.accommodate.preferences import preference_in_force
from attunement.model.centring import parts
from attunement.model.exposure import require
from attunement.model.prepare import prepare
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

# b1 to b5 of the polynomial, in its usual order: P, D, P^2, PD, D^2.
TERMS = (
    "preference",
    "delivery",
    "preference_squared",
    "preference_by_delivery",
    "delivery_squared",
)


def without(formula: str, terms: list[str]) -> str:
    """Return a formula without some of the terms added to it (`+ term`)."""
    for term in terms:
        formula = re.sub(rf"\+\s*{term}(?![\w:])\s*", "", formula)
    return formula


def session_pairs(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per session with delivery rated and a preference in force.

    Returns
    -------
    DataFrame
        client, session, preference, delivery, of the specification's dimension and informant.
        Both lie on -1..1 about the midpoint of the scale that they share. Neither is centred on
        the sample: taking two different means away would move the line on which they agree, and a
        surface could no longer say where that line lies.

    Raises
    ------
    NotEstimable
        Preferences or delivery are not recorded, or nobody has both.
    """
    for topic in ("preferences", "delivery"):
        require(tables, topic)
    given = tables["delivery"]
    chosen = given["dimension"] == specification.dimension
    given = given[chosen & (given["rater"] == specification.informant)]
    stated = tables["preferences"]
    stated = stated[stated["dimension"] == specification.dimension]
    pairs = preference_in_force(stated, given).merge(
        given[["client", "session", "delivery"]], on=["client", "session"]
    )
    pairs = pairs[["client", "session", "preference", "delivery"]].dropna()
    if pairs.empty:
        raise NotEstimable("nobody has both a preference and a rating of delivery")
    pairs["session"] = pairs["session"].astype("int64")
    return pairs.sort_values(["client", "session"], kind="stable").reset_index(drop=True)


def with_products(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the squares and the product of the columns `preference` and `delivery`."""
    wanted, got = rows["preference"], rows["delivery"]
    return rows.assign(
        preference_squared=wanted**2, preference_by_delivery=wanted * got, delivery_squared=got**2
    )


def why_unchanged(stated: pd.DataFrame, dimension: str) -> str:
    """Say why the wishes of no client change over the sessions that an outcome follows.

    Parameters
    ----------
    stated : the table `preferences`.
    dimension : the dimension that is asked about.
    """
    mine = stated[(stated["dimension"] == dimension) & stated["preference"].notna()]
    wishes = mine.groupby("client")["preference"]
    if wishes.size().max() == 1:
        return "preferences were stated once"
    if (wishes.max() - wishes.min()).max() <= 1e-9:
        return "preferences were stated again and had not changed"
    return (
        "preferences were stated again, but all of a client's sessions that an outcome follows "
        "fall under one of the statements (the others come too early or too late)"
    )


def _clients(rows: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Attach each client's means over the sessions that came before the last score."""
    begins = pairs.groupby("client")["session"].min()
    rows = rows[rows["session_first"].astype(float) <= rows["client"].map(begins)]
    pairs = pairs.merge(rows[["client", "session_last"]], on="client")
    pairs = pairs[pairs["session"] < pairs["session_last"].astype(float)]
    means = pairs.groupby("client", sort=True)[["preference", "delivery"]].mean().reset_index()
    return with_products(rows.merge(means, on="client"))


def _so_far(rows: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Attach each client's means over the sessions up to the row's `period`."""
    means = pairs.groupby("client")[["preference", "delivery"]].expanding().mean()
    means = means.reset_index("client", drop=True)
    pairs = pairs.assign(preference=means["preference"], delivery=means["delivery"])
    pairs["session"] = pairs["session"].astype(float)
    found = pd.merge_asof(
        rows.sort_values(["period", "client"], kind="stable"),
        pairs.sort_values(["session", "client"], kind="stable"),
        left_on="period",
        right_on="session",
        by="client",
    ).dropna(subset="session")
    return with_products(found)


def _next_session(rows: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Pair a session with the outcome at the next one; split all five terms after multiplying.

    What a client's five terms deviate from are that client's own means of the same five terms, so
    the surface stays on the common scale and only differences between clients are taken out:
    products of deviations would be zero where a client is as usual, not where wish and gift agree.
    """
    rows = rows.dropna(subset="session")
    rows = rows.assign(session=rows["session"].astype("int64") - 1)
    rows = with_products(rows.merge(pairs, on=["client", "session"]))
    if rows.empty:
        return rows
    split = parts(rows, list(TERMS))
    return rows.join(split[[f"{term}_{part}" for part in ("within", "between") for term in TERMS]])


def surface_frame(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return the frame of a response surface: outcome or event, `TERMS` and covariates.

    Parameters
    ----------
    tables : dict of DataFrame
        Canonical, scored and accommodated tables by contract name.
    specification : Specification
        Of analysis `surface` and a single dimension. Rows `clients` (last score; preference and
        delivery are means over the sessions before it), `landmark` and `person_periods` (means over
        the sessions so far) give the surface between clients; `next_session` that within clients,
        whose columns end in `_within` and `_between`.

    Raises
    ------
    NotEstimable
        The tables do not hold what the specification needs; the message is the reason.
    """
    if specification.dimension == "all":
        raise NotEstimable(
            "no preferences are recorded"
            if not specification.dimensions
            else "a response surface is that of one dimension of preference"
        )
    pairs = session_pairs(tables, specification)
    scores = tables["scores"]
    tables = tables | {"scores": scores[scores["session"].notna()]}
    within = specification.rows == "next_session"
    plain = {"analysis": "model", "scoring": None}
    plain |= {"rows": "occasions"} if within else {}
    rows = prepare(tables, specification.model_copy(update=plain))
    if specification.rows == "landmark":
        rows["period"] = float(specification.landmark or 0)
    attach = {"clients": _clients, "next_session": _next_session}.get(specification.rows, _so_far)
    rows = attach(rows, pairs)
    if rows.empty:
        raise NotEstimable("nobody has preference and delivery recorded before the outcome")
    keys = [name for name in ("client", "session", "period") if name in rows.columns]
    return rows.sort_values(keys, kind="stable").reset_index(drop=True)
