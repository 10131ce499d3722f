"""Whether two fits describe the same data, and whether one is a special case of the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from attunement.mixed.basis import Basis
from attunement.mixed.errors import NotComparable
from attunement.mixed.formula import RandomTerm
from attunement.mixed.kernel import Array

# of a column's length, what rounding leaves outside a span that holds it
_WITHIN = 1e-6


def require_same_data(first: Any, second: Any) -> None:
    """Refuse fits whose likelihoods are of different outcomes or weights.

    Raises
    ------
    NotComparable
    """
    same_rows = first.n_obs == second.n_obs and np.array_equal(
        first.design.outcome, second.design.outcome
    )
    if not same_rows:
        raise NotComparable(
            f"the fits use different outcome rows ({first.n_obs} and {second.n_obs})"
        )
    for name, ours, theirs in (
        ("frequency", first.design.frequency, second.design.frequency),
        ("precision", _precision(first), _precision(second)),
    ):
        if ours is None and theirs is None:
            continue
        one = np.ones(len(first.design.outcome))
        if not np.array_equal(one if ours is None else ours, one if theirs is None else theirs):
            raise NotComparable(f"the fits weigh rows differently: another {name}")


def _precision(fit: Any) -> Array | None:
    """Known precisions of the rows, as given."""
    structured = getattr(fit, "_structured", None)
    prepared = getattr(fit, "_prepared", None) if structured is None else structured.whitened.base
    precision: Array | None = getattr(prepared, "precision", None)
    return precision


def same_fixed_part(small: Any, large: Any) -> bool:
    """Whether two fits have the same fixed columns."""
    return small.design.names == large.design.names and bool(
        np.array_equal(small.design.fixed, large.design.fixed)
    )


def why_not_nested(small: Any, large: Any) -> str:
    """Why a fit with no more parameters is no special case of a larger one; empty if it is."""
    if not same_fixed_part(small, large):
        ours, theirs = _basis(large).orthogonal, _basis(small).orthogonal
        outside = theirs - ours @ (ours.T @ theirs / len(ours))
        if np.sqrt((outside**2).mean(axis=0)).max() > _WITHIN:
            return "the smaller fit has a fixed column that the larger one does not"
    pairs = paired_levels(small, large)
    for term in small.design.terms:
        if term.level not in pairs:
            return f"the larger fit does not have the groups of {term.level!r}"
        if not _random_within(small, term, large, pairs[term.level]):
            return f"the random columns of {term.level!r}, or their independence, differ"
    ours, theirs = (residual_structure(fit) for fit in (large, small))
    if theirs is not None and theirs != ours:
        part_of = ours is not None and (
            theirs.by in (None, ours.by)
            and (theirs.correlation, theirs.along) in ((None, None), (ours.correlation, ours.along))
        )
        if not part_of:
            return "the residual structures differ"
    return ""


def paired_levels(small: Any, large: Any) -> dict[str, RandomTerm]:
    """By level of the smaller fit, the random part of the larger one that has the same groups."""
    return {
        term.level: other
        for term in small.design.terms
        for other in large.design.terms
        if np.array_equal(small.design.codes[term.level], large.design.codes[other.level])
    }


def _basis(fit: Any) -> Basis:
    basis: Basis = fit.basis if hasattr(fit, "basis") else fit._prepared.basis
    return basis


def residual_structure(fit: Any) -> Any:
    """What `residual=` asked for; None for independent residuals."""
    structured = getattr(fit, "_structured", None)
    return None if structured is None else structured.residual.term


def _random_within(small: Any, term: RandomTerm, large: Any, other: RandomTerm) -> bool:
    """Whether every covariance of a level's random columns is one of the larger fit's, too."""
    theirs, ours = small.design.random[term.level], large.design.random[other.level]
    ours = ours / np.maximum(np.sqrt((ours**2).mean(axis=0)), 1e-300)
    theirs = theirs / np.maximum(np.sqrt((theirs**2).mean(axis=0)), 1e-300)
    made = np.linalg.lstsq(ours, theirs, rcond=None)[0]
    if np.sqrt(((theirs - ours @ made) ** 2).mean(axis=0)).max() > _WITHIN:
        return False
    if not other.independent or ours.shape[1] == 1:
        return True
    # of independent columns only multiples of single ones are independent
    used = np.abs(made) > _WITHIN
    own = bool((used.sum(axis=0) == 1).all() and (used.sum(axis=1) <= 1).all())
    return own and (term.independent or theirs.shape[1] == 1)
