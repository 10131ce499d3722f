"""Cross products of groups and blocks from rows; `A` stands for all columns of a model, the
outcome last."""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled


@compiled
def compress(
    first,
    last,
    fixed,
    others,
    order,
    row_starts,
    block_starts,
    has_inner,
    roots,
    shift,
    transform,
    inner_loading,
    inner,
    cross,
    outer,
):
    """Fill `inner`, `cross` and `outer` of the blocks from `first` to `last`.

    Row i of A is ``([fixed, others][order[i]] - shift) @ transform``, times ``roots[order[i]]``
    where roots are given; the inner random columns are ``A @ inner_loading``.
    """
    n_fixed, n_others = fixed.shape[1], others.shape[1]
    width, q2 = transform.shape[1], inner_loading.shape[1]
    in_order, weighted = order.shape[0] == 0, roots.shape[0] > 0
    longest = 0
    for t in range(first, last):
        size = row_starts[block_starts[t + 1]] - row_starts[block_starts[t]]
        longest = max(longest, size)
    raw = np.empty((longest, n_fixed + n_others))
    made = np.empty((longest, width))
    z = np.empty((longest, q2))
    gram = np.empty((width, width))
    for t in range(first, last):
        begin, end = row_starts[block_starts[t]], row_starts[block_starts[t + 1]]
        size = end - begin
        for i in range(size):
            row = begin + i if in_order else order[begin + i]
            for j in range(n_fixed):
                raw[i, j] = fixed[row, j] - shift[j]
            for j in range(n_others):
                raw[i, n_fixed + j] = others[row, j] - shift[n_fixed + j]
            if weighted:
                for j in range(n_fixed + n_others):
                    raw[i, j] *= roots[row]
        a, b = made[:size], z[:size]
        np.dot(raw[:size], transform, a)
        np.dot(a, inner_loading, b)
        np.dot(a.T, a, gram)
        for k in range(width):
            for j in range(width):
                outer[t, k, j] = gram[k, j]
        for c in range(block_starts[t], block_starts[t + 1]):
            start, stop = row_starts[c] - begin, row_starts[c + 1] - begin
            for k in range(q2):
                for j in range(width):
                    cross[c, k, j] = 0.0
                for j in range(q2):
                    inner[c, k, j] = 0.0
            if has_inner[c] == 0.0:
                continue
            for i in range(start, stop):
                for k in range(q2):
                    value = b[i, k]
                    for j in range(width):
                        cross[c, k, j] += value * a[i, j]
                    for j in range(q2):
                        inner[c, k, j] += value * b[i, j]
