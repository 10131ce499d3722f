"""Mediation through a measure of the session: two multilevel models and their indirect effect."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attunement.mixed import FitError
from attunement.model.asking import WouldFit
from attunement.model.client_slopes import lightest, too_few_sessions, with_slope
from attunement.model.exposure import require
from attunement.model.formulas import columns_of
from attunement.model.indirect import DRAWS, Indirect, Interval, generator, indirect
from attunement.model.measures import measure, told_by
from attunement.model.prepare import prepare
from attunement.model.result import Model, Result
from attunement.model.rows import derived_rows, not_estimable, variance_rows
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

WORSE = ("estimated", "singular", "not converged")
COLLINEAR = "{} is collinear with the other terms"
NO_TOTAL = "the total effect is not clearly different from zero, so that it has no shares"
OPPOSED = "direct and indirect effect point in opposite directions, so that there are no shares"


class Paths(NamedTuple):
    """Three fits on the same rows: exposure to mediator, both to outcome, exposure to outcome.

    `fixed` says which slopes do not vary between clients because the sessions are too few.
    """

    to_mediator: Any
    to_outcome: Any
    total: Any
    model: Model
    specification: Specification
    fixed: str = ""


def _status(fitted: Any) -> str:
    return "not converged" if not fitted.converged else WORSE[int(fitted.singular)]


def _said(found: Paths, term: str) -> str:
    """What the fits that a row rests on say of themselves, each named."""
    mediator = ("the mediator", found.to_mediator)
    outcome, total = ("the outcome", found.to_outcome), ("the total effect", found.total)
    alone = {"path_a": [mediator], "path_b": [outcome], "direct": [outcome], "total": [total]}
    fits = alone.get(term, [mediator, outcome])
    return "; ".join(
        f"model of {name}: {message}"
        for name, fitted in fits
        if _status(fitted) != "estimated"
        for message in fitted.messages
    )


def paths(frame: pd.DataFrame, specification: Specification, column: str) -> Paths:
    """Fit the three models of a mediation.

    Parameters
    ----------
    frame : DataFrame
        What `prepare` returned with the mediator beside: `<column>_between` and
        `<column>_therapist`, and `<column>_within` where a row is a session.
    specification : Specification
        Its formula is that of the total effect. The model of the mediator has the same right side;
        that of the outcome holds the mediator at the same levels as the exposure.
    column : str
        The mediator.
    """
    sessions = specification.rows == "next_session"
    levels = ["within", "between"] if sessions else ["between"]
    split = [f"{column}_{level}" for level in levels]
    therapist = f"{column}_therapist"
    needed = [*columns_of(specification.formula), *split, therapist]
    frame = frame.dropna(subset=needed).reset_index(drop=True)
    frame[column] = frame[[*split, therapist]].sum(axis=1)
    _, _, right = specification.formula.partition("~")
    to_mediator = specification.model_copy(update={"formula": f"{column} ~ {right}"})
    terms = specification.therapist_terms
    changes: dict[str, Any] = {"formula": f"{specification.formula} + {' + '.join(split)}"}
    if terms:
        changes["therapist_terms"] = f"{terms} + {therapist}"
    if sessions:
        changes["random"] = with_slope(specification.random, split[0])
    to_outcome = specification.model_copy(update=changes)
    # Of the model of the outcome the slope of accommodation goes first: path b is asked about.
    slopes = ("accommodation_within",) if sessions else ()
    try:
        model, last, gone = lightest(frame, to_outcome, (*slopes, *(split[:1] if sessions else ())))
    except WouldFit as stopped:
        stopped.demand((split[0], f"accommodation_{levels[0]}"), COLLINEAR)
        raise
    first, total = (lightest(frame, one, slopes) for one in (to_mediator, specification))
    fixed = {column: first[2], "the outcome": gone, "the outcome (total effect)": total[2]}
    return Paths(first[1], last, total[1], model, to_outcome, too_few_sessions(fixed))


def _coefficient(fitted: Any, term: str) -> pd.Series:
    row = fitted.fixed.loc[term]
    if np.isnan(row["estimate"]):
        raise NotEstimable(COLLINEAR.format(term))
    return row


def _fixed(term: str, row: pd.Series, fitted: Any) -> dict[str, Any]:
    return {
        "term": term,
        "estimate": row["estimate"],
        "se": row["se"],
        "df": row["df"] if np.isfinite(row["df"]) else np.nan,
        "df_method": fitted.df_method,
        "statistic": row["t"],
        "p": row["p"],
        "ci_low": row["ci_low"],
        "ci_high": row["ci_high"],
        "status": _status(fitted),
    }


def _drawn(term: str, found: Interval, metric: str, status: str) -> dict[str, Any]:
    shown = found._asdict()
    limits = {"ci_low": shown.pop("low"), "ci_high": shown.pop("high")}
    # Those of the draws: a product is not symmetric, and its error gives no 90% interval.
    limits |= {"ci90_low": shown.pop("low90"), "ci90_high": shown.pop("high90")}
    return (
        {"term": term, "metric": metric, "df_method": "Monte Carlo", "status": status}
        | shown
        | limits
    )


def _share(found: Indirect, total: pd.Series, direct: float, status: str) -> dict[str, Any]:
    """The share mediated, or why there is none."""
    refused = ""
    if total["ci_low"] <= 0 <= total["ci_high"]:
        refused = NO_TOTAL
    elif found.product.estimate * direct < 0:
        refused = OPPOSED
    if refused:
        absent = {"term": "proportion", "metric": "proportion", "df_method": "Monte Carlo"}
        return absent | {"status": "not estimable", "reason": refused}
    row = _drawn("proportion", found.share, "proportion", status)
    # A share has no null hypothesis of its own: that of the indirect effect stands beside it.
    return row | {"p": np.nan, "se": np.nan}


def _slope_sd(fitted: Any, term: str) -> float:
    spread = fitted.variance
    rows = spread[(spread["level"] == "client") & (spread["term_1"] == term)]
    rows = rows[rows["term_2"] == term]
    return float(rows["sd_or_correlation"].iloc[0]) if len(rows) else np.nan


def rows_of(found: Paths, column: str, draws: int) -> pd.DataFrame:
    """Return the rows of one mediation: both paths, indirect, direct and total effect, share.

    Where a row is a session, `slope_covariance_bound` is the largest size that the covariance of
    the clients' own a and b can have, the product of their standard deviations: the mean of
    clients' indirect effects is ``a b`` plus that covariance (Kenny, Korchmaros & Bolger 2003,
    doi:10.1037/1082-989X.8.2.115), which two separate models do not tell.
    """
    specification = found.specification
    level = "within" if specification.rows == "next_session" else "between"
    exposure_term, mediator = f"accommodation_{level}", f"{column}_{level}"
    a = _coefficient(found.to_mediator, exposure_term)
    b, direct = (_coefficient(found.to_outcome, term) for term in (mediator, exposure_term))
    total = _coefficient(found.total, exposure_term)
    pair = [mediator, exposure_term]
    drawn = indirect(
        a["estimate"],
        a["se"],
        b["estimate"],
        direct["estimate"],
        found.to_outcome.vcov.loc[pair, pair].to_numpy(),
        generator(specification.seed, specification.name),
        draws,
    )
    status = max(_status(found.to_mediator), _status(found.to_outcome), key=WORSE.index)
    rows = [
        _drawn("indirect", drawn.product, "ab", status),
        _fixed("path_a", a, found.to_mediator),
        _fixed("path_b", b, found.to_outcome),
        _fixed("direct", direct, found.to_outcome),
        _fixed("total", total, found.total),
        _share(drawn, total, direct["estimate"], status),
    ]
    if level == "within":
        bound = _slope_sd(found.to_mediator, exposure_term) * _slope_sd(found.to_outcome, mediator)
        if np.isfinite(bound):
            rows.append(
                {"term": "slope_covariance_bound", "metric": "ab", "estimate": bound}
                | {"status": status}
            )
    table = pd.DataFrame(rows).assign(level=level)
    table["metric"] = table["metric"].fillna("b")
    scale = specification.outcome_scale
    table["scale"] = np.where(table["metric"] == "proportion", "ratio", scale)
    return table


def mediation(tables: Tables, specification: Specification) -> Result:
    """Answer how accommodation goes with the outcome by way of a measure of the session.

    Within clients (rows `next_session`): accommodation in a session, the measure at its end, the
    outcome at the next (1-1-1, centred within). Between clients (rows `clients`): mean
    accommodation, mean of the measure, last outcome given the first (2-2-2). Both are separate
    effects (Zhang, Zyphur & Preacher 2009, doi:10.1177/1094428108327450).

    Settings: `mediator` (instrument.scale or instrument.item), `rater` (who rated it), `draws`.
    """
    if specification.needs_accommodation:
        for topic in ("preferences", "delivery", "commensurable"):
            require(tables, topic)
    found = measure(tables, specification.setting("mediator"), specification.setting("rater"))
    try:
        fitted = paths(prepare(tables, specification, found.rows), specification, found.column)
        rows = rows_of(fitted, found.column, int(specification.setting("draws", str(DRAWS))))
    except FitError as problem:
        return not_estimable(specification, str(problem))
    rows["informant"] = told_by(specification, "mediator", found.rater)
    outcome = fitted.to_outcome
    estimates = derived_rows(rows, outcome, fitted.model, specification)
    # What is said of one of the three fits is not said of the others.
    own = [_said(fitted, term) for term in estimates["term"]]
    able = estimates["status"] != "not estimable"
    said = estimates["reason"].mask(able, pd.Series(own, estimates.index)).fillna("")
    said = said.mask(estimates["status"] == "estimated", "")
    if fitted.fixed:
        said = said.map(lambda reason: "; ".join(filter(None, [reason, fitted.fixed])))
    return Result(
        estimates.assign(reason=said.replace("", None)),
        variance_rows(outcome, fitted.model, specification),
    )
