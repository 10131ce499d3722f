"""How random columns follow from the columns that the kernel holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.basis import Basis, constant_column, means, products
from attunement.mixed.design import Design
from attunement.mixed.errors import InvalidSpecification
from attunement.mixed.formula import RandomTerm
from attunement.mixed.kernel import Array
from attunement.mixed.nesting import nest
from attunement.mixed.rows import Rows


def _recode(columns: Array, present: NDArray[np.bool_], term: RandomTerm) -> Array:
    """The matrix that centres (if correlated) and scales random columns."""
    size = columns.shape[1]
    shown = columns if present.all() else columns[present]
    centre = means(shown)
    gram = products(shown, centre)
    deviations = np.sqrt(np.diag(gram) / len(shown))
    sizes = np.sqrt(deviations**2 + centre**2)
    matrix, shift = np.eye(size), np.zeros(size)
    base = constant_column(shown, deviations, sizes)
    if base is not None and not term.independent:
        shift = centre.copy()
        shift[base] = 0.0
        matrix[base] -= shift / shown[0, base]
    moved = centre - shift
    gram = gram / len(shown) + np.outer(moved, moved)
    length = np.sqrt(np.diag(gram))
    dependent = bool((length <= 1e-12 * np.maximum(sizes, 1e-300)).any())
    if not dependent and not term.independent:
        correlation = gram / np.outer(length, length)
        if np.linalg.eigvalsh(correlation)[0] < 1e-8:
            dependent = bool(np.linalg.matrix_rank((shown - shift) / length) < size)
    if dependent:
        raise InvalidSpecification(
            f"random[{term.level!r}] = {term.source!r}: its columns are zero or linearly dependent"
        )
    return np.asarray(matrix / length)


def _loadings(design: Design, basis: Basis) -> tuple[dict[str, Array], list[Array], Array, Array]:
    """How the random columns of each level follow from A.

    Returns
    -------
    Per level (p + e, q): the fixed columns' part and that of the e columns outside their span; the
    latter columns (n,) themselves, their shifts and scales (e,).
    """
    found: dict[str, list[tuple[Array, int | None]]] = {}
    extra: list[Array] = []
    for term in design.terms:
        columns, present = design.random[term.level], design.codes[term.level] >= 0
        whole = bool(present.all())
        found[term.level] = []
        for name, column in zip(design.random_names[term.level], columns.T, strict=True):
            if name in design.names:
                index = design.names.index(name)
                fixed = design.fixed[:, index]
                if np.array_equal(fixed if whole else fixed * present, column):
                    found[term.level].append((basis.backward[:, index], None))
                    continue
            found[term.level].append((np.zeros(len(basis.backward)), len(extra)))
            # where an id is missing any value will do: one that leaves the mean to the others
            extra.append(column if whole else np.where(present, column, column[present].mean()))
    n_extra = len(extra)
    shifts, scales = np.zeros(n_extra), np.ones(n_extra)
    intercept = np.zeros(len(basis.backward))
    if basis.intercept is not None:
        shifts = np.array([column.mean() for column in extra])
        intercept = basis.backward[:, basis.intercept] / design.fixed[0, basis.intercept]
    for index, column in enumerate(extra):
        scales[index] = np.sqrt(((column - shifts[index]) ** 2).mean()) or 1.0
    loadings = {}
    for level, parts in found.items():
        made = []
        for of_fixed, place in parts:
            own = np.zeros(n_extra)
            if place is not None:
                own[place] = scales[place]
                of_fixed = shifts[place] * intercept
            made.append(np.concatenate([of_fixed, own]))
        loadings[level] = np.column_stack(made)
    return loadings, extra, shifts, scales


def gather(
    design: Design, basis: Basis, roots: Array, centre: float, scale: float
) -> tuple[Rows, dict[str, Array]]:
    """Rows with what makes the columns of a model of them, and the `recode` of each level.

    Parameters
    ----------
    design, basis : arrays of a model, and what conditions its fixed columns.
    roots : (n,) square roots of the weights of rows, empty where all weigh one.
    centre, scale : of the outcome.

    Raises
    ------
    CrossedGroups, InvalidSpecification
    """
    nesting = nest(design)
    loadings, extra, shifts, scales = _loadings(design, basis)
    n_terms, width = basis.internal.shape[1], basis.internal.shape[1] + len(extra) + 1
    recode = {}
    levels = [np.zeros((width, 0)), np.zeros((width, 0))]
    for term in design.terms:
        present = design.codes[term.level] >= 0
        recode[term.level] = _recode(design.random[term.level], present, term)
        levels[nesting.positions[term.level]] = np.concatenate(
            [loadings[term.level] @ recode[term.level], np.zeros((1, len(recode[term.level])))]
        )
    transform = np.zeros((design.fixed.shape[1] + len(extra) + 1, width))
    transform[: design.fixed.shape[1], :n_terms] = basis.internal
    rest = np.diag(np.concatenate([1.0 / scales, [1.0 / scale]]))
    transform[design.fixed.shape[1] :, n_terms:] = rest
    rows = Rows(
        nesting=nesting,
        fixed=design.fixed,
        others=np.column_stack([*extra, design.outcome]) if extra else design.outcome[:, None],
        roots=roots,
        shift=np.concatenate([basis.shift, shifts, [centre]]),
        transform=transform,
        inner_loading=np.ascontiguousarray(levels[1]),
        outer_loading=np.ascontiguousarray(levels[0]),
    )
    return rows, recode
