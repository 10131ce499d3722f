"""Maximum likelihood of a binary model, plain or with a random intercept by group."""

from __future__ import annotations

import numpy as np

from attunement.mixed.binary import BinaryOptimum
from attunement.mixed.binary_search import (
    FEWEST_NODES,
    Top,
    climb,
    coefficients_only,
    covariance_of,
    expected_information,
    observed_information,
    with_sigma,
)
from attunement.mixed.binary_separation import refuse_pure_groups, refuse_separation
from attunement.mixed.binary_spread import check_spread, describe_spread, is_suspect
from attunement.mixed.errors import AllOrNoEvents, FitError, NotConverged
from attunement.mixed.kernel import Array
from attunement.mixed.links import LINKS
from attunement.mixed.marginal import Marginal

_BOUNDARY = 1e-4
_MANY_GROUPS, _MANY_ROWS = 200, 50_000
# rise of the log-likelihood expected of the last step, which is taken unseen: the information is
# that before it, and must be closer to that of the maximum where standard errors come from it
_ROUGH, _FINE = 1e-6, 1e-9


def _plain_start(model: Marginal, free: Array) -> Array:
    share = float(np.clip(model.event_share(), 1e-6, 1.0 - 1e-6))
    predictor = float(LINKS[model.link].start(np.array(share)))
    columns, offset = model.binary.columns, model.binary.offset
    # the columns are orthogonal, so that their mean is the projection of a constant
    constant = columns.sum(axis=0) / len(columns)
    level = predictor - (float(offset.mean()) if len(offset) else 0.0)
    return np.r_[free @ (free.T @ (level * constant)), 0.0]


def _guess(model: Marginal, plain: Top) -> float:
    """A first guess of sigma from what the rows of a group have in common beyond chance."""
    information = plain.point.information
    columns = model.binary.columns
    constant = columns.sum(axis=0) / len(columns)
    per_group = float(constant @ information[:-1, :-1] @ constant) / max(model.n_effects, 1)
    excess = -float(information[-1, -1]) / max(model.n_effects * per_group**2, 1e-300)
    return float(np.sqrt(np.clip(excess, 0.04, 4.0)))


def _begin(model: Marginal, free: Array) -> Array | None:
    """A start from a tenth of the groups where there are many."""
    if model.n_effects < _MANY_GROUPS or len(model.events) < _MANY_ROWS:
        return None
    few = model.thinned(10)
    few.nodes = min(model.nodes, FEWEST_NODES)
    try:
        return _search(few, None, free, _ROUGH)[0].parameters
    except FitError:
        return None


def _search(
    model: Marginal, start: Array | None, free: Array, tolerance: float
) -> tuple[Top, bool]:
    """The maximum, and whether it is that with a group variance of zero."""
    grouped = model.n_effects > 0
    plain: Top | None = None
    if start is None:
        plain = climb(model, _plain_start(model, free), coefficients_only(free), tolerance)
        refuse_separation(model, plain.parameters[:-1])
        start = np.r_[plain.parameters[:-1], _guess(model, plain) if grouped else 0.0]
    if not grouped:
        if plain is None:
            plain = climb(model, np.r_[start[:-1], 0.0], coefficients_only(free), tolerance)
            refuse_separation(model, plain.parameters[:-1])
        return plain, True
    found = climb(model, np.r_[start[:-1], max(abs(start[-1]), 0.1)], with_sigma(free), tolerance)
    refuse_separation(model, found.parameters[:-1])
    refuse_pure_groups(model, float(found.parameters[-1]))
    if abs(found.parameters[-1]) < 0.02:
        begin = np.r_[found.parameters[:-1], 0.0]
        plain = climb(model, begin, coefficients_only(free), tolerance)
        if plain.point.information[-1, -1] < -2e-6:
            # zero is stationary whatever the data, and here it is no maximum
            found = climb(model, np.r_[plain.parameters[:-1], 0.3], with_sigma(free), tolerance)
        elif plain.value >= found.value - 1e-8 - 1e-14 * abs(found.value):
            return plain, True
    return found, False


def maximise(
    model: Marginal,
    start: tuple[Array, float] | None = None,
    free: Array | None = None,
    errors: bool = True,
) -> BinaryOptimum:
    """Maximise the likelihood of a model.

    Parameters
    ----------
    model : rows, link, nodes and weights.
    start : coefficients and sigma to start from.
    free : directions (p, f), orthonormal, in which the coefficients may move from the start
        (without a start, from zero); all by default.
    errors : whether the covariance is wanted; zeros otherwise.

    Raises
    ------
    AllOrNoEvents
        If weights leave only events or none.
    CompleteSeparation
        If the fixed columns separate events from non-events, or every group has one outcome.
    NotConverged
        If no usable estimate is found otherwise.
    """
    if not 0.0 < model.event_share() < 1.0:
        raise AllOrNoEvents("only events, or none, are left")

    def again(other: Marginal, begin: tuple[Array, float]) -> BinaryOptimum:
        return _optimum(other, begin, free, errors)

    return check_spread(model, _optimum(model, start, free, errors), again)


def _optimum(
    model: Marginal, start: tuple[Array, float] | None, free: Array | None, errors: bool
) -> BinaryOptimum:
    """The maximum, whatever its spread."""
    size = model.binary.columns.shape[1]
    free = np.eye(size) if free is None else free
    begin = _begin(model, free) if start is None else np.r_[start[0], start[1]]
    top, at_zero = _search(model, begin, free, _FINE if errors else _ROUGH)
    grouped = model.n_effects > 0
    x = top.parameters
    sigma = 0.0 if at_zero else abs(float(x[-1]))
    covariance = np.zeros((size + 1, size + 1))
    if errors and grouped:
        directions = coefficients_only(free) if at_zero else with_sigma(free)
        try:
            covariance = covariance_of(observed_information(model, top), directions)
        except NotConverged:
            if not is_suspect(model, sigma):
                raise
            text = describe_spread(model, sigma)
            raise NotConverged(f"{text} has no finite estimate; fit without a group") from None
        covariance[-1] *= np.sign(x[-1])
        covariance[:, -1] *= np.sign(x[-1])
    elif errors:
        information = expected_information(model, x)
        covariance = covariance_of(information, coefficients_only(free))
    if not np.isfinite(x).all() or not np.isfinite(covariance).all():
        raise NotConverged("no usable estimate was found")
    messages = []
    if not top.settled:
        messages.append(
            "the search did not settle (a rise of the log-likelihood by"
            f" {top.rise:.1e} is still expected)"
        )
    return BinaryOptimum(
        coefficients=x[:-1],
        sigma=sigma,
        covariance=covariance,
        loglik=model.log_constant + top.value,
        converged=top.settled,
        singular=grouped and sigma < _BOUNDARY,
        messages=messages,
    )
