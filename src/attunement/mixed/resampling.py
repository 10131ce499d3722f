"""Refits under group weights: cluster bootstrap and exact leave-one-group-out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from attunement.mixed.block_moments import BlockMoments
from attunement.mixed.errors import NotAvailable
from attunement.mixed.kernel import Array, Blocks
from attunement.mixed.objective import TOLERANCE, Start
from attunement.mixed.prepare import Prepared
from attunement.mixed.refits import (
    Refit,
    component_names,
    refit,
    refit_weighted,
)
from attunement.mixed.tables import CONFIDENCE, require_confidence
from attunement.mixed.threads import n_threads

# fall of the deviance still expected: a draw is within a thousandth of a standard error of its
# optimum; a fit without one group comes as close as any, since what it changes may be small
_ENOUGH_OF_A_DRAW = 1e-6


@dataclass(frozen=True)
class Bootstrap:
    """Estimates of every draw: `fixed` (draws, terms) and `variance` (draws, components).

    A draw in which a coefficient cannot be estimated is a NaN row and counted in `n_failed`.
    """

    fixed: pd.DataFrame
    variance: pd.DataFrame
    estimates: pd.Series
    by: str
    seed: int
    n_failed: int
    n_not_converged: int

    def table(self, confidence: float = CONFIDENCE) -> pd.DataFrame:
        """By term: estimate, bias, se and percentile interval over the draws that succeeded."""
        require_confidence(confidence)
        tail = (1.0 - confidence) / 2.0
        return pd.DataFrame(
            {
                "estimate": self.estimates,
                "bias": self.fixed.mean() - self.estimates,
                "se": self.fixed.std(),
                "ci_low": self.fixed.quantile(tail),
                "ci_high": self.fixed.quantile(1.0 - tail),
            }
        ).reindex(self.fixed.columns)


@dataclass(frozen=True)
class Influence:
    """Refits without each group, one row each: `estimates` and their standard `errors` by term,
    `dfbeta` (full minus reduced), `dfbetas` (in standard errors of the reduced fit), `variance` and
    `summary` (n_left_out, converged, cooks_distance). What cannot be estimated is NaN."""

    estimates: pd.DataFrame
    errors: pd.DataFrame
    dfbeta: pd.DataFrame
    dfbetas: pd.DataFrame
    variance: pd.DataFrame
    summary: pd.DataFrame
    group: str


def collect(
    prepared: Prepared, draws: list[Refit], estimates: Array, by: str, seed: int
) -> Bootstrap:
    """The estimates of all draws in tables."""
    names = pd.Index(prepared.design.names, name="term")
    table = pd.DataFrame(
        np.reshape([draw.estimates for draw in draws], (len(draws), len(names))), columns=names
    )
    failed = int(table.loc[:, prepared.basis.kept].isna().any(axis=1).sum())
    settled = sum(draw.converged for draw in draws)
    return Bootstrap(
        fixed=table,
        variance=pd.DataFrame(
            np.reshape([draw.variance for draw in draws], (len(draws), -1)),
            columns=pd.Index(component_names(prepared)),
        ),
        estimates=pd.Series(estimates, index=names),
        by=by,
        seed=seed,
        n_failed=failed,
        n_not_converged=len(draws) - settled - failed,
    )


def bootstrap(
    prepared: Prepared, moments: BlockMoments, estimates: Array, n: int, by: str, seed: int
) -> Bootstrap:
    """Resample whole groups of the outermost level with replacement and refit.

    Rows without an outer id are resampled by inner group, apart from the others, so that each
    draw keeps the number of both.

    Raises
    ------
    NotAvailable
        If `by` is not the outermost level of the model.
    """
    terms = prepared.design.terms
    if not terms or by != terms[0].level:
        outermost = terms[0].level if terms else None
        raise NotAvailable(
            f"bootstrap(by={by!r}): resampling is by the outermost level ({outermost!r})"
        )
    grouped = np.zeros(len(prepared.blocks.rows), dtype=bool)
    grouped[prepared.blocks_of(by)] = True
    strata = [np.flatnonzero(part) for part in (grouped, ~grouped) if part.any()]
    generator = np.random.default_rng(seed)

    def draw() -> Array:
        weights = np.zeros(len(grouped))
        for stratum in strata:
            np.add.at(weights, generator.choice(stratum, size=len(stratum)), 1.0)
        return weights

    draws = refit_weighted(prepared, moments, [draw() for _ in range(n)], _ENOUGH_OF_A_DRAW)
    return collect(prepared, draws, estimates, by, seed)


def _without(prepared: Prepared, place: int) -> Blocks:
    """The cross products without one inner group."""
    own, n_rows = prepared.rows.of_group(place, prepared.design.frequency)
    blocks = prepared.blocks
    block = int(blocks.outer_of[place])

    def changed(array: Array, index: int, value: Array | float) -> Array:
        copied = array.copy()
        copied[index] = value
        return copied

    return replace(
        blocks,
        inner=changed(blocks.inner, place, 0.0),
        cross=changed(blocks.cross, place, 0.0),
        outer=changed(blocks.outer, block, blocks.outer[block] - own),
        rows=changed(blocks.rows, block, blocks.rows[block] - n_rows),
    )


def influence(
    prepared: Prepared, moments: BlockMoments, estimates: Array, covariance: Array, group: str
) -> Influence:
    """Leave out each group of a level in turn and refit exactly.

    Cook's distance is ``d' C^-1 d / p`` with d the change of the kept coefficients and C their
    covariance in the full fit.
    """
    labels = prepared.design.labels[group]
    if group == prepared.design.terms[0].level:
        weights = np.ones((len(labels), len(prepared.blocks.rows)))
        weights[np.arange(len(labels)), prepared.blocks_of(group)] = 0.0
        fits = refit_weighted(prepared, moments, list(weights), TOLERANCE)
    else:

        def one(place: int) -> Refit:
            start = Start(moments.parameters, moments.inverse)
            blocks = _without(prepared, place)
            return refit(prepared, moments.reml, start, None, blocks, TOLERANCE)

        with ThreadPoolExecutor(n_threads()) as pool:
            fits = list(pool.map(one, map(int, prepared.places[group])))
    kept = prepared.basis.kept
    codes = prepared.design.codes[group]
    repeats = prepared.design.frequency
    present = codes >= 0
    counts = np.bincount(
        codes[present],
        weights=None if repeats is None else repeats[present],
        minlength=len(labels),
    ).astype(int)
    names = pd.Index(prepared.design.names, name="term")
    table = pd.DataFrame([fit.estimates for fit in fits], index=labels, columns=names)
    spread = pd.DataFrame([fit.errors for fit in fits], index=labels, columns=names)
    change = table.rsub(pd.Series(estimates, index=names), axis=1)
    moved = change.to_numpy()[:, kept]
    cooks = np.einsum("gi,ij,gj->g", moved, np.linalg.inv(covariance), moved) / int(kept.sum())
    return Influence(
        estimates=table,
        errors=spread,
        dfbeta=change,
        dfbetas=change / spread,
        variance=pd.DataFrame(
            [fit.variance for fit in fits],
            index=labels,
            columns=pd.Index(component_names(prepared)),
        ),
        summary=pd.DataFrame(
            {
                "n_left_out": counts,
                "converged": [fit.converged for fit in fits],
                "cooks_distance": cooks,
            },
            index=labels,
        ),
        group=group,
    )
