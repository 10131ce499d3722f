"""What lies between elimination and slope: the best coefficients and residual variance."""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled


@compiled
def invert_triangle(matrix, inverse):
    """Fill `inverse` (k, k) with that of the lower Cholesky factor of the upper triangle of a
    matrix; the sum of the logarithms of the factor's squared diagonal, NaN if it has none."""
    size = inverse.shape[0]
    factor = np.empty((size, size))
    log_determinant = 0.0
    for i in range(size):
        for j in range(i + 1):
            value = matrix[j, i]
            for k in range(j):
                value -= factor[i, k] * factor[j, k]
            if i == j:
                if not value > 1e-13 * matrix[i, i]:
                    return np.nan
                log_determinant += np.log(value)
                factor[i, i] = np.sqrt(value)
            else:
                factor[i, j] = value / factor[j, j]
    for j in range(size):
        for i in range(size):
            if i < j:
                inverse[i, j] = 0.0
                continue
            value = 1.0 if i == j else 0.0
            for k in range(j, i):
                value -= factor[i, k] * inverse[k, j]
            inverse[i, j] = value / factor[i, i]
    return log_determinant


@compiled
def profile_out(total, n_rows, log_determinant, reml, coefficients, root, numbers):
    """The deviance at the best coefficients and residual variance; what `score` needs of them.

    Parameters
    ----------
    total : (m, m), what is left of A'A after both levels; n_rows, log_determinant : of all rows.
    coefficients (p,), root (p, p), numbers (3,) : filled with the coefficients, a root of their
        unscaled covariance, and residual sum, sigma2 and divisor.

    Returns
    -------
    The deviance, NaN where the coefficients are not estimable, and the combinations (m, r).
    """
    p, m = coefficients.shape[0], total.shape[0]
    spread = p if reml else 0
    combinations = np.zeros((m, spread + 1))
    log_information = invert_triangle(total[:p, :p], root)
    if not np.isfinite(log_information):
        return np.nan, combinations
    residual_sum = total[m - 1, m - 1]
    for i in range(p):
        solved = 0.0
        for j in range(i + 1):
            solved += root[i, j] * total[j, m - 1]
        residual_sum -= solved * solved
        for j in range(i + 1):
            coefficients[j] = solved * root[i, j] + (coefficients[j] if j < i else 0.0)
    divisor = n_rows - p if reml else n_rows
    sigma2 = max(residual_sum, 1e-300) / divisor
    numbers[0], numbers[1], numbers[2] = residual_sum, sigma2, divisor
    for i in range(p):
        for j in range(i, spread):
            combinations[i, j] = root[j, i]
        combinations[i, spread] = -coefficients[i]
    combinations[m - 1, spread] = 1.0
    deviance = log_determinant + divisor * (np.log(2.0 * np.pi * sigma2) + 1.0)
    return deviance + (log_information if reml else 0.0), combinations


@compiled
def workspace(lanes, n_combinations):
    """Arrays that `eliminate` and `score` fill: halves, Z1'A, and what `score_blocks` leaves."""
    n_blocks, q1 = lanes[8].shape[:2]
    return (
        np.empty(lanes[0].shape), np.empty(lanes[8].shape), np.empty((n_blocks, q1, q1)),
        np.empty((n_blocks, q1, n_combinations)),
    )  # fmt: skip
