"""Moderation: for whom accommodation goes with a better outcome, with slopes at named values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from attunement.mixed import FitError
from attunement.model.asking import WouldFit
from attunement.model.estimate import fit, supported
from attunement.model.exposure import require
from attunement.model.groups import Compared, compared
from attunement.model.measures import early_mean, measure, preference_strength, told_by
from attunement.model.prepare import prepare
from attunement.model.result import Model, Result
from attunement.model.rows import derived_rows, informant, not_estimable, variance_rows
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

FOCAL = "accommodation_between"
EARLY = 3
COLLINEAR = "{}: collinear with the other terms"


def contrast(fitted: Any, weights: dict[str, float]) -> dict[str, float]:
    """Return a weighted sum of coefficients: estimate, se, df, statistic, p, ci_low, ci_high.

    The degrees of freedom are those of the fit's method for this very sum, not those of one of
    its parts.
    """
    lost = [term for term in weights if np.isnan(fitted.fixed.loc[term, "estimate"])]
    if lost:
        raise NotEstimable(COLLINEAR.format(", ".join(lost)))
    vector = pd.Series(0.0, index=fitted.fixed.index)
    for term, weight in weights.items():
        vector[term] += weight
    used = vector[vector != 0.0]
    estimate = float(used @ fitted.fixed.loc[used.index, "estimate"])
    covariance = fitted.vcov.loc[used.index, used.index].to_numpy()
    se = float(np.sqrt(used.to_numpy() @ covariance @ used.to_numpy()))
    df = float(fitted.test(vector.to_numpy()[None, :])["df_den"].iloc[0])
    reach = float(stats.t.ppf(0.975, df)) * se
    return {
        "estimate": estimate,
        "se": se,
        "df": df if np.isfinite(df) else np.nan,
        "statistic": estimate / se,
        "p": float(2 * stats.t.sf(abs(estimate / se), df)),
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
    }


def _moderated(tables: Tables, specification: Specification) -> tuple[Tables, str, str]:
    """The tables with the moderator among the clients' columns, its column, who rated it."""
    name = specification.setting("moderator")
    if not name:
        raise NotEstimable("the dataset names no moderators (`moderators`, `groups`)")
    clients = tables["clients"]
    if name == "preference_strength":
        values = preference_strength(tables, specification)
        return (
            tables | {"clients": clients.assign(**{name: clients["client"].map(values)})},
            name,
            "",
        )
    if "." in name:
        sessions = int(specification.setting("early", str(EARLY)))
        found = measure(tables, name)
        values = early_mean(tables, name, sessions)
        clients = clients.assign(**{found.column: clients["client"].map(values)})
        return tables | {"clients": clients}, found.column, found.rater
    return tables, name, ""


def _frame(
    tables: Tables, column: str, specification: Specification
) -> tuple[pd.DataFrame, Compared]:
    """The frame with the moderator in the form in which it is compared.

    A level that has too few clients among those analysed is left out before anything is centred.
    Each level has coefficients of its own (level, accommodation, preference and delivery): it needs
    the smallest group beyond their number, or its slope would tell of a few clients alone.
    """
    fewest = specification.smallest_group + 2 + 2 * len(specification.dimensions)
    if column == "outcome_first":
        frame = prepare(tables, specification)
        found = compared(frame, column, fewest)
        return found.clients, found
    few: tuple[str, ...] = ()
    while True:
        found = compared(tables["clients"], column, fewest)
        few += found.few
        tables = tables | {"clients": found.clients}
        frame = prepare(tables, specification)
        analysed = tables["clients"][tables["clients"]["client"].isin(frame["client"])]
        again = compared(analysed, column, fewest)
        if not again.few:
            # A number is centred on those analysed, so that its named values are theirs.
            values = again.clients.set_index("client")[column]
            frame[column] = frame["client"].map(values)
            if isinstance(values.dtype, pd.CategoricalDtype):
                frame[column] = frame[column].astype(values.dtype)
            return frame, again._replace(few=few)
        tables = tables | {"clients": again.clients}
        few += again.few


def rows_of(fitted: Any, column: str, found: Compared) -> pd.DataFrame:
    """Return how the slope of accommodation differs, jointly (F) and singly, and its named values.

    `accommodation_between:<moderator>` is the difference of slopes for one standard deviation of
    the moderator, or between a category and the reference; `accommodation_between:<moderator>
    [<value>]` with metric `slope` is the slope of accommodation at that value.
    """
    told: list[dict[str, Any]] = []
    coefficients = list(dict.fromkeys(term for at in found.values.values() for term in at))
    for term in coefficients:
        name = f"{FOCAL}:{term}"
        told.append({"term": name, "metric": "b"} | contrast(fitted, {name: 1.0}))
    if len(coefficients) > 1:
        matrix = np.array(
            [(fitted.fixed.index == f"{FOCAL}:{term}").astype(float) for term in coefficients]
        )
        joint = fitted.test(matrix).iloc[0]
        told.append(
            {"term": f"{FOCAL}:{column}", "metric": "F", "estimate": joint["F"]}
            | {"statistic": joint["F"], "df": joint["df_den"], "p": joint["p"]}
        )
    for label, at in found.values.items():
        weights = {FOCAL: 1.0} | {f"{FOCAL}:{term}": value for term, value in at.items()}
        told.append(
            {"term": f"{FOCAL}:{column}[{label}]", "metric": "slope"} | contrast(fitted, weights)
        )
    table = pd.DataFrame(told)
    table["df"] = table["df"].replace(np.inf, np.nan)
    return table


def _few(column: str, found: Compared) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"term": f"{FOCAL}:{column}[T.{level}]", "metric": "b"}
            | {"status": "not estimable", "reason": reason}
            for level, reason in found.left_out
        ]
    )


def moderation(tables: Tables, specification: Specification) -> Result:
    """Answer whether the association of accommodation with the outcome differs between clients.

    Setting `moderator`: `preference_strength` (mean |P|), `outcome_first` (severity at intake), a
    covariate of clients, or a measure of the session (instrument.scale: the mean of the first
    three, setting `early`). The moderator multiplies preference and delivery too: an index would
    otherwise take over what belongs to their differences.
    """
    for topic in ("preferences", "delivery", "commensurable"):
        require(tables, topic)
    held, column, rater = _moderated(tables, specification)
    frame, found = _frame(held, column, specification)
    try:
        model: Model = supported(frame, specification)
        fitted = fit(model, specification)
        rows = rows_of(fitted, column, found)
    except WouldFit as stopped:
        terms = dict.fromkeys(term for at in found.values.values() for term in at)
        stopped.demand((f"{FOCAL}:{term}" for term in terms), COLLINEAR)
        raise
    except FitError as problem:
        return not_estimable(specification, str(problem))
    rows = pd.concat([rows, _few(column, found)], ignore_index=True)
    told = told_by(specification, "moderator", rater) if rater else informant(specification)
    rows = rows.assign(level="between", scale=specification.outcome_scale, informant=told)
    rows["df_method"] = fitted.df_method
    return Result(
        derived_rows(rows, fitted, model, specification),
        variance_rows(fitted, model, specification),
    )
