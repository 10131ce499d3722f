"""From rows to cross products: the one pass that touches every row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.mixed.kernel import Array
from attunement.mixed.nesting import Nesting
from attunement.mixed.threads import over_portions, portions_of

_ROWS_AT_ONCE = 131_072


@dataclass(frozen=True)
class Rows:
    """Rows as given, and what turns them into the columns A of a model.

    Row i of A is ``([fixed, others][order[i]] - shift) @ transform``, times the root of its
    weight; `fixed` (n, all) are the fixed columns, `others` (n, e + 1) outer or inner random
    columns outside their span and the outcome. Inner random columns are A @ `inner_loading`, outer
    ones A @ `outer_loading`. `roots` (n,) is empty where every row weighs one.
    """

    nesting: Nesting
    fixed: Array
    others: Array
    roots: Array
    shift: Array
    transform: Array
    inner_loading: Array
    outer_loading: Array

    def compress(self) -> tuple[Array, Array, Array]:
        """Z2'Z2 (C, q2, q2) and Z2'A (C, q2, m) of inner groups, A'A (T, m, m) of blocks."""
        from attunement.mixed.kernels.products import compress

        nesting = self.nesting
        starts, width = nesting.row_starts, self.transform.shape[1]
        n_groups, n_blocks, q2 = len(starts) - 1, len(nesting.block_starts) - 1, self.n_inner
        inner = np.empty((n_groups, q2, q2))
        cross = np.empty((n_groups, q2, width))
        outer = np.empty((n_blocks, width, width))

        def fill(first: int, last: int) -> None:
            compress(
                first, last, self.fixed, self.others, nesting.order, starts, nesting.block_starts,
                nesting.has_inner, self.roots, self.shift, self.transform, self.inner_loading,
                inner, cross, outer,
            )  # fmt: skip

        over_portions(fill, portions_of(starts[nesting.block_starts], _ROWS_AT_ONCE))
        return inner, cross, outer

    @property
    def n_inner(self) -> int:
        """Number of inner random columns."""
        return int(self.inner_loading.shape[1])

    def columns(self, place: slice | None = None) -> Array:
        """A (n, m) without weights, rows in the order of the nesting, all or those of a slice."""
        place = slice(0, len(self.fixed)) if place is None else place
        index = self.nesting.order[place] if len(self.nesting.order) else place
        given = np.column_stack([self.fixed[index], self.others[index]])
        return np.asarray((given - self.shift) @ self.transform)

    def of_group(self, place: int, repeats: Array | None) -> tuple[Array, float]:
        """A'A (m, m) and the number of rows of one inner group."""
        starts, order = self.nesting.row_starts, self.nesting.order
        part = slice(int(starts[place]), int(starts[place + 1]))
        index = order[part] if len(order) else part
        made = self.columns(part)
        if len(self.roots):
            made = made * self.roots[index][:, None]
        n_rows = len(made) if repeats is None else float(repeats[index].sum())
        return made.T @ made, n_rows

    def counts(self, repeats: Array | None) -> Array:
        """Rows (T,) of each block, each counted `repeats` (n,) times."""
        ends = self.nesting.row_starts[self.nesting.block_starts]
        if repeats is None:
            return np.diff(ends).astype(float)
        order = self.nesting.order
        return np.add.reduceat(repeats[order] if len(order) else repeats, ends[:-1])
