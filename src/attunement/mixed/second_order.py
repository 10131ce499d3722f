"""Second-order sums of a nested linear mixed model from the cross products of its blocks.

With V = I + sum_i psi_i G_i the relative covariance of the outcome, linear in the entries of the
covariances of the random effects, everything that degrees of freedom need is of four kinds:
C'V^-1 G_i V^-1 C, C'V^-1 G_i V^-1 G_j V^-1 C, tr(V^-1 G_i) and tr(V^-1 G_i V^-1 G_j), for columns
C of the model. They are sums over groups of products of Z'V^-1 C and Z'V^-1 Z, so that their cost
grows with the number of inner groups and not with that of rows. Groups stand in the last axis of
every array here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.mixed.kernel import Array, Blocks, Evaluation, Factors
from attunement.mixed.threads import over_portions, portions_of

# arrays of this many groups stay in the processor's cache
_GROUPS_AT_ONCE = 4_096


@dataclass(frozen=True)
class SecondOrder:
    """Sums along k directions G_i of the relative covariance, outer directions first.

    `first` (k, r, r) is C'V^-1 G_i V^-1 C, `second` (k, k, r, r) C'V^-1 G_i V^-1 G_j V^-1 C,
    `trace` (k,) tr(V^-1 G_i) and `traces` (k, k) tr(V^-1 G_i V^-1 G_j).
    """

    first: Array
    second: Array
    trace: Array
    traces: Array

    def projected_traces(self, n_terms: int) -> Array:
        """tr(P G_i P G_j) (k, k), where P is V^-1 less its part along the first `n_terms` columns,
        those being standardised (`standard_columns`)."""
        first = self.first[:, :n_terms, :n_terms]
        flat = first.reshape(len(first), n_terms * n_terms)
        within = np.trace(self.second[:, :, :n_terms, :n_terms], axis1=2, axis2=3)
        return np.asarray(self.traces - 2.0 * within + flat @ flat.T)


@dataclass(frozen=True)
class _Level:
    """A level eliminated: `half` (q, q, n) with half'half = F (I + F'GF)^-1 F' for its factor F and
    gram matrices G, half times the rows (`reduced`), and the rows and gram matrices that are left.
    """

    half: Array
    reduced: Array
    rows: Array
    gram: Array


def standard_columns(blocks: Blocks, point: Evaluation) -> tuple[Array, Array]:
    """Columns C = A @ (m, p + 1) with C'V^-1 C = I for the first p and the residual last.

    Returns
    -------
    The (m, p + 1) matrix, and its (p, p) part of the fixed columns, a square root of their
    unscaled covariance.
    """
    root = np.asarray(np.linalg.cholesky(point.unscaled_covariance), dtype=np.float64)
    columns = np.zeros((blocks.outer.shape[1], blocks.n_terms + 1))
    columns[: blocks.n_terms, :-1] = root
    columns[: blocks.n_terms, -1] = -point.coefficients
    columns[-1, -1] = 1.0
    return columns, root


def second_order(
    blocks: Blocks, factors: Factors, directions: tuple[Array, Array], columns: Array
) -> SecondOrder:
    """Second-order sums at relative covariance factors.

    Parameters
    ----------
    blocks : cross products of A.
    factors : outer (q1, q1) and inner (q2, q2) factors, in units of the residual standard
        deviation.
    directions : outer (k1, q1, q1) and inner (k2, q2, q2) symmetric directions, in which the
        relative covariances of the random effects move.
    columns : (m, r); the columns C are ``A @ columns``.
    """

    def sums(first: int, last: int) -> SecondOrder:
        return _portion(blocks, factors, directions, columns, first, last)

    parts = over_portions(sums, portions_of(blocks.starts, _GROUPS_AT_ONCE))
    return SecondOrder(
        first=sum(part.first for part in parts),
        second=sum(part.second for part in parts),
        trace=sum(part.trace for part in parts),
        traces=sum(part.traces for part in parts),
    )


def _eliminate(gram: Array, rows: Array, factor: Array) -> _Level:
    size = len(factor)
    inside = np.einsum("iln,lj->ijn", np.tensordot(factor, gram, (0, 0)), factor)
    chol = np.zeros_like(gram)
    half = np.empty_like(gram)
    for i in range(size):
        inside[i, i] += 1.0
        for j in range(i):
            chol[i, j] = (inside[i, j] - (chol[i, :j] * chol[j, :j]).sum(axis=0)) / chol[j, j]
        chol[i, i] = np.sqrt(inside[i, i] - (chol[i, :i] ** 2).sum(axis=0))
        known = np.einsum("kn,kjn->jn", chol[i, :i], half[:i])
        half[i] = (factor[:, i, None] - known) / chol[i, i]
    hat = np.einsum("ikn,kjn->ijn", half, gram)
    reduced = np.einsum("ikn,kwn->iwn", half, rows)
    return _Level(
        half=half,
        reduced=reduced,
        rows=rows - np.einsum("kin,kwn->iwn", hat, reduced),
        gram=gram - np.einsum("kin,kjn->ijn", hat, hat),
    )


def _flat(array: Array) -> Array:
    """(k, q, r, n) as (k r, q n)."""
    k, q, r, n = array.shape
    return np.asarray(array.transpose(0, 2, 1, 3).reshape(k * r, q * n))


def _paired(first: Array, second: Array) -> Array:
    """Sums (k, k', r, r) over q and groups of products of (k, q, r, n) and (k', q, r, n)."""
    product = _flat(first) @ _flat(second).T
    shape = (len(first), first.shape[2], len(second), second.shape[2])
    return np.asarray(product.reshape(shape).transpose(0, 2, 1, 3))


def _own(
    shown: Array, information: Array, outside: Array, directions: Array
) -> tuple[Array, Array, Array, Array]:
    """The sums of one level, without the products of what two groups share through the other.

    Parameters
    ----------
    shown, information : Z'V^-1 C (q, r, n), and Z'V^-1 Z (q, q, n) of groups taken apart.
    outside : (q, q, n), what the other level takes away from `information`.
    directions : (k, q, q).
    """
    q, r, n = shown.shape
    flat = shown.reshape(q * r, n)
    squares = (flat @ flat.T).reshape(q, r, q, r)
    weighed = np.empty((q, q, q, r, q, r))
    for b in range(q):
        for d in range(b + 1):
            weighed[b, d] = ((flat * information[b, d]) @ flat.T).reshape(q, r, q, r)
            weighed[d, b] = weighed[b, d]
    entries = information.reshape(q * q, n)
    beyond = outside.reshape(q * q, n)
    pairs = (entries @ (entries - 2.0 * beyond).T).reshape(q, q, q, q)
    left = (entries - beyond).sum(axis=1).reshape(q, q)
    half = np.tensordot(directions, weighed, ([1, 2], [2, 0]))
    half_pairs = np.tensordot(directions, pairs, ([1, 2], [3, 0]))
    return (
        np.tensordot(directions, squares, ([1, 2], [0, 2])),
        np.tensordot(half, directions, ([1, 3], [1, 2])).transpose(0, 3, 1, 2),
        np.tensordot(directions, left, 2),
        np.tensordot(half_pairs, directions, ([1, 2], [1, 2])),
    )


def _portion(
    blocks: Blocks,
    factors: Factors,
    directions: tuple[Array, Array],
    columns: Array,
    first: int,
    last: int,
) -> SecondOrder:
    """The sums over the blocks from `first` to `last`."""
    begin, end = blocks.starts[first], blocks.starts[last]
    owner = blocks.outer_of[begin:end] - first
    edges = blocks.starts[first:last] - begin
    present = blocks.has_outer[first:last]
    r = columns.shape[1]
    combined = np.column_stack([columns, blocks.loading])

    rows = combined.T @ np.ascontiguousarray(blocks.cross[begin:end].transpose(1, 2, 0))
    rows[:, r:] *= present[owner]
    gram = np.ascontiguousarray(blocks.inner[begin:end].transpose(1, 2, 0))
    inner = _eliminate(gram, rows, factors[1])

    taken = np.einsum("kan,kwn->awn", inner.reduced[:, r:], inner.reduced)
    whole = (blocks.loading.T @ blocks.outer[first:last] @ combined).transpose(1, 2, 0)
    left = whole * present - np.add.reduceat(taken, edges, axis=-1)
    outer = _eliminate(np.ascontiguousarray(left[:, r:]), left, factors[0])
    solved = np.einsum("kat,kwt->awt", outer.half, outer.reduced)
    spread = np.einsum("kat,kbt->abt", outer.half, outer.half)

    # Z2'V_c^-1 Z1 within the variance of the inner groups alone, and Z'V^-1 C
    between = inner.rows[:, r:]
    shown = inner.rows[:, :r] - np.einsum("ian,awn->iwn", between, solved[:, :r][..., owner])
    shown_outer = outer.rows[:, :r]
    through = np.einsum(
        "ian,jan->ijn", between, np.einsum("abn,jbn->jan", spread[..., owner], between)
    )
    parts = (
        _own(shown_outer, outer.gram, np.zeros_like(outer.gram), directions[0]),
        _own(shown, inner.gram, through, directions[1]),
    )

    # sums over the inner groups of a block of Z1'V_c^-1 G_i V^-1 [C Z1]
    both = np.concatenate([shown, between], axis=1)
    products = np.einsum("ian,jwn->ijawn", between, both)
    meeting = np.tensordot(
        directions[1], np.add.reduceat(products, edges, axis=-1), ([1, 2], [0, 1])
    )
    images, returned = meeting[:, :, :r], meeting[:, :, r:]
    half_images = np.einsum("abt,kbwt->kawt", outer.half, images)
    half_returned = np.einsum(
        "kact,dct->kadt", np.einsum("abt,kbct->kact", outer.half, returned), outer.half
    )
    # Z1'V^-1 Z2 = carry Z1'V_c^-1 Z2
    carry = np.eye(len(spread))[:, :, None] - solved[:, r:].transpose(1, 0, 2)
    turned = np.einsum("kab,brt->kart", directions[0], shown_outer)
    across = _paired(np.einsum("abt,kbwt->kawt", carry, images), turned)
    carried = np.einsum("kact,dct->kad", np.einsum("abt,kbct->kact", carry, returned), carry)

    n_outer, n_inner = len(directions[0]), len(directions[1])
    second = np.zeros((n_outer + n_inner, n_outer + n_inner, r, r))
    second[:n_outer, :n_outer] = parts[0][1]
    second[n_outer:, n_outer:] = parts[1][1] - _paired(half_images, half_images)
    second[n_outer:, :n_outer] = across
    second[:n_outer, n_outer:] = across.transpose(1, 0, 3, 2)
    traces = np.zeros((n_outer + n_inner, n_outer + n_inner))
    traces[:n_outer, :n_outer] = parts[0][3]
    flat = half_returned.reshape(n_inner, -1) if n_inner else np.zeros((0, 1))
    traces[n_outer:, n_outer:] = parts[1][3] + flat @ flat.T
    traces[n_outer:, :n_outer] = np.tensordot(carried, directions[0], ([1, 2], [1, 2]))
    traces[:n_outer, n_outer:] = traces[n_outer:, :n_outer].T
    return SecondOrder(
        first=np.concatenate([parts[0][0], parts[1][0]]),
        second=second,
        trace=np.concatenate([parts[0][2], parts[1][2]]),
        traces=traces,
    )
