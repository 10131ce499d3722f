"""The search for the maximum of a marginal likelihood, and the curvature there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.mixed.errors import NotConverged
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS
from attunement.mixed.marginal import Marginal, Point
from attunement.mixed.search import positive_inverse

# with fewer nodes the held-node information is no guide to a step
FEWEST_NODES = 9
# movement below which the held-node information is the derivative of the gradient
_STEADY = 1e-6


@dataclass(frozen=True)
class Top:
    """The end of a search: parameters (p + 1,), the point evaluated last, the rise of the
    log-likelihood still expected there, and whether that is below the tolerance."""

    parameters: Array
    point: Point
    rise: float
    settled: bool

    @property
    def value(self) -> float:
        """The log-likelihood at the parameters, the last step's rise included."""
        return self.point.value + (self.rise if self.settled else 0.0)


def coefficients_only(free: Array) -> Array:
    """Directions (p + 1, f) that leave sigma alone, from those of the coefficients (p, f)."""
    return np.vstack([free, np.zeros((1, free.shape[1]))])


def with_sigma(free: Array) -> Array:
    """Directions (p + 1, f + 1) of coefficients (p, f) and sigma."""
    size, count = free.shape
    result = np.zeros((size + 1, count + 1))
    result[:-1, :-1], result[-1, -1] = free, 1.0
    return result


def climb(
    model: Marginal, start: Array, directions: Array, tolerance: float = 1e-9, limit: int = 100
) -> Top:
    """Maximise the log-likelihood over ``start + directions @ c``.

    The steps are Newton's by the information with nodes held. Where the movement of the nodes
    matters, that is not the derivative of the gradient, and BFGS corrects it near the maximum
    (Nocedal and Wright 2006, Numerical Optimization, chapter 6). The search ends where the rise
    still expected is below half the tolerance, or much less where the steps are not Newton's.
    """

    def inverse(point: Point, parameters: Array) -> Array:
        guide = point.information
        if model.nodes < FEWEST_NODES and parameters[-1] != 0.0:
            guide = model.value(parameters, FEWEST_NODES, information=True).information
        return positive_inverse(directions.T @ guide @ directions)

    x = start.copy()
    point = model.value(x, information=True)
    if not np.isfinite(point.value):
        raise NotConverged("the log-likelihood is not finite where the search starts")
    matrix = inverse(point, x)
    for _ in range(limit):
        slope = directions.T @ point.gradient
        step = matrix @ slope
        rise = float(slope @ step)
        newton = (model.nodes >= FEWEST_NODES and point.moved < _STEADY) or x[-1] == 0.0
        # what rounding of the log-likelihood hides cannot be asked for
        noise = 1e-14 * abs(point.value)
        if rise < max(tolerance if newton else 1e-12, noise):
            # Newton's last step needs no check: its error is of the order of its square
            return Top(x + directions @ step, point, 0.5 * rise, True)
        move = directions @ step
        reach = 2.0 * max(1.0, float(np.max(np.abs(x))))
        length = min(1.0, reach / float(np.max(np.abs(move))))
        for _ in range(40):
            moved = x + length * move
            new = model.value(moved, information=newton or rise > 1e-3)
            gained = new.value - point.value
            if gained >= 1e-4 * length * rise - noise:
                break
            if np.isfinite(gained):
                bend = 2.0 * (length * rise - gained)
                length *= float(np.clip(rise * length / bend, 0.1, 0.5))
            else:
                length *= 0.1
        else:
            return Top(x, point, 0.5 * rise, rise < 1e4 * max(1e-10, noise))
        change, turn = length * step, slope - directions.T @ new.gradient
        x, point = moved, new
        if newton or rise > 1e-3:
            matrix = inverse(point, x)
            continue
        product = float(change @ turn)
        if product > 1e-10 * float(np.linalg.norm(change) * np.linalg.norm(turn)):
            image = matrix @ turn
            matrix = (
                matrix
                + (1.0 + float(turn @ image) / product) * np.outer(change, change) / product
                - (np.outer(image, change) + np.outer(change, image)) / product
            )
    return Top(x, point, float("inf"), False)


def observed_information(model: Marginal, top: Top) -> Array:
    """Observed information (p + 1, p + 1): with nodes held where their movement adds nothing,
    otherwise by central differences of the gradient."""
    point, x = top.point, top.parameters
    if x[-1] == 0.0:
        return point.information
    if point.moved < _STEADY and model.nodes >= FEWEST_NODES and point.information.any():
        return point.information
    guide = model.value(x, max(model.nodes, FEWEST_NODES), information=True).information
    steps = 1e-3 * np.sqrt(np.diag(positive_inverse(guide)))
    result = np.empty_like(guide)
    for index, step in enumerate(steps):
        change = np.zeros(len(x))
        change[index] = step
        below, above = model.value(x - change), model.value(x + change)
        result[index] = (below.gradient - above.gradient) / (2.0 * step)
    return np.asarray((result + result.T) / 2.0)


def covariance_of(information: Array, directions: Array) -> Array:
    """Inverse information (p + 1, p + 1) along some directions, zero across them.

    Raises
    ------
    NotConverged
        If the log-likelihood is flat in one of them.
    """
    inside = directions.T @ information @ directions
    scale = 1.0 / np.sqrt(np.maximum(np.diag(inside), 1e-300))
    values, vectors = np.linalg.eigh(inside * np.outer(scale, scale))
    if not values[0] > 1e-10 * values[-1]:
        raise NotConverged("the likelihood has no curvature in some direction of the parameters")
    root = directions @ (scale[:, None] * vectors / np.sqrt(values))
    return np.asarray(root @ root.T)


def expected_information(model: Marginal, parameters: Array) -> Array:
    """Expected information of a model without effects."""
    binary, link = model.binary, LINKS[model.link]
    predictor = binary.columns @ parameters[:-1]
    if len(binary.offset):
        predictor = predictor + binary.offset
    share = link.mean(predictor)
    # the variance of the score: its slope where events are as many as expected
    weights = link.values(predictor, share * model.totals, (1.0 - share) * model.totals)[2]
    result = np.zeros((len(parameters), len(parameters)))
    result[:-1, :-1] = -(binary.columns.T * (model.row_weights * weights)) @ binary.columns
    if model.penalty is not None:
        result[:-1, :-1] += model.penalty
    return result
