"""Tidy rows of estimates and variances from a fit, complete with what a reader must know."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attunement.model.result import Model, Result
from attunement.model.variance_limits import icc_rows, with_intercepts_profiled
from attunement.study.contracts import TABLES
from attunement.study.specification import Specification


def _shaped(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """The columns of the contract, in order; `model` checks types and ranges once for all rows."""
    return rows.reindex(columns=TABLES[table].names)


def _identity(specification: Specification) -> dict[str, Any]:
    return {"dataset": specification.dataset, "specification": specification.name}


def _planned(specification: Specification) -> dict[str, Any]:
    return _identity(specification) | {
        "hypothesis_family": specification.family or None,
        "role": specification.role,
        "estimand": specification.estimand,
        "outcome": specification.outcome,
        "scoring": specification.scoring,
        "dimension": specification.dimension if specification.scoring else None,
        "centring": specification.centring or None,
        "dropout_definition": specification.dropout_definition,
        "direction": direction(specification),
        "informant": informant(specification),
    }


def direction(specification: Specification) -> str:
    """Return what a larger coefficient means, in words."""
    if specification.metric in ("OR", "hOR", "HR"):
        if specification.setting("cause") == "planned_ending":
            return "below 1: fewer planned endings"
        if not specification.of_recorded_events:
            return "below 1: less dropout"
        side = {1: "above 1: better outcome", -1: "below 1: better outcome"}
        return side.get(specification.improvement, "above 1: more often")
    return "above 0: better outcome" if specification.improvement else "above 0: higher score"


def _level(specification: Specification) -> str:
    """What the intercept is of: no ratio and no difference."""
    return {"HR": "hazard", "hOR": "odds of the hazard", "OR": "odds"}.get(
        specification.metric, "outcome"
    )


def informant(specification: Specification) -> str:
    """Return who rated accommodation and outcome; one informant throughout is marked."""
    rated = specification.informant if specification.scoring else ""
    outcome = specification.outcome_informant
    if rated and outcome:
        same = " (same informant)" if rated == outcome else ""
        return f"delivery: {rated}; outcome: {outcome}{same}"
    return f"delivery: {rated}" if rated else (f"outcome: {outcome}" if outcome else "records")


def _counts(fitted: Any, model: Model) -> dict[str, Any]:
    status = "estimated"
    if not fitted.converged:
        status = "not converged"
    elif fitted.singular:
        status = "singular"
    frame, one_each = model.frame, model.frequency is None
    times = pd.Series(1, index=frame.index) if one_each else frame[model.frequency]
    return {
        "n_obs": times.sum(),
        "n_events": (times * frame["event"]).sum() if "event" in frame else None,
        "n_clients": times[~frame["client"].duplicated()].sum(),
        "n_therapists": model.frame["therapist"].nunique(),
        "engine": fitted.engine,
        "blinded": False,
        "status": status,
        "reason": "; ".join(dict.fromkeys([*fitted.messages, *model.notes])) or None,
    }


def estimate_rows(fitted: Any, model: Model, specification: Specification) -> pd.DataFrame:
    """Return one row per fixed coefficient (contract `estimates`).

    Ratios (OR, hOR, HR) are given as ratios, with the standard error of their logarithm.
    """
    fixed = fitted.fixed.reset_index(names="term")
    ratio = specification.metric != "b"
    shown = np.exp if ratio else (lambda values: values)
    rows = pd.DataFrame(
        {
            "term": fixed["term"],
            "level": [specification.level_of(term) for term in fixed["term"]],
            "metric": specification.metric,
            "scale": "ratio" if ratio else specification.outcome_scale,
            "estimate": shown(fixed["estimate"]),
            "se": fixed["se"],
            "df": fixed["df"].replace([np.inf, -np.inf], np.nan),
            "df_method": fitted.df_method,
            "statistic": fixed["t"],
            "p": fixed["p"],
            "p_adjusted": np.nan,
            "ci_low": shown(fixed["ci_low"]),
            "ci_high": shown(fixed["ci_high"]),
        }
    ).assign(**_planned(specification), **_counts(fitted, model))
    rows.loc[rows["term"] == "Intercept", "direction"] = (
        f"{_level(specification)} at predictors of 0"
    )
    absent = rows["estimate"].isna()
    rows.loc[absent, "status"] = "not estimable"
    rows.loc[absent, "reason"] = "collinear with the other terms"
    for term, reason in model.left_out:
        if term in set(rows["term"]):
            rows.loc[rows["term"] == term, "reason"] = reason
            continue
        row = rows.iloc[0].copy()
        row[["term", "level"]] = [term, specification.level_of(term)]
        row[["status", "reason"]] = ["not estimable", reason]
        row[["estimate", "se", "df", "statistic", "p", "ci_low", "ci_high"]] = np.nan
        rows = pd.concat([rows, row.to_frame().T], ignore_index=True)
    return _shaped(rows, "estimates")


def derived_rows(
    rows: pd.DataFrame, fitted: Any, model: Model, specification: Specification
) -> pd.DataFrame:
    """Return what was derived from a fit as rows of contract `estimates`.

    Parameters
    ----------
    rows : DataFrame
        term, level, metric, scale, estimate, and what is known of se, df, df_method, statistic, p,
        ci_low, ci_high; `direction`, `status` and `reason` where they differ from the model's.
    fitted, model : the fit that gives numbers analysed, engine and status.
    """
    whole = rows.reset_index(drop=True)
    usual = _planned(specification) | _counts(fitted, model) | {"p_adjusted": np.nan}
    for name, value in usual.items():
        given = whole[name] if name in whole else pd.Series([None] * len(whole), dtype=object)
        whole[name] = given.where(given.notna(), value) if value is not None else given
    return _shaped(whole, "estimates")


FEWEST_DEGREES = 2.0  # at fewer the t distribution has no finite variance
FEW_DEGREES = "too few groups: fewer than two degrees of freedom, so that the interval says nothing"


def with_few_degrees(estimates: pd.DataFrame) -> pd.DataFrame:
    """Say of coefficients with fewer than two degrees of freedom what their interval is worth."""
    df = pd.to_numeric(estimates["df"], errors="coerce")
    few = (df < FEWEST_DEGREES) & estimates["estimate"].notna()
    said = [
        f"{reason}; {FEW_DEGREES}" if isinstance(reason, str) and reason else FEW_DEGREES
        for reason in estimates.loc[few, "reason"]
    ]
    if not said:
        return estimates
    found = estimates.assign(reason=estimates["reason"].astype(object))
    found.loc[few, "reason"] = said
    return found


def variance_rows(fitted: Any, model: Model, specification: Specification) -> pd.DataFrame:
    """Return one row per variance, SD, correlation and ICC (contract `variance`).

    Limits of a model with random intercepts only are those of the profile likelihood; with random
    slopes they are Wald's, and there is no ICC. Of residuals that depend on one another the
    correlation of neighbours (AR(1)) or the range of its decay, in units of time, is told.
    """
    parts = fitted.variance.reset_index(drop=True)
    dependent = parts["level"] == "residual correlation"
    dependence = parts[dependent].rename(columns={"sd_or_correlation": "estimate"})
    dependence["metric"] = dependence["term_1"].map({"ar1": "correlation", "exponential": "range"})
    parts = parts[~dependent]
    parts[["term_1", "term_2"]] = parts[["term_1", "term_2"]].replace("", "residual")
    diagonal = parts["term_1"] == parts["term_2"]
    keys = parts[["level", "term_1", "term_2"]]
    covariances = keys.assign(
        metric=np.where(diagonal, "variance", "covariance"),
        estimate=parts["covariance"],
        ci_low=parts["ci_low"],
        ci_high=parts["ci_high"],
    )
    limits = parts[["ci_low", "ci_high"]].where(
        diagonal
    )  # those of covariances bind no correlation
    scaled = keys.assign(
        metric=np.where(diagonal, "sd", "correlation"),
        estimate=parts["sd_or_correlation"],
        ci_low=np.sqrt(limits["ci_low"]),
        ci_high=np.sqrt(limits["ci_high"]),
    )
    rows = [covariances, scaled, dependence]
    intercept_only = all(part.strip() == "1" for part in model.random.values())
    if model.random and intercept_only:
        rows.append(icc_rows(fitted))
    rows = [part for part in rows if len(part)]
    if not rows:
        return _shaped(pd.DataFrame(), "variance")
    whole = pd.concat(rows, ignore_index=True)
    if model.random and intercept_only:
        whole = with_intercepts_profiled(whole, fitted)
    whole = whole.assign(**_identity(specification), **_counts(fitted, model))
    if "note" in whole:
        whole["reason"] = whole["note"].fillna(whole["reason"])
    return _shaped(whole, "variance")


def not_estimable(specification: Specification, reason: str) -> Result:
    """Return a row per focal coefficient that says why it cannot be estimated."""
    terms = list(specification.levels) or [("all", "-")]
    rows = pd.DataFrame(
        [
            {"term": term, "level": level, "metric": specification.metric}
            | {"scale": "ratio" if specification.metric != "b" else specification.outcome_scale}
            for term, level in terms
        ]
    ).assign(
        **_planned(specification),
        df_method=specification.df,
        engine=None,
        blinded=False,
        status="not estimable",
        reason=reason,
    )
    variance = pd.DataFrame(
        [{"level": "-", "term_1": "all", "term_2": "all", "metric": "variance"}]
    ).assign(**_identity(specification), blinded=False, status="not estimable", reason=reason)
    return Result(_shaped(rows, "estimates"), _shaped(variance, "variance"))
