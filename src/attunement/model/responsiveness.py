"""Responsiveness: does delivery move towards what this client wants, session by session?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from attunement.mixed import FitError
from attunement.model.asking import not_telling
from attunement.model.centring import parts
from attunement.model.correction import correction_rows
from attunement.model.estimate import fit, supported
from attunement.model.exposure import require
from attunement.model.result import Model, Result
from attunement.model.rows import derived_rows
from attunement.study.contracts import empty
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification
from attunement.study.time_shape import shaped

CONVERGENCE, AT_FIRST = "session:preference_between", "preference_between"
FEWEST_THERAPISTS = 10
FEW = f"the mean over dimensions needs {FEWEST_THERAPISTS} therapists"
ABOUT = {
    CONVERGENCE: "above 0: delivery moves towards what this client wants",
    AT_FIRST: "above 0: delivery goes with what this client wants from the first session on",
}


def sessions_with_preference(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return one row per session and dimension with delivery and the preference stated first.

    The first preference, not the latest: one that is stated anew may have moved towards what was
    given, and that is no responsiveness of the therapist. Sessions before it are left out, and so
    are sessions without a rating.

    Returns
    -------
    DataFrame
        client, therapist, session, dimension, delivery and preference (-1..1), in order of client,
        dimension and session.

    Raises
    ------
    NotEstimable
        Preferences or delivery are not recorded, or do not share a scale.
    """
    for topic in ("preferences", "delivery", "commensurable"):
        require(tables, topic)
    given = tables["delivery"]
    given = given[(given["rater"] == specification.informant) & given["delivery"].notna()]
    if given.empty:
        raise NotEstimable(f"no delivery rated by the {specification.informant}")
    wanted = tables["preferences"].dropna(subset="preference")
    wanted = wanted.sort_values(["client", "dimension", "from_session"], kind="stable")
    wanted = wanted.drop_duplicates(["client", "dimension"], keep="first")
    rows = given[["client", "session", "dimension", "delivery"]].merge(
        wanted[["client", "dimension", "from_session", "preference"]], on=["client", "dimension"]
    )
    rows = rows[rows["session"] >= rows["from_session"]].drop(columns="from_session")
    rows = rows.merge(tables["clients"][["client", "therapist"]], on="client")
    if rows.empty:
        raise NotEstimable("nobody has both a preference and a later rating of delivery")
    keys = ["client", "dimension", "session"]
    rows = rows.astype({"session": float, "delivery": float, "preference": float})
    return rows.sort_values(keys, kind="stable").reset_index(drop=True)


def _frame(rows: pd.DataFrame, dimension: str, specification: Specification) -> pd.DataFrame:
    """The rows of one dimension: session 0 at the first and 1 at the reference session."""
    held = rows[rows["dimension"] == dimension].reset_index(drop=True)
    split = parts(held, ["preference"]).drop(columns="preference_within")
    reference = float(specification.setting("reference_session", "10"))
    since_first = held["session"] - 1.0
    session = shaped(since_first, specification.setting("shape", "log"), reference - 1.0)
    return held.drop(columns="preference").join(split).assign(session=session)


def _without_one(fitted: Any, terms: list[str]) -> pd.DataFrame:
    """Estimates with each therapist left out, one row each."""
    without = fitted.influence("therapist")
    return without.estimates.loc[without.summary["converged"].to_numpy(dtype=bool), terms]


def mean_of(estimates: list[pd.Series], left_out: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean over dimensions with its jackknife error over therapists.

    With b the mean of all and b_(t) that without therapist t of T, the variance is
    (T - 1) / T * sum (b_(t) - mean b_(t))^2 (Efron & Tibshirani 1993, An Introduction to the
    Bootstrap, chapter 11), with T - 1 degrees of freedom. Dimensions of one client hang together:
    errors of single models could not be joined as if they did not.
    """
    whole = pd.concat(estimates, axis=1).mean(axis=1)
    stacked = pd.concat(left_out, keys=range(len(left_out)), names=["dimension", "therapist"])
    counts = stacked.groupby("therapist", sort=True).size()
    # Only therapists left out of every dimension's model move the mean as a whole.
    every = counts.index[counts == len(left_out)]
    refits = stacked.groupby("therapist", sort=True).mean().loc[every]
    number = len(refits)
    if number < FEWEST_THERAPISTS:
        raise NotEstimable(FEW)
    se = np.sqrt((number - 1) / number * ((refits - refits.mean()) ** 2).sum())
    width = stats.t.ppf(0.975, number - 1) * se
    return pd.DataFrame(
        {
            "estimate": whole,
            "se": se,
            "df": float(number - 1),
            "df_method": "jackknife over therapists",
            "statistic": whole / se,
            "p": 2 * stats.t.sf((whole / se).abs(), number - 1),
            "ci_low": whole - width,
            "ci_high": whole + width,
        }
    )


def _rows(table: pd.DataFrame, dimension: str, specification: Specification) -> pd.DataFrame:
    """Rows of `estimates` from a table by term; a dimension is named in the term."""
    rows = table.rename_axis("term").reset_index()
    rows["direction"] = rows["term"].map(ABOUT)
    rows["level"] = ["between" if term == CONVERGENCE else "-" for term in rows["term"]]
    if dimension:
        named = f"preference_{dimension}_between"
        rows["term"] = rows["term"].str.replace(AT_FIRST, named, regex=False)
    return rows.assign(
        metric="b",
        scale="raw",
        outcome="delivery",
        informant=f"delivery: {specification.informant}",
        dimension=dimension or "all",
    )


def responsiveness(tables: Tables, specification: Specification) -> Result:
    """Return whether delivery converges on preference, by dimension and on average.

    Per dimension delivery is modelled on session, preference (client minus therapist mean, and
    therapist mean) and their interaction, with random intercept and slope of session by therapist
    and client. The coefficient of preference x session is responsiveness: how much closer delivery
    goes with what this client wants at the reference session than at the first (1: fully). The
    coefficient of preference is how far it does so from the start: a style that happens to fit is
    no convergence. Beside it stands the error-correction form, against chance (`correction`).

    Raises
    ------
    NotEstimable
        Preferences or delivery are not recorded, or no dimension can be fitted.
    """
    rows = sessions_with_preference(tables, specification)
    if rows["therapist"].notna().sum() == 0:
        raise NotEstimable("no therapists recorded")
    found: list[tuple[pd.DataFrame, tuple[Any, Model] | None]] = []
    estimates, left_out, reasons = [], [], []
    terms = [CONVERGENCE, AT_FIRST]
    for dimension in specification.dimensions:
        try:
            model = supported(_frame(rows, dimension, specification), specification)
            few = rows["therapist"].nunique() < FEWEST_THERAPISTS
            fitted = fit(not_telling(model, (CONVERGENCE,) if few else (), FEW), specification)
        except (NotEstimable, FitError) as problem:
            reasons.append(str(problem))
            failed = pd.DataFrame({"status": "not estimable", "reason": str(problem)}, index=terms)
            found.append((_rows(failed, dimension, specification), None))
            continue
        table = fitted.fixed.loc[terms].rename(columns={"t": "statistic"})
        table["df_method"] = fitted.df_method
        found.append((_rows(table, dimension, specification), (fitted, model)))
        estimates.append(table["estimate"])
        if "therapist" in model.random:
            left_out.append(_without_one(fitted, terms))
    last = next((fitted for _, fitted in reversed(found) if fitted), None)
    if last is None:
        raise NotEstimable(reasons[0] if reasons else "no dimension of preference")
    whole = [
        derived_rows(table, (own or last)[0], (own or last)[1], specification)
        for table, own in found
    ]
    whole.append(_mean_rows(estimates, left_out, last, rows, specification))
    whole.append(correction_rows(rows, last, specification))
    return Result(pd.concat(whole, ignore_index=True), empty("variance"))


def _mean_rows(
    estimates: list[pd.Series],
    left_out: list[pd.DataFrame],
    last: tuple[Any, Model],
    rows: pd.DataFrame,
    specification: Specification,
) -> pd.DataFrame:
    try:
        if len(left_out) < len(specification.dimensions):
            raise NotEstimable("not every dimension could be fitted with therapists")
        table = mean_of(estimates, left_out).assign(status="estimated", reason="")
    except NotEstimable as problem:
        table = pd.DataFrame(
            {"status": "not estimable", "reason": str(problem)}, index=[CONVERGENCE, AT_FIRST]
        )
    shown = _rows(table, "", specification).assign(
        n_obs=len(rows),
        n_clients=rows["client"].nunique(),
        n_therapists=rows["therapist"].nunique(),
    )
    result = derived_rows(shown, *last, specification)
    result["reason"] = result["reason"].replace("", None)
    return result
