"""Fitting one specification: the fit itself, and its tidy rows."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from attunement.mixed import FitError, fit_linear, fit_logistic
from attunement.mixed.fittable import linear_columns, logistic_columns
from attunement.mixed.formula import HINTS
from attunement.model.asking import is_asked, tried
from attunement.model.formulas import categories_of, columns_of, n_predictors
from attunement.model.prepare import prepare
from attunement.model.result import Model, Result
from attunement.model.risk_set import with_left_before
from attunement.model.rows import estimate_rows, not_estimable, variance_rows
from attunement.study.files import Tables
from attunement.study.problems import NotEstimable
from attunement.study.specification import Specification, names_of

COLLINEAR = "collinear with the other terms"
# Events for each predictor from which on nothing is said of their number (see `few_events`).
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
            raise NotEstimable(f"the data have no column '{name}'{HINTS.get(name, close)}")
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
    # Outermost first, whatever the order in which the plan names them.
    random = dict(sorted(specification.random, key=lambda part: part[0] != "therapist"))
    if therapists < 2:
        random.pop("therapist", None)
    outcome = formula.partition("~")[0].strip()  # of an expression the engine tells
    if outcome in complete and complete[outcome].nunique() < 2:
        raise NotEstimable("the outcome does not vary among the rows analysed")
    if specification.link != "identity":
        categories = categories_of(formula)
        complete, separated = without_separated_categories(complete, named, categories)
        left_out += separated
        notes += few_events(complete, formula, specification)
    return Model(formula, random, complete, tuple(left_out), specification.frequency, tuple(notes))


def few_events(frame: pd.DataFrame, formula: str, specification: Specification) -> list[str]:
    """Return what must be said of a binary model that rests on few events; nothing of others.

    Counted are events or non-events, whichever are fewer, for every coefficient of the fixed part
    but the intercept and the baseline hazard, as the sources count. Below ten each Peduzzi et al.
    (1996, doi:10.1016/S0895-4356(96)00236-3) found biased estimates and intervals that hold too
    seldom; Vittinghoff & McCulloch (2007, doi:10.1093/aje/kwk052), with two and more, found
    five to nine mostly good enough; no single number is right for all data (van Smeden et al. 2016,
    doi:10.1186/s12874-016-0267-3). So fewer than `events_for_a_predictor` are refused, and below
    ten the count is told.

    Raises
    ------
    NotEstimable
        Fewer events, or non-events, for each predictor than the specification asks for.
    """
    times = frame[specification.frequency] if specification.frequency else 1
    with_event, without = ((times * one).sum() for one in (frame["event"], 1 - frame["event"]))
    events, predictors = int(min(with_event, without)), n_predictors(formula, frame)
    each, least = events / max(predictors, 1), specification.events_for_a_predictor
    said = f"{events} {'events' if with_event <= without else 'rows without the event'}"
    if predictors:
        said += f" for {predictors} predictor{'s' if predictors > 1 else ''}"
    if each < least:
        raise NotEstimable(f"{said} are too few: fewer than {least:g} for each")
    if each >= ENOUGH:
        return []
    meant = "estimates lean away from no effect, and intervals may be too narrow"
    return [f"few events: {said}, fewer than {ENOUGH} for each: {meant}"]


def without_separated_categories(
    frame: pd.DataFrame, columns: list[str], categories: Sequence[str] = ()
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Leave out the rows of a category in which nobody, or everybody, had the event.

    Its coefficient has no finite estimate and, at that limit, its rows say nothing about the other
    coefficients: leaving both out gives the others' maximum-likelihood estimates (Albert & Anderson
    1984, doi:10.1093/biomet/71.1.1). Each is named. `categories` are numbers that a formula takes
    as such: each period of a hazard, as C(period).
    """
    left_out = []
    for name in columns:
        made = name in categories
        indicator = pd.api.types.is_numeric_dtype(frame[name]) and not made
        if name in ("baseline", "event") or (indicator and not frame[name].isin((0, 1)).all()):
            continue
        rates = frame.groupby(name, observed=True)["event"].mean()
        for category in rates.index[(rates == 0) | (rates == 1)]:
            some = "no" if rates[category] == 0 else "only"
            rows = frame[name] == category
            term = name if indicator else f"{f'C({name})' if made else name}[T.{category}]"
            reason = f"{some} events among the {int(rows.sum())} rows of this category, left out"
            left_out.append((term, reason))
            frame = frame[~rows].reset_index(drop=True)
    return frame, left_out


def fit(model: Model, specification: Specification, *, plain: bool = False, **options: Any) -> Any:
    """Fit a supported model with `attunement.mixed`; options go to the fitting function.

    Where an analysis is `plain`, its focal terms are coefficients of this fit, not made from it.

    Raises
    ------
    FitError
        What the rows do not carry, or no search finds.
    WouldFit
        Within `asking`, in place of the search.
    """
    linear = specification.link == "identity"
    if not linear and specification.residual != "independent":
        raise NotEstimable(f"a model of events has no residuals: residual {specification.residual}")
    group = None if linear else group_of(model.random)
    if is_asked():
        columns = _columns(model, specification, group)
        absent = without_coefficient(list(columns), model, specification) if plain else []
        model = model._replace(left_out=(*model.left_out, *absent))
        tried(model, tuple(name for name, kept in columns.items() if not kept), COLLINEAR)
    if specification.frequency:
        options = {"frequency": specification.frequency} | options
    if linear:
        df = specification.df if model.random else "residual"
        random = model.random or None
        # A client without a therapist has no therapist effect; the row stays.
        given: dict[str, Any] = {"df": df, "random": random, "missing_innermost": "no effect"}
        given |= {"residual": specification.residual, "reml": specification.reml} | options
        return fit_linear(model.formula, model.frame, **given)
    given = {"group": group, "link": specification.link} | options
    return fit_logistic(model.formula, model.frame, **given)


def group_of(random: Mapping[str, str]) -> str | None:
    """Return the one level of a model of events, which has random intercepts.

    Raises
    ------
    NotEstimable
        Two levels, or random slopes: leaving any out without a word would be another model.
    """
    asked = ", ".join(f"{level}: {part}" for level, part in random.items())
    if len(random) > 1 or any(part.strip() != "1" for part in random.values()):
        raise NotEstimable(
            f"models of events have random intercepts of one level, not {asked} (docs/limits.md)"
        )
    return next(iter(random), None)


NO_COEFFICIENT = "the model has no such coefficient"


def without_coefficient(
    names: Sequence[str], model: Model, specification: Specification
) -> list[tuple[str, str]]:
    """Return the focal terms that no coefficient of a fit answers, each with the reason."""
    told = {one for name in names for one in names_of(name)}
    told |= {term for term, _ in model.left_out}
    reason = f"{NO_COEFFICIENT}; it has {', '.join(names[:12])}"
    return [(term, reason) for term in specification.focal if term not in told]


def _columns(model: Model, specification: Specification, group: str | None) -> dict[str, bool]:
    """The columns of the fixed part, and whether each can be told from the others."""
    counts, residual = specification.frequency, specification.residual
    if specification.link == "identity":
        random = model.random or None
        return linear_columns(model.formula, model.frame, random, residual, counts, "no effect")
    return logistic_columns(model.formula, model.frame, group, counts)


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
        fitted = fit(model, specification, plain=True)
    except (NotEstimable, FitError) as problem:
        return not_estimable(specification, str(problem))
    absent = without_coefficient(list(fitted.fixed.index), model, specification)
    model = model._replace(left_out=(*model.left_out, *absent))
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
