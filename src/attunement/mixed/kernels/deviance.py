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
def reduce_lanes(b, halves, roots, cross, scaled, reduced):
    """Fill `reduced` (m, q w) with each lane's half times Z2'A, times the root of its weight."""
    _, q, m, width = cross.shape
    for i in range(q):
        begin = i * width
        for k in range(q):
            for place in range(width):
                scaled[place] = halves[b, i, k, place] * roots[b, place]
            for j in range(m):
                if k == 0:
                    for place in range(width):
                        reduced[j, begin + place] = scaled[place] * cross[b, k, j, place]
                else:
                    for place in range(width):
                        reduced[j, begin + place] += scaled[place] * cross[b, k, j, place]


@compiled
def turn_lanes(b, halves, between, shown, turned):
    """Fill `turned` (q2, q1, w) with half'half Z2'Z1 of each lane; `shown` is overwritten."""
    _, q2, q1, width = between.shape
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


@compiled
def spread_out(b, i, block, end, starts, joined, turned, apart):
    """Fill `apart` with a row for each block from `block` to `end` and each outer column: the
    block's lanes of bundle b as in `turned`, zeros elsewhere."""
    q1, width = turned.shape[1], turned.shape[2]
    for t in range(block, end):
        begin = min(max(starts[t] - b * width, 0), width)
        stop = min(max(starts[t + 1] - b * width, 0), width)
        for a in range(q1):
            row = (t - block) * q1 + a
            for place in range(width):
                apart[row, place] = 0.0
            for place in range(begin, stop):
                apart[row, place] = turned[i, a, place] * joined[t]


@compiled
def eliminate_blocks(lanes, outer_factor, outer_cross, total):
    """Take from `total` (m, m) what the outer level explains; the log determinant."""
    block_weights, joined, loading = lanes[6], lanes[7], lanes[9]
    n_blocks, q1, m = outer_cross.shape
    gram, chol, half = np.empty((q1, q1)), np.empty((q1, q1)), np.empty((q1, q1))
    reduced, taken = np.zeros((n_blocks * q1, m)), np.empty((m, m))
    log_determinant = 0.0
    for t in range(n_blocks):
        if joined[t] == 0.0:
            continue
        for i in range(q1):
            for j in range(q1):
                gram[i, j] = 0.0
                for k in range(m):
                    gram[i, j] += outer_cross[t, i, k] * loading[k, j]
        log_determinant += block_weights[t] * np.log(halve(gram, outer_factor, chol, half))
        root = np.sqrt(block_weights[t])
        for i in range(q1):
            for k in range(q1):
                x = root * half[i, k]
                for j in range(m):
                    reduced[t * q1 + i, j] += x * outer_cross[t, k, j]
    np.dot(reduced.T, reduced, taken)
    for k in range(m):
        for j in range(k, m):
            total[k, j] -= taken[k, j]
    return log_determinant


@compiled
def eliminate(lanes, outer_factor, inner_factor, work, total):
    """Take from `total` (m, m) what both levels explain of A'A; the log determinant.

    Parameters
    ----------
    lanes : as `lanes.arrange` gives.
    work : its first two arrays are filled: with what `halve` gives for each lane (b, q2, q2, w),
        and with Z1'A after the inner level (K, q1, m).
    """
    inner, cross, between, roots, starts = lanes[0], lanes[1], lanes[2], lanes[4], lanes[5]
    joined, through = lanes[7], lanes[8]
    halves, outer_cross = work[0], work[1]
    bundles, q2, m, width = cross.shape
    n_blocks, q1 = through.shape[0], through.shape[1]
    chol, determinants = np.empty((q2, q2, width)), np.empty((bundles, width))
    scaled, reduced = np.empty(width), np.empty((m, q2 * width))
    taken = np.empty((m, m))
    shown, turned = np.empty((q2, q1, width)), np.empty((q2, q1, width))
    apart, summed = np.empty(((width + 1) * q1, width)), np.empty(((width + 1) * q1, m))
    for t in range(n_blocks):
        for a in range(q1):
            for j in range(m):
                outer_cross[t, a, j] = through[t, a, j]
    block = 0
    for b in range(bundles):
        halve_lanes(b, inner, inner_factor, chol, halves, determinants)
        reduce_lanes(b, halves, roots, cross, scaled, reduced)
        np.dot(reduced, reduced.T, taken)
        for k in range(m):
            for j in range(k, m):
                total[k, j] -= taken[k, j]
        if q1 == 0:
            continue
        # W Z2'Z1, from which each block's share of Z1'A follows: the lanes of each block beside
        # zeros, so that one product sums over all of them
        turn_lanes(b, halves, between, shown, turned)
        end = block
        while end < n_blocks and starts[end] < (b + 1) * width:
            end += 1
        size = (end - block) * q1
        for i in range(q2):
            spread_out(b, i, block, end, starts, joined, turned, apart)
            np.dot(apart[:size], cross[b, i].T, summed[:size])
            for t in range(block, end):
                for a in range(q1):
                    for j in range(m):
                        outer_cross[t, a, j] -= summed[(t - block) * q1 + a, j]
        # the last block may go on in the next bundle
        block = end if starts[end] == (b + 1) * width else end - 1
    log_determinant = log_determinant_of(determinants.reshape(bundles * width), starts, lanes[6])
    if q1 > 0:
        log_determinant += eliminate_blocks(lanes, outer_factor, outer_cross, total)
    return log_determinant
