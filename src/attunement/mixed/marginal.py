"""Marginal likelihood of a binary model with a scalar random intercept by adaptive quadrature.

With ``u = sigma v`` and v standard normal, the integral over v of each group is taken by
Gauss-Hermite nodes moved to the mode and scaled by the curvature there (Pinheiro and Bates 1995,
J. Comput. Graph. Stat. 4). The gradient is that of this sum, the movement of the nodes included,
so that a maximum is one of the sum at any number of nodes.
"""

from __future__ import annotations

import copy
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.binary import Binary
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS

# rows times nodes taken at once: what fits into a processor's cache
_AT_ONCE = 30_000


@lru_cache(maxsize=64)
def hermite(nodes: int) -> tuple[Array, Array]:
    """Gauss-Hermite nodes, and logarithms of the weights of values of a normal density there."""
    places, weights = np.polynomial.hermite.hermgauss(nodes)
    return places, np.log(weights) + places**2 - 0.5 * np.log(np.pi)


class Marginal:
    """Log-likelihood, gradient and information as functions of (coefficients, sigma).

    Rows without a group enter without an effect. `moved` is, after `value`, the largest part of
    the gradient that comes from the movement of nodes, in units of a group's own spread: near
    zero where the quadrature is exact. `held` keeps a point and the information there.
    """

    def __init__(self, binary: Binary, link: str, nodes: int) -> None:
        codes = np.full(len(binary.proportion), -1) if binary.codes is None else binary.codes
        alone = codes < 0
        self.order = np.argsort(np.where(alone, np.iinfo(np.intp).max, codes), kind="stable")
        self.n_grouped = int((~alone).sum())
        sorted_codes = codes[self.order][: self.n_grouped]
        self.present = np.unique(sorted_codes)
        self.counts = np.bincount(sorted_codes, minlength=binary.n_groups)[self.present]
        self.starts = np.r_[0, np.cumsum(self.counts)[:-1]].astype(np.intp)
        self.codes = np.repeat(np.arange(len(self.counts)), self.counts)
        total = (binary.trials * binary.frequency)[self.order]
        self.events = total * binary.proportion[self.order]
        self.others = total - self.events
        self.columns = np.ascontiguousarray(binary.columns[self.order])
        offset = binary.offset
        self.offset = np.zeros(len(total)) if offset is None else offset[self.order]
        self.constant = binary.constant()[self.order]
        self.link = LINKS[link]
        self.nodes = nodes
        self.binary = binary
        self.row_weights: Array = np.ones(len(total))
        self.modes: Array = np.zeros(len(self.counts))
        self.moved = 0.0
        self.held: tuple[Array, Array] | None = None

    def weighted(self, groups: Array | None, alone: Array | None = None) -> Marginal:
        """The same model with a multiplicity per group (in order of codes) and per row without
        a group (in order of rows); None means one each."""
        other = copy.copy(self)
        other.row_weights = np.ones(len(self.events))
        if groups is not None:
            other.row_weights[: self.n_grouped] = groups[self.present][self.codes]
        if alone is not None:
            other.row_weights[self.n_grouped :] = alone
        other.modes = self.modes.copy()
        other.held = None
        return other

    @property
    def group_weights(self) -> Array:
        """Multiplicity of each group that has rows."""
        return self.row_weights[self.starts]

    @property
    def log_constant(self) -> float:
        """Sum of the logarithms of binomial coefficients."""
        return float(self.row_weights @ self.constant)

    def _sum(self, values: Array) -> Array:
        return np.add.reduceat(values, self.starts, axis=0)

    def _find_modes(self, predictor: Array, sigma: float) -> tuple[Array, Array, Array, Array]:
        """Modes by Newton steps, and first to third derivatives of the rows there."""
        rows = slice(0, self.n_grouped)
        events, others, mode = self.events[rows], self.others[rows], self.modes
        reach = 1.0 / max(abs(sigma), 0.3)
        before = np.zeros(len(mode))
        near = False
        for _ in range(200):
            place = predictor + sigma * mode[self.codes]
            _, first, second = self.link.values(place, events, others)
            if near:
                break
            step = (sigma * self._sum(first) - mode) / (1.0 - sigma**2 * self._sum(second))
            step = np.clip(step, -reach, reach)
            turned = step * before < -0.5 * np.maximum(before**2, 1e-6)
            step = np.where(turned, 0.5 * step, step)
            mode = mode + step
            before = step
            # the error of a Newton step is of the order of its square
            near = float(np.max(np.abs(step))) < 1e-7
        self.modes = mode
        return mode, first, second, self.link.third(place, events, others)

    def _chunks(self, nodes: int) -> list[tuple[slice, slice]]:
        """Groups, and their rows, in portions."""
        ends = self.starts + self.counts
        pieces, first = [], 0
        while first < len(ends):
            last = int(np.searchsorted(ends, self.starts[first] + _AT_ONCE // nodes, side="right"))
            last = max(last, first + 1)
            rows = slice(int(self.starts[first]), int(ends[last - 1]))
            pieces.append((slice(first, last), rows))
            first = last
        return pieces

    def plain(self, coefficients: Array, rows: slice) -> tuple[float, Array, Array, Array]:
        """Log-likelihood, its slope, and first and second derivatives of rows, without effects."""
        predictor = self.columns[rows] @ coefficients + self.offset[rows]
        value, first, second = self.link.values(predictor, self.events[rows], self.others[rows])
        weight = self.row_weights[rows]
        return float(weight @ value), self.columns[rows].T @ (weight * first), first, second

    def value(
        self, parameters: Array, nodes: int | None = None, information: bool = False
    ) -> tuple[float, Array, Array]:
        """Log-likelihood without its constant, gradient (p + 1,), and information if asked for.

        The information (p + 1, p + 1) is that of the quadrature sum with its nodes held
        (Louis 1982, J. R. Stat. Soc. B 44).
        """
        coefficients, sigma = parameters[:-1], float(parameters[-1])
        size = len(parameters)
        total, slope = 0.0, np.zeros(size)
        matrix = np.zeros((size, size))
        alone = slice(self.n_grouped, len(self.events))
        if alone.start < alone.stop:
            total, slope[:-1], _, second = self.plain(coefficients, alone)
            if information:
                x = self.columns[alone]
                matrix[:-1, :-1] = -(x * (self.row_weights[alone] * second)[:, None]).T @ x
        self.moved = 0.0
        if not self.n_grouped:
            return total, slope, matrix
        rows = slice(0, self.n_grouped)
        predictor = self.columns[rows] @ coefficients + self.offset[rows]
        mode, first, second, third = self._find_modes(predictor, sigma)
        sums = [self._sum(each) for each in (first, second, third)]
        curvature = 1.0 - sigma**2 * sums[1]
        spread = 1.0 / np.sqrt(curvature)
        weight = self.group_weights
        places, log_weights = hermite(self.nodes if nodes is None else nodes)
        residual = np.empty(self.n_grouped)
        off_mode, off_spread = np.empty_like(mode), np.empty_like(mode)
        for groups, part in self._chunks(len(places)):
            code = self.codes[part] - groups.start
            node = mode[groups, None] + np.sqrt(2.0) * spread[groups, None] * places
            each, slopes, bends = self.link.values(
                predictor[part, None] + (sigma * node)[code],
                self.events[part, None],
                self.others[part, None],
            )
            starts = self.starts[groups] - part.start
            joint = np.add.reduceat(each, starts, axis=0) - 0.5 * node**2 + log_weights
            highest = joint.max(axis=1)
            share = np.exp(joint - highest[:, None])
            mass = share.sum(axis=1)
            share /= mass[:, None]
            here = weight[groups]
            total += float(here @ (highest + np.log(mass) + np.log(spread[groups])))
            by_row = share[code]
            residual[part] = np.einsum("ik,ik->i", slopes, by_row)
            group_slopes = np.add.reduceat(slopes, starts, axis=0)
            slope[-1] += float(here @ (share * node * group_slopes).sum(axis=1))
            at_node = share * (sigma * group_slopes - node)
            off_mode[groups] = at_node.sum(axis=1)
            off_spread[groups] = 1.0 / spread[groups] + np.sqrt(2.0) * at_node @ places
            if information:
                matrix += self._information(part, starts, here, node, share, slopes, bends)
        self._add_movement(
            slope, residual, sigma, (first, second, third), sums, off_mode, off_spread
        )
        return total, slope, matrix

    def _information(
        self,
        part: slice,
        starts: NDArray[np.intp],
        weight: Array,
        node: Array,
        share: Array,
        slopes: Array,
        bends: Array,
    ) -> Array:
        x = self.columns[part]
        size = x.shape[1]
        by_row = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(x)]))
        bends = bends * share[by_row] * weight[by_row, None]
        shifts = node[by_row]
        moved = bends * shifts
        result = np.empty((size + 1, size + 1))
        result[:-1, :-1] = -(x * bends.sum(axis=1)[:, None]).T @ x
        result[-1, :-1] = result[:-1, -1] = -(x.T @ moved.sum(axis=1))
        result[-1, -1] = -float(np.einsum("ik,ik->", moved, shifts))
        scores = np.empty((len(starts), node.shape[1], size + 1))
        for group, (start, stop) in enumerate(zip(starts, np.r_[starts[1:], len(x)], strict=True)):
            scores[group, :, :-1] = slopes[start:stop].T @ x[start:stop]
        scores[:, :, -1] = node * np.add.reduceat(slopes, starts, axis=0)
        scores -= np.einsum("gk,gkj->gj", share, scores)[:, None, :]
        scores *= np.sqrt(weight[:, None] * share)[:, :, None]
        flat = scores.reshape(-1, size + 1)
        return np.asarray(result - flat.T @ flat)

    def _add_movement(
        self,
        slope: Array,
        residual: Array,
        sigma: float,
        rows: tuple[Array, Array, Array],
        sums: list[Array],
        off_mode: Array,
        off_spread: Array,
    ) -> None:
        """Add what moving nodes contribute, and the fixed columns' part, to a gradient."""
        _, second, third = rows
        curvature = 1.0 - sigma**2 * sums[1]
        spread = 1.0 / np.sqrt(curvature)
        mode, weight = self.modes, self.group_weights
        used = weight > 0.0
        size = np.abs(off_mode) * spread + np.abs(off_spread) * spread
        self.moved = float(np.max(size[used], initial=0.0))
        through = -0.5 * off_spread * spread / curvature
        total = off_mode - through * sigma**3 * sums[2]
        pull = (total * sigma / curvature)[self.codes] * second
        bend = (through * sigma**2)[self.codes] * third
        x = self.columns[: self.n_grouped]
        slope[:-1] += x.T @ (weight[self.codes] * (residual + pull - bend))
        direct = total * (sums[0] + sigma * mode * sums[1]) / curvature
        direct -= through * (2.0 * sigma * sums[1] + sigma**2 * mode * sums[2])
        slope[-1] += float(weight @ direct)
