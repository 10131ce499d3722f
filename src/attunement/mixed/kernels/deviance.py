"""Elimination of random effects from the cross products, for the deviance.

Groups of the inner level lie in blocks. Effects are eliminated group by group and block by block,
so that nothing here depends on the number of rows (Bates, Maechler, Bolker and Walker 2015,
J. Stat. Softw. 67(1), for the profiled criterion).
"""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled

# blocks with at least so many groups are worth a matrix product
_WORTH_A_PRODUCT = 4


@compiled
def halve(gram, factor, chol, half):
    """Fill `half` (q, q) with ``chol^-1 factor'``, ``chol chol' = I + factor' gram factor``.

    Returns the determinant of the latter; `chol` (q, q) is overwritten.
    """
    q = gram.shape[0]
    if q == 2:  # by far the most frequent size, worth its own lines
        a, b, c, d = factor[0, 0], factor[0, 1], factor[1, 0], factor[1, 1]
        e = gram[0, 0] * a + gram[0, 1] * c
        f = gram[1, 0] * a + gram[1, 1] * c
        g = gram[0, 0] * b + gram[0, 1] * d
        h = gram[1, 0] * b + gram[1, 1] * d
        first = 1.0 + a * e + c * f
        across = b * e + d * f
        second = 1.0 + b * g + d * h
        determinant = first * second - across * across
        root = 1.0 / np.sqrt(first)
        last = np.sqrt(first / determinant)
        turn = across / first
        half[0, 0], half[0, 1] = a * root, c * root
        half[1, 0], half[1, 1] = (b - turn * a) * last, (d - turn * c) * last
        return determinant
    determinant = 1.0
    for i in range(q):
        for j in range(q):
            total = 0.0
            for k in range(q):
                total += gram[i, k] * factor[k, j]
            half[i, j] = total
    for i in range(q):
        for j in range(i + 1):
            total = 1.0 if i == j else 0.0
            for k in range(q):
                total += factor[k, i] * half[k, j]
            for k in range(j):
                total -= chol[i, k] * chol[j, k]
            if i == j:
                determinant *= total
                chol[i, i] = np.sqrt(total)
            else:
                chol[i, j] = total / chol[j, j]
    for i in range(q):
        for j in range(q):
            total = factor[j, i]
            for k in range(i):
                total -= chol[i, k] * half[k, j]
            half[i, j] = total / chol[i, i]
    return determinant


@compiled
def multiply(left, right, result):
    """Fill `result` (i, j) with ``left @ right``, for a few rows."""
    if left.shape[1] == 2:
        for i in range(left.shape[0]):
            x, y = left[i, 0], left[i, 1]
            for j in range(right.shape[1]):
                result[i, j] = x * right[0, j] + y * right[1, j]
        return
    for i in range(left.shape[0]):
        for j in range(right.shape[1]):
            result[i, j] = left[i, 0] * right[0, j]
        for k in range(1, left.shape[1]):
            x = left[i, k]
            for j in range(right.shape[1]):
                result[i, j] += x * right[k, j]


@compiled
def eliminate(
    first,
    last,
    outer_factor,
    inner_factor,
    inner,
    cross,
    outer,
    starts,
    has_outer,
    loading,
    weights,
    halves,
    outer_cross,
    total,
):
    """Add to `total` what is left of A'A in the blocks after both levels; the log determinant.

    `halves` (C, q2, q2) is filled with what `halve` gives for each group, `outer_cross`
    (T, q1, m) with Z1'A after the inner level. Only the upper triangle of `total` counts.
    """
    q2, m, q1 = inner.shape[1], outer.shape[1], outer_factor.shape[0]
    chol2 = np.empty((q2, q2))
    chol1, half1 = np.empty((q1, q1)), np.empty((q1, q1))
    gram, reduced1 = np.empty((q1, q1)), np.empty((q1, m))
    left, taken = np.empty((m, m)), np.empty((m, m))
    longest = 0
    for t in range(first, last):
        longest = max(longest, starts[t + 1] - starts[t])
    reduced = np.empty((longest * q2, m))
    log_determinant = 0.0
    for t in range(first, last):
        weight = weights[t]
        if weight == 0.0:
            continue
        product, inside = 1.0, 0.0
        size = (starts[t + 1] - starts[t]) * q2
        if size > 0:
            row = 0
            for c in range(starts[t], starts[t + 1]):
                product *= halve(inner[c], inner_factor, chol2, halves[c])
                if product > 1e200:
                    inside += np.log(product)
                    product = 1.0
                multiply(halves[c], cross[c], reduced[row : row + q2])
                row += q2
        inside += np.log(product)
        if size >= _WORTH_A_PRODUCT * q2 and size > 0:
            part = reduced[:size]
            np.dot(part.T, part, taken)
            for k in range(m):
                for j in range(k, m):
                    left[k, j] = outer[t, k, j] - taken[k, j]
        else:
            for k in range(m):
                for j in range(k, m):
                    left[k, j] = outer[t, k, j]
            for i in range(size):
                for k in range(m):
                    x = reduced[i, k]
                    for j in range(k, m):
                        left[k, j] -= x * reduced[i, j]
        if q1 > 0 and has_outer[t] > 0.0:
            for i in range(q1):
                for j in range(m):
                    value = 0.0
                    for k in range(m):
                        value += loading[k, i] * (left[k, j] if k <= j else left[j, k])
                    outer_cross[t, i, j] = value
            multiply(outer_cross[t], loading, gram)
            inside += np.log(halve(gram, outer_factor, chol1, half1))
            multiply(half1, outer_cross[t], reduced1)
            for i in range(q1):
                for k in range(m):
                    x = reduced1[i, k]
                    for j in range(k, m):
                        left[k, j] -= x * reduced1[i, j]
        log_determinant += weight * inside
        for k in range(m):
            for j in range(k, m):
                total[k, j] += weight * left[k, j]
    return log_determinant
