"""The search for residual parameters, and the curvature of the deviance in all variances.

The residual parameters are searched outside, the random effects' inside, from where the last
search ended; by the envelope theorem the slope outside is that at fixed inner parameters.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attunement.mixed.joint_curvature import STEP, WIDE_STEP, Differences, joint_curvature
from attunement.mixed.kernel import Array
from attunement.mixed.prepare import Prepared
from attunement.mixed.residual import NO_CORRELATION, NO_VARIANCE, Residual
from attunement.mixed.search import Minimum, minimise, positive_inverse
from attunement.mixed.solve import Optimum, Problem
from attunement.mixed.whitened import StructuredFit, Whitened

_STARTS = {"ar1": (0.0, 0.3, 0.6, 0.85, -0.3), "exponential": (0.1, 0.4, 0.7, 0.9)}
# a correlation of rows a median gap apart below which its own size is in doubt
_WEAK = 0.05
# a fall of the deviance that is not worth a parameter
_WORTH = 1e-6
_FEW_STEPS = 60
HOLD = "profile, bootstraps, influence and refit hold the ratios and correlation of residuals"


class _Profile:
    """The deviance at the best other parameters as a function of the residual parameters."""

    def __init__(self, whitened: Whitened, others: Array | None) -> None:
        self.whitened = whitened
        self.others = others
        self._last: tuple[Array, tuple[Prepared, Problem, Optimum]] | None = None

    def solve(self, residual: Array) -> tuple[Prepared, Problem, Optimum]:
        """Minimise over the other parameters, from where the last search ended."""
        if self._last is None or not np.array_equal(self._last[0], residual):
            prepared, problem = self.whitened.problem(residual)
            optimum = problem.solve(self.others)
            self._last = residual.copy(), (prepared, problem, optimum)
            self.others = optimum.parameters
        return self._last[1]

    def value(self, residual: Array) -> float:
        """The profiled deviance; infinite beyond what residuals can be."""
        if self.whitened.residual.is_beyond(residual):
            return float("inf")
        before = self.others
        try:
            prepared, _, optimum = self.solve(residual)
        except np.linalg.LinAlgError:
            self.others = before
            return float("inf")
        return prepared.deviance(optimum.evaluation, self.whitened.reml)

    def __call__(self, residual: Array) -> tuple[float, Array]:
        value = self.value(residual)
        if not np.isfinite(value) or self.others is None:
            return float("inf"), np.zeros_like(residual)
        near = Differences(self.whitened, residual, self.others, STEP)
        return value, near.slopes(lambda place: place.deviance)

    def inverse(self, residual: Array) -> Array:
        """Inverse of the second derivatives of the profiled deviance, nearly."""
        _, problem, optimum = self.solve(residual)
        others = optimum.parameters
        near = Differences(self.whitened, residual, others, WIDE_STEP)
        curvature = near.curvature(lambda place: place.deviance)
        if len(others):
            mixed = near.slopes(lambda place: place.problem.gradient(others, place.point))
            inside = positive_inverse(problem.information(others, optimum.evaluation))
            curvature = curvature - mixed @ inside @ mixed.T
        return positive_inverse(curvature)

    def search(self) -> Minimum:
        """Descend from the best of a few correlations."""
        residual = self.whitened.residual
        starts = [np.zeros(residual.n_parameters)]
        if residual.term.correlation is not None:
            values = _STARTS[residual.term.correlation]
            starts = [np.r_[starts[0][1:], residual.parameter_of(each)] for each in values]
        start = starts[0] if len(starts) == 1 else min(starts, key=self.value)
        return minimise(self, start, self.inverse, limit=_FEW_STEPS)

    def at_zero(self, found: Minimum) -> tuple[Array, bool]:
        """The parameters found, and whether they are those of a range of zero, which is taken
        where it fits as well."""
        residual = self.whitened.residual
        if residual.term.correlation != "exponential" or found.x[-1] > residual.parameter_of(_WEAK):
            return found.x, False
        without = np.r_[found.x[:-1], NO_CORRELATION]
        at_zero = self.value(without) < found.value + _WORTH
        return (without if at_zero else found.x), at_zero


def _is_unknown(residual: Residual, parameters: Array, errors: Array) -> bool:
    """Whether other correlations fit as well, but for small ones of which zero is one."""
    if residual.term.correlation is None or np.isfinite(errors[-1]):
        return False
    return residual.term.correlation == "ar1" or parameters[-1] > residual.parameter_of(_WEAK)


def fit_structured(
    prepared: Prepared, residual: Residual, reml: bool, start: Array | None = None
) -> StructuredFit:
    """Fit a model whose residuals have a structure.

    Parameters
    ----------
    prepared : the model with independent residuals.
    residual : the structure.
    reml : restricted likelihood if true.
    start : parameters of random effects to start from.
    """
    whitened = Whitened(prepared, residual, reml)
    profile = _Profile(whitened, start)
    found = profile.search()
    parameters, at_zero = profile.at_zero(found)
    equivalent, problem, optimum = profile.solve(parameters)
    curvature, errors = joint_curvature(whitened, parameters, problem, optimum, at_zero)
    messages, settled, singular = [*optimum.messages, HOLD], found.settled, optimum.singular
    if not settled:
        messages.append("the search for the residual parameters did not settle")
    ratios = residual.ratios(parameters)
    if ratios.min() < 100.0 * NO_VARIANCE * ratios.max():
        singular = True
        named = residual.labels[int(np.argmin(ratios))]
        messages.append(f"singular: the residual variance of {named!r} is estimated near zero")
    if at_zero:
        singular = True
        messages.append("singular: the range is estimated at zero, no correlation of residuals")
    elif _is_unknown(residual, parameters, errors):
        settled = False
        messages.append(
            f"the {residual.term.correlation} correlation of residuals cannot be told from the"
            " random effects: other values fit as well"
        )
    converged = optimum.converged and settled
    return StructuredFit(
        whitened=whitened,
        prepared=equivalent,
        optimum=replace(optimum, converged=converged, singular=singular, messages=messages),
        parameters=parameters,
        curvature=curvature,
        errors=errors,
        at_zero=at_zero,
    )
