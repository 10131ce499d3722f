"""Whether a very large standard deviation between groups is an estimate or a flight to infinity.

Where nearly every group has events only or non-events only, the likelihood hardly changes as the
standard deviation grows, and what little it changes is lost in the error of the quadrature: the
integrand of a group of one outcome is half of a normal density, cut off where the outcome turns,
and the wider the density, the fewer nodes lie near the cut. Where a search stops then depends on
the number of nodes, which shows when it is repeated with another number.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from attunement.mixed.binary import BinaryOptimum
from attunement.mixed.binary_separation import LARGE_SIGMA, count_pure_groups
from attunement.mixed.errors import CompleteSeparation, FitError
from attunement.mixed.kernel import Array
from attunement.mixed.marginal import Marginal

_MANY_NODES = 100
# a deviation above this is looked at, too, where no more groups than these have both outcomes
_WIDE_SIGMA, _FEW_GROUPS = 2.0, 2
# movement of coefficients, in standard errors, and of the standard deviation, as a share of it
SETTLED = 0.05


def movement(first: BinaryOptimum, second: BinaryOptimum, transform: Array | None = None) -> float:
    """Largest change of a coefficient in standard errors of the first; 0 without any.

    Coefficients are those of the columns that `transform` leads to, by default the internal ones.
    """
    back = np.eye(len(first.coefficients)) if transform is None else transform
    errors = np.sqrt(np.maximum(np.diag(back @ first.covariance[:-1, :-1] @ back.T), 0.0))
    change = np.abs(back @ (first.coefficients - second.coefficients))
    known = errors > 0.0
    return float(np.max(change[known] / errors[known], initial=0.0))


def is_suspect(model: Marginal, sigma: float) -> bool:
    """Whether a standard deviation between groups may have no finite or usable estimate."""
    if not sigma > _WIDE_SIGMA:
        return False
    pure, groups = count_pure_groups(model)
    return sigma > LARGE_SIGMA or groups - pure <= _FEW_GROUPS


def describe_spread(model: Marginal, sigma: float) -> str:
    """The beginning of what is said of such a standard deviation."""
    pure, groups = count_pure_groups(model)
    return (
        f"{pure} of {groups} groups have events only or non-events only: the standard deviation"
        f" between groups, {abs(sigma):.3g} on the scale of the link,"
    )


def check_spread(
    model: Marginal,
    optimum: BinaryOptimum,
    solve: Callable[[Marginal, tuple[Array, float]], BinaryOptimum],
) -> BinaryOptimum:
    """An optimum that says of a standard deviation that is suspect whether to trust it.

    Parameters
    ----------
    model, optimum : what was maximised, and where.
    solve : maximises a model from a start.

    Returns
    -------
    The optimum with a message, and not converged where another number of nodes moves it.

    Raises
    ------
    CompleteSeparation
        If with other nodes nothing bounds it.
    """
    if not is_suspect(model, optimum.sigma):
        return optimum
    other = copy.copy(model)
    other.modes, other._remembered = model.modes.copy(), None
    other.nodes = max(_MANY_NODES, 2 * model.nodes)
    try:
        second = solve(other, (optimum.coefficients, optimum.sigma))
    except CompleteSeparation:
        raise
    except FitError:
        second = None
    text = describe_spread(model, optimum.sigma)
    if second is not None and second.converged:
        moved = movement(optimum, second)
        if moved <= SETTLED and abs(np.log(second.sigma / optimum.sigma)) <= SETTLED:
            text += " rests on the others"
            return replace(optimum, messages=[*optimum.messages, text])
        text += (
            f" is {second.sigma:.3g} with {other.nodes} nodes instead of {model.nodes}, and"
            f" coefficients move by up to {moved:.2g} standard errors"
        )
    else:
        text += f" has no estimate with {other.nodes} nodes instead of {model.nodes}"
    text += "; these are no usable estimates (give more nodes=, or fit without a group)"
    return replace(optimum, converged=False, messages=[*optimum.messages, text])
