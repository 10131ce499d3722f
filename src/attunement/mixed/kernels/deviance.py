"""Elimination of random effects from the cross products, for the deviance.

Effects are eliminated lane by lane (`lanes`) and block by block, so that nothing here depends on
the number of rows (Bates, Maechler, Bolker and Walker 2015, J. Stat. Softw. 67(1), for the profiled
criterion).
"""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled

# the product of determinants up to which their logarithm is not yet taken
_LARGE = 1e200


@compiled
def halve(gram, factor, chol, half):
    """Fill `half` (q, q) with ``chol^-1 factor'``, ``chol chol' = I + factor' gram factor``.

    Returns the determinant of the latter; `chol` (q, q) is overwritten.
    """
    q = gram.shape[0]
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
def halve_lanes(b, gram, factor, chol, half, determinants):
    """As `halve` for every lane of bundle b: `gram` and `half` (b, q, q, w), `chol` (q, q, w),
    `determinants` (b, w)."""
    q, width = gram.shape[1], gram.shape[3]
    for place in range(width):
        determinants[b, place] = 1.0
    for i in range(q):
        for j in range(q):
            for place in range(width):
                half[b, i, j, place] = gram[b, i, 0, place] * factor[0, j]
            for k in range(1, q):
                x = factor[k, j]
                if x != 0.0:
                    for place in range(width):
                        half[b, i, j, place] += gram[b, i, k, place] * x
    for i in range(q):
        for j in range(i + 1):
            unit = 1.0 if i == j else 0.0
            for place in range(width):
                chol[i, j, place] = unit
            for k in range(q):
                x = factor[k, i]
                if x != 0.0:
                    for place in range(width):
                        chol[i, j, place] += x * half[b, k, j, place]
            for k in range(j):
                for place in range(width):
                    chol[i, j, place] -= chol[i, k, place] * chol[j, k, place]
            if i == j:
                # its inverse stands on the diagonal
                for place in range(width):
                    determinants[b, place] *= chol[i, i, place]
                    chol[i, i, place] = 1.0 / np.sqrt(chol[i, i, place])
            else:
                for place in range(width):
                    chol[i, j, place] *= chol[j, j, place]
    for i in range(q):
        for j in range(q):
            x = factor[j, i]
            for place in range(width):
                half[b, i, j, place] = x
            for k in range(i):
                for place in range(width):
                    half[b, i, j, place] -= chol[i, k, place] * half[b, k, j, place]
            for place in range(width):
                half[b, i, j, place] *= chol[i, i, place]


@compiled
def log_determinant_of(determinants, starts, weights):
    """Weighted sum of the logarithms of the determinants (n,) of blocks of lanes."""
    result, product, current = 0.0, 1.0, 1.0
    for t in range(weights.shape[0]):
        if weights[t] != current:
            result += current * np.log(product)
            product, current = 1.0, weights[t]
        for lane in range(starts[t], starts[t + 1]):
            product *= determinants[lane]
            if product > _LARGE:
                result += current * np.log(product)
                product = 1.0
    return result + current * np.log(product)


@compiled
def eliminate(lanes, outer_factor, inner_factor, work, total):
    """Take from `total` (m, m) what both levels explain of A'A; the log determinant.

    Parameters
    ----------
    lanes : as `lanes.arrange` gives.
    work : its first two arrays are filled: with what `halve` gives for each lane (b, q2, q2, w),
        and with Z1'A after the inner level (K, q1, m).
    """
    (
        inner, cross, between, _weights, roots, starts, block_weights, joined, through, loading,
        _total, _rows,
    ) = lanes  # fmt: skip
    halves, outer_cross = work[0], work[1]
    bundles, q2, m, width = cross.shape
    n_blocks, q1 = through.shape[0], through.shape[1]
    chol = np.empty((q2, q2, width))
    determinants = np.empty((bundles, width))
    scaled = np.empty(width)
    reduced = np.empty((m, q2 * width))
    taken = np.empty((m, m))
    shown, turned = np.empty((q2, q1, width)), np.empty((q2, q1, width))
    apart, summed = np.empty(((width + 1) * q1, width)), np.empty(((width + 1) * q1, m))
    outer_cross[:] = through
    log_determinant = 0.0
    block = 0
    for b in range(bundles):
        halve_lanes(b, inner, inner_factor, chol, halves, determinants)
        for i in range(q2):
            begin = i * width
            for k in range(q2):
                for place in range(width):
                    scaled[place] = halves[b, i, k, place] * roots[b, place]
                for j in range(m):
                    if k == 0:
                        for place in range(width):
                            reduced[j, begin + place] = scaled[place] * cross[b, k, j, place]
                    else:
                        for place in range(width):
                            reduced[j, begin + place] += scaled[place] * cross[b, k, j, place]
        np.dot(reduced, reduced.T, taken)
        for k in range(m):
            for j in range(k, m):
                total[k, j] -= taken[k, j]
        if q1 == 0:
            continue
        # W Z2'Z1, from which each block's share of Z1'A follows
        for i in range(q2):
            for a in range(q1):
                for place in range(width):
                    shown[i, a, place] = halves[b, i, 0, place] * between[b, 0, a, place]
                for k in range(1, q2):
                    for place in range(width):
                        shown[i, a, place] += halves[b, i, k, place] * between[b, k, a, place]
        for i in range(q2):
            for a in range(q1):
                for place in range(width):
                    turned[i, a, place] = halves[b, 0, i, place] * shown[0, a, place]
                for k in range(1, q2):
                    for place in range(width):
                        turned[i, a, place] += halves[b, k, i, place] * shown[k, a, place]
        # the lanes of each block beside zeros, so that one product sums over all of them
        end = block
        while end < n_blocks and starts[end] < (b + 1) * width:
            end += 1
        size = (end - block) * q1
        for i in range(q2):
            apart[:size] = 0.0
            for t in range(block, end):
                begin, stop = starts[t] - b * width, starts[t + 1] - b * width
                for a in range(q1):
                    for place in range(max(begin, 0), min(stop, width)):
                        apart[(t - block) * q1 + a, place] = turned[i, a, place] * joined[t]
            np.dot(apart[:size], cross[b, i].T, summed[:size])
            for t in range(block, end):
                for a in range(q1):
                    for j in range(m):
                        outer_cross[t, a, j] -= summed[(t - block) * q1 + a, j]
        # the last block may go on in the next bundle
        block = end if end < 1 or starts[end] == (b + 1) * width else end - 1
    log_determinant += log_determinant_of(
        determinants.reshape(bundles * width), starts, block_weights
    )
    if q1 == 0:
        return log_determinant
    gram, chol1, half1 = np.empty((q1, q1)), np.empty((q1, q1)), np.empty((q1, q1))
    reduced1 = np.zeros((n_blocks * q1, m))
    for t in range(n_blocks):
        if joined[t] == 0.0:
            continue
        for i in range(q1):
            for j in range(q1):
                gram[i, j] = 0.0
                for k in range(m):
                    gram[i, j] += outer_cross[t, i, k] * loading[k, j]
        log_determinant += block_weights[t] * np.log(halve(gram, outer_factor, chol1, half1))
        root = np.sqrt(block_weights[t])
        for i in range(q1):
            for k in range(q1):
                x = root * half1[i, k]
                for j in range(m):
                    reduced1[t * q1 + i, j] += x * outer_cross[t, k, j]
    np.dot(reduced1.T, reduced1, taken)
    for k in range(m):
        for j in range(k, m):
            total[k, j] -= taken[k, j]
    return log_determinant
