"""The order of rows and groups in which inner groups lie in blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.design import Design
from attunement.mixed.errors import CrossedGroups, InvalidSpecification
from attunement.mixed.formula import RandomTerm
from attunement.mixed.kernel import Array

Integers = NDArray[np.int64]

# rows of a model without groups are cut into blocks of this size
_ROWS_AT_ONCE = 4_096


@dataclass(frozen=True)
class Nesting:
    """Rows in inner groups in blocks.

    `order` (n,) lists the rows group by group, empty if they stand so already; group c has the
    rows from ``row_starts[c]`` to ``row_starts[c + 1]`` of that order, block t the groups from
    ``block_starts[t]`` to ``block_starts[t + 1]``. `has_inner` (C,) and `has_outer` (T,) are 0
    where an id is missing. `positions` says which levels are outer (0) and inner (1), `places`
    (G,) where the kernel has each group of a level.
    """

    order: Integers
    row_starts: Integers
    block_starts: Integers
    has_inner: Array
    has_outer: Array
    positions: dict[str, int]
    places: dict[str, Integers]


def shown(identity: object) -> str:
    """An id as it is written, without the name of its type."""
    return repr(identity.item() if isinstance(identity, np.generic) else identity)


def _owners(design: Design, outer: RandomTerm, inner: RandomTerm) -> Integers:
    """The outer code (C,) of each inner group, -1 without one."""
    outer_codes, inner_codes = design.codes[outer.level], design.codes[inner.level]
    both = (outer_codes >= 0) & (inner_codes >= 0)
    inner_ids, outer_ids = inner_codes, outer_codes
    if not both.all():
        inner_ids, outer_ids = inner_codes[both], outer_codes[both]
    owner = np.full(len(design.labels[inner.level]), -1, dtype=np.int64)
    owner[inner_ids] = outer_ids
    partly = (outer_codes < 0) & (inner_codes >= 0) & (owner[inner_codes] >= 0)
    if partly.any():
        groups = np.unique(inner_codes[partly])
        raise InvalidSpecification(
            f"{len(groups)} {inner.level!r} ids have an {outer.level!r} in some rows and none in"
            f" {int(partly.sum())} others (first: {shown(design.labels[inner.level][groups[0]])});"
            " give every row of an id the same one, or none"
        )
    elsewhere = owner[inner_ids] != outer_ids
    if elsewhere.any():
        crossed = np.unique(inner_ids[elsewhere])
        pairs = np.unique(np.stack([inner_ids, outer_ids]), axis=1)
        if len(np.unique(pairs[1])) == pairs.shape[1]:
            raise CrossedGroups(
                f"every {outer.level!r} lies in one {inner.level!r}: give the outermost level"
                f" first, random={{{inner.level!r}: ..., {outer.level!r}: ...}}"
            )
        named = design.labels[outer.level][np.unique(outer_ids[inner_ids == crossed[0]])]
        raise CrossedGroups(
            f"{len(crossed)} {inner.level!r} ids occur under more than one"
            f" {outer.level!r} (first: {shown(design.labels[inner.level][crossed[0]])}"
            f" under {', '.join(map(shown, named[:3]))}). Crossed effects are out of scope; if the"
            " ids repeat within outer groups, make them unique by joining both."
        )
    return owner


def _starts(codes: Integers, size: int) -> Integers:
    counts = np.bincount(codes, minlength=size)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def nest(design: Design) -> Nesting:
    """Find blocks and inner groups of a design with no, one or two levels.

    A row without an inner id is a group of its own without an effect; inner groups without an
    outer id are blocks of their own without one.

    Raises
    ------
    CrossedGroups, InvalidSpecification
        If an inner id occurs under two outer ids; if it has one in some rows only.
    """
    n_rows = len(design.outcome)
    if not design.terms:
        groups = np.arange(n_rows) // _ROWS_AT_ONCE
        n_groups = int(groups[-1]) + 1
        return Nesting(
            order=np.empty(0, dtype=np.int64),
            row_starts=_starts(groups, n_groups),
            block_starts=np.arange(n_groups + 1),
            has_inner=np.zeros(n_groups),
            has_outer=np.zeros(n_groups),
            positions={},
            places={},
        )
    inner = design.terms[-1]
    n_inner = len(design.labels[inner.level])
    codes = design.codes[inner.level]
    absent = np.flatnonzero(codes < 0)
    if len(absent):
        codes = codes.copy()
        codes[absent] = n_inner + np.arange(len(absent))
    n_groups = n_inner + len(absent)
    owner = np.full(n_groups, -1, dtype=np.int64)
    positions, n_outer = {inner.level: 1}, 0
    if len(design.terms) == 2:
        outer = design.terms[0]
        owner[:n_inner] = _owners(design, outer, inner)
        owner[n_inner:] = design.codes[outer.level][absent]
        positions[outer.level] = 0
        n_outer = len(design.labels[outer.level])
    alone = np.flatnonzero(owner < 0)
    owner[alone] = n_outer + np.arange(len(alone))
    group_order = np.argsort(owner, kind="stable")
    place = np.empty(n_groups, dtype=np.int64)
    place[group_order] = np.arange(n_groups)
    in_place = place[codes]
    order = np.empty(0, dtype=np.int64)
    if (in_place[1:] < in_place[:-1]).any():
        order = np.argsort(in_place, kind="stable").astype(np.int64)
    n_blocks = int(owner.max()) + 1
    places = {inner.level: place[:n_inner]}
    if n_outer:
        places[design.terms[0].level] = np.arange(n_outer)
    has_inner = np.ones(n_groups)
    has_inner[place[n_inner:]] = 0.0
    return Nesting(
        order=order,
        row_starts=_starts(in_place, n_groups),
        block_starts=_starts(owner, n_blocks),
        has_inner=has_inner,
        has_outer=(np.arange(n_blocks) < n_outer).astype(float),
        positions=positions,
        places=places,
    )
