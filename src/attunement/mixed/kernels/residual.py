"""Rows made independent: each less what the row before it in its group foretells."""

from __future__ import annotations

from attunement.mixed.kernels.compiled import compiled


@compiled
def whiten(columns, previous, own, before, white):
    """Fill `white` (n, m): row i of `columns` times ``own[i]`` less its predecessor's times
    ``before[i]``; a row whose ``previous[i]`` is below 0 has none."""
    n, m = columns.shape
    for i in range(n):
        h = previous[i]
        for j in range(m):
            white[i, j] = own[i] * columns[i, j]
        if h >= 0:
            for j in range(m):
                white[i, j] -= before[i] * columns[h, j]
