"""Deviance, slope and what belongs to them in one call, for problems of one portion."""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled
from attunement.mixed.kernels.deviance import eliminate
from attunement.mixed.kernels.slope import score


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
def evaluate(outer_factor, inner_factor, reml, n_terms, blocks, weights, halves, parts):
    """Profiled deviance at relative factors, NaN where the coefficients are not estimable.

    Parameters
    ----------
    blocks : inner, cross, outer, between, rows, starts, has_outer, loading as in `Blocks`.
    weights : (T,) multiplicities of blocks.
    halves : (C, q2, q2), overwritten.
    parts : filled: coefficients (p,), root (p, p) of their unscaled covariance, outer and inner
        score (2, q, q), outer and inner squares (q q, q q), and residual sum, sigma2, divisor.
    """
    inner, cross, outer, between, rows, starts, has_outer, loading = blocks
    coefficients, root, outer_score, inner_score, outer_squares, inner_squares, numbers = parts
    p, m, n_blocks = n_terms, outer.shape[1], outer.shape[0]
    q1, q2 = outer_factor.shape[0], inner_factor.shape[0]
    total = np.zeros((m, m))
    outer_cross = np.empty((n_blocks, q1, m))
    deviance = eliminate(
        0, n_blocks, outer_factor, inner_factor, inner, cross, outer, starts, has_outer, loading,
        weights, halves, outer_cross, total,
    )  # fmt: skip
    n_rows = 0.0
    for t in range(n_blocks):
        n_rows += weights[t] * rows[t]
    log_determinant = invert_triangle(total[:p, :p], root)
    if not np.isfinite(log_determinant):
        return np.nan
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
    deviance += divisor * (np.log(2.0 * np.pi * sigma2) + 1.0)
    if reml:
        deviance += log_determinant
    numbers[0], numbers[1], numbers[2] = residual_sum, sigma2, divisor

    spread = p if reml else 0
    combinations = np.zeros((m, 4 * (spread // 4 + 1)))
    last = combinations.shape[1] - 1
    for i in range(p):
        for j in range(i, spread):
            combinations[i, j] = root[j, i]
        combinations[i, last] = -coefficients[i]
    combinations[m - 1, last] = 1.0
    for each in (outer_score, inner_score):
        each.fill(0.0)
    for each in (outer_squares, inner_squares):
        each.fill(0.0)
    score(
        0, n_blocks, outer_factor, inner, cross, between, starts, has_outer, loading, weights,
        halves, outer_cross, combinations, outer_score, inner_score, outer_squares, inner_squares,
    )  # fmt: skip
    for part in range(2):
        for i in range(q1):
            for j in range(i):
                outer_score[part, j, i] = outer_score[part, i, j]
        for i in range(q2):
            for j in range(i):
                inner_score[part, j, i] = inner_score[part, i, j]
    for i in range(q1 * q1):
        for j in range(i):
            outer_squares[j, i] = outer_squares[i, j]
    for i in range(q2 * q2):
        for j in range(i):
            inner_squares[j, i] = inner_squares[i, j]
    return deviance
