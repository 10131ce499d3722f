"""Elimination of random effects from the cross products, for the deviance.

Groups of the inner level lie in blocks. Effects are eliminated group by group and block by block,
so that nothing here depends on the number of rows (Bates, Maechler, Bolker and Walker 2015,
J. Stat. Softw. 67(1), for the profiled criterion).
"""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled


@compiled
def reduce_group(gram, rows, factor, chol, half, reduced):
    """``chol^-1 factor' rows`` with ``chol chol' = I + factor' gram factor``; the log determinant.

    `chol` (q, q), `half` (q, q) and `reduced` (q, width) are overwritten; in `half` is left
    ``chol^-1 factor'``.
    """
    q, width = rows.shape
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
    for i in range(q):
        for j in range(width):
            reduced[i, j] = half[i, 0] * rows[0, j]
        for k in range(1, q):
            for j in range(width):
                reduced[i, j] += half[i, k] * rows[k, j]
    return determinant


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
    outer_cross,
    total,
):
    """Add to `total` what is left of A'A in the blocks after both levels; the log determinant.

    `outer_cross` (T, q1, m) is filled with Z1'A after the inner level.
    """
    q2, m, q1 = inner.shape[1], outer.shape[1], outer_factor.shape[0]
    chol2, half2, reduced = np.empty((q2, q2)), np.empty((q2, q2)), np.empty((q2, m))
    chol1, half1 = np.empty((q1, q1)), np.empty((q1, q1))
    gram, reduced1 = np.empty((q1, q1)), np.empty((q1, m))
    left = np.empty((m, m))
    log_determinant = 0.0
    for t in range(first, last):
        weight = weights[t]
        if weight == 0.0:
            continue
        for k in range(m):
            for j in range(k, m):
                left[k, j] = outer[t, k, j]
        product, inside = 1.0, 0.0
        for c in range(starts[t], starts[t + 1]):
            if q2 == 0:
                continue
            product *= reduce_group(inner[c], cross[c], inner_factor, chol2, half2, reduced)
            if product > 1e200:
                inside += np.log(product)
                product = 1.0
            if q2 == 2:
                for k in range(m):
                    x, y = reduced[0, k], reduced[1, k]
                    for j in range(k, m):
                        left[k, j] -= x * reduced[0, j] + y * reduced[1, j]
            else:
                for i in range(q2):
                    for k in range(m):
                        x = reduced[i, k]
                        for j in range(k, m):
                            left[k, j] -= x * reduced[i, j]
        inside += np.log(product)
        if q1 > 0:
            if has_outer[t] > 0.0:
                for i in range(q1):
                    for j in range(m):
                        value = 0.0
                        for k in range(m):
                            value += loading[k, i] * (left[k, j] if k <= j else left[j, k])
                        outer_cross[t, i, j] = value
                for i in range(q1):
                    for j in range(q1):
                        value = 0.0
                        for k in range(m):
                            value += outer_cross[t, i, k] * loading[k, j]
                        gram[i, j] = value
                inside += np.log(
                    reduce_group(gram, outer_cross[t], outer_factor, chol1, half1, reduced1)
                )
                for i in range(q1):
                    for k in range(m):
                        x = reduced1[i, k]
                        for j in range(k, m):
                            left[k, j] -= x * reduced1[i, j]
            else:
                outer_cross[t] = 0.0
        log_determinant += weight * inside
        for k in range(m):
            for j in range(k, m):
                total[k, j] += weight * left[k, j]
    return log_determinant
