"""Asking what would be fitted: the analyses run up to their first fit, and stop there.

So every refusal that is made without a fit is the analysis's own, in its own words, and no second
list of rules has to be kept beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from attunement.model.result import Model
from attunement.study.problems import NotEstimable

_asking: ContextVar[bool] = ContextVar("asking", default=False)


class WouldFit(Exception):
    """A model that would be fitted now, and the focal terms that it has no estimate of."""

    def __init__(self, model: Model) -> None:
        super().__init__(model.formula)
        self.model = model

    def demand(self, terms: Iterable[str], refused: str) -> None:
        """Raise `NotEstimable` where the model would have no estimate of one of the terms.

        Parameters
        ----------
        terms : what the analysis cannot do without.
        refused : the words of its refusal, `{}` in place of the term.
        """
        left_out = dict(self.model.left_out)
        for term in terms:
            if term in left_out:
                raise NotEstimable(refused.format(term)) from None


@contextmanager
def asking() -> Iterator[None]:
    """Within this block the first fit is not made: `WouldFit` is raised in its place."""
    before = _asking.set(True)
    try:
        yield
    finally:
        _asking.reset(before)


def is_asked() -> bool:
    """Return whether a fit is only asked about."""
    return _asking.get()


def not_telling(model: Model, terms: tuple[str, ...], reason: str) -> Model:
    """Return the model, marked, where it is only asked, with terms that its analysis cannot tell.

    Parameters
    ----------
    model : Model
        What is about to be fitted.
    terms, reason : focal terms that come of no such fit, and why.
    """
    lost = tuple((term, reason) for term in terms) if is_asked() else ()
    return model._replace(left_out=(*model.left_out, *lost))


def tried(model: Model, without: tuple[str, ...] = (), reason: str = "") -> None:
    """Stop here, where it is only asked what would be fitted; else do nothing.

    Parameters
    ----------
    model : Model
        What is about to be fitted.
    without, reason : columns that the fit would drop, and why.
    """
    if is_asked():
        raise WouldFit(not_telling(model, without, reason))
