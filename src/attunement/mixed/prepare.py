"""A design made ready for the kernel: nesting checked, columns conditioned, blocks formed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.basis import Basis, orthogonal_basis
from attunement.mixed.design import Design
from attunement.mixed.errors import (
    ConstantOutcome,
    CrossedGroups,
    InvalidSpecification,
    NoResidualVariation,
    TooFewGroups,
    TooFewRows,
    TooManyRandomEffects,
)
from attunement.mixed.formula import RandomTerm
from attunement.mixed.kernel import Array, Blocks, Evaluation, build_blocks
from attunement.mixed.layout import Layout, factor_of


@dataclass
class Prepared:
    """Arrays in internal units and the way back to the user's.

    `positions[level]` says which of the kernel's two levels (0 outer, 1 inner) a level is;
    `recode[level]` (q, q) turns the user's random columns into internal ones; `inner_index` (n,)
    gives each row's inner group in kernel order.
    """

    design: Design
    basis: Basis
    blocks: Blocks
    layout: Layout
    positions: dict[str, int]
    recode: dict[str, Array]
    inner_index: NDArray[np.intp]
    centre: float
    scale: float
    log_precision: float
    precision: Array | None

    def deviance(self, point: Evaluation, reml: bool) -> float:
        """Deviance in the user's units."""
        value = point.deviance + 2.0 * point.divisor * np.log(self.scale) - self.log_precision
        if reml:
            value -= 2.0 * self.basis.log_determinant
        return float(value)

    def coefficients(self, point: Evaluation) -> Array:
        """Coefficients of all columns in the user's units, NaN where a column was dropped."""
        kept = self.scale * self.basis.transform @ point.coefficients
        values = np.full(len(self.basis.kept), np.nan)
        values[self.basis.kept] = kept
        if self.basis.intercept is not None:
            index = self.basis.intercept
            values[index] += self.centre / self.design.fixed[0, index]
        return values

    def covariance(self, point: Evaluation) -> Array:
        """Covariance matrix of the kept coefficients in the user's units."""
        root = self.basis.transform
        return self.scale**2 * point.sigma2 * root @ point.unscaled_covariance @ root.T

    def level_covariances(self, parameters: Array, sigma2: float) -> dict[str, Array]:
        """Covariance matrix of the random effects of each level in the user's units."""
        factors = self.layout.unpack(parameters)
        result = {}
        for level, position in self.positions.items():
            root = self.recode[level] @ factors[position]
            result[level] = self.scale**2 * sigma2 * root @ root.T
        return result

    def parameters_from(self, covariances: dict[str, Array], sigma2: float) -> Array:
        """The parameter vector of given covariances and residual variance (user's units)."""
        matrices = [np.zeros((size, size)) for size in self.layout.sizes]
        for level, position in self.positions.items():
            inverse = np.linalg.inv(self.recode[level])
            relative = inverse @ covariances[level] @ inverse.T / sigma2
            matrices[position] = factor_of(relative)
        return self.layout.pack(matrices)


def _check_nesting(design: Design, outer: RandomTerm, inner: RandomTerm) -> NDArray[np.intp]:
    outer_codes, inner_codes = design.codes[outer.level], design.codes[inner.level]
    both = (outer_codes >= 0) & (inner_codes >= 0)
    inner_ids, outer_ids = inner_codes[both], outer_codes[both]
    owner = np.full(int(inner_codes.max()) + 1, -1, dtype=np.intp)
    owner[inner_ids] = outer_ids
    if (owner[inner_ids] != outer_ids).any():
        crossed = np.unique(inner_ids[owner[inner_ids] != outer_ids])
        named = design.labels[outer.level][np.unique(outer_ids[inner_ids == crossed[0]])]
        raise CrossedGroups(
            f"{len(crossed)} {inner.level!r} ids occur under more than one"
            f" {outer.level!r} (first: {design.labels[inner.level][crossed[0]]!r} under"
            f" {', '.join(map(repr, named[:3]))}). Crossed effects are out of scope; if the ids"
            " repeat within outer groups, make them unique by joining both."
        )
    return owner


def _groups(design: Design) -> tuple[NDArray[np.intp], NDArray[np.intp], dict[str, int]]:
    n_rows = len(design.outcome)
    if not design.terms:
        return np.zeros(n_rows, dtype=np.intp), np.zeros(1, dtype=np.intp), {}
    inner = design.terms[-1]
    codes = design.codes[inner.level].copy()
    n_inner = int(codes.max()) + 1
    absent = np.flatnonzero(codes < 0)
    codes[absent] = n_inner + np.arange(len(absent))
    owner = np.full(n_inner + len(absent), -1, dtype=np.intp)
    positions = {inner.level: 1}
    if len(design.terms) == 2:
        outer = design.terms[0]
        owner[:n_inner] = _check_nesting(design, outer, inner)
        owner[n_inner:] = design.codes[outer.level][absent]
        positions[outer.level] = 0
    alone = owner < 0
    owner[alone] = owner.max() + 1 + np.arange(int(alone.sum()))
    return codes, owner, positions


def _recode(columns: Array, present: NDArray[np.bool_], term: RandomTerm) -> Array:
    size = columns.shape[1]
    shown = columns[present]
    spread = np.ptp(shown, axis=0)
    constant = np.flatnonzero((spread == 0.0) & (shown[0] != 0.0))
    matrix = np.eye(size)
    if not term.independent and len(constant):
        base = int(constant[0])
        means = shown.mean(axis=0) / shown[0, base]
        means[base] = 0.0
        matrix[base] -= means
    result = shown @ matrix
    length = np.sqrt((result**2).mean(axis=0))
    size_before = np.sqrt((shown**2).mean(axis=0))
    dependent = length <= 1e-12 * np.maximum(size_before, 1e-300)
    if not dependent.any():
        dependent[:] = np.linalg.matrix_rank(result / length, tol=None) < size
        if term.independent:
            dependent[:] = False
    if dependent.any():
        raise InvalidSpecification(
            f"random[{term.level!r}] = {term.source!r}: its columns are zero or linearly dependent"
        )
    return np.asarray(matrix / length)


def prepare(design: Design, precision: Array | None = None) -> Prepared:
    """Check a design and form its cross products.

    Parameters
    ----------
    design : arrays free of missing values.
    precision : (n,) known relative residual precisions, or None.

    Raises
    ------
    ConstantOutcome, CrossedGroups, InvalidSpecification, NoResidualVariation, NothingEstimable,
    TooFewGroups, TooFewRows, TooManyRandomEffects
    """
    outcome = design.outcome
    if np.ptp(outcome) <= 1e-14 * max(abs(float(outcome[0])), 1e-300):
        raise ConstantOutcome(
            f"the outcome {design.outcome_name!r} is {outcome[0]:g} in all {len(outcome)} rows"
        )
    root = np.ones(len(outcome)) if precision is None else np.sqrt(precision)
    basis = orthogonal_basis(design.fixed, design.names)
    n_terms = int(basis.kept.sum())
    if len(outcome) <= n_terms:
        raise TooFewRows(f"{len(outcome)} rows for {n_terms} coefficients")
    dropped = [name for name, kept in zip(design.names, basis.kept, strict=True) if not kept]
    if dropped:
        design.messages.append(
            "not estimable, a combination of other columns: " + ", ".join(dropped)
        )
    centre = float(outcome.mean()) if basis.intercept is not None else 0.0
    scale = float(np.sqrt(((outcome - centre) ** 2).mean()))
    internal = (outcome - centre) / scale
    residual = internal
    for _ in range(2):  # the second pass removes what rounding of the basis left
        residual = residual - basis.orthogonal @ (basis.orthogonal.T @ residual) / len(outcome)
    left_over = float((residual**2).mean())
    if left_over < 1e-20:
        raise NoResidualVariation(
            f"the predictors reproduce {design.outcome_name!r} exactly; there is no residual"
        )
    codes, owner, positions = _groups(design)
    empty = np.zeros((len(outcome), 0))
    columns, recode = [empty, empty], {}
    sizes, independent = [0, 0], [False, False]
    for term in design.terms:
        level = design.random[term.level]
        present = design.codes[term.level] >= 0
        n_groups = len(design.labels[term.level])
        if n_groups < max(2, level.shape[1]):
            raise TooFewGroups(
                f"{n_groups} {term.level!r} groups for {level.shape[1]} random effects each"
            )
        if n_groups * level.shape[1] >= int(present.sum()):
            raise TooManyRandomEffects(
                f"{n_groups} {term.level!r} groups with {level.shape[1]} random effects each need"
                f" more than {int(present.sum())} rows"
            )
        recode[term.level] = _recode(level, present, term)
        position = positions[term.level]
        columns[position] = level @ recode[term.level]
        sizes[position] = level.shape[1]
        independent[position] = term.independent
    blocks, order = build_blocks(
        columns[1] * root[:, None],
        columns[0] * root[:, None],
        basis.orthogonal * root[:, None],
        internal * root,
        codes,
        owner,
    )
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return Prepared(
        design=design,
        basis=basis,
        blocks=blocks,
        layout=Layout((sizes[0], sizes[1]), (independent[0], independent[1])),
        positions=positions,
        recode=recode,
        inner_index=place[codes].astype(np.intp),
        centre=centre,
        scale=scale,
        log_precision=0.0 if precision is None else float(np.log(precision).sum()),
        precision=precision,
    )
