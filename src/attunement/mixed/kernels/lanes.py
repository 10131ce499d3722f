"""Cross products laid out for the loops over groups: groups stand next to each other in memory.

A *lane* is a group of the inner level; so many lanes as fit the processor's cache make a *bundle*.
Every step is taken for all lanes of a bundle at once, so that the processor works on several groups
in one instruction. Blocks without weight have no lanes; those that fill up the last bundle are
empty and weigh nothing.
"""

from __future__ import annotations

import numpy as np

from attunement.mixed.kernels.compiled import compiled

# lanes of a bundle at most
_WIDEST = 64


@compiled
def arrange(first, last, inner, cross, outer, rows, starts, has_outer, loading, weights):
    """Lay out the blocks from `first` to `last` that have a weight.

    Parameters are the arrays of `kernel.Blocks` and the weights (T,) of all blocks.

    Returns
    -------
    inner (b, q2, q2, w), cross (b, q2, m, w) and Z2'Z1 (b, q2, q1, w) of b bundles of w lanes;
    weights and their roots (b, w) of lanes; per block with a weight (K,) the first of its lanes
    (K + 1,), its weight, whether it has an outer effect, and Z1'A (q1, m); the loading; the
    weighted sums of A'A (m, m) and of rows (1,).
    """
    q2, q1, m = inner.shape[1], loading.shape[1], outer.shape[1]
    n_blocks, n_groups = 0, 0
    for t in range(first, last):
        if weights[t] > 0.0:
            n_blocks += 1
            n_groups += starts[t + 1] - starts[t]
    width = min(_WIDEST, 4 * ((n_groups + 3) // 4)) if q2 > 0 else 0
    bundles = (n_groups + width - 1) // width if width > 0 else 0
    lane_inner = np.zeros((bundles, q2, q2, width))
    lane_cross = np.zeros((bundles, q2, m, width))
    lane_between = np.zeros((bundles, q2, q1, width))
    lane_weights = np.zeros((bundles, width))
    lane_starts = np.zeros(n_blocks + 1, dtype=np.int64)
    block_weights = np.zeros(n_blocks)
    joined = np.zeros(n_blocks)
    through = np.zeros((n_blocks, q1, m))
    total = np.zeros((m, m))
    n_rows = np.zeros(1)
    block, lane = 0, 0
    for t in range(first, last):
        weight = weights[t]
        if not weight > 0.0:
            continue
        n_rows[0] += weight * rows[t]
        for k in range(m):
            for j in range(m):
                total[k, j] += weight * outer[t, k, j]
        block_weights[block] = weight
        if q1 > 0 and has_outer[t] > 0.0:
            joined[block] = 1.0
            for i in range(q1):
                for k in range(m):
                    x = loading[k, i]
                    for j in range(m):
                        through[block, i, j] += x * outer[t, k, j]
        if q2 > 0:
            for c in range(starts[t], starts[t + 1]):
                b, place = lane // width, lane % width
                lane_weights[b, place] = weight
                for i in range(q2):
                    for j in range(q2):
                        lane_inner[b, i, j, place] = inner[c, i, j]
                    for j in range(m):
                        lane_cross[b, i, j, place] = cross[c, i, j]
                lane += 1
        block += 1
        lane_starts[block] = lane
    for b in range(bundles):
        for i in range(q2):
            for a in range(q1):
                for k in range(m):
                    x = loading[k, a]
                    if x != 0.0:
                        for place in range(width):
                            lane_between[b, i, a, place] += x * lane_cross[b, i, k, place]
    return (
        lane_inner, lane_cross, lane_between, lane_weights, np.sqrt(lane_weights), lane_starts,
        block_weights, joined, through, loading, total, n_rows,
    )  # fmt: skip
