"""Profile likelihood intervals of a binary model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from attunement.mixed.binary_search import climb, coefficients_only, with_sigma
from attunement.mixed.errors import FitError, InvalidSpecification
from attunement.mixed.kernel import Array
from attunement.mixed.tables import require_confidence

if TYPE_CHECKING:
    from attunement.mixed.logistic_results import LogisticFit

_CLOSE = 1e-7  # of a limit, in the root of the fall of the deviance
_FARTHEST = 60.0  # standard errors from the estimate


class Profile:
    """The log-likelihood maximised with one combination ``row @ (coefficients, sigma)`` held."""

    def __init__(self, fit: LogisticFit, row: Array) -> None:
        self.model = fit._model.weighted(None)
        optimum, size = fit.internal, len(fit.internal.coefficients)
        self.estimate = np.r_[optimum.coefficients, optimum.sigma]
        self.value = float(row @ self.estimate)
        self.peak = fit.penalised_loglik - self.model.log_constant
        length = float(np.linalg.norm(row))
        self.row, self.unit = row, row / length**2
        everything = with_sigma(np.eye(size))
        if fit.group is None or (optimum.sigma == 0.0 and row[-1] == 0.0):
            everything = coefficients_only(np.eye(size))
        basis = np.linalg.svd((row @ everything)[None, :])[2]
        self.directions = everything @ basis[1:].T
        covariance = optimum.covariance
        self.error = float(np.sqrt(row @ covariance @ row))
        # where the maximum over the others moves to, to first order
        self.path = covariance @ row / self.error**2 if self.error > 0.0 else self.unit

    def at(self, held: float) -> tuple[float, float]:
        """Signed root of the fall of the deviance, and its derivative."""
        start = self.estimate + (held - self.value) * self.path
        start = start + (held - float(self.row @ start)) * self.unit
        top = climb(self.model, start, self.directions)
        if not top.settled:
            raise FitError("the search did not settle")
        fall = max(2.0 * (self.peak - top.value), 0.0)
        root = float(np.sqrt(fall)) * (1.0 if held > self.value else -1.0)
        slope = -float(top.point.gradient @ self.unit)
        return root, slope / root if root != 0.0 else 1.0 / self.error


def _limit(profile: Profile, goal: float, lowest: float) -> tuple[float, str]:
    """The value at which the root is `goal`, by Newton steps kept inside a bracket."""
    side = 1.0 if goal > 0.0 else -1.0
    near, far = profile.value, np.inf
    step = abs(goal) * profile.error
    held = max(profile.value + side * step, 0.5 * (lowest + profile.value))
    name = "upper" if side > 0.0 else "lower"
    for _ in range(60):
        root, slope = profile.at(held)
        short = side * (goal - root)
        if abs(short) < _CLOSE:
            return held, ""
        if short > 0.0:
            near = held
        else:
            far = held
        if abs(held - profile.value) > _FARTHEST * profile.error:
            return float("nan"), f"no {name} limit: the likelihood falls too little"
        ahead = held + (goal - root) / slope if slope > 0.0 else np.nan
        inside = side * (ahead - near) > 0.0 and (np.isinf(far) or side * (far - ahead) > 0.0)
        if not inside or (side * (ahead - near) > 4.0 * step and np.isinf(far)):
            ahead = near + side * 2.0 * step if np.isinf(far) else 0.5 * (near + far)
        if ahead <= lowest:
            ahead = 0.5 * (near + lowest)
        if abs(ahead - held) < 1e-12 * max(1.0, abs(held)):
            return held, ""
        held = ahead
    return float("nan"), f"no {name} limit found"


def _interval(fit: LogisticFit, row: Array, confidence: float) -> tuple[float, float, str]:
    profile = Profile(fit, row)
    width = float(ndtri(0.5 + confidence / 2.0))
    is_sigma = row[-1] != 0.0
    lowest = 0.0 if is_sigma else -np.inf
    if is_sigma and fit.singular:
        # no curvature at zero: any start above it
        profile.error = 0.1
        profile.path = profile.unit
    limits, words = [], []
    for goal in (-width, width):
        if is_sigma and goal < 0.0 and (fit.singular or profile.at(0.0)[0] > goal):
            limits.append(0.0)
            words.append("lower limit at zero")
            continue
        try:
            limit, word = _limit(profile, goal, lowest)
        except FitError as error:
            limit, word = float("nan"), f"no limit: {error}"
        limits.append(limit)
        words += [word] if word else []
    return limits[0], limits[1], "; ".join(words)


def profile(fit: LogisticFit, terms: str | Sequence[str] | None, confidence: float) -> pd.DataFrame:
    """Profile intervals as `LogisticFit.profile` says."""
    require_confidence(confidence)
    names = list(fit.fixed.index[fit.basis.kept])
    rows = dict(zip(names, np.c_[fit.basis.transform, np.zeros(len(names))], strict=True))
    if fit.group is not None:
        rows[f"{fit.group}: Intercept, Intercept"] = np.r_[np.zeros(len(names)), 1.0]
    chosen = list(rows) if terms is None else [terms] if isinstance(terms, str) else list(terms)
    unknown = [name for name in chosen if name not in rows]
    if unknown:
        raise InvalidSpecification(f"no estimable terms {unknown}; terms: {', '.join(rows)}")
    estimate = np.r_[fit.internal.coefficients, fit.internal.sigma]
    table = []
    for name in chosen:
        low, high, status = _interval(fit, rows[name], confidence)
        scale = "coefficient" if rows[name][-1] == 0.0 else "sd"
        table.append((float(rows[name] @ estimate), low, high, scale, status))
    return pd.DataFrame(
        table,
        columns=["estimate", "ci_low", "ci_high", "scale", "status"],
        index=pd.Index(chosen, name="parameter"),
    )
