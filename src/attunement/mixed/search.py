"""Unconstrained minimisation by a dense quasi-Newton method that starts from a known curvature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attunement.mixed.kernel import Array


@dataclass(frozen=True)
class Minimum:
    """The end of a search: `decrement` is the fall still expected, `inverse` the inverse Hessian
    that the search ended with, `settled` whether the fall expected is below the tolerance."""

    x: Array
    value: float
    gradient: Array
    inverse: Array
    decrement: float
    settled: bool
    n_evaluations: int


def positive_inverse(hessian: Array) -> Array:
    """Inverse of a symmetric matrix with each eigenvalue replaced by its absolute value, small
    ones raised, so that it always turns a gradient into a direction of descent."""
    if not len(hessian):
        return hessian
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-8))
    values, vectors = np.linalg.eigh(hessian * np.outer(scale, scale))
    size = np.maximum(np.abs(values), 1e-7 * max(float(np.max(np.abs(values))), 1e-300))
    root = scale[:, None] * vectors
    return np.asarray((root / size) @ root.T)


def minimise(
    objective: Callable[[Array], tuple[float, Array]],
    start: Array,
    inverse: Callable[[Array], Array],
    tolerance: float = 1e-10,
    largest: float = 2.0,
    limit: int = 200,
    far: float = 0.5,
    first: Array | None = None,
) -> Minimum:
    """Minimise a smooth function.

    Far from the minimum the step is that of `inverse`, near it BFGS corrects it (Nocedal and
    Wright 2006, Numerical Optimization, chapter 6).

    Parameters
    ----------
    objective : value and gradient; an infinite value marks a forbidden point.
    start : (k,) with a finite value.
    inverse : approximate inverse Hessian, asked only for the point evaluated last.
    tolerance : fall of the objective still expected at which the search ends.
    largest : longest step of a coordinate, in units of the larger of one and the longest.
    limit : number of steps.
    far : expected fall above which the next step is that of `inverse`.
    first : inverse Hessian of the first step, if a nearby search has left one.
    """
    x = start.copy()
    value, gradient = objective(x)
    matrix = inverse(x) if first is None else first
    count = 1
    for _ in range(limit):
        step = -matrix @ gradient
        slope = float(gradient @ step)
        # what rounding of the objective hides cannot be asked for
        noise = 4e-15 * abs(value)
        if -slope < max(tolerance, noise):
            return Minimum(x, value, gradient, matrix, -0.5 * slope, True, count)
        reach = largest * max(1.0, float(np.max(np.abs(x))))
        length = min(1.0, reach / float(np.max(np.abs(step))))
        allowed = 1e-12 * max(1.0, abs(value))
        for _ in range(40):
            moved = x + length * step
            new_value, new_gradient = objective(moved)
            count += 1
            if new_value <= value + 1e-4 * length * slope + allowed:
                break
            if np.isfinite(new_value):
                bend = 2.0 * (new_value - value - length * slope)
                length *= float(np.clip(-slope * length / bend, 0.1, 0.5))
            else:
                length *= 0.1
        else:
            settled = -slope < 1e4 * max(tolerance, noise)
            objective(x)
            return Minimum(x, value, gradient, matrix, -0.5 * slope, settled, count)
        change, turn = moved - x, new_gradient - gradient
        x, value, gradient = moved, new_value, new_gradient
        if first is None and -slope > far:
            matrix = inverse(x)
            continue
        product = float(change @ turn)
        if product > 1e-10 * float(np.linalg.norm(change) * np.linalg.norm(turn)):
            image = matrix @ turn
            matrix = (
                matrix
                + (1.0 + float(turn @ image) / product) * np.outer(change, change) / product
                - (np.outer(image, change) + np.outer(change, image)) / product
            )
    return Minimum(x, value, gradient, matrix, float("inf"), False, count)
