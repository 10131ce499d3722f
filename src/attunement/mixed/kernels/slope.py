"""Slope of the deviance in the covariances of the random effects, from the cross products."""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled
from attunement.mixed.kernels.deviance import halve


@compiled
def weigh(b, weights, matrices, flat, scaled, products, squares):
    """Add to `squares` (k, k) the weighted products of the entries of `matrices` (q, q, w) of the
    lanes of bundle b; `flat` and `scaled` (k, w), `products` (k, k) are overwritten, k = q q."""
    q, width = matrices.shape[0], matrices.shape[2]
    for i in range(q):
        for j in range(q):
            for place in range(width):
                flat[i * q + j, place] = matrices[i, j, place]
                scaled[i * q + j, place] = matrices[i, j, place] * weights[b, place]
    np.dot(flat, scaled.T, products)
    for i in range(q * q):
        for j in range(q * q):
            squares[i, j] += products[i, j]


@compiled
def sum_lanes(b, weights, matrices, sums, sign):
    """Add to `sums` (q, q) the weighted sum of symmetric `matrices` (q, q, w), times a sign."""
    for i in range(matrices.shape[0]):
        for j in range(i + 1):
            value = 0.0
            for place in range(matrices.shape[2]):
                value += weights[b, place] * matrices[i, j, place]
            sums[i, j] += sign * value
            if i != j:
                sums[j, i] += sign * value


@compiled
def surround(outside, inside, middle, result):
    """Fill `result` (i, i, w) with ``outside inside outside'``, (i, j, w) and (j, j, w) each."""
    n_rows, n_columns, width = outside.shape
    for i in range(n_rows):
        for j in range(n_columns):
            for place in range(width):
                middle[i, j, place] = outside[i, 0, place] * inside[0, j, place]
            for k in range(1, n_columns):
                for place in range(width):
                    middle[i, j, place] += outside[i, k, place] * inside[k, j, place]
    for i in range(n_rows):
        for j in range(i + 1):
            for place in range(width):
                result[i, j, place] = middle[i, 0, place] * outside[j, 0, place]
            for k in range(1, n_columns):
                for place in range(width):
                    result[i, j, place] += middle[i, k, place] * outside[j, k, place]
            if i != j:
                for place in range(width):
                    result[j, i, place] = result[i, j, place]


@compiled
def score_blocks(lanes, outer_factor, outer_cross, combinations, spread, solved, parts, squares):
    """The outer level's share of `score`; fills `spread` (K, q1, q1) and `solved` (K, q1, r), zero
    for blocks without an outer effect."""
    block_weights, joined, loading = lanes[6], lanes[7], lanes[9]
    n_blocks, q1, m = outer_cross.shape
    r = combinations.shape[1]
    chol, half = np.empty((q1, q1)), np.empty((q1, q1))
    gram, keep, left = np.empty((q1, q1)), np.empty((q1, q1)), np.empty((q1, q1))
    middle, shown = np.empty((q1, q1)), np.empty((q1, r))
    combined = np.dot(outer_cross.reshape(n_blocks * q1, m), combinations)
    for t in range(n_blocks):
        for i in range(q1):
            for j in range(q1):
                spread[t, i, j] = 0.0
            for k in range(r):
                solved[t, i, k] = 0.0
        if joined[t] == 0.0:
            continue
        weight, begin = block_weights[t], t * q1
        for i in range(q1):
            for j in range(q1):
                gram[i, j] = 0.0
                for k in range(m):
                    gram[i, j] += outer_cross[t, i, k] * loading[k, j]
        halve(gram, outer_factor, chol, half)
        for i in range(q1):
            for j in range(q1):
                middle[i, j] = 0.0
                for k in range(q1):
                    middle[i, j] += half[i, k] * gram[k, j]
                    spread[t, i, j] += half[k, i] * half[k, j]
        for i in range(q1):
            for j in range(q1):
                left[i, j] = gram[i, j]
                keep[i, j] = 1.0 if i == j else 0.0
                for k in range(q1):
                    left[i, j] -= middle[k, i] * middle[k, j]
                    keep[i, j] -= middle[k, i] * half[k, j]
        for i in range(q1):
            for k in range(r):
                shown[i, k] = 0.0
            for j in range(q1):
                for k in range(r):
                    shown[i, k] += keep[i, j] * combined[begin + j, k]
                    solved[t, i, k] += spread[t, i, j] * combined[begin + j, k]
        for i in range(q1):
            for j in range(q1):
                value = left[i, j]
                for k in range(r - 1):
                    value -= shown[i, k] * shown[j, k]
                parts[0, i, j] += weight * value
                parts[1, i, j] += weight * shown[i, r - 1] * shown[j, r - 1]
        for i in range(q1 * q1):
            for j in range(q1 * q1):
                squares[i, j] += weight * left[i // q1, i % q1] * left[j // q1, j % q1]


@compiled
def score(
    lanes, outer_factor, work, combinations, outer_parts, inner_parts, outer_squares,
    inner_squares,
):  # fmt: skip
    """Add to `outer_parts` (2, q1, q1) and `inner_parts` (2, q2, q2) the sums over groups of
    Z'V^-1 Z less the part of the coefficients, and of the squares of Z'V^-1 times the residual.

    `combinations` (m, r) turns A into what is projected: columns of the coefficients' spread first,
    the residual last. To `outer_squares` (q1 q1, q1 q1) and `inner_squares` are added the products
    of the entries of Z'V^-1 Z; `work` is that of `eliminate`.
    """
    inner, cross, between, weights, starts = lanes[0], lanes[1], lanes[2], lanes[3], lanes[5]
    halves, outer_cross, spread, solved = work
    bundles, q2, _, width = cross.shape
    n_blocks, q1, r = outer_cross.shape[0], outer_cross.shape[1], combinations.shape[1]
    if q1 > 0:
        score_blocks(
            lanes, outer_factor, outer_cross, combinations, spread, solved, outer_parts,
            outer_squares,
        )  # fmt: skip
    turned = np.ascontiguousarray(combinations.T)
    inside = np.empty((q2, r, width))
    lane_solved, lane_spread = np.zeros((q1, r, width)), np.zeros((q1, q1, width))
    middle, keep = np.empty((q2, q2, width)), np.empty((q2, q2, width))
    left, scratch = np.empty((q2, q2, width)), np.empty((q2, q2, width))
    known, residual = np.empty((q2, q2, width)), np.empty((q2, q2, width))
    shared, passed = np.empty((q2, q1, width)), np.empty((q2, q1, width))
    flat, scaled = np.empty((q2 * q2, width)), np.empty((q2 * q2, width))
    products = np.empty((q2 * q2, q2 * q2))
    block = 0
    for b in range(bundles):
        for i in range(q2):
            np.dot(turned, cross[b, i], inside[i])
        # G - G W G and I - G W of each lane, W = half'half
        for i in range(q2):
            for j in range(q2):
                for place in range(width):
                    middle[i, j, place] = halves[b, i, 0, place] * inner[b, 0, j, place]
                for k in range(1, q2):
                    for place in range(width):
                        middle[i, j, place] += halves[b, i, k, place] * inner[b, k, j, place]
        for i in range(q2):
            for j in range(q2):
                unit = 1.0 if i == j else 0.0
                for place in range(width):
                    left[i, j, place] = inner[b, i, j, place]
                    keep[i, j, place] = unit
                for k in range(q2):
                    for place in range(width):
                        left[i, j, place] -= middle[k, i, place] * middle[k, j, place]
                        keep[i, j, place] -= middle[k, i, place] * halves[b, k, j, place]
        if q1 > 0:
            while block < n_blocks:
                begin, end = max(starts[block] - b * width, 0), starts[block + 1] - b * width
                if begin >= width:
                    break
                for a in range(q1):
                    for k in range(r):
                        x = solved[block, a, k]
                        for place in range(begin, min(end, width)):
                            lane_solved[a, k, place] = x
                    for k in range(q1):
                        x = spread[block, a, k]
                        for place in range(begin, min(end, width)):
                            lane_spread[a, k, place] = x
                if end > width:
                    break
                block += 1
            for i in range(q2):
                for a in range(q1):
                    for k in range(r):
                        for place in range(width):
                            inside[i, k, place] -= (
                                between[b, i, a, place] * lane_solved[a, k, place]
                            )
            # Z2'V^-1 Z1 within the group's own variance
            for i in range(q2):
                for a in range(q1):
                    for place in range(width):
                        shared[i, a, place] = keep[i, 0, place] * between[b, 0, a, place]
                    for k in range(1, q2):
                        for place in range(width):
                            shared[i, a, place] += keep[i, k, place] * between[b, k, a, place]
            surround(shared, lane_spread, passed, scratch)
            for i in range(q2):
                for j in range(q2):
                    for place in range(width):
                        left[i, j, place] -= scratch[i, j, place]
        for i in range(q2):
            for j in range(i + 1):
                for place in range(width):
                    known[i, j, place] = 0.0
                for k in range(r - 1):
                    for place in range(width):
                        known[i, j, place] += inside[i, k, place] * inside[j, k, place]
                for place in range(width):
                    residual[i, j, place] = inside[i, r - 1, place] * inside[j, r - 1, place]
                if i != j:
                    for place in range(width):
                        known[j, i, place] = known[i, j, place]
                        residual[j, i, place] = residual[i, j, place]
        sum_lanes(b, weights, left, inner_parts[0], 1.0)
        if r > 1:
            surround(keep, known, middle, scratch)
            sum_lanes(b, weights, scratch, inner_parts[0], -1.0)
        surround(keep, residual, middle, scratch)
        sum_lanes(b, weights, scratch, inner_parts[1], 1.0)
        weigh(b, weights, left, flat, scaled, products, inner_squares)
