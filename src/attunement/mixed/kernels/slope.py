"""Slope of the deviance in the covariances of the random effects, from the cross products."""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled
from attunement.mixed.kernels.deviance import halve, multiply

# groups whose columns are combined in one matrix product
_AT_ONCE = 128


@compiled
def add_products(matrix, shown, weight, informations, products, squares):
    """Add a group's share: its matrix (q, q) to `informations`, the products of the entries in each
    column of `shown` (q, r), r a multiple of 4, to `products` (q, q, r), those of the entries of
    the matrix to `squares` (q q, q q)."""
    q, r = shown.shape
    for i in range(q):
        for j in range(i + 1):
            informations[i, j] += weight * matrix[i, j]
            for part in range(r // 4):
                for place in range(4):
                    k = 4 * part + place
                    products[i, j, k] += weight * shown[i, k] * shown[j, k]
    flat = matrix.reshape(q * q)
    for i in range(q * q):
        x = weight * flat[i]
        for j in range(i + 1):
            squares[i, j] += x * flat[j]


@compiled
def fill_parts(informations, products, parts):
    """Add to the lower triangles of `parts` (2, q, q) what `add_products` has summed."""
    q, r = informations.shape[0], products.shape[2]
    for i in range(q):
        for j in range(i + 1):
            parts[0, i, j] += informations[i, j]
            for k in range(r - 1):
                parts[0, i, j] -= products[i, j, k]
            parts[1, i, j] += products[i, j, r - 1]


@compiled
def project(gram, half, middle, keep, left):
    """Fill `keep` (q, q) with ``I - G W`` and `left` with ``G - G W G``, ``W = half' half``."""
    q = gram.shape[0]
    if q == 2:
        for i in range(2):
            middle[i, 0] = half[i, 0] * gram[0, 0] + half[i, 1] * gram[1, 0]
            middle[i, 1] = half[i, 0] * gram[0, 1] + half[i, 1] * gram[1, 1]
        for i in range(2):
            for j in range(2):
                left[i, j] = gram[i, j] - middle[0, i] * middle[0, j] - middle[1, i] * middle[1, j]
                keep[i, j] = -middle[0, i] * half[0, j] - middle[1, i] * half[1, j]
            keep[i, i] += 1.0
        return
    multiply(half, gram, middle)
    for i in range(q):
        for j in range(q):
            value, inside = gram[i, j], 1.0 if i == j else 0.0
            for k in range(q):
                value -= middle[k, i] * middle[k, j]
                inside -= middle[k, i] * half[k, j]
            left[i, j] = value
            keep[i, j] = inside


@compiled
def score(
    first,
    last,
    outer_factor,
    inner,
    cross,
    between,
    starts,
    has_outer,
    loading,
    weights,
    halves,
    outer_cross,
    combinations,
    outer_parts,
    inner_parts,
    outer_squares,
    inner_squares,
):
    """Add to `outer_parts` (2, q1, q1) and `inner_parts` (2, q2, q2) the sums over groups of
    Z'V^-1 Z less the part of the coefficients, and of the squares of Z'V^-1 times the residual.

    Only lower triangles count. `combinations` (m, r) turns A into what is projected: columns of the
    coefficients' spread first, then zeros up to a multiple of 4, the residual last. To
    `outer_squares` (q1 q1, q1 q1) and `inner_squares` are added the products of the entries of
    Z'V^-1 Z.
    """
    q2, q1, m, r = inner.shape[1], outer_factor.shape[0], cross.shape[2], combinations.shape[1]
    chol1, half1 = np.empty((q1, q1)), np.empty((q1, q1))
    gram, middle1, keep1 = np.empty((q1, q1)), np.empty((q1, q1)), np.empty((q1, q1))
    left1, spread = np.empty((q1, q1)), np.empty((q1, q1))
    combined, shown, solved = np.empty((q1, r)), np.empty((q1, r)), np.empty((q1, r))
    middle2, keep2, left2 = np.empty((q2, q2)), np.empty((q2, q2)), np.empty((q2, q2))
    shared, spread_out = np.empty((q2, q1)), np.empty((q2, q1))
    projected, taken = np.empty((q2, r)), np.empty((q2, r))
    informations1, products1 = np.zeros((q1, q1)), np.zeros((q1, q1, r))
    informations2, products2 = np.zeros((q2, q2)), np.zeros((q2, q2, r))
    flat = cross.reshape(cross.shape[0] * q2, m)
    inside = np.empty((_AT_ONCE * q2, r))
    ready, begin, end = 0, starts[first], starts[last]
    for t in range(first, last):
        weight = weights[t]
        if weight == 0.0:
            continue
        joined = q1 > 0 and has_outer[t] > 0.0
        if joined:
            multiply(outer_cross[t], loading, gram)
            multiply(outer_cross[t], combinations, combined)
            halve(gram, outer_factor, chol1, half1)
            project(gram, half1, middle1, keep1, left1)
            multiply(keep1, combined, shown)
            for i in range(q1):
                for j in range(q1):
                    spread[i, j] = 0.0
                    for k in range(q1):
                        spread[i, j] += half1[k, i] * half1[k, j]
            multiply(spread, combined, solved)
            add_products(left1, shown, weight, informations1, products1, outer_squares)
        for c in range(starts[t], starts[t + 1]):
            if q2 == 0:
                continue
            if c >= ready:
                begin = c
                ready = min(c + _AT_ONCE, end)
                size = (ready - begin) * q2
                np.dot(flat[begin * q2 : ready * q2], combinations, inside[:size])
            project(inner[c], halves[c], middle2, keep2, left2)
            place = (c - begin) * q2
            multiply(keep2, inside[place : place + q2], projected)
            if joined:
                # Z2'V^-1 Z1 within the group's own variance
                multiply(keep2, between[c], shared)
                multiply(shared, spread, spread_out)
                multiply(shared, solved, taken)
                for i in range(q2):
                    for j in range(r):
                        projected[i, j] -= taken[i, j]
                    for k in range(q1):
                        for j in range(q2):
                            left2[j, i] -= spread_out[j, k] * shared[i, k]
            add_products(left2, projected, weight, informations2, products2, inner_squares)
    fill_parts(informations1, products1, outer_parts)
    fill_parts(informations2, products2, inner_parts)
