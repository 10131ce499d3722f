"""What no data of a shape can tell apart: refused by name before or after a search."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.design import Design
from attunement.mixed.errors import ConfoundedLevels, NoResidualVariation, NotConverged
from attunement.mixed.kernel import Array, Blocks
from attunement.mixed.rows import Rows
from attunement.mixed.solve import Optimum, Problem

# a column of which the others leave this share of its square depends on them
_NOTHING = 1e-10
# an outcome of which predictors and groups leave this share of its length is reproduced by them
_REPRODUCED = 1e-9
# a share of the outcome's variance from which on it is worth a look whether any is left
SUSPICIOUS = 1e-6
# one of which cross products keep fewer than six digits
UNRESOLVED = 1e-9


def require_levels_apart(design: Design, rows: Rows, blocks: Blocks) -> None:
    """Refuse random effects whose variance nothing in the data can show.

    Two levels with the same groups share every variance between them; a level whose groups the
    predictors already tell apart has none left.

    Raises
    ------
    ConfoundedLevels
    """
    nesting = rows.nesting
    if len(design.terms) == 2:
        outer, inner = design.terms
        both = [
            name
            for name in design.random_names[outer.level]
            if name in design.random_names[inner.level]
        ]
        alone = (np.diff(blocks.starts) == 1) & (blocks.has_outer == 1.0)
        if both and alone.all() and nesting.has_inner.all():
            raise ConfoundedLevels(
                f"every {outer.level!r} has a single {inner.level!r}: the variances of"
                f" {', '.join(both)} of the two levels cannot be told apart. Leave one of them out"
            )
    p = blocks.n_terms
    for term in design.terms:
        names = design.random_names[term.level]
        if len(design.labels[term.level]) * len(names) > p:
            continue
        if nesting.positions[term.level] == 1:
            gram, shown = blocks.inner, blocks.cross[:, :, :p]
        else:
            joined = blocks.outer[blocks.has_outer == 1.0]
            gram = blocks.loading.T @ joined @ blocks.loading
            shown = blocks.loading.T @ joined[:, :, :p]
        size = np.einsum("gii->i", gram)
        solved = np.linalg.solve(blocks.outer.sum(axis=0)[:p, :p], np.swapaxes(shown, 1, 2))
        left = size - np.einsum("gik,gki->i", shown, solved)
        lost = [name for name, rest, all_ in zip(names, left, size, strict=True)
                if rest <= _NOTHING * all_]  # fmt: skip
        if lost:
            raise ConfoundedLevels(
                f"the predictors already tell all {len(design.labels[term.level])}"
                f" {term.level!r} groups apart: no variance of {', '.join(lost)} between them is"
                f" left. Take {term.level!r} out of the formula, or out of random="
            )


def require_residual(design: Design, rows: Rows, n_terms: int) -> None:
    """Refuse an outcome that predictors and random columns reproduce.

    The random effects are taken as if they were fixed, group by group, from the rows themselves:
    cross products have lost what is so small.

    Raises
    ------
    NoResidualVariation
    """
    columns = rows.columns()
    nesting = rows.nesting
    parts = np.column_stack([columns[:, :n_terms], columns @ rows.outer_loading, columns[:, -1]])
    length = float(np.linalg.norm(parts[:, -1]))
    inner = columns @ rows.inner_loading
    for group, (begin, end) in enumerate(pairwise(nesting.row_starts)):
        if nesting.has_inner[group]:
            _take(parts, slice(begin, end), inner[begin:end])
    for block, (begin, end) in enumerate(pairwise(nesting.row_starts[nesting.block_starts])):
        if nesting.has_outer[block]:
            _take(parts, slice(begin, end), parts[begin:end, n_terms:-1].copy())
    _take(parts, slice(None), parts[:, :n_terms].copy())
    if float(np.linalg.norm(parts[:, -1])) < _REPRODUCED * length:
        raise NoResidualVariation(
            f"the predictors and the groups of {', '.join(repr(t.level) for t in design.terms)}"
            f" reproduce {design.outcome_name!r} exactly; there is no residual"
        )


def _take(parts: Array, place: slice, columns: NDArray[np.float64]) -> None:
    """Take from some rows of `parts` what columns of these rows explain."""
    vectors, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    basis = vectors[:, sizes > 1e-10 * max(float(sizes.max(initial=0.0)), 1e-300)]
    for _ in range(2):  # the second time removes what rounding left
        parts[place] -= basis @ (basis.T @ parts[place])


def solved(problem: Problem, design: Design, rows: Rows, begin: Array | None) -> Optimum:
    """The optimum of a problem, looked at where its residual variance is all but nothing.

    Raises
    ------
    NoResidualVariation, NotConverged
    """
    try:
        optimum = problem.solve(begin)
    except np.linalg.LinAlgError:
        optimum = None
    suspicious = optimum is None or optimum.evaluation.sigma2 < SUSPICIOUS or not optimum.converged
    if design.terms and suspicious:
        require_residual(design, rows, problem.blocks.n_terms)
    if optimum is None:
        raise NotConverged(
            "the residual variance is too small beside that of the random effects: the"
            " coefficients cannot be computed"
        )
    if optimum.evaluation.sigma2 < UNRESOLVED:
        message = (
            f"the residual variance is {optimum.evaluation.sigma2:.0e} of the outcome's: sums over"
            " rows do not hold so small a part; take what explains the outcome out of it first"
        )
        return replace(optimum, converged=False, messages=[*optimum.messages, message])
    return optimum
