"""Profile likelihood intervals of a linear fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.held import RESIDUAL, Held, HeldCoefficient, HeldDeviance
from attunement.mixed.intervals import components
from attunement.mixed.refits import component_names
from attunement.mixed.solve import BOUNDARY, Problem
from attunement.mixed.tables import require_confidence
from attunement.mixed.threads import n_threads

if TYPE_CHECKING:
    from attunement.mixed.linear_results import LinearFit

# a fall of the deviance below the fit's that is more than what searches leave
_LOWER = 1e-3
# the root of the rise differs from the quantile at a limit by less than this where it is smooth
_JUMP = 1e-2


@dataclass(frozen=True)
class Parameter:
    """One parameter to profile: its least deviance as a function of its value, where that is least
    (`estimate`, `least`), a first guess of both limits, and the range."""

    name: str
    scale: str
    deviance: HeldCoefficient | HeldDeviance
    estimate: float
    least: float
    guess: tuple[float, float]
    lowest: float = -np.inf
    highest: float = np.inf


def profile(fit: LinearFit, terms: str | Sequence[str] | None, confidence: float) -> pd.DataFrame:
    """Profile likelihood intervals by parameter; see `LinearFit.profile`."""
    require_confidence(confidence)
    estimable = [name for name, kept in zip(fit.design.names, fit._kept, strict=True) if kept]
    known = [*estimable, *component_names(fit._prepared)]
    wanted = known if terms is None else [terms] if isinstance(terms, str) else list(terms)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise InvalidSpecification(
            f"no parameter {unknown[0]!r} to profile; parameters: {', '.join(known)}"
        )
    quantile = float(ndtri(0.5 + confidence / 2.0))
    makers = _coefficients(fit, quantile) | _spreads(fit, quantile)
    with ThreadPoolExecutor(n_threads()) as pool:
        rows = list(pool.map(lambda name: _row(makers[name](), quantile), wanted))
    return pd.DataFrame(rows, index=pd.Index(wanted, name="parameter"))


def _row(parameter: Parameter, quantile: float) -> dict[str, object]:
    estimate, notes = parameter.estimate, []
    limits = [float("nan"), float("nan")]
    if np.isnan(estimate):
        notes.append("a standard deviation is zero")
    else:
        for side, word in enumerate(("lower", "upper")):
            end = (parameter.lowest, parameter.highest)[side]
            limits[side], note = find_limit(parameter, parameter.guess[side], end, quantile)
            if note:
                notes.append(f"{word}: {note}")
    if not parameter.deviance.settled:
        notes.append("a search did not settle")
    return {
        "estimate": estimate,
        "ci_low": limits[0],
        "ci_high": limits[1],
        "scale": parameter.scale,
        "status": "; ".join(notes),
    }


def find_limit(
    parameter: Parameter, guess: float, end: float, quantile: float
) -> tuple[float, str]:
    """Where the root of the rise of the deviance is the normal quantile.

    Parameters
    ----------
    parameter : what is profiled.
    guess : a value on the side looked at.
    end : the end of the range on that side.
    quantile : of the normal distribution.

    Returns
    -------
    The limit, and a note where it is the end of the range or none was found.
    """
    estimate = parameter.estimate
    if estimate == end:
        return end, f"the estimate is the boundary {end:g}"
    rises = {estimate: 0.0}

    def excess(value: float) -> float:
        if value not in rises:
            rises[value] = parameter.deviance(value) - parameter.least
        return float(np.sqrt(max(rises[value], 0.0))) - quantile

    inside, beyond = estimate, guess
    for _ in range(30):
        if abs(beyond - estimate) >= abs(end - estimate):
            beyond = end
        reached = excess(beyond)
        if reached >= 0.0:
            break
        if beyond == end:
            return end, f"the boundary {end:g}"
        inside = beyond
        growth = 1.05 * quantile / max(reached + quantile, 0.25 * quantile)
        beyond = estimate + (beyond - estimate) * growth
    else:
        return float("nan"), "the deviance does not rise enough"
    if min(rises.values()) < -_LOWER:
        return float("nan"), "a lower deviance than the fit's was found"
    from scipy.optimize import brentq

    width = abs(beyond - estimate)
    limit = float(brentq(excess, inside, beyond, xtol=1e-7 * width, rtol=1e-12))
    return limit, "" if abs(excess(limit)) < _JUMP else "the deviance jumps: it has several minima"


def _coefficients(fit: LinearFit, quantile: float) -> dict[str, Callable[[], Parameter]]:
    """What to profile by coefficient, by maximum likelihood."""
    prepared = fit._prepared
    problem = Problem(prepared.blocks, prepared.layout, False)
    optimum = problem.solve(fit._parameters)
    estimates = prepared.coefficients(optimum.evaluation)[fit._kept]
    errors = np.sqrt(np.diag(prepared.covariance(optimum.evaluation)))
    names = [name for name, kept in zip(fit.design.names, fit._kept, strict=True) if kept]

    def maker(index: int) -> Callable[[], Parameter]:
        return lambda: Parameter(
            names[index],
            "coefficient",
            HeldCoefficient(prepared, optimum, index, float(estimates[index])),
            float(estimates[index]),
            optimum.evaluation.deviance,
            (
                float(estimates[index] - quantile * errors[index]),
                float(estimates[index] + quantile * errors[index]),
            ),
        )

    return {name: maker(index) for index, name in enumerate(names)}


def _spreads(fit: LinearFit, quantile: float) -> dict[str, Callable[[], Parameter]]:
    """What to profile by standard deviation and correlation, by the criterion of the fit."""
    prepared, layout = fit._prepared, fit._prepared.layout
    found = components(fit)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.sqrt(np.maximum(np.diag(found.covariance), 0.0)) / found.values
    sigma = float(np.sqrt(fit._point.sigma2))
    held, estimates = [], []
    for term in fit.design.terms:
        position = prepared.positions[term.level]
        rows = prepared.recode[term.level]
        factor = rows @ layout.unpack(fit._parameters)[position]
        lengths = np.linalg.norm(rows, axis=1)
        spread = np.linalg.norm(factor, axis=1)
        spread[spread < BOUNDARY * lengths] = 0.0
        for second in range(len(rows)):
            for first in range(second if term.independent else 0, second + 1):
                if first == second:
                    unit = prepared.scale * float(lengths[first])
                    held.append(Held(position, rows[[first]], unit))
                    estimates.append(prepared.scale * sigma * float(spread[first]))
                    continue
                held.append(Held(position, rows[[first, second]]))
                product = float(spread[first] * spread[second])
                value = float(factor[first] @ factor[second]) / product if product else np.nan
                estimates.append(float(np.sign(value)) if abs(value) > 1.0 - 1e-7 else value)
    held.append(Held(RESIDUAL, np.ones((1, 1)), prepared.scale))
    estimates.append(prepared.scale * sigma)

    def maker(index: int, name: str) -> Callable[[], Parameter]:
        def make() -> Parameter:
            which, estimate = held[index], estimates[index]
            deviance = HeldDeviance(prepared.blocks, layout, fit.reml, which)
            deviance.start_at(estimate, layout.unpack(fit._parameters), fit._point.sigma2)
            error = float(relative[index]) if np.isfinite(relative[index]) else 1.0
            if which.is_correlation:
                bend = quantile * max(error * abs(estimate), 0.1) / max(1.0 - estimate**2, 0.1)
                centre = np.arctanh(np.clip(estimate, -0.9, 0.9))
                guess = (
                    min(float(np.tanh(centre - bend)), estimate - 0.05),
                    max(float(np.tanh(centre + bend)), estimate + 0.05),
                )
                ends, scale = (-1.0, 1.0), "correlation"
            else:
                factor = float(np.exp(np.clip(0.5 * quantile * error, 0.01, 1.0)))
                some = estimate or 0.2 * sigma * which.unit
                guess = (some / factor, some * factor)
                ends, scale = (0.0, np.inf), "sd"
            return Parameter(name, scale, deviance, estimate, fit._point.deviance, guess, *ends)

        return make

    return {name: maker(index, name) for index, name in enumerate(component_names(prepared))}
