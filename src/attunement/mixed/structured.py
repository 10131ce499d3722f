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
from attunement.mixed.residual import Residual
from attunement.mixed.search import Minimum, minimise, positive_inverse
from attunement.mixed.solve import Optimum, Problem
from attunement.mixed.whitened import StructuredFit, Whitened

_STARTS = {"ar1": (0.0, 0.3, 0.6, 0.85, -0.3), "exponential": (0.1, 0.4, 0.7, 0.9)}
# a correlation of rows a median gap apart and a share of variance that are as good as none
_NO_CORRELATION, _NO_VARIANCE = 1e-5, 1e-8
# an error of the correlation's atanh or logit that leaves all correlations possible
_UNKNOWN = 10.0
_FEW_STEPS = 60
HOLD = "profile, bootstraps, influence and refit hold the ratios and correlation of residuals"


class _Profile:
    """The deviance at the best other parameters as a function of the residual parameters."""

    def __init__(self, whitened: Whitened, others: Array | None) -> None:
        self.whitened = whitened
        self.others = others

    def solve(self, residual: Array) -> tuple[Prepared, Problem, Optimum]:
        """Minimise over the other parameters, from where the last search ended."""
        prepared, problem = self.whitened.problem(residual)
        optimum = problem.solve(self.others)
        self.others = optimum.parameters
        return prepared, problem, optimum

    def value(self, residual: Array) -> float:
        """The profiled deviance; infinite where correlation never fades or nothing is left."""
        if self.whitened.residual.is_endless(residual):
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

    def search(self, start: Array | None) -> Minimum:
        """Descend from a start, or from the best of a few correlations."""
        residual = self.whitened.residual
        if start is None:
            starts = [np.zeros(residual.n_parameters)]
            if residual.term.correlation is not None:
                values = _STARTS[residual.term.correlation]
                starts = [np.r_[starts[0][1:], residual.parameter_of(each)] for each in values]
            start = min(starts, key=self.value)
        return minimise(self, start, self.inverse, limit=_FEW_STEPS)


def fit_structured(
    prepared: Prepared,
    residual: Residual,
    reml: bool,
    start: Array | None = None,
    residual_start: Array | None = None,
) -> StructuredFit:
    """Fit a model whose residuals have a structure.

    Parameters
    ----------
    prepared : the model with independent residuals.
    residual : the structure.
    reml : restricted likelihood if true.
    start, residual_start : parameters of random effects and of residuals to start from.
    """
    whitened = Whitened(prepared, residual, reml)
    profile = _Profile(whitened, start)
    found = profile.search(residual_start)
    equivalent, problem, optimum = profile.solve(found.x)
    curvature, errors = joint_curvature(whitened, found.x, problem, optimum)
    messages = [*optimum.messages, HOLD]
    settled, singular = found.settled, optimum.singular
    ratios = residual.ratios(found.x)
    if ratios.min() < _NO_VARIANCE * ratios.max():
        singular = True
        named = residual.labels[int(np.argmin(ratios))]
        messages.append(f"singular: the residual variance of {named!r} is estimated near zero")
    if residual.term.correlation is not None:
        near = residual.log_correlation(found.x[-1], residual.typical)
        if near < np.log(_NO_CORRELATION) and residual.term.correlation == "exponential":
            singular = True
            messages.append("singular: the range is estimated at zero, no correlation of residuals")
        elif not errors[-1] < _UNKNOWN:
            settled = False
            messages.append(
                f"the {residual.term.correlation} correlation of residuals cannot be told from the"
                " random effects: other values fit as well"
            )
    if not found.settled:
        messages.append("the search for the residual parameters did not settle")
    return StructuredFit(
        whitened=whitened,
        prepared=equivalent,
        problem=problem,
        optimum=replace(
            optimum,
            converged=optimum.converged and settled,
            singular=singular,
            messages=messages,
        ),
        parameters=found.x,
        curvature=curvature,
        errors=errors,
    )
