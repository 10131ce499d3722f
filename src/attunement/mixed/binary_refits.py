"""Refits of a binary model: of a variant of its rows, under group weights, with fewer columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attunement.mixed.errors import FitError, InvalidSpecification, NotAvailable
from attunement.mixed.kernel import Array
from attunement.mixed.marginal import Marginal
from attunement.mixed.quadrature import maximise
from attunement.mixed.refits import Refit, orthogonal_part
from attunement.mixed.threads import n_threads

if TYPE_CHECKING:
    from attunement.mixed.logistic_estimates import LogisticEstimates


@dataclass(frozen=True)
class Choice:
    """Columns to fit: their names, `free` (p, f) the directions of the internal coefficients that
    they span, orthonormal, and `back` (k, p), which leads to the user's coefficients; its rows are
    NaN for a column that depends on earlier ones."""

    terms: tuple[str, ...]
    free: Array
    back: Array


def choose(fit: LogisticEstimates, terms: Sequence[str]) -> Choice:
    """A choice of the columns of a fit, those found dependent in it included.

    Raises
    ------
    InvalidSpecification
        If a term is not a column of the fit, or named twice.
    NotAvailable
        If a column that was left out of a penalised fit is among them: it has no penalty.
    """
    names, basis = fit.design.names, fit.basis
    if isinstance(terms, str):
        terms = [terms]
    unknown = [term for term in terms if term not in names]
    if unknown or len(set(terms)) < len(terms) or not terms:
        raise InvalidSpecification(
            f"refit(terms={list(terms)!r}): each must be one of {', '.join(names)}, once"
        )
    chosen = [names.index(term) for term in terms]
    if fit.penalty is not None and not basis.kept[chosen].all():
        raise NotAvailable("terms that a penalised fit left out; fit them anew with ridge=")
    columns = basis.backward[:, chosen]
    free, kept = orthogonal_part(columns)
    back = np.full((len(terms), len(columns)), np.nan)
    back[kept] = np.linalg.solve(free.T @ columns[:, kept], free.T)
    return Choice(tuple(terms), free, back)


class Refitter:
    """A fitted binary model ready to be fitted again, from its own maximum, on one thread.

    `failures` holds the name of the error of each fit that was impossible.
    """

    def __init__(self, fit: LogisticEstimates) -> None:
        self.fit = fit
        sigma = fit.internal.sigma
        # a search that starts at a variance of zero would stay there
        self.begin = (fit.internal.coefficients, max(sigma, 0.1) if fit.group else 0.0)
        self.model = fit._model.weighted(None)
        self.model.remember(np.r_[self.begin[0], self.begin[1]])
        self.model.threaded = False
        self.failures: list[str] = []
        names, kept = fit.design.names, fit.basis.kept
        back = np.full((len(names), len(self.begin[0])), np.nan)
        back[kept] = fit.basis.transform
        self.everything = Choice(tuple(names), np.eye(len(self.begin[0])), back)

    def of(self, model: Marginal, errors: bool, choice: Choice | None = None) -> Refit:
        """Fit a variant of the model; NaN if impossible."""
        choice = choice or self.everything
        missing = np.full(len(choice.terms), np.nan)
        start = (choice.free @ (choice.free.T @ self.begin[0]), self.begin[1])
        try:
            found = maximise(model, start, choice.free, errors)
        except FitError as error:
            self.failures.append(type(error).__name__)
            return Refit(missing, missing, np.full(1, np.nan), False, False, choice.terms)
        spread = missing
        if errors:
            inside = found.covariance[:-1, :-1]
            variances = np.einsum("ij,jk,ik->i", choice.back, inside, choice.back)
            spread = np.sqrt(np.maximum(variances, 0.0))
        loglik = found.loglik
        if model.penalty is not None:
            loglik += 0.5 * float(found.coefficients @ model.penalty @ found.coefficients)
        return Refit(
            choice.back @ found.coefficients,
            spread,
            np.array([found.sigma**2]),
            found.converged,
            True,
            choice.terms,
            -2.0 * loglik,
        )

    def map(self, task: Callable[[int], Refit], n: int) -> list[Refit]:
        """Refits in threads, in order."""
        with ThreadPoolExecutor(n_threads()) as pool:
            return list(pool.map(task, range(n)))


def refit(fit: LogisticEstimates, weights: Array | None, terms: Sequence[str] | None) -> Refit:
    """Fit again under group weights, with a choice of columns."""
    choice = None if terms is None else choose(fit, terms)
    refitter = Refitter(fit)
    return refitter.of(refitter.model.weighted(weights), True, choice)


def refit_each(fit: LogisticEstimates, choices: Sequence[Sequence[str]]) -> list[Refit]:
    """Fit again with each of many choices of columns, in threads."""
    chosen = [choose(fit, terms) for terms in choices]
    refitter = Refitter(fit)

    def task(index: int) -> Refit:
        return refitter.of(refitter.model.weighted(None), True, chosen[index])

    return refitter.map(task, len(chosen))
