"""Separation of events from non-events: whether there is one, how strict, and by which terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attunement.mixed.basis import Basis
from attunement.mixed.errors import CompleteSeparation
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS

if TYPE_CHECKING:
    from attunement.mixed.marginal import Marginal

_ROWS_AT_ONCE = 2_000
_NOTHING = 1e-9
# a probability this close to 0 or 1 (a log odds of 10) is reached by few estimates that are
# finite, and by every search that follows a limit at infinity until it stops rising, whatever the
# link: with cloglog a predictor of 2.4 is as far above as one of -10 is below
_CERTAIN = 4.5e-5
# a standard deviation of groups above which most of them have one outcome only: +-10 on the link
# scale is a probability within 5e-5 of 0 or 1
LARGE_SIGMA = 10.0


def find_separation(
    columns: Array, events: Array, others: Array, absent: Array | None = None, strict: bool = False
) -> Array | None:
    """A direction (p,) that separates events from non-events, or None.

    A linear programme over the columns (Konis 2007): a direction along which no event's predictor
    falls and no non-event's rises, and at least one changes; with `strict` all change.

    Parameters
    ----------
    columns, events, others : (n, p) and numbers of events and non-events (n,).
    absent : (r, p) combinations of the direction that must be zero.
    """
    from scipy.optimize import linprog

    signed = np.vstack([columns[events > 0.0], -columns[others > 0.0]])
    size = signed.shape[1]
    # with `strict`, the last variable is the smallest change; otherwise it is held at zero
    goal = np.r_[np.zeros(size), 1.0] if strict else np.r_[signed.mean(axis=0), 0.0]
    equal = None if absent is None or not len(absent) else np.c_[absent, np.zeros(len(absent))]
    chosen = np.unique(np.linspace(0, len(signed) - 1, _ROWS_AT_ONCE).astype(np.intp))
    while True:
        rows = np.unique(np.c_[-signed[chosen], np.ones(len(chosen))], axis=0)
        found = linprog(
            -goal,
            A_ub=rows,
            b_ub=np.zeros(len(rows)),
            A_eq=equal,
            b_eq=None if equal is None else np.zeros(len(equal)),
            bounds=[*[(-1.0, 1.0)] * size, (0.0, 1.0 if strict else 0.0)],
            method="highs",
        )
        if found.status != 0 or -found.fun < _NOTHING:
            return None
        change = signed @ found.x[:-1] - found.x[-1]
        against = np.flatnonzero(change < -_NOTHING)
        if not len(against):
            return np.asarray(found.x[:-1])
        worst = against[np.argsort(change[against])[:_ROWS_AT_ONCE]]
        if np.isin(worst, chosen).all():
            return None
        chosen = np.union1d(chosen, worst)


def _used(model: Marginal) -> NDArray[np.bool_]:
    return np.asarray(model.row_weights > 0.0)


def refuse_separation(model: Marginal, coefficients: Array) -> None:
    """Raise `CompleteSeparation` if some row became all but certain because nothing bounds it.

    A direction along which no event's predictor falls and no non-event's rises raises the
    likelihood for ever under any link, so that the linear programme needs none.
    """
    if model.penalty is not None:
        return
    columns, used = model.binary.columns, _used(model)
    predictor = columns @ coefficients
    if len(model.binary.offset):
        predictor += model.binary.offset
    link = LINKS[model.link]
    # of the lowest and the highest predictor: probabilities rise with it
    ends = np.array([predictor[used].min(), predictor[used].max()])
    lowest, highest = link.mean(ends)
    if lowest > _CERTAIN and highest < 1.0 - _CERTAIN:
        return
    events, others = model.events[used], (model.totals - model.events)[used]
    if find_separation(columns[used], events, others) is not None:
        raise CompleteSeparation("events and non-events are separated by the predictors")


def count_pure_groups(model: Marginal) -> tuple[int, int]:
    """Number of groups with events only or non-events only, and of all groups in use."""
    starts = model.starts[:-1]
    events, totals = (np.add.reduceat(each, starts) for each in (model.events, model.totals))
    effect = (model.has_effect > 0.0) & (model.weights > 0.0)
    pure = (events == 0.0) | (events == totals)
    return int(pure[effect].sum()), int(effect.sum())


def refuse_pure_groups(model: Marginal, sigma: float) -> None:
    """Raise `CompleteSeparation` if sigma grew wide because each group has one outcome only."""
    if abs(sigma) <= LARGE_SIGMA:
        return
    pure, groups = count_pure_groups(model)
    if pure == groups:
        raise CompleteSeparation(
            "every group has events only or non-events only: the variance between groups has no"
            " finite estimate"
        )


def describe_separation(model: Marginal, basis: Basis, names: list[str]) -> str:
    """What separates events from non-events: the kind, and a smallest set of terms that does it.

    Terms are left out one after another as long as the others still separate.
    """
    used = _used(model)
    columns = model.binary.columns[used]
    events, others = model.events[used], (model.totals - model.events)[used]
    kept = np.flatnonzero(basis.kept)
    terms = [place for place, column in enumerate(kept) if column != basis.intercept]
    absent: list[int] = []
    for place in reversed(terms):
        trial = basis.transform[[*absent, place]]
        if find_separation(columns, events, others, trial) is not None:
            absent.append(place)
    involved = [names[kept[place]] for place in terms if place not in absent]
    rows = basis.transform[absent]
    kind = (
        "completely"
        if find_separation(columns, events, others, rows, True) is not None
        else ("quasi-completely (some rows are not)")
    )
    return (
        f"events and non-events are {kind} separated by: {', '.join(involved) or 'the intercept'};"
        " their coefficients have no finite estimate (docs/limits.md)"
    )
