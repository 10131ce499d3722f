"""Fitting one specification: the fit itself, and its tidy rows."""

from __future__ import annotations

import difflib
from typing import Any

import pandas as pd

from attunement.mixed import FitError, fit_linear, fit_logistic
from attunement.model.formulas import columns_of, n_coefficients
from attunement.model.prepare import prepare
from attunement.model.result import Model, Result
from attunement.model.risk_set import with_left_before
from attunement.model.rows import estimate_rows, not_estimable, variance_rows
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification

# Events for each coefficient from which on nothing is said of their number (see `few_events`).
ENOUGH = 10


def supported(frame: pd.DataFrame, specification: Specification) -> Model:
    """Return the model that a frame can carry.

    Therapist-level terms need `minimum_therapists` therapists; a random part needs two groups.
    Rows with a missing predictor or outcome are left out.

    Raises
    ------
    NotEstimable
        No complete row, a constant outcome, or too few events for the coefficients.
    """
    formula = specification.formula
    named = columns_of(formula)
    for name in named:
        if name not in frame.columns:
            near = difflib.get_close_matches(name, list(frame.columns), 1)
            close = f"; the nearest is '{near[0]}'" if near else ""
            raise NotEstimable(f"the data have no column '{name}'{close}")
    counts = [specification.frequency] if specification.frequency else []
    complete = frame.dropna(subset=[*named, *counts]).reset_index(drop=True)
    if complete.empty:
        raise NotEstimable("no row has all predictors and the outcome")
    therapists = int(complete["therapist"].nunique())
    left_out: list[tuple[str, str]] = []
    notes: list[str] = []
    if specification.therapist_terms:
        if therapists >= specification.minimum_therapists:
            formula = f"{formula} + {specification.therapist_terms}"
        else:
            found = f"{therapists} therapists" if therapists else "no therapists recorded"
            reason = f"{found}; differences between therapists need at least "
            reason += f"{specification.minimum_therapists}"
            left_out = [(t, reason) for t, level in specification.levels if level == "therapist"]
    random = dict(specification.random)
    if therapists < 2:
        random.pop("therapist", None)
    outcome = complete[formula.partition("~")[0].strip()]
    if outcome.nunique() < 2:
        raise NotEstimable("the outcome does not vary among the rows analysed")
    if specification.link != "identity":
        complete, separated = without_separated_categories(complete, named)
        left_out += separated
        notes += few_events(complete, formula, specification)
    return Model(formula, random, complete, tuple(left_out), specification.frequency, tuple(notes))


def few_events(frame: pd.DataFrame, formula: str, specification: Specification) -> list[str]:
    """Return what must be said of a binary model that rests on few events; nothing of others.

    Counted are events or non-events, whichever are fewer, for every coefficient of the fixed part:
    the intercept and the bands of a baseline hazard use up events as predictors do. Below ten each
    Peduzzi et al. (1996, doi:10.1016/S0895-4356(96)00236-3) found biased estimates and intervals
    that hold too seldom; Vittinghoff & McCulloch (2007, doi:10.1093/aje/kwk052) found five to nine
    mostly good enough; no single number is right for all data (van Smeden et al. 2016,
    doi:10.1186/s12874-016-0267-3). So fewer than `events_for_a_coefficient` are refused, and below
    ten the count is told.

    Raises
    ------
    NotEstimable
        Fewer events, or non-events, for each coefficient than the specification asks for.
    """
    times = frame[specification.frequency] if specification.frequency else 1
    with_event, without = ((times * one).sum() for one in (frame["event"], 1 - frame["event"]))
    events, coefficients = int(min(with_event, without)), n_coefficients(formula, frame)
    each, least = events / coefficients, specification.events_for_a_coefficient
    said = f"{events} {'events' if with_event <= without else 'rows without the event'}"
    said += f" for {coefficients} coefficients"
    if each < least:
        raise NotEstimable(f"{said} are too few: fewer than {least:g} for each")
    if each >= ENOUGH:
        return []
    meant = "estimates lean away from no effect, and intervals may be too narrow"
    return [f"few events: {said}, fewer than {ENOUGH} for each: {meant}"]


def without_separated_categories(
    frame: pd.DataFrame, columns: list[str]
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Leave out the rows of a category in which nobody, or everybody, had the event.

    Its coefficient has no finite estimate and, at that limit, its rows say nothing about the other
    coefficients: leaving both out gives the others' maximum-likelihood estimates (Albert & Anderson
    1984, doi:10.1093/biomet/71.1.1). Each is named.
    """
    left_out = []
    for name in columns:
        indicator = pd.api.types.is_numeric_dtype(frame[name])
        if name in ("baseline", "event") or (indicator and not frame[name].isin((0, 1)).all()):
            continue
        rates = frame.groupby(name, observed=True)["event"].mean()
        for category in rates.index[(rates == 0) | (rates == 1)]:
            some = "no" if rates[category] == 0 else "only"
            rows = frame[name] == category
            term = name if indicator else f"{name}[T.{category}]"
            reason = f"{some} events among the {int(rows.sum())} rows of this category, left out"
            left_out.append((term, reason))
            frame = frame[~rows].reset_index(drop=True)
    return frame, left_out


def fit(model: Model, specification: Specification, **options: Any) -> Any:
    """Fit a supported model with `attunement.mixed`; options go to the fitting function."""
    if specification.frequency:
        options = {"frequency": specification.frequency} | options
    if specification.link == "identity":
        df = specification.df if model.random else "residual"
        random = model.random or None
        # A client without a therapist has no therapist effect; the row stays.
        given: dict[str, Any] = {"df": df, "random": random, "missing_innermost": "no effect"}
        given |= {"residual": specification.residual} | options
        return fit_linear(model.formula, model.frame, **given)
    group = "therapist" if "therapist" in model.random else None
    return fit_logistic(model.formula, model.frame, group=group, link=specification.link, **options)


def estimate(frame: pd.DataFrame, specification: Specification) -> Result:
    """Fit a specification to its frame and return its rows.

    Parameters
    ----------
    frame : DataFrame
        What `prepare` returned.
    specification : Specification
        The model.

    Returns
    -------
    Result
        `estimates`, one row per fixed coefficient; `variance`, one row per variance, correlation
        and intraclass correlation. What cannot be fitted is one row `not estimable` with its
        reason; a fit on a boundary is `singular`, one that did not converge `not converged`.
    """
    try:
        model = supported(frame, specification)
        fitted = fit(model, specification)
    except (NotEstimable, FitError) as problem:
        return not_estimable(specification, str(problem))
    return Result(
        estimate_rows(fitted, model, specification), variance_rows(fitted, model, specification)
    )


def analyse(tables: Tables, specification: Specification) -> Result:
    """Prepare and estimate one specification; what the tables do not hold becomes its reason."""
    try:
        frame = prepare(tables, specification)
    except NotEstimable as problem:
        return not_estimable(specification, str(problem))
    return with_left_before(estimate(frame, specification), tables, frame, specification)
