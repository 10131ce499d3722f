"""Search for the variance parameters of a linear mixed model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.linalg import block_diag as block_diagonal

from attunement.mixed.kernel import Array, Evaluation
from attunement.mixed.layout import factor_of
from attunement.mixed.objective import PATIENCE, TOLERANCE, Objective, Start, traces_of
from attunement.mixed.search import Minimum, positive_inverse

BOUNDARY = 1e-4
_WORTH = 1e-6
# a slope and a fall of the deviance that rounding does not explain
_FLAT, _HIDDEN = 1e-4, 1e-8
# a smaller standard deviation, in units of the residual's, may be but the end of a search
_TRACE = 0.02
# standard deviations, in units of the residual's, from which the first guess steps, and the least
# it may give: a factor at zero has no slope
_FIRST, _LEAST = 0.7, 0.05
# up to so many inner groups, searches also start from these standard deviations, and
# from three points drawn once and for all
_FEW_GROUPS, _OTHER_STARTS = 50, (0.2, 10.0)


@dataclass(frozen=True)
class Optimum:
    """The end of a search: parameters, the evaluation there, and how the search went."""

    parameters: Array
    evaluation: Evaluation
    converged: bool
    singular: bool
    messages: list[str] = field(default_factory=list)


class Problem(Objective):
    """Minimisation of the deviance of one set of blocks (and their weights)."""

    def _guess(self) -> Array:
        """Where a search without a start begins: one step of scoring in the covariances.

        In the covariances, unlike in their factors, the deviance is nearly quadratic, so that one
        step from anywhere gives estimates near its minimum (minimum variance quadratic unbiased
        ones but for the links between the levels; Rao 1971, J. Multivar. Anal. 1).
        """
        start = np.where(self.layout.on_diagonal, _FIRST, 0.0)
        point = self.at(start)
        directions = self.layout.covariance_directions
        parts = list(zip(directions, point.score, strict=True))
        trace = np.concatenate([np.tensordot(each, first, 2) for each, (first, _) in parts])
        other = np.concatenate([np.tensordot(each, second, 2) for each, (_, second) in parts])
        information = block_diagonal(*map(traces_of, directions, point.squares))
        information -= np.outer(trace, trace) / point.divisor
        step = -positive_inverse(information) @ (trace - other / point.sigma2)
        # the residual variance, too, takes its step
        growth = max(1.0 - float(trace @ step) / point.divisor, 0.1)
        steps = np.split(step / growth, [len(directions[0])])
        moved = []
        for factor, each, size in zip(self.layout.unpack(start), directions, steps, strict=True):
            covariance = factor @ factor.T + np.tensordot(size, each, 1)
            values, vectors = np.linalg.eigh(covariance)
            moved.append(factor_of((vectors * np.maximum(values, _LEAST**2)) @ vectors.T))
        guess = self.layout.pack(moved)
        return guess if self.at(guess).deviance < point.deviance else start

    def search(self, start: Array | Start, tolerance: float = TOLERANCE) -> Minimum:
        """Descend from a start to a stationary point; turn the factors where the search creeps."""
        begin = start if isinstance(start, Start) else Start(start)
        found = self.descend(begin, tolerance)
        natural = self.layout
        for _ in range(5):
            if found.settled:
                break
            self.layout, turned = self.layout.pivoted(found.x)
            self._last = None
            found = self.descend(Start(turned), tolerance, limit=2 * PATIENCE)
        if self.layout is not natural:
            found = replace(found, x=self.layout.natural(found.x))
            self.layout, self._last = natural, None
        return found

    def _added_variance(self, parameters: Array, point: Evaluation) -> Array | None:
        """Parameters with variance added in a direction that has none and wants some, or None.

        A stationary point of the factors is a minimum only if the slope of the deviance in the
        covariance is not negative in any direction without variance (Karush, Kuhn, Tucker).
        """
        best: tuple[float, Array] | None = None
        factors = self.layout.unpack(parameters)
        for level, factor in enumerate(factors):
            if not len(factor):
                continue
            first, second = point.score[level]
            slope = first - second / point.sigma2
            if self.layout.independent[level]:
                candidates = np.eye(len(factor))[np.abs(np.diag(factor)) < BOUNDARY]
            else:
                left, values, _ = np.linalg.svd(factor)
                null = left[:, values < BOUNDARY]
                candidates = (null @ np.linalg.eigh(null.T @ slope @ null)[1]).T
            for vector in candidates:
                fall = -float(vector @ slope @ vector)
                square = np.outer(vector, vector).ravel()
                bend = float(square @ point.squares[level] @ square)
                bend -= float(vector @ first @ vector) ** 2 / point.divisor
                amount = fall / max(bend, 1e-300)
                if fall <= 0.0 or fall * amount / 2.0 < _WORTH:
                    continue
                for share in (1.0, 0.25, 4.0, 0.02):
                    covariance = factor @ factor.T + share * amount * np.outer(vector, vector)
                    changed = list(factors)
                    changed[level] = factor_of(covariance)
                    if self.layout.independent[level]:
                        changed[level] = np.diag(np.sqrt(np.diag(covariance)))
                    trial = self.layout.pack(changed)
                    value = self.at(trial).deviance
                    if value < point.deviance - _WORTH and (best is None or value < best[0]):
                        best = (value, trial)
        return None if best is None else best[1]

    def _tilted(self, parameters: Array, tolerance: float) -> Array | None:
        """Parameters of a lower deviance, or None, after turning what variance there is.

        A factor whose first columns are near zero cannot turn its later ones towards the rows
        above them, and looks stationary; with its columns in order it shows the slope.
        """
        point = self.at(parameters)
        slope = self.gradient(parameters, point)
        # a search that may end further from its minimum leaves more of a slope
        if float(np.max(np.abs(slope))) < _FLAT * np.sqrt(tolerance / TOLERANCE):
            return None
        found = self.descend(Start(parameters), tolerance)
        return found.x if found.value < point.deviance - _HIDDEN else None

    def is_singular(self, parameters: Array) -> bool:
        """Whether a level's relative covariance is not of full rank."""
        return self._narrowest(parameters) < BOUNDARY

    def _narrowest(self, parameters: Array) -> float:
        """The smallest standard deviation in any direction, in units of the residual's."""
        factors = [factor for factor in self.layout.unpack(parameters) if len(factor)]
        return min(float(np.linalg.svd(each, compute_uv=False)[-1]) for each in factors)

    def _without_traces(self, parameters: Array, point: Evaluation) -> Array:
        """Parameters with variances that are nothing but the end of a search set to zero."""
        factors = self.layout.unpack(parameters)
        rounded = []
        for factor, independent in zip(factors, self.layout.independent, strict=True):
            left, values, _ = np.linalg.svd(factor)
            kept = np.where(values < _TRACE, 0.0, values)
            if independent:
                rounded.append(np.where(np.abs(factor) < _TRACE, 0.0, factor))
            elif len(factor) and (kept != values).any():
                rounded.append(factor_of((left * kept**2) @ left.T))
            else:
                rounded.append(factor)
        moved = self.layout.pack(rounded)
        if np.array_equal(moved, parameters):
            return parameters
        allowed = 1e-8 + 4e-15 * abs(point.deviance)
        return moved if self.at(moved).deviance <= point.deviance + allowed else parameters

    def solve(self, start: Array | Start | None = None, tolerance: float = TOLERANCE) -> Optimum:
        """Minimise the deviance; where variance is missing in a direction, add it and go on.

        Parameters
        ----------
        start : parameters (k,) to start from, such as those of a nearby problem. Without one the
            start is guessed; where groups are few the deviance may have several minima, so that
            searches from other starts follow and the lowest minimum counts.
        tolerance : fall of the deviance still expected at which a search ends.
        """
        if self.layout.n_parameters == 0:
            return Optimum(np.zeros(0), self.at(np.zeros(0)), True, False)
        if start is not None:
            return self._settle(start, tolerance)
        starts = [self._guess()]
        if len(self.blocks.inner) <= _FEW_GROUPS:
            starts += [np.where(self.layout.on_diagonal, size, 0.0) for size in _OTHER_STARTS]
            starts += list(np.random.default_rng(1).normal(size=(3, self.layout.n_parameters)))
        found = [self._settle(each, tolerance) for each in starts]
        least = min(each.evaluation.deviance for each in found)
        # those that rounding does not tell apart: one that settled, the first of them
        allowed = least + _HIDDEN + 1e-10 * abs(least)
        lowest = [each for each in found if each.evaluation.deviance <= allowed]
        return next((each for each in lowest if each.converged), lowest[0])

    def _settle(self, start: Array | Start, tolerance: float) -> Optimum:
        found = self.search(start, tolerance)
        better: Array | None = None
        for _ in range(10):
            parameters = self.layout.upright(found.x)
            wide = self._narrowest(parameters) > _TRACE
            if wide:
                better = None
                break
            parameters = self._without_traces(parameters, self.at(parameters))
            better = self._added_variance(parameters, self.at(parameters))
            if better is None:
                better = self._tilted(parameters, tolerance)
            if better is None:
                break
            found = self.search(better, tolerance)
        point = self.at(parameters)
        converged = found.settled and better is None
        singular = not wide and self.is_singular(parameters)
        messages = []
        if not converged:
            messages.append(
                "the search for the variance parameters did not settle (a fall of the deviance by"
                f" {found.decrement:.1e} is still expected)"
            )
        if singular:
            messages.append(
                "singular: a variance is estimated at or near zero or a correlation at or near"
                " -1 or 1"
            )
        return Optimum(parameters, point, converged, singular, messages)
