"""Maximum likelihood of a binary model, plain or with a random intercept by group."""

from __future__ import annotations

import numpy as np

from attunement.mixed.binary import BinaryOptimum, find_separation
from attunement.mixed.errors import CompleteSeparation, NotConverged
from attunement.mixed.kernel import Array
from attunement.mixed.marginal import Marginal
from attunement.mixed.search import Minimum, minimise, positive_inverse
from attunement.mixed.solve import BOUNDARY

# with fewer nodes the held-node information is no guide to a step
_FEWEST = 9
_NEWTON = 4
_SETTLED_NODES = 1e-7


def _plain_information(model: Marginal, coefficients: Array, expected: bool) -> Array:
    rows = slice(0, len(model.events))
    predictor = model.columns @ coefficients + model.offset
    if expected:
        share = model.link.mean(predictor)
        total = model.events + model.others
        # the variance of the score: its slope where events are as many as expected
        second = model.link.values(predictor, share * total, (1.0 - share) * total)[2]
    else:
        second = model.plain(coefficients, rows)[3]
    x = model.columns
    return np.asarray(-(x * (model.row_weights * second)[:, None]).T @ x)


def _plain_start(model: Marginal) -> Array:
    total = model.events + model.others
    response = model.link.start((model.events + 0.5) / (total + 1.0)) - model.offset
    weight = np.sqrt(model.row_weights * total)
    found = np.linalg.lstsq(model.columns * weight[:, None], response * weight, rcond=None)[0]
    return np.asarray(found)


def _plain_fit(model: Marginal, start: Array | None) -> Minimum:
    """Maximise the likelihood without group effects."""
    rows = slice(0, len(model.events))

    def objective(coefficients: Array) -> tuple[float, Array]:
        value, slope, _, _ = model.plain(coefficients, rows)
        return -value, -slope

    return minimise(
        objective,
        _plain_start(model) if start is None else start,
        lambda x: positive_inverse(_plain_information(model, x, False)),
        far=1e-6,
    )


def _search(model: Marginal, start: Array) -> Minimum:
    """Maximise the likelihood in coefficients and sigma."""
    count = 0

    def objective(parameters: Array) -> tuple[float, Array]:
        nonlocal count
        count += 1
        # the first steps are Newton's, so that their information comes in the same pass
        with_information = count <= _NEWTON and model.nodes >= _FEWEST
        value, slope, information = model.value(parameters, information=with_information)
        if with_information:
            model.held = (parameters.copy(), information)
        return -value, -slope

    def inverse(parameters: Array) -> Array:
        if model.held is not None and np.array_equal(model.held[0], parameters):
            return positive_inverse(model.held[1])
        nodes = max(model.nodes, _FEWEST)
        return positive_inverse(model.value(parameters, nodes, information=True)[2])

    return minimise(objective, start, inverse, far=1e-4)


def _excess(model: Marginal, coefficients: Array) -> tuple[float, float]:
    """Slope of the log-likelihood in the variance at zero, and a first guess of sigma."""
    grouped = slice(0, model.n_grouped)
    _, _, first, second = model.plain(coefficients, grouped)
    firsts, seconds = (np.add.reduceat(each, model.starts) for each in (first, second))
    weight = model.group_weights
    slope = 0.5 * float(weight @ (firsts**2 + seconds))
    curvature = 0.5 * float(weight @ seconds**2)
    return slope, float(np.sqrt(np.clip(slope / max(curvature, 1e-300), 0.04, 4.0)))


def _information(model: Marginal, parameters: Array) -> Array:
    """Observed information: with nodes held where their movement adds nothing, otherwise by
    central differences of the gradient."""
    if model.held is not None and np.array_equal(model.held[0], parameters):
        held = model.held[1]
    else:
        held = model.value(parameters, information=True)[2]
    if model.moved < _SETTLED_NODES:
        return held
    guide = model.value(parameters, max(model.nodes, _FEWEST), information=True)[2]
    steps = 1e-3 * np.sqrt(np.diag(positive_inverse(guide)))
    result = np.empty_like(held)
    for index, step in enumerate(steps):
        ends = []
        for sign in (1.0, -1.0):
            moved = parameters.copy()
            moved[index] += sign * step
            ends.append(model.value(moved)[1])
        result[index] = (ends[1] - ends[0]) / (2.0 * step)
    return np.asarray((result + result.T) / 2.0)


def _covariance(information: Array) -> Array:
    scale = 1.0 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    if values[0] <= 1e-10 * values[-1]:
        raise NotConverged("the likelihood has no curvature in some direction of the coefficients")
    root = scale[:, None] * vectors / np.sqrt(values)
    return np.asarray(root @ root.T)


def _refuse_separation(model: Marginal, coefficients: Array) -> None:
    if np.max(np.abs(model.columns @ coefficients)) <= 10.0:
        return
    used = np.empty(len(model.order), dtype=bool)
    used[model.order] = model.row_weights > 0.0
    if find_separation(model.binary, used) is not None:
        raise CompleteSeparation(
            "a combination of the predictors separates events from non-events, so that some"
            " coefficients have no finite estimate"
        )


def maximise(model: Marginal, start: tuple[Array, float] | None = None) -> BinaryOptimum:
    """Maximise the likelihood of a model.

    Parameters
    ----------
    model : rows, link, nodes and weights.
    start : coefficients and sigma to start from.

    Raises
    ------
    CompleteSeparation
        If the fixed columns separate events from non-events.
    NotConverged
        If no usable estimate is found otherwise.
    """
    found: Minimum | None = None
    plain: Minimum | None = None
    grouped = bool(model.n_grouped) and bool((model.group_weights > 0.0).any())
    if start is None or not grouped:
        plain = _plain_fit(model, None if start is None else start[0])
        _refuse_separation(model, plain.x)
    if grouped:
        if plain is None and start is not None:
            begin = np.r_[start[0], max(abs(start[1]), 0.1)]
        else:
            assert plain is not None
            begin = np.r_[plain.x, _excess(model, plain.x)[1]]
        found = _search(model, begin)
        _refuse_separation(model, found.x[:-1])
        if abs(found.x[-1]) < 0.02:
            plain = _plain_fit(model, found.x[:-1]) if plain is None else plain
            if _excess(model, plain.x)[0] > 1e-6:
                # zero is stationary whatever the data, and here it is no maximum
                found = _search(model, np.r_[plain.x, 0.3])
            elif plain.value <= found.value + 1e-8 + 4e-15 * abs(found.value):
                found = None
    if found is None:
        assert plain is not None
        coefficients, sigma, end = plain.x, 0.0, plain
        model.modes = np.zeros_like(model.modes)
        information = _plain_information(model, coefficients, expected=not grouped)
    else:
        coefficients, sigma, end = found.x[:-1], abs(float(found.x[-1])), found
        information = _information(model, found.x)
    covariance = _covariance(information)[: len(coefficients), : len(coefficients)]
    if not np.isfinite(coefficients).all() or not np.isfinite(covariance).all():
        raise NotConverged("no usable estimate was found")
    modes = np.zeros(model.binary.n_groups)
    modes[model.present] = (sigma if found is None else float(found.x[-1])) * model.modes
    messages = []
    if not end.settled:
        messages.append(
            "the search did not settle (a rise of the log-likelihood by"
            f" {end.decrement:.1e} is still expected)"
        )
    return BinaryOptimum(
        coefficients=coefficients,
        covariance=covariance,
        group_variance=sigma**2,
        modes=modes,
        loglik=model.log_constant - end.value,
        converged=end.settled,
        singular=grouped and sigma < BOUNDARY,
        messages=messages,
    )
