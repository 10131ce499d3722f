"""A design made ready for the kernel: columns conditioned, cross products formed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.basis import Basis, orthogonal_basis
from attunement.mixed.design import Design
from attunement.mixed.errors import (
    ConstantOutcome,
    NoResidualVariation,
    NotAvailable,
    TooFewGroups,
    TooFewRows,
    TooManyRandomEffects,
)
from attunement.mixed.estimable import require_levels_apart
from attunement.mixed.formula import RandomTerm
from attunement.mixed.kernel import Array, Blocks, Evaluation
from attunement.mixed.layout import Layout, factor_of
from attunement.mixed.loadings import gather
from attunement.mixed.rows import Rows

# differences of this share of a value are what computing it left
_ROUNDING = 1e-12
# gigabytes of cross products at most
_MOST_MEMORY = 4.0


@dataclass
class Prepared:
    """Arrays in internal units and the way back to the user's.

    `recode[level]` (q, q) turns the user's random columns into internal ones, `centre` and `scale`
    the outcome; `log_precision` is the sum of the logarithms of the precisions.
    """

    design: Design
    basis: Basis
    rows: Rows
    blocks: Blocks
    layout: Layout
    recode: dict[str, Array]
    centre: float
    scale: float
    log_precision: float
    precision: Array | None

    @property
    def positions(self) -> dict[str, int]:
        """Which of the kernel's two levels (0 outer, 1 inner) a level is."""
        return self.rows.nesting.positions

    @property
    def places(self) -> dict[str, NDArray[np.int64]]:
        """Where the kernel has each group of a level."""
        return self.rows.nesting.places

    def blocks_of(self, level: str) -> NDArray[np.int64]:
        """The block of each group of a level, in order of its labels."""
        places = self.places[level]
        return places if self.positions[level] == 0 else self.blocks.outer_of[places]

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


def _check_groups(design: Design, term: RandomTerm) -> None:
    n_groups, size = len(design.labels[term.level]), design.random[term.level].shape[1]
    if n_groups < max(2, size):
        raise TooFewGroups(f"{n_groups} {term.level!r} groups for {size} random effects each")
    n_rows = int((design.codes[term.level] >= 0).sum())
    if design.frequency is not None:
        n_rows = int(design.frequency[design.codes[term.level] >= 0].sum())
    if n_groups * size >= n_rows:
        effects = "random effect" if size == 1 else "random effects"
        advice = (
            "leave out a random slope"
            if size > 1
            else f"one row of each tells no difference between them from the residual; leave the "
            f"random effect of {term.level!r} out"
        )
        raise TooManyRandomEffects(
            f"{n_rows} rows are too few for {size} {effects} of each of {n_groups}"
            f" {term.level!r} groups ({n_groups * size} in all): {advice}"
        )


def _require_residual(design: Design, basis: Basis, outer: Array, centre: float) -> None:
    """Refuse an outcome that the fixed columns reproduce."""
    products = outer.sum(axis=0)
    p = basis.internal.shape[1]
    solved = np.linalg.solve(products[:p, :p], products[:p, -1])
    if products[-1, -1] - products[:p, -1] @ solved > 1e-10 * products[-1, -1]:
        return
    residual = design.outcome - centre
    size = float((residual**2).mean())
    for _ in range(2):  # the second pass removes what rounding of the basis left
        residual = residual - basis.orthogonal @ (basis.orthogonal.T @ residual) / len(residual)
    if float((residual**2).mean()) < 1e-20 * size:
        raise NoResidualVariation(
            f"the predictors reproduce {design.outcome_name!r} exactly; there is no residual"
        )


def blocks_of_rows(rows: Rows, n_terms: int, repeats: Array | None = None) -> Blocks:
    """Form the cross products of rows with `n_terms` fixed columns.

    Raises
    ------
    NotAvailable
        If they need more memory than is sensible.
    """
    width, n_blocks = rows.transform.shape[1], len(rows.nesting.block_starts) - 1
    size = 8e-9 * n_blocks * width**2
    if size > _MOST_MEMORY:
        raise NotAvailable(
            f"{n_blocks} groups with {width} columns each need {size:.0f} GB of cross products;"
            " a category with so many values is better a level of random= than a predictor"
        )
    inner, cross, outer = rows.compress()
    return Blocks(
        inner=inner,
        cross=cross,
        outer=outer,
        rows=rows.counts(repeats),
        starts=rows.nesting.block_starts,
        has_outer=rows.nesting.has_outer,
        loading=rows.outer_loading,
        n_terms=n_terms,
    )


def prepare(design: Design, precision: Array | None = None) -> Prepared:
    """Check a design and form its cross products.

    Parameters
    ----------
    design : arrays free of missing values.
    precision : (n,) known relative residual precisions, or None.

    Raises
    ------
    ConfoundedLevels, ConstantOutcome, CrossedGroups, InvalidSpecification, NoResidualVariation,
    NothingEstimable, TooFewGroups, TooFewRows, TooManyRandomEffects
    """
    outcome, repeats = design.outcome, design.frequency
    if np.ptp(outcome) <= _ROUNDING * abs(float(outcome[0])):
        raise ConstantOutcome(
            f"the outcome {design.outcome_name!r} is {outcome[0]:g} in all {len(outcome)} rows"
            + ("" if np.ptp(outcome) == 0.0 else ", but for rounding")
        )
    for term in design.terms:
        _check_groups(design, term)
    basis = orthogonal_basis(design.fixed, design.names)
    n_terms = int(basis.kept.sum())
    if design.n_rows <= n_terms:
        raise TooFewRows(f"{design.n_rows} rows for {n_terms} coefficients")
    dropped = [name for name, kept in zip(design.names, basis.kept, strict=True) if not kept]
    if dropped:
        design.messages.append(
            "not estimable, a combination of other columns: " + ", ".join(dropped)
        )
    centre = float(outcome.mean()) if basis.intercept is not None else 0.0
    scale = float(np.sqrt(((outcome - centre) ** 2).mean()))
    weights = np.ones(0)
    for each in (precision, repeats):
        if each is not None:
            weights = each if not len(weights) else weights * each
    rows, recode = gather(design, basis, np.sqrt(weights), centre, scale)
    blocks = blocks_of_rows(rows, n_terms, repeats)
    _require_residual(design, basis, blocks.outer, centre)
    require_levels_apart(design, rows, blocks)
    sizes = rows.outer_loading.shape[1], rows.n_inner
    independent = [False, False]
    for term in design.terms:
        independent[rows.nesting.positions[term.level]] = term.independent
    log_precision = 0.0
    if precision is not None:
        log_precision = float((np.log(precision) * (1.0 if repeats is None else repeats)).sum())
    return Prepared(
        design=design,
        basis=basis,
        rows=rows,
        blocks=blocks,
        layout=Layout(sizes, (independent[0], independent[1])),
        recode=recode,
        centre=centre,
        scale=scale,
        log_precision=log_precision,
        precision=precision,
    )
