"""Log-likelihood of the binary rows of one group and its derivatives, at a mode and at nodes.

Since ``exp(eta + sigma v) = exp(eta) exp(sigma v)``, a row costs one exponential whatever the
number of nodes, and the logarithms of ``1 + exp(eta + sigma v)`` are those of running products.

`link` is 0 for logit and 1 for complementary log-log; `odds` is the exponential of the predictor
without the effect, which for the latter is a hazard; `factors` are the exponentials of sigma times
the nodes.
"""

from __future__ import annotations

import math

import numpy as np

from attunement.mixed.kernels.compiled import compiled

AT_ONCE = 128  # rows in one product of matrices
_SAFE = 60.0  # predictors within it leave room for the product of eight of their odds


@compiled
def exponential(predictor):
    """The exponential, kept away from zero and infinity."""
    return math.exp(min(max(predictor, -690.0), 690.0))


@compiled
def hazard_ratio(hazard):
    """``h / (exp(h) - 1)``: slope of the log-likelihood of an event; its own two derivatives."""
    if hazard > 690.0:
        return 0.0, 0.0, 0.0
    ratio = 1.0 if hazard < 1e-14 else hazard / math.expm1(hazard)
    rest = 1.0 - hazard - ratio
    slope = ratio * rest
    return ratio, slope, slope * rest - ratio * (hazard + slope)


@compiled
def find_mode(link, sigma, start, odds, events, totals, sums):
    """Mode of a group's integrand; in `sums` first to third derivative of its rows there."""
    reach = 1.0 / max(abs(sigma), 0.3)
    mode, before, near = start, 0.0, False
    for _ in range(200):
        factor = exponential(sigma * mode)
        first, second, third = 0.0, 0.0, 0.0
        if link == 0:
            for i in range(odds.shape[0]):
                share = 1.0 - 1.0 / (1.0 + odds[i] * factor)
                variance = totals[i] * share * (1.0 - share)
                first += events[i] - totals[i] * share
                second -= variance
                third -= variance * (1.0 - 2.0 * share)
        else:
            for i in range(odds.shape[0]):
                hazard = min(odds[i] * factor, 1e300)
                survived = (totals[i] - events[i]) * hazard
                first -= survived
                second -= survived
                third -= survived
                if events[i] > 0.0:
                    ratio, slope, bend = hazard_ratio(hazard)
                    first += events[i] * ratio
                    second += events[i] * slope
                    third += events[i] * bend
        if near:
            break
        curvature = 1.0 - sigma * sigma * second
        step = min(max((sigma * first - mode) / curvature, -reach), reach)
        if step * before < -0.5 * max(before * before, 1e-6):
            step *= 0.5
            reach *= 0.5
        elif abs(step) == reach:
            reach *= 1.5
        mode += step
        before = step
        # the error of a Newton step is of the order of its square
        near = step * step * curvature < 1e-13
    sums[0], sums[1], sums[2] = first, second, third
    return mode


@compiled
def add_values(link, sigma, predictor, odds, events, totals, nodes, factors, joint, running):
    """Add the log-likelihood of a group's rows at each node to `joint`."""
    n, size = odds.shape[0], nodes.shape[0]
    highest, drawn, top = 0.0, 0.0, 0
    for k in range(size):
        running[k] = 1.0
        highest = max(highest, abs(sigma * nodes[k]))
        top = k if factors[k] > factors[top] else top
    widest, fixed, survived = 0.0, 0.0, 0.0
    for i in range(n):
        widest = max(widest, abs(predictor[i]))
        drawn += events[i]
        fixed += events[i] * predictor[i]
        survived += (totals[i] - events[i]) * odds[i]
    if link == 1:
        for k in range(size):
            joint[k] -= survived * factors[k]
        for i in range(n):
            if events[i] == 0.0:
                continue
            for k in range(size):
                hazard = odds[i] * factors[k]
                if hazard < 1e-4:
                    value = predictor[i] + sigma * nodes[k] - hazard / 2.0 + hazard * hazard / 24.0
                else:
                    value = math.log(-math.expm1(-hazard))
                joint[k] += events[i] * value
        return
    for k in range(size):
        joint[k] += fixed + drawn * sigma * nodes[k]
    if widest + highest > _SAFE:
        for i in range(n):
            for k in range(size):
                place = predictor[i] + sigma * nodes[k]
                over = max(place, 0.0) + math.log1p(math.exp(-abs(place)))
                joint[k] -= totals[i] * over
        return
    pending = 0
    for i in range(n):
        if totals[i] != 1.0:
            for k in range(size):
                joint[k] -= totals[i] * math.log(1.0 + odds[i] * factors[k])
            continue
        for k in range(size):
            running[k] *= 1.0 + odds[i] * factors[k]
        pending += 1
        if pending == 8:
            pending = 0
            if running[top] > 1e90:
                for k in range(size):
                    joint[k] -= math.log(running[k])
                    running[k] = 1.0
    for k in range(size):
        joint[k] -= math.log(running[k])


@compiled
def add_slopes(
    link, odds, events, totals, x, shares, nodes, factors, wanted, rows, slopes, scores, means
):
    """Derivatives of a group's rows, averaged over nodes.

    Into `rows` (3, n): first derivative, and minus the second one, alone and times the node; into
    `slopes` (K,) the sum over rows of the first derivative at each node and, where `wanted`, into
    `scores` (p, K) that sum times the columns. Returns minus the second derivative times the
    squared node, averaged.
    """
    n, size, p = odds.shape[0], nodes.shape[0], x.shape[1]
    product = np.empty((p, size))
    squared, average, moved, spread = 0.0, 0.0, 0.0, 0.0
    for k in range(size):
        slopes[k] = 0.0
        average += shares[k] * factors[k]
        moved += shares[k] * factors[k] * nodes[k]
        spread += shares[k] * factors[k] * nodes[k] * nodes[k]
        for j in range(p):
            scores[j, k] = 0.0
    for i in range(n):
        place = i % AT_ONCE
        first, bend, turned = 0.0, 0.0, 0.0
        if link == 0:
            total = totals[i]
            for k in range(size):
                share = 1.0 - 1.0 / (1.0 + odds[i] * factors[k])
                means[place, k] = events[i] - total * share
                first += shares[k] * means[place, k]
                slopes[k] += means[place, k]
                weight = total * shares[k] * share * (1.0 - share)
                bend += weight
                turned += weight * nodes[k]
                squared += weight * nodes[k] * nodes[k]
        else:
            survived = (totals[i] - events[i]) * odds[i]
            first, bend, turned = -survived * average, survived * average, survived * moved
            squared += survived * spread
            for k in range(size):
                means[place, k] = -survived * factors[k]
            if events[i] > 0.0:
                for k in range(size):
                    ratio, slope, _ = hazard_ratio(odds[i] * factors[k])
                    means[place, k] += events[i] * ratio
                    first += shares[k] * events[i] * ratio
                    weight = -shares[k] * events[i] * slope
                    bend += weight
                    turned += weight * nodes[k]
                    squared += weight * nodes[k] * nodes[k]
            for k in range(size):
                slopes[k] += means[place, k]
        rows[0, i], rows[1, i], rows[2, i] = first, bend, turned
        if wanted and (place == AT_ONCE - 1 or i == n - 1):
            np.dot(x[i - place : i + 1].T, means[: place + 1], product)
            for j in range(p):
                for k in range(size):
                    scores[j, k] += product[j, k]
    return squared
