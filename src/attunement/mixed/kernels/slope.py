"""Slope of the deviance in the covariances of the random effects, from the cross products."""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled
from attunement.mixed.kernels.deviance import reduce_group


@compiled
def add_squares(matrix, weight, squares):
    """Add to `squares` (q q, q q) the products of all entries of a matrix (q, q)."""
    q = matrix.shape[0]
    for i in range(q):
        for j in range(q):
            x = weight * matrix[i, j]
            for k in range(q):
                for h in range(q):
                    squares[i * q + j, k * q + h] += x * matrix[k, h]


@compiled
def score(
    first,
    last,
    outer_factor,
    inner_factor,
    inner,
    cross,
    starts,
    has_outer,
    loading,
    weights,
    outer_cross,
    combinations,
    outer_parts,
    inner_parts,
    outer_squares,
    inner_squares,
):
    """Add to `outer_parts` (2, q1, q1) and `inner_parts` (2, q2, q2) the sums over groups of
    Z'V^-1 Z less the part of the coefficients, and of the squares of Z'V^-1 times the residual;
    to `outer_squares` (q1 q1, q1 q1) and `inner_squares` those of the products of the entries of
    Z'V^-1 Z.

    `combinations` (m, r) turns A into what is projected: columns of the coefficients' spread
    first, the residual last.
    """
    q2, m, q1 = inner.shape[1], cross.shape[2], outer_factor.shape[0]
    r = combinations.shape[1]
    chol2, half2 = np.empty((q2, q2)), np.empty((q2, q2))
    chol1, half1 = np.empty((q1, q1)), np.empty((q1, q1))
    gram, none1 = np.empty((q1, q1)), np.empty((q1, 0))
    solved, shown = np.zeros((q1, r)), np.empty((q1, r))
    hat, left1 = np.empty((q1, q1)), np.empty((q1, q1))
    inside, projected, back = np.empty((q2, r)), np.empty((q2, r)), np.empty((q2, r))
    middle, kept, through = np.empty((q2, q2)), np.empty((q2, q2)), np.empty((q2, q1))
    spread, bent = np.empty((q1, q1)), np.empty((q2, q1))
    shared = np.zeros((q2, q1))
    for t in range(first, last):
        weight = weights[t]
        if weight == 0.0:
            continue
        alone = has_outer[t] == 0.0 or q1 == 0
        if not alone:
            for i in range(q1):
                for j in range(q1):
                    value = 0.0
                    for k in range(m):
                        value += outer_cross[t, i, k] * loading[k, j]
                    gram[i, j] = value
                for j in range(r):
                    value = 0.0
                    for k in range(m):
                        value += outer_cross[t, i, k] * combinations[k, j]
                    shown[i, j] = value
            reduce_group(gram, none1[:, :0], outer_factor, chol1, half1, none1)
            # spread = F (I + F'GF)^-1 F', what is taken away is gram spread
            for i in range(q1):
                for j in range(q1):
                    value = 0.0
                    for k in range(q1):
                        value += half1[k, i] * half1[k, j]
                    spread[i, j] = value
            for i in range(q1):
                for j in range(r):
                    value = 0.0
                    for k in range(q1):
                        value += spread[i, k] * shown[k, j]
                    solved[i, j] = value
                for j in range(q1):
                    value = 0.0
                    for k in range(q1):
                        value += spread[i, k] * gram[k, j]
                    hat[i, j] = value
            for i in range(q1):
                for j in range(q1):
                    value = gram[i, j]
                    for k in range(q1):
                        value -= gram[i, k] * hat[k, j]
                    left1[i, j] = value
                for j in range(r):
                    for k in range(q1):
                        shown[i, j] -= gram[i, k] * solved[k, j]
            add_squares(left1, weight, outer_squares)
            for i in range(q1):
                for j in range(q1):
                    value = left1[i, j]
                    for k in range(r - 1):
                        value -= shown[i, k] * shown[j, k]
                    outer_parts[0, i, j] += weight * value
                    outer_parts[1, i, j] += weight * shown[i, r - 1] * shown[j, r - 1]
        for c in range(starts[t], starts[t + 1]):
            if q2 == 0:
                continue
            for i in range(q2):
                for j in range(r):
                    inside[i, j] = cross[c, i, 0] * combinations[0, j]
                for k in range(1, m):
                    x = cross[c, i, k]
                    for j in range(r):
                        inside[i, j] += x * combinations[k, j]
            reduce_group(inner[c], inside, inner_factor, chol2, half2, back)
            # kept = G - G W G with W = half'half, projected = (I - G W) inside
            for i in range(q2):
                for j in range(q2):
                    value = 0.0
                    for k in range(q2):
                        value += half2[i, k] * inner[c, k, j]
                    middle[i, j] = value
            for i in range(q2):
                for j in range(q2):
                    value = inner[c, i, j]
                    for k in range(q2):
                        value -= middle[k, i] * middle[k, j]
                    kept[i, j] = value
                for j in range(r):
                    projected[i, j] = inside[i, j]
                for k in range(q2):
                    x = middle[k, i]
                    for j in range(r):
                        projected[i, j] -= x * back[k, j]
            if not alone:
                # Z2'V^-1 Z1 within the group's own variance
                for i in range(q2):
                    for j in range(q1):
                        value = 0.0
                        for k in range(m):
                            value += cross[c, i, k] * loading[k, j]
                        through[i, j] = value
                for i in range(q2):
                    for j in range(q1):
                        value = 0.0
                        for k in range(q2):
                            value += half2[i, k] * through[k, j]
                        bent[i, j] = value
                for i in range(q2):
                    for j in range(q1):
                        value = through[i, j]
                        for k in range(q2):
                            value -= middle[k, i] * bent[k, j]
                        shared[i, j] = value
                for i in range(q2):
                    for k in range(q1):
                        x = shared[i, k]
                        for j in range(r):
                            projected[i, j] -= x * solved[k, j]
                    for j in range(q2):
                        value = 0.0
                        for k in range(q1):
                            for h in range(q1):
                                value += shared[i, k] * spread[k, h] * shared[j, h]
                        kept[i, j] -= value
            add_squares(kept, weight, inner_squares)
            for i in range(q2):
                for j in range(i + 1):
                    value = kept[i, j]
                    for k in range(r - 1):
                        value -= projected[i, k] * projected[j, k]
                    inner_parts[0, i, j] += weight * value
                    inner_parts[1, i, j] += weight * projected[i, r - 1] * projected[j, r - 1]
    for part in range(2):
        for i in range(q2):
            for j in range(i):
                inner_parts[part, j, i] = inner_parts[part, i, j]
