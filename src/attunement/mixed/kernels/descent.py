"""Descent to a minimum of the deviance, for problems of one portion.

The same steps as `search.minimise`: those of the expected information far from the minimum, those
that BFGS corrects near it (Nocedal and Wright 2006, Numerical Optimization, chapter 6).
"""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled
from attunement.mixed.kernels.deviance import eliminate
from attunement.mixed.kernels.profiled import profile_out, workspace
from attunement.mixed.kernels.slope import score


@compiled
def unpack(parameters, entries, first, factor):
    """Fill `factor` (q, q) with the parameters from `first` on at their `entries` (2, k)."""
    factor.fill(0.0)
    for i in range(entries.shape[1]):
        factor[entries[0, i], entries[1, i]] = parameters[first + i]


@compiled
def slope_of(score, sigma2, factor, entries, first, gradient):
    """Fill the gradient of the deviance in the parameters of one level."""
    q = factor.shape[0]
    for i in range(entries.shape[1]):
        row, column = entries[0, i], entries[1, i]
        value = 0.0
        for k in range(q):
            value += (score[0, row, k] - score[1, row, k] / sigma2) * factor[k, column]
        gradient[first + i] = 2.0 * value


@compiled
def information_of(score, squares, sigma2, factor, entries, first, information, trace):
    """Fill the expected second derivatives of the deviance in the parameters of one level."""
    q, size = factor.shape[0], entries.shape[1]
    directions = np.zeros((size, q, q))
    for i in range(size):
        row, column = entries[0, i], entries[1, i]
        for k in range(q):
            directions[i, row, k] += factor[k, column]
            directions[i, k, row] += factor[k, column]
        value = 0.0
        for a in range(q):
            for b in range(q):
                value += score[0, a, b] * directions[i, a, b]
        trace[first + i] = value
    turned = np.empty((q, q))
    for i in range(size):
        for a in range(q):
            for d in range(q):
                value = 0.0
                for b in range(q):
                    for c in range(q):
                        value += directions[i, b, c] * squares[a * q + b, c * q + d]
                turned[a, d] = value
        for j in range(size):
            value = 0.0
            for a in range(q):
                for d in range(q):
                    value += turned[a, d] * directions[j, d, a]
            if entries[1, i] == entries[1, j]:
                r, s = entries[0, i], entries[0, j]
                value += 2.0 * (score[0, r, s] - score[1, r, s] / sigma2)
            information[first + i, first + j] = value


@compiled
def positive_inverse(hessian):
    """As `search.positive_inverse`."""
    size = hessian.shape[0]
    scale = np.empty(size)
    for i in range(size):
        scale[i] = 1.0 / np.sqrt(max(abs(hessian[i, i]), 1e-8))
    scaled = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            scaled[i, j] = 0.5 * (hessian[i, j] + hessian[j, i]) * scale[i] * scale[j]
    values, vectors = np.linalg.eigh(scaled)
    largest = max(abs(values[0]), abs(values[size - 1]), 1e-300)
    result = np.zeros((size, size))
    for k in range(size):
        weight = 1.0 / max(abs(values[k]), 1e-7 * largest)
        for i in range(size):
            for j in range(size):
                result[i, j] += weight * vectors[i, k] * vectors[j, k] * scale[i] * scale[j]
    return result


@compiled
def correct(matrix, change, turn):
    """Correct an inverse Hessian (k, k) by a step and the change of the gradient along it."""
    size = matrix.shape[0]
    product, longer, wider = 0.0, 0.0, 0.0
    for i in range(size):
        product += change[i] * turn[i]
        longer += change[i] ** 2
        wider += turn[i] ** 2
    if not product > 1e-10 * np.sqrt(longer * wider):
        return
    image, scale = np.empty(size), 1.0
    for i in range(size):
        image[i] = 0.0
        for j in range(size):
            image[i] += matrix[i, j] * turn[j]
        scale += turn[i] * image[i] / product
    for i in range(size):
        for j in range(size):
            matrix[i, j] += (
                scale * change[i] * change[j] - image[i] * change[j] - change[i] * image[j]
            ) / product


@compiled
def descend(
    start, first, before, gradient_before, outer_entries, inner_entries, reml, lanes, parts,
    tolerance, limit,
):  # fmt: skip
    """Descend from `start` (k,); `first` (k, k) is the inverse Hessian to begin with, or empty.

    Where the start is a step from a point `before` (k,) with its gradient, `first` belongs to that
    point; otherwise both are empty.

    Returns parameters, deviance (NaN where it does not exist at the start), gradient, inverse
    Hessian, the fall still expected, whether it is below the tolerance, evaluations; `parts` are
    those of `Lanes.parts` at the parameters returned.
    """
    size, n_outer = start.shape[0], outer_entries.shape[1]
    outer_score, inner_score, outer_squares, inner_squares = parts[2:6]
    q1, q2 = outer_score.shape[1], inner_score.shape[1]
    outer_factor, inner_factor = np.zeros((q1, q1)), np.zeros((q2, q2))
    total = np.empty(lanes[10].shape)
    work = workspace(lanes, parts[0].shape[0] + 1 if reml else 1)
    x, moved = start.copy(), start.copy()
    change, turn = np.empty(size), np.empty(size)
    gradient, new_gradient = np.zeros(size), np.zeros(size)
    information, trace = np.zeros((size, size)), np.zeros(size)
    value, slope, length, count = np.inf, 0.0, 1.0, 0
    step = np.zeros(size)
    matrix = first.copy()
    far = first.shape[0] == 0
    tries, steps, expected, settled = 0, 0, np.inf, False
    given_up = False
    while True:
        unpack(moved, outer_entries, 0, outer_factor)
        unpack(moved, inner_entries, n_outer, inner_factor)
        for k in range(total.shape[0]):
            for j in range(total.shape[0]):
                total[k, j] = lanes[10][k, j]
        log_determinant = eliminate(lanes, outer_factor, inner_factor, work, total)
        new_value, combinations = profile_out(
            total, lanes[11][0], log_determinant, reml, parts[0], parts[1], parts[6]
        )
        if np.isfinite(new_value):
            outer_score.fill(0.0)
            inner_score.fill(0.0)
            outer_squares.fill(0.0)
            inner_squares.fill(0.0)
            score(
                lanes, outer_factor, work, combinations, outer_score, inner_score, outer_squares,
                inner_squares,
            )  # fmt: skip
        count += 1
        if given_up:  # what belongs to the point returned has been evaluated again
            break
        if count == 1 and not np.isfinite(new_value):
            return x, np.nan, gradient, matrix, np.inf, False, count
        allowed = 1e-12 * max(1.0, abs(value))
        if count > 1 and not new_value <= value + 1e-4 * length * slope + allowed:
            # too long a step: shorten it, or give up where rounding hides the fall
            tries += 1
            if tries < 40:
                if np.isfinite(new_value):
                    bend = 2.0 * (new_value - value - length * slope)
                    length *= min(max(-slope * length / bend, 0.1), 0.5)
                else:
                    length *= 0.1
                for i in range(size):
                    moved[i] = x[i] + length * step[i]
                continue
            settled = -slope < 1e4 * max(tolerance, 4e-15 * abs(value))
            expected, given_up = -0.5 * slope, True
            for i in range(size):
                moved[i] = x[i]
            continue
        sigma2 = parts[6][1]
        slope_of(outer_score, sigma2, outer_factor, outer_entries, 0, new_gradient)
        slope_of(inner_score, sigma2, inner_factor, inner_entries, n_outer, new_gradient)
        if count == 1 and before.shape[0] > 0:
            for i in range(size):
                x[i], gradient[i] = before[i], gradient_before[i]
        if (count > 1 and not far) or (count == 1 and before.shape[0] > 0):
            for i in range(size):
                change[i], turn[i] = moved[i] - x[i], new_gradient[i] - gradient[i]
            correct(matrix, change, turn)
        for i in range(size):
            x[i], gradient[i] = moved[i], new_gradient[i]
        value = new_value
        if far:
            information.fill(0.0)
            information_of(
                outer_score, outer_squares, sigma2, outer_factor, outer_entries, 0, information,
                trace,
            )  # fmt: skip
            information_of(
                inner_score, inner_squares, sigma2, inner_factor, inner_entries, n_outer,
                information, trace,
            )  # fmt: skip
            for i in range(size):
                for j in range(size):
                    information[i, j] -= trace[i] * trace[j] / parts[6][2]
            matrix = positive_inverse(information)
        slope, longest, reach = 0.0, 0.0, 1.0
        for i in range(size):
            step[i] = 0.0
            for j in range(size):
                step[i] -= matrix[i, j] * gradient[j]
            slope += step[i] * gradient[i]
            longest = max(longest, abs(step[i]))
            reach = max(reach, abs(x[i]))
        expected = -0.5 * slope
        # what rounding of the deviance hides cannot be asked for
        if -slope < max(tolerance, 4e-15 * abs(value)):
            settled = True
            break
        if steps == limit:
            expected = np.inf
            break
        steps += 1
        tries = 0
        length = min(1.0, 2.0 * reach / longest)
        far = first.shape[0] == 0 and -slope > 0.5
        for i in range(size):
            moved[i] = x[i] + length * step[i]
    return x, value, gradient, matrix, expected, settled, count
