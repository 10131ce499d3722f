"""Reliable and clinically significant change as cumulative dichotomies, each a model of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attunement.mixed import FitError
from attunement.model.estimate import fit, supported
from attunement.model.exposure import require
from attunement.model.indirect import generator
from attunement.model.needed_to_treat import number_needed, risk_difference
from attunement.model.prepare import prepare
from attunement.model.result import Model, Result
from attunement.model.rows import derived_rows, estimate_rows, not_estimable, variance_rows
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

CLASSES = ("deteriorated", "unchanged", "improved", "recovered")
BETTER = "above 1: better outcome"
FOCAL = "accommodation_between"


def classified(tables: Tables, specification: Specification) -> pd.DataFrame:
    """Return the clients evaluated, and who of them has this class of change or a better one.

    Returns
    -------
    DataFrame
        client, `event` (1: this class or a better one), `possible`: whether the client could have
        it. Who did not begin on the clinical side of the cut-off cannot recover, and would be a
        failure by construction.
    """
    least = specification.setting("dichotomy", "improved")
    if least not in CLASSES[1:]:
        raise NotEstimable(f"no class of change is called '{least}'")
    change = tables["change"]
    rows = change[change["outcome"] == specification.outcome]
    rows = rows[rows["result"].isin(CLASSES)]
    if rows.empty:
        reasons = change.loc[change["outcome"] == specification.outcome, "reason"].dropna()
        reason = str(reasons.iloc[0]) if len(reasons) else "no change is evaluated"
        raise NotEstimable(f"no classes of change: {reason}")
    better = CLASSES[CLASSES.index(least) :]
    table = pd.DataFrame({"client": rows["client"], "possible": True})
    table["event"] = rows["result"].isin(better).astype(float)
    if least == "recovered":
        table["possible"] = rows["clinical_first"].fillna(False).astype(bool)
    return table.reset_index(drop=True)


def able(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the clients of a frame who could have the event, and how many others there are."""
    rows = frame[frame["possible"]].reset_index(drop=True)
    if rows.empty:
        raise NotEstimable("no client is known to have begun on the clinical side of a cut-off")
    others = len(frame) - len(rows)
    said = f"{others} clients began outside the clinical range, cannot recover and are left out"
    return rows, said if others else ""


def needed_rows(fitted: Any, model: Model, specification: Specification) -> pd.DataFrame:
    """Return difference of risks, NNTB and NNTH for one standard deviation of accommodation.

    Every client's accommodation is set half a standard deviation up and down from where it is.
    """
    from formulaic import model_matrix

    matrix = pd.DataFrame(model_matrix(model.formula, model.frame).rhs)
    matrix = matrix.rename(columns={"1": "Intercept"})
    low, high = matrix.copy(), matrix.copy()
    low[FOCAL] -= 0.5
    high[FOCAL] += 0.5
    spread = fitted.variance
    sds = spread.loc[spread["term_1"] == spread["term_2"], "sd_or_correlation"]
    risk = risk_difference(
        matrix,
        fitted.fixed["estimate"],
        fitted.vcov,
        low,
        high,
        float(sds.iloc[0]) if len(sds) else 0.0,
        generator(specification.seed, specification.name),
    )
    rows: list[dict[str, Any]] = [
        {"term": FOCAL, "metric": "RD", "scale": "raw", "estimate": risk.difference}
        | {"se": risk.se, "p": risk.p, "ci_low": risk.low, "ci_high": risk.high}
        | {"ci90_low": risk.low90, "ci90_high": risk.high90}
        | {"df_method": "Monte Carlo", "direction": "above 0: better outcome"}
    ]
    for side in number_needed(risk):
        rows.append(
            {"term": FOCAL, "metric": side.metric, "scale": "raw", "estimate": side.estimate}
            | {"ci_low": side.low, "ci_high": side.high, "df_method": "Monte Carlo"}
            | {"direction": "clients for one more with a better outcome"}
            | (
                {"reason": "; ".join(filter(None, [side.words, *model.notes]))}
                if side.words
                else {}
            )
            | ({} if np.isfinite(side.estimate + side.low) else {"status": "not estimable"})
        )
        if side.metric == "NNTH":
            rows[-1]["direction"] = "clients for one more with a worse outcome"
        if np.isfinite(side.low):
            rows[-1].pop("status", None)
    return pd.DataFrame(rows).assign(level="between")


def dichotomies(tables: Tables, specification: Specification) -> Result:
    """Answer whether change at least as good as a class goes with accommodation.

    Settings: `dichotomy`, the class (unchanged, improved, recovered). The three models together are
    cumulative dichotomies of an ordered outcome, each with a therapist intercept of its own; they
    are not one proportional odds model, and their odds ratios may differ. Recovery is asked of
    clients who began in the clinical range; how many did not is the `reason` of each row.
    """
    try:
        require(tables, f"change.{specification.outcome}")
        frame = prepare(tables, specification)
        frame, others = able(frame.merge(classified(tables, specification), on="client"))
        model = supported(frame, specification)
        fitted = fit(model, specification)
    except (NotEstimable, FitError) as problem:
        lost = not_estimable(specification, str(problem))
        return lost._replace(estimates=lost.estimates.assign(direction=BETTER))
    rows = estimate_rows(fitted, model, specification).assign(direction=BETTER)
    focal = fitted.fixed.index == FOCAL
    if focal.any() and np.isfinite(fitted.fixed.loc[FOCAL, "estimate"]):
        derived = derived_rows(
            needed_rows(fitted, model, specification), fitted, model, specification
        )
        rows = pd.concat([rows, derived], ignore_index=True)
    if others:
        said = rows["reason"].fillna("").map(lambda reason: f"{others}; {reason}")
        rows["reason"] = said.str.removesuffix("; ")
    return Result(rows, variance_rows(fitted, model, specification))
