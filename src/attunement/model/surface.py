"""Response surfaces: the polynomial of preference and delivery, its shape, and a verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attunement.mixed import FitError
from attunement.model.asking import not_telling
from attunement.model.estimate import fit, supported
from attunement.model.prepare import prepare
from attunement.model.result import Model, Result
from attunement.model.rows import derived_rows, estimate_rows, not_estimable, variance_rows
from attunement.model.surface_range import range_rows
from attunement.model.surface_rows import TERMS, why_unchanged, without
from attunement.model.surface_shape import HYPOTHESES, kind_of_point, stationary_point
from attunement.model.surface_tests import Estimated, Polynomial, Shape, checklist, shape, verdict
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

LINES = {
    "a1": "slope along the line of congruence (P = D)",
    "a2": "curvature along the line of congruence (P = D)",
    "a3": "slope along the line of incongruence (P = -D)",
    "a4": "curvature along the line of incongruence (P = -D)",
    "a5": "0: the axes of the surface run along the two lines",
}
AXES = {
    "p10": ("intercept", "first principal axis, delivery on preference"),
    "p11": ("slope", "first principal axis, delivery on preference"),
    "p20": ("intercept", "second principal axis, delivery on preference"),
    "p21": ("slope", "second principal axis, delivery on preference"),
}
APART = (
    "not interpretable: preference and delivery do not share a scale, so that their agreement "
    "means nothing"
)
ENOUGH_CLIENTS = 50  # ten for each term of a surface within clients; `clients_with_change` changes


def _named(result: Result, specification: Specification) -> Result:
    """Name dimension, who rated delivery, and lines: these models hold no scoring that would."""
    outcome = specification.outcome_informant
    same = " (same informant)" if specification.informant == outcome else ""
    rated = f"delivery: {specification.informant}"
    rated += f"; outcome: {outcome}{same}" if outcome else ""
    estimates = result.estimates.assign(dimension=specification.dimension, informant=rated)
    absent = estimates["term"].isin(list(LINES)) & estimates["estimate"].isna()
    estimates.loc[absent, "direction"] = estimates.loc[absent, "term"].map(LINES)
    return Result(estimates, result.variance)


def _fitted(
    frame: pd.DataFrame, specification: Specification, lost: tuple[str, ...] = (), why: str = ""
) -> tuple[Model, Any]:
    model = supported(frame, specification)
    return model, fit(not_telling(model, lost, why), specification)


def _fitted_rows(fitted: Any, model: Model, specification: Specification) -> Result:
    return Result(
        estimate_rows(fitted, model, specification), variance_rows(fitted, model, specification)
    )


def _row(tested: Estimated, ratio: bool) -> dict[str, Any]:
    shown = np.exp if ratio else float
    return {
        "estimate": shown(tested.estimate),
        "se": tested.se,
        "df": tested.df if np.isfinite(tested.df) else None,
        "statistic": tested.statistic,
        "p": tested.p,
        "ci_low": shown(tested.low),
        "ci_high": shown(tested.high),
    }


def _undefined(row: dict[str, Any], why: str) -> dict[str, Any]:
    """Mark a row whose number does not exist on this surface."""
    if np.isnan(row["estimate"]):
        return row | {"status": "not estimable", "reason": why}
    if np.isnan(row["se"]):
        return row | {"reason": "without an error: its gradient vanishes or is infinite"}
    return row


def _asked(about: str, name: str, listed: dict[str, tuple[str, bool]]) -> dict[str, Any]:
    """What a number is and is tested against, what congruence asks of it, whether that is met."""
    if name not in listed:
        return {"direction": about}
    asked, met = listed[name]
    return {"direction": f"{about}; congruence asks: {asked}", "reason": _met(asked, met)}


def _met(asked: str, met: bool) -> str:
    """Say whether a condition holds; a difference that was not found was not thereby disproved."""
    if met and asked.startswith("not different"):
        return "condition of congruence not contradicted"
    return f"condition of congruence {'met' if met else 'not met'}"


def shape_rows(
    surface: Polynomial, found: Shape, specification: Specification, df_method: str
) -> pd.DataFrame:
    """Return the shape of a surface as rows for `derived_rows`.

    Lines (a1 to a5) count in the metric of the model: of events they are ratios of odds. The
    stationary point and the axes are places on the common scale of preference and delivery.
    """
    event = specification.metric != "b"
    toward = -1 if event else 1
    scale = "ratio" if event else specification.outcome_scale
    listed = checklist(found, toward)
    rows: list[dict[str, Any]] = []
    for name, about in LINES.items():
        row: dict[str, Any] = {"term": name, "metric": specification.metric, "scale": scale}
        rows.append(row | _row(found.lines[name], event) | _asked(about, name, listed))
    point = stationary_point(surface.coefficients)
    for place, name in enumerate(("preference", "delivery")):
        tested = surface.at(float(point.values[place]), point.gradients[place])
        row = {"term": f"stationary_{name}", "metric": "position", "scale": "raw"}
        row |= _row(tested, False) | {"statistic": np.nan, "p": np.nan}
        kind = kind_of_point(surface.coefficients)
        row["direction"] = f"where the surface is level, {kind}"
        rows.append(_undefined(row, "a plane or a level ridge has no stationary point"))
    for name, (metric, about) in AXES.items():
        row = {"term": name, "metric": metric, "scale": "raw"}
        about = f"{about}; tested against {found.axes[name].null:g}"
        row |= _row(found.axes[name], False) | _asked(about, name, listed)
        why = "a plane has no axes, and one parallel to delivery no slope"
        rows.append(_undefined(row, why))
    for name, joint in found.joint.items():
        hypothesis = HYPOTHESES[name][0]
        row = {"term": f"{name}_joint", "metric": "F", "scale": "raw"}
        row |= {"estimate": joint.statistic, "statistic": joint.statistic, "p": joint.p}
        row |= {"df": joint.df if np.isfinite(joint.df) else None}
        row |= _asked(f"tested together: {hypothesis} ({joint.n} constraints)", name, listed)
        rows.append(row)
    degree, said = verdict(found, toward)
    row = {"term": "congruence", "metric": "verdict", "scale": "raw", "estimate": float(degree)}
    row |= {"direction": "2: strict, 1: broad, 0: not shown", "reason": said}
    rows.append(row)
    # What the plan does not name is no hypothesis, whatever it is tested against; the verdict is
    # one on the level that the lines are on.
    levels = {"congruence": specification.level_of("a4")}
    level = [levels.get(row["term"]) or specification.level_of(row["term"]) for row in rows]
    return pd.DataFrame(rows).assign(level=level, df_method=df_method)


def _whole(frame: pd.DataFrame, specification: Specification, suffix: str) -> Result:
    """Fit the whole polynomial and tell its shape."""
    model, fitted = _fitted(frame, specification)
    result = _fitted_rows(fitted, model, specification)
    terms = [f"{term}{suffix}" for term in TERMS]
    lost = [term for term in terms if not np.isfinite(fitted.fixed["se"].get(term, np.nan))]
    if lost:
        raise NotEstimable(f"preference and delivery do not tell apart: {', '.join(lost)}")
    if not fitted.converged:
        return _with_reason(result, specification, "the fit of the polynomial did not converge")
    surface = Polynomial.of_fit(fitted, terms)
    toward = -1 if specification.metric != "b" else 1
    found = shape(surface, toward)
    rows = shape_rows(surface, found, specification, fitted.df_method)
    extent = range_rows(model.frame).assign(level="-")
    whole = derived_rows(pd.concat([rows, extent]), fitted, model, specification)
    estimates = result.estimates
    product = estimates["term"] == terms[3]
    asked, met = checklist(found, toward)["b4"]
    estimates.loc[product, "direction"] = f"congruence asks: {asked}"
    estimates.loc[product, "reason"] = _met(asked, met)
    return Result(pd.concat([estimates, whole], ignore_index=True), result.variance)


def _with_reason(result: Result, specification: Specification, reason: str) -> Result:
    """Add a row that says why for each number of the shape that the plan names."""
    absent = not_estimable(specification, reason).estimates
    return Result(pd.concat([result.estimates, absent], ignore_index=True), result.variance)


def _part(
    frame: pd.DataFrame, specification: Specification, unused: list[str], reason: str
) -> Result:
    """Fit what is left of the polynomial, and say why its shape is not told."""
    smaller = specification.model_copy(
        update={"formula": without(specification.formula, unused), "levels": ()}
    )
    model, fitted = _fitted(frame, smaller, tuple(specification.focal), reason)
    result = _fitted_rows(fitted, model, smaller)
    kept = [f"{t}{s}" for t in TERMS for s in ("", "_within") if f"{t}{s}" not in unused]
    level = dict(specification.levels).get("a4", "-")
    asked = result.estimates["term"].isin(kept)
    result.estimates.loc[asked, "level"] = level
    return _with_reason(result, specification, reason)


def surface(tables: Tables, specification: Specification) -> Result:
    """Estimate a response surface of one dimension and judge whether it shows congruence.

    Returns
    -------
    Result
        `estimates` holds the coefficients of the model; a1 to a5; the stationary point; the
        principal axes (p10, p11, p20, p21); joint tests, those of the constraints that a difference
        score and its square put on the surface among them; the verdict (`congruence`); and the
        middle of the data for a map. Standard errors of what is no linear combination are by the
        delta method, degrees of freedom as the fit gives them for the gradient.

        Where preference and delivery do not share a scale only their main effects are estimated.
        Within clients (rows `next_session`) a surface needs preferences that changed within
        `clients_with_change` clients (50 unless set); else delivery within and its product with
        preference are estimated. Either way a1 to a5 are `not estimable`, with the reason.
    """
    try:
        frame = prepare(tables, specification)
        suffix = "_within" if specification.rows == "next_session" else ""
        if not specification.commensurable:
            unused = [f"{term}{part}" for term in TERMS[2:] for part in ("", "_within", "_between")]
            return _named(_part(frame, specification, unused, APART), specification)
        if suffix:
            why = _too_few_changes(frame, tables["preferences"], specification)
            if why:
                unused = [f"{TERMS[place]}_within" for place in (0, 2, 4)]
                return _named(_part(frame, specification, unused, why), specification)
        return _named(_whole(frame, specification, suffix), specification)
    except (NotEstimable, FitError) as problem:
        return _named(not_estimable(specification, str(problem)), specification)


def _too_few_changes(
    frame: pd.DataFrame, stated: pd.DataFrame, specification: Specification
) -> str:
    """Why there is no surface within clients; nothing where preferences changed often enough."""
    least = int(specification.setting("clients_with_change", str(ENOUGH_CLIENTS)))
    wanted = frame.groupby("client")["preference"]
    changed = int(((wanted.max() - wanted.min()) > 1e-9).sum())
    if changed >= least:
        return ""
    if changed == 0:
        return f"{why_unchanged(stated, specification.dimension)}: no surface within clients"
    return (
        f"preferences changed within {changed} clients: a surface within clients needs at least "
        f"{least}"
    )
